import Support

/// The record of a run as `backup --json` prints it, read just far enough for the tests: numbers by their keys.
struct PushRecord: CustomStringConvertible {
    let text: String

    init(_ outcome: Command.Outcome) { text = outcome.text }
    init(text: String) { self.text = text }

    var description: String { text }

    /// The number under a key, wherever in the object it stands.
    subscript(_ key: String) -> Int? {
        guard let range = text.ranges(of: "\"\(key)\"").first else { return nil }
        let rest = text[range.upperBound...].drop { $0 == ":" || $0 == " " }
        return Int(rest.prefix { $0.isNumber || $0 == "-" })
    }
}
