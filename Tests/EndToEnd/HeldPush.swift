import Glibc
import Support
import Testing

/// A push in the middle of which the line stands still: of what the agent says, so many bytes reach the receiver, and the
/// rest when it is told to go on.
final class HeldPush {
    private let gate: String
    private let push: Running
    let receiver: Int32

    private static let relay = """
        import os, subprocess, sys, threading, time
        gate, rest = sys.argv[1], int(sys.argv[2])
        receiver = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE)
        threading.Thread(target=lambda: os._exit(receiver.wait() & 0x7F)).start()
        while said := os.read(0, 1024):
            if rest <= 0 and os.path.exists(gate):
                with open(gate, "w") as file: file.write(f"{receiver.pid}\\n")
                while os.path.exists(gate) and not os.path.exists(gate + ".step"): time.sleep(0.01)
                if os.path.exists(gate): rest = int(open(gate + ".step").read()); os.unlink(gate + ".step")
            receiver.stdin.write(said)
            receiver.stdin.flush()
            rest -= len(said)
        receiver.stdin.close()
        """

    /// Returns when it stands still; its receiver may still be at what it heard.
    /// - Parameters:
    ///   - bytes: after which it does; fewer than all.
    ///   - wrapper: what the receiver runs under.
    init(_ jail: Jail, after bytes: Int, _ arguments: [String] = [], wrapper: [String] = []) throws {
        let relay = try jail.scratch.write("relay.py", Self.relay)
        gate = try jail.scratch.write("gate", "")
        for file in [relay, gate] { try jail.account.own(file) }
        let plain = jail.settings["receive"]
        let words = ["/usr/bin/python3", relay, gate, "\(bytes)"] + wrapper + [plain ?? ""]
        jail.settings["receive"] = words.joined(separator: " ")
        push = try jail.command(arguments).start()
        jail.settings["receive"] = plain
        let gate = gate
        var found: Int32?
        let stands = try eventually {
            found = Int32(try Command("cat", gate).run().text.filter(\.isNumber))
            return found != nil
        }
        if !stands { Testing.Issue.record("the push never came so far: \(try push.wait(limit: 1))") }
        receiver = try #require(found)
    }

    /// The push's beginning is the agent's own: the relay ends with the receiver.
    func killReceiver() throws -> Command.Outcome {
        kill(receiver, SIGKILL)
        return try push.wait(limit: 60)
    }

    var isUnderWay: Bool { push.isRunning() }

    /// Lets so many more bytes through; returns when they are on their way.
    func advance(by bytes: Int, in jail: Jail) throws {
        let step = try jail.scratch.write("step", "\(bytes)\n")
        rename(step, gate + ".step")
        let isTaken = eventually { access(gate + ".step", F_OK) != 0 }
        try #require(isTaken, "the line is gone")
    }

    func letGoOn() { unlink(gate) }

    /// Has it go on, to its end.
    func finish() throws -> Command.Outcome {
        letGoOn()
        return try push.wait(limit: 60)
    }
}
