import Model
import Options
import Platform

/// What the programs of the server are told alike: where the data is, and which jail.
package enum ServerArguments {
    package static let data = Option(
        long: "data", argument: "DIR", help: "The data root (default: $NIGHTJAR_DATA, else as server.conf says)")

    /// The data root of the command line, else of the environment; nil if neither has one.
    /// - Throws: `UsageError` if it is not absolute.
    package static func dataRoot(_ arguments: Arguments) throws(UsageError) -> Path? {
        guard let given = arguments.value(of: data) ?? environmentVariable("NIGHTJAR_DATA") else { return nil }
        guard let path = Path(absolute: given) else {
            throw UsageError(subject: given, reason: "the data root has to be an absolute path")
        }
        return path
    }

    /// A jail is named by its directory under the data root.
    package static func jail(_ word: [UInt8]) throws(UsageError) -> Name {
        guard let name = Name(word) else { throw UsageError(subject: word, reason: "not a jail's name") }
        return name
    }
}
