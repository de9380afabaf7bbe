import CLinux
import Glibc

/// How a program ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(Int32)
    /// By the signal of this number.
    case signalled(Int32)

    /// As `waitpid` has it.
    fileprivate init(_ status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }
}

/// A program that we started, by its name and arguments as bytes, never through a shell.
package struct ChildProcess: ~Copyable, Sendable {
    package let identifier: pid_t

    /// Starts a program.
    /// - Parameters:
    ///   - words: the program, looked for in `PATH` where it has no slash, and its arguments.
    ///   - environment: `NAME=VALUE` each; nil for our own.
    ///   - input: what it has as standard input, and so on; nil for our own.
    /// - Throws: ENOENT where there is no such program.
    package static func spawn(
        _ words: [[UInt8]], environment: [[UInt8]]? = nil, input: Int32? = nil, output: Int32? = nil,
        errors: Int32? = nil
    ) throws(SystemError) -> ChildProcess {
        guard let program = words.first else { throw SystemError(operation: "posix_spawn", code: EINVAL) }
        var actions = posix_spawn_file_actions_t()
        try coded("posix_spawn") { posix_spawn_file_actions_init(&actions) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [(Int32(0), input), (1, output), (2, errors)] {
            guard let source else { continue }
            try coded("posix_spawn") { posix_spawn_file_actions_adddup2(&actions, source, target) }
        }
        var attributes = posix_spawnattr_t()
        try coded("posix_spawn") { posix_spawnattr_init(&attributes) }
        defer { posix_spawnattr_destroy(&attributes) }
        restoreSignals(&attributes)

        let arguments = CStrings(words)
        let variables = environment.map(CStrings.init)
        var identifier: pid_t = 0
        try coded("posix_spawn", program) {
            withCString(program) {
                posix_spawnp(
                    &identifier, $0, &actions, &attributes, arguments.pointers,
                    variables?.pointers ?? linux_environment())
            }
        }
        return ChildProcess(identifier: identifier)
    }

    /// Waits for the end.
    package consuming func wait() throws(SystemError) -> ExitStatus {
        var status: Int32 = 0
        try system("waitpid") { waitpid(identifier, &status, 0) }
        return ExitStatus(status)
    }

    /// Runs a program that has the terminal, to its end. What the keyboard sends (SIGINT, SIGQUIT) is meanwhile the
    /// program's alone; what else asks this process to end (see `Signal.catchTermination`) is passed on, once. However
    /// the program ends, the terminal is in the mode that it was in.
    /// - Throws: as `spawn`.
    package static func runAtTerminal(_ words: [[UInt8]]) throws(SystemError) -> ExitStatus {
        // Before the program can change it.
        let mode = TerminalMode(of: 0)
        let child = try spawn(words)
        // Behind the start: what is ignored would be so in the program, too.
        let handlers = [SIGINT, SIGQUIT].map { ($0, Glibc.signal($0, SIG_IGN)) }
        defer {
            for (number, handler) in handlers { _ = Glibc.signal(number, handler) }
            mode?.restore()
        }
        var isTold = false
        while true {
            var status: Int32 = 0
            let identifier = child.identifier
            if try system("waitpid", nil, { waitpid(identifier, &status, WNOHANG) }) == identifier {
                return ExitStatus(status)
            }
            if !isTold, let signal = Signal.termination {
                child.send(signal)
                isTold = true
            }
            pause(seconds: 0.05)
        }
    }

    /// Sends it a signal.
    package func send(_ signal: Int32) { sendSignal(signal, to: identifier) }

    // What we ignore or block is no business of the program's.
    private static func restoreSignals(_ attributes: inout posix_spawnattr_t) {
        var ignored = sigset_t()
        sigemptyset(&ignored)
        sigaddset(&ignored, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    }
}

/// Sends a signal to a program of ours that another thread waits for; nothing happens where it has ended.
package func sendSignal(_ signal: Int32, to identifier: pid_t) { _ = kill(identifier, signal) }

/// Strings as `exec` takes them: pointers with a nil after the last.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [[UInt8]]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            pointers.advanced(by: index).initialize(to: withCString(string) { strdup($0) })
        }
        pointers.advanced(by: count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}

/// The words of a command from a config, split at spaces and tabs; nothing quotes.
package func splitCommand(_ command: [UInt8]) -> [[UInt8]] {
    command.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map(Array.init)
}
