import Configuration
import Model

/// Changes to the entries of a config's text that leave every other byte of it alone.
package enum EntryLines {
    /// What cannot become a line `## ENTRY …`.
    package struct Unwritable: Error, Hashable {
        /// Fit to be shown.
        package let reason: String
    }

    /// An entry as it stands in a config behind `## ENTRY`: a path, and its options behind the first ` --`.
    ///
    /// - Throws: `Unwritable` for what a config would not read back as one entry of these very bytes.
    package static func entry(_ words: [UInt8]) throws(Unwritable) -> WrittenConfig.Entry {
        if let byte = words.first(where: { $0 == newline || $0 == 0 || $0 == UInt8(ascii: "\r") }) {
            throw Unwritable(reason: "a line of the config cannot have \(escaped([byte])) in it")
        }
        guard let first = words.first, let last = words.last, !isBlank(first), !isBlank(last) else {
            throw Unwritable(reason: "a config drops the blanks at the ends of a path")
        }
        let written = WrittenConfig(Array("## ENTRY ".utf8) + words)
        guard let entry = written.entries.first else {
            throw Unwritable(reason: written.errors.first?.message ?? "is no entry")
        }
        guard Path(absolute: entry.path) != nil else {
            throw Unwritable(reason: "an entry is an absolute path without . and ..")
        }
        return entry
    }

    /// The text with this entry behind the last one, or at its end where there is none.
    package static func adding(_ entry: WrittenConfig.Entry, to text: [UInt8]) -> [UInt8] {
        var lines = text.split(separator: newline, omittingEmptySubsequences: false)
        // What follows the last newline is no line.
        let end = lines.last?.isEmpty == true ? lines.count - 1 : lines.count
        let place = WrittenConfig(text).entries.last?.line ?? end
        lines.insert(entry.text[...], at: place)
        if lines.last?.isEmpty == false { lines.append([]) }
        return Array(lines.joined(separator: [newline]))
    }

    /// The text without its entries of this path, whatever their options.
    package static func removing(_ path: Path, from text: [UInt8]) -> [UInt8] {
        let gone = Set(WrittenConfig(text).entries.filter { Path(absolute: $0.path) == path }.map(\.line))
        let lines = text.split(separator: newline, omittingEmptySubsequences: false)
        return Array(
            lines.enumerated().filter { !gone.contains($0.offset + 1) }.map(\.element).joined(separator: [newline]))
    }

    private static let newline = UInt8(ascii: "\n")

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
