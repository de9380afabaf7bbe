import Glibc
import Model

/// A program to run as a test needs it: arguments are bytes, nothing is inherited but what is named, no shell.
package struct Command {
    package var arguments: [[UInt8]]
    /// Beside PATH, HOME and LANG.
    package var environment: [String: String] = [:]
    /// Seconds after which the program and its children are killed.
    package var limit: Double = 120
    /// Bytes for its standard input; otherwise it is empty.
    package var input: [UInt8] = []

    package init(_ arguments: [[UInt8]]) { self.arguments = arguments }
    package init(_ arguments: String...) { self.arguments = arguments.map { Array($0.utf8) } }
    package init(_ arguments: [String]) { self.arguments = arguments.map { Array($0.utf8) } }

    /// How a program ended, and what it said.
    package struct Outcome: CustomStringConvertible {
        /// The exit status; nil if a signal ended it.
        package var status: Int32?
        package var signal: Int32?
        /// Whether the time limit ended it.
        package var timedOut = false
        package var output: [UInt8] = []
        package var errors: [UInt8] = []

        package var text: String { String(decoding: output, as: UTF8.self) }
        package var complaint: String { String(decoding: errors, as: UTF8.self) }
        package var lines: [Substring] { text.split(separator: "\n") }

        package var description: String {
            let end = status.map { "exit \($0)" } ?? "signal \(signal ?? 0)"
            return "\(end)\(timedOut ? " (time limit)" : "")\nstdout: \(text)\nstderr: \(complaint)"
        }
    }

    /// Runs it to its end.
    package func run() throws -> Outcome {
        let running = try start()
        return try running.wait(limit: limit)
    }

    /// Runs it, and throws with all it said unless it exits 0.
    @discardableResult
    package func check() throws -> Outcome {
        let outcome = try run()
        guard outcome.status == 0 else {
            throw FixtureError("\(arguments.map { escaped($0) }.joined(separator: " "))\n\(outcome)")
        }
        return outcome
    }

    /// Starts it in a process group of its own, so that it can be killed with its children.
    package func start() throws -> Running {
        let files = try (unnamedFile(), unnamedFile(), unnamedFile())
        if !input.isEmpty {
            try call("write") { input.withUnsafeBytes { write(files.0.raw, $0.baseAddress!, $0.count) } }
            lseek(files.0.raw, 0, SEEK_SET)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, files.0.raw, 0)
        posix_spawn_file_actions_adddup2(&actions, files.1.raw, 1)
        posix_spawn_file_actions_adddup2(&actions, files.2.raw, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        // Threads that run tests may have signals blocked, and a shell that starts them in the background has them ignore
        // SIGINT: a program would inherit both.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)

        var inherited = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]
        for name in ["HOME", "LD_LIBRARY_PATH"] { inherited[name] = getenv(name).map { String(cString: $0) } }
        let variables = inherited.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        let vectors = (
            arguments.map { $0.withPath { strdup($0) } } + [nil], variables.map { strdup($0) } + [nil]
        )
        defer { (vectors.0 + vectors.1).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, vectors.0[0]!, &actions, &attributes, vectors.0, vectors.1)
        guard code == 0 else { throw FixtureError("run \(escaped(arguments[0]))", code: code) }
        return Running(process: process, output: files.1, errors: files.2)
    }
}

/// A program that runs. It is killed with the last reference to it.
package final class Running {
    package let process: pid_t
    private let output: Handle
    private let errors: Handle
    private var ended: Int32?

    init(process: pid_t, output: Handle, errors: Handle) {
        self.process = process
        self.output = output
        self.errors = errors
    }

    deinit {
        if ended == nil {
            send(SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    /// Sends a signal to the program and all its children that stayed in its group.
    package func send(_ signal: Int32) { kill(-process, signal) }

    /// Whether it still runs.
    package func isRunning() -> Bool {
        if ended != nil { return false }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return true }
        ended = status
        return false
    }

    /// Waits for its end, and kills it after `limit` seconds.
    package func wait(limit: Double) throws -> Command.Outcome {
        let start = now()
        var outcome = Command.Outcome()
        while isRunning() {
            if now() - start > limit, !outcome.timedOut {
                outcome.timedOut = true
                send(SIGKILL)
            }
            // A tenth of what it took so far is little, however short it is.
            usleep(UInt32(min(max((now() - start) * 100_000, 300), 10_000)))
        }
        let status = ended ?? 0
        if status & 0x7F == 0 { outcome.status = status >> 8 & 0xFF } else { outcome.signal = status & 0x7F }
        outcome.output = try content(of: output)
        outcome.errors = try content(of: errors)
        return outcome
    }

    /// What it has said so far on standard output.
    package func outputSoFar() throws -> [UInt8] { try content(of: output) }
}

/// Waits for something that another process is about to do; false if it has not come true after so many seconds.
package func eventually(within limit: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let start = now()
    while now() - start < limit {
        if try condition() { return true }
        usleep(20_000)
    }
    return false
}

/// Seconds of a clock that never jumps.
package func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A file without a name, so that output of any length never blocks a program.
private func unnamedFile() throws -> Handle {
    var template = Array("/tmp/nightjar-output-XXXXXX".utf8CString)
    let handle = Handle(try call("mkstemp") { mkstemp(&template) })
    try call("fcntl") { fcntl(handle.raw, F_SETFD, FD_CLOEXEC) }
    unlink(template)
    return handle
}

private func content(of file: Handle) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = try call("read") { pread(file.raw, &buffer, buffer.count, off_t(bytes.count)) }
        if count == 0 { return bytes }
        bytes += buffer.prefix(Int(count))
    }
}
