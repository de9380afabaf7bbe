import CLI
import Checksums
import Model
import Options
import Placing
import Platform
import Restore

/// Where an archive goes: a file that is not there yet, or standard output.
enum RestoreDestination {
    case file(PlacingRoot, Name)
    case standardOutput

    /// Why it cannot go there, and what that means for the exit status.
    struct Refusal: Error {
        let text: String
        let code: ExitCode
    }

    /// What was written there.
    struct Written {
        /// Absolute; nil for standard output, and where nothing was left because of damage.
        var path: Path?
        var size: UInt64
        var sha256: String
        var summary: RestoreSummary
    }

    /// Looks at the place before any work is done.
    ///
    /// - Parameters:
    ///   - word: as `--output` has it; nil for `name` in the working directory.
    init(_ word: [UInt8]?, named name: Name) throws {
        if word == [UInt8(ascii: "-")] {
            guard Terminal(1) == nil else {
                throw UsageError(reason: "an archive is nothing for a terminal; redirect standard output")
            }
            self = .standardOutput
            return
        }
        guard let path = try RestoreDestination.absolute(word ?? name.bytes), let name = path.names.last,
            let parent = path.parent
        else { throw UsageError(subject: word ?? [], reason: "--output wants the path of a file") }
        self = .file(try refusing { () throws(PlacingError) in try PlacingRoot.open(parent) }, name)
        if try Directory.open(parent).statusIfPresent(of: name) != nil {
            throw Refusal(text: "\(path) exists", code: .cannotCreate)
        }
    }

    /// Writes the archive. Nothing is left of one that is damaged, unless it is to be kept even so, nor of one that could
    /// not be written whole.
    func write(_ restoration: Restoration, keepsDamaged: Bool, _ console: Console) throws -> Written {
        switch self {
        case .standardOutput:
            let output = try Descriptor.duplicating(1)
            return try RestoreDestination.run(restoration, console) { try output.write($0) }
        case .file(let root, let name):
            // A compressed one is as large as it turns out to be.
            let expected = restoration.order.format == .tar ? try restoration.plan().bytes : 0
            let placement = try refusing { () throws(PlacingError) in try Placement(in: root, expecting: expected) }
            var written = try RestoreDestination.run(restoration, console) { bytes in
                try refusing { () throws(PlacingError) in try placement.write(Array(bytes)) }
            }
            guard written.summary.isSound || keepsDamaged else { return written }
            let placed = try refusing { () throws(PlacingError) in try placement.place(as: [name]) }
            written.path = root.path.appending(placed)
            return written
        }
    }

    private static func run(
        _ restoration: Restoration, _ console: Console, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Written {
        let progress = Progress(console: console, terminal: Terminal(2), title: nil)
        defer { progress.finish() }
        let start = steadySeconds()
        var sum = SHA256()
        var size: UInt64 = 0
        let summary = try restoration.write(progress: { state in
            let seconds = steadySeconds() - start
            progress.report(at: seconds) {
                ProgressState(files: state.members, bytes: state.bytes, seconds: seconds, path: state.path)
            }
        }) { bytes in
            sum.update(bytes)
            size += UInt64(bytes.count)
            try sink(bytes)
        }
        return Written(size: size, sha256: sum.finish(), summary: summary)
    }

    /// Against the working directory, whose own path goes through no symlink.
    private static func absolute(_ word: [UInt8]) throws -> Path? {
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
        return word.last == slash ? nil : Path(names)
    }
}

/// Does what concerns a place, and says of what fails there what it means for the exit status.
private func refusing<Made: ~Copyable>(_ body: () throws(PlacingError) -> Made) throws -> Made {
    do throws(PlacingError) {
        return try body()
    } catch {
        let code: ExitCode =
            switch error.cause {
            case .inTheWay: .cannotCreate
            case .full: .tryLater
            case .inputOutput: .inputOutput
            }
        throw RestoreDestination.Refusal(text: error.text, code: code)
    }
}
