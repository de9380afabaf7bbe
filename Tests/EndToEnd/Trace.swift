import Support

/// A system call that strace saw, from the moment in which it was made.
struct TracedCall: CustomStringConvertible {
    /// The number of the thread that made it.
    let thread: Substring
    let name: Substring
    /// The line from the name on. Behind a descriptor stands in angle brackets what it is of.
    let description: String

    /// Nil for a line that is none: the end of a call that took its time, a signal.
    init?(_ line: Substring) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let end = words[1].firstIndex(of: "("), words[1].first != "<" else { return nil }
        thread = words[0]
        let call = words[1].drop { $0 == " " }
        name = call[..<end]
        description = String(call)
    }

    /// What stands in quotes: names and paths, where the calls are those of files.
    var quoted: [Substring] {
        description.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
    }
}

extension Jail {
    /// Pushes with the agent under strace, and with it the receiver of a `server=local`. Throws unless it exits 0.
    ///
    /// - Parameters:
    ///   - calls: as strace's `trace=` has them.
    ///   - wrapper: what strace runs under.
    func trace(_ calls: String, under wrapper: [String] = []) throws -> [TracedCall] {
        let file = scratch["calls"]
        var command = try command()
        let words = wrapper + ["strace", "-f", "-y", "-qq", "-o", file, "-e", "trace=\(calls)"]
        command.arguments = words.map { Array($0.utf8) } + command.arguments
        try command.check()
        return try Command("cat", file).check().lines.compactMap(TracedCall.init)
    }
}
