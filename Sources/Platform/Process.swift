import CLinux
import Glibc
import Model

// What a process says of itself, and asks of its machine.

/// Sets what `ps` shows for this process; cut where the room that the first arguments and the environment took ends.
/// To be called first before there are other threads; `arguments()` and `getenv` stay as they were.
package func setProcessTitle(_ title: String) {
    // Swift reads its arguments late, from what is about to be written over.
    _ = CommandLine.unsafeArgv
    linux_set_title(title)
}

/// The program's arguments as bytes, its own name first.
package func arguments() -> [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { index in
        CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
}

/// A variable of the environment, as bytes.
package func environmentVariable(_ name: String) -> [UInt8]? {
    getenv(name).map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
}

/// A program that was installed beside this one: its path.
package func neighbour(_ program: Name) throws(SystemError) -> [UInt8] {
    let own = try Directory.open(Array("/proc/self".utf8)).readLink("exe")
    return own.prefix(through: own.lastIndex(of: UInt8(ascii: "/")) ?? 0) + program.bytes
}

/// Opens `/dev/null` in the place of closed standard descriptors, the wrong way round: so using them fails as before.
package func claimClosedDescriptors() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
        // The lowest free number is the closed one, since those below it are open.
        _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
}

/// Ends the process at once, without exit handlers: a thread may hang in a call, or still be at work in a library whose
/// data those take away.
package func endProcess(_ status: Int32) -> Never { _exit(status) }

/// The number by which the system knows this process.
package func processIdentifier() -> Int32 { getpid() }

/// Lets the process open as many files as the system allows; answers how many.
@discardableResult
package func raiseDescriptorLimit() throws(SystemError) -> Int {
    Int(try shim("setrlimit") { linux_raise_descriptor_limit() })
}

/// How many processors the process may use; at least 1.
package func processors() -> Int { Int(linux_processors()) }

/// Has all threads share two heaps, so that memory follows what is used at once and not how many threads there are.
/// To be called before there are other threads.
package func boundHeap() { linux_bound_heap() }

/// Has the process take the disk and the processors only when nobody else wants them. To be called before there are
/// other threads: each has what the thread had that started it, and so have programs.
/// - Throws: where the system refuses the one or the other; what it allows is done.
package func yieldToOthers() throws(SystemError) { try shim("ioprio_set") { linux_yield_to_others() } }

/// Whether owners, devices and trusted attributes can be set at all.
package func isRoot() -> Bool { isRootUser }

// Asked for each file.
private let isRootUser = geteuid() == 0

/// Differs from one start of the machine to the next: after a power cut, too.
package func bootIdentity() throws(SystemError) -> String {
    let directory = try Directory.open(Array("/proc/sys/kernel/random".utf8))
    let bytes = try directory.openFile("boot_id").readAll(atMost: 128)
    return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
}

/// As the kernel has it, escaped.
package func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return escaped(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
}

/// Bytes that no one can foretell.
package func randomBytes(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
        let part = min(count - done, 256)
        try system("getentropy") { bytes.withUnsafeMutableBytes { getentropy($0.baseAddress! + done, part) } }
        done += part
    }
    return bytes
}

/// The wall clock. Only Programs ask it; all others are told.
package func wallClock() -> Timestamp {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Timestamp(seconds: Int64(now.tv_sec), nanoseconds: UInt32(now.tv_nsec))
}

/// The wall clock, and beside it how long the machine has been up. Only Programs ask.
package func presentMoment() throws(SystemError) -> Moment {
    var up = timespec()
    clock_gettime(CLOCK_BOOTTIME, &up)
    return Moment(
        time: wallClock(), uptime: Moment.Uptime(boot: try bootIdentity(), seconds: Int64(up.tv_sec)))
}

/// Seconds of a clock that never jumps, for durations.
package func steadySeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

/// Lets the calling thread rest.
package func pause(seconds: Double) {
    var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    var left = timespec()
    while nanosleep(&rest, &left) != 0 { rest = left }
}
