import Checksums
import Model
import Placing
import Platform

/// Where an archive goes.
package enum Destination: Sendable {
    /// The first of these names that is free in the directory.
    case file(PlacingRoot, [Name])
    case standardOutput

    /// What was written there.
    package struct Written: Sendable {
        /// Absolute; nil for standard output, and where nothing was left because of damage.
        package var path: Path?
        package var isOnStandardOutput: Bool
        /// Of the archive, in bytes.
        package var size: UInt64
        /// Of the archive, in hexadecimal.
        package var sha256: String
        package var summary: RestoreSummary
    }

    /// Takes an archive. Nothing is left of one that could not be written whole, nor of one in which files are damaged,
    /// unless it is to be kept even so. Standard output got what it got.
    ///
    /// - Parameters:
    ///   - expected: bytes that it may come to.
    ///   - make: writes the archive into what it is given, and tells what it holds.
    /// - Throws: `PlacingError`; what `make` throws.
    package func write(
        expecting expected: UInt64, keepsDamaged: Bool,
        _ make: (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> RestoreSummary
    ) throws -> Written {
        var tally = Tally()
        switch self {
        case .standardOutput:
            let output = try Descriptor.duplicating(1)
            let summary = try make { bytes in
                tally.add(bytes)
                try output.write(bytes)
            }
            return tally.written(nil, isOnStandardOutput: true, summary)
        case .file(let root, let names):
            let placement = try Placement(in: root, expecting: expected)
            let summary = try make { bytes in
                tally.add(bytes)
                try placement.write(bytes)
            }
            let isKept = summary.isSound || keepsDamaged
            let path = isKept ? root.path.appending(try placement.place(as: names)) : nil
            return tally.written(path, isOnStandardOutput: false, summary)
        }
    }
}

/// What is said of bytes that went by.
private struct Tally: ~Copyable {
    private var sum = SHA256()
    private var size: UInt64 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        sum.update(bytes)
        size += UInt64(bytes.count)
    }

    consuming func written(
        _ path: Path?, isOnStandardOutput: Bool, _ summary: RestoreSummary
    ) -> Destination.Written {
        Destination.Written(
            path: path, isOnStandardOutput: isOnStandardOutput, size: size, sha256: sum.finish(), summary: summary)
    }
}
