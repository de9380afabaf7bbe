import Model
import Options

/// How a question is put on a command line, on the server as on a jail.
package enum QueryArguments {
    /// Of `find`.
    package static let night = Option(
        long: "night", argument: "N", help: "Only in this night, 0 to 6, or @12 (default: all that is kept)")

    /// `NIGHT[:PATH]`.
    package static func listing(_ word: [UInt8]) throws(UsageError) -> Query {
        let parts = word.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let choice = try NightChoice(word: Array(parts[0]))
        return .list(choice, parts.count == 2 && !parts[1].isEmpty ? try path(Array(parts[1])) : Path())
    }

    /// A path of the jail.
    package static func path(_ word: [UInt8]) throws(UsageError) -> Path {
        guard let path = Path(absolute: word) else {
            throw UsageError(subject: word, reason: "a path of the jail begins with '/', and has no '..'")
        }
        return path
    }

    /// A pattern, and `--night`.
    package static func search(_ word: [UInt8], _ arguments: Arguments) throws(UsageError) -> Query {
        let choice = try arguments.value(of: night).map(NightChoice.init(word:))
        do throws(PathPattern.Refusal) {
            return .find(try FindPattern(word), choice)
        } catch {
            throw UsageError(subject: word, reason: error.reason)
        }
    }
}
