import Platform

extension Console {
    /// Asks on standard error and reads the answer from standard input, up to the end of its line and no further: what
    /// follows is for whoever reads there next. Asks again until it is one of those that may be.
    ///
    /// - Parameter answers: lower-case letters, of which the answer begins with one.
    /// - Returns: nil at the end of the input, or if the program has been asked to end: see `Signal.catchTermination`.
    package func ask(_ question: String, _ answers: String) -> Character? {
        while true {
            put(question)
            guard let line = readLine() else {
                put("\n")
                return nil
            }
            if let first = line.first.flatMap({ $0.lowercased().first }), answers.contains(first) { return first }
        }
    }

    /// Without blanks in front; cut where nobody's answer is as long.
    private func readLine() -> String? {
        var line: [UInt8] = []
        guard let input = try? Descriptor.duplicating(0) else { return nil }
        while true {
            while true {
                if Signal.termination != nil { return nil }
                guard let isThere = try? input.waitUntilReadable(milliseconds: 200) else { return nil }
                if isThere { break }
            }
            guard let byte = try? input.readSome(atMost: 1).first else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            if line.count < 1024, !line.isEmpty || byte != UInt8(ascii: " ") { line.append(byte) }
        }
    }
}
