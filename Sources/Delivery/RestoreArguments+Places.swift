import CLI
import Model
import Options
import Placing
import Platform

extension RestoreArguments {
    /// What `--output` names: a file that is not there yet, or standard output.
    ///
    /// - Throws: `UsageError` where it says no file, or a terminal would get the archive; `PlacingError` where it cannot be
    ///   made.
    package static func destination(_ word: [UInt8]) throws -> Destination {
        if word == [UInt8(ascii: "-")] {
            guard Terminal(1) == nil else {
                throw UsageError(reason: "an archive is nothing for a terminal; redirect standard output")
            }
            return .standardOutput
        }
        guard !word.isEmpty, word.last != UInt8(ascii: "/"), let path = try absolute(word), let name = path.names.last,
            let parent = path.parent
        else { throw UsageError(subject: word, reason: "--output wants the path of a file") }
        let root = try PlacingRoot.open(parent)
        try root.refuseTaken(name)
        return .file(root, [name])
    }

    /// A path against the working directory, whose own goes through no symlink.
    package static func absolute(_ word: [UInt8]) throws(SystemError) -> Path? {
        let slash = UInt8(ascii: "/")
        let start = word.first == slash ? [] : try Directory.open(Array("/proc/self".utf8)).readLink("cwd")
        var names: [Name] = []
        for part in (start + [slash] + word).split(separator: slash) where !part.elementsEqual([0x2E]) {
            if part.elementsEqual([0x2E, 0x2E]) {
                _ = names.popLast()
            } else {
                guard let name = Name(part) else { return nil }
                names.append(name)
            }
        }
        return Path(names)
    }
}

extension ExitCode {
    /// What the exit status says of an archive that is not where it was wanted.
    package init(_ error: PlacingError) {
        switch error.cause {
        case .inTheWay: self = .cannotCreate
        case .full: self = .tryLater
        case .inputOutput: self = .inputOutput
        }
    }
}
