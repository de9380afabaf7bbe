import Configuration
import Model

/// How one config differs from another: all that is undone where the one takes the place of the other.
package struct ConfigChanges: Hashable, Sendable {
    package let entries: [EntryChange]
    /// Lines that are no entries, as they stand, in their order: keys, comments, what cannot be read.
    package let removed: [[UInt8]]
    package let added: [[UInt8]]

    /// Where a line stands, and lines of nothing but blanks, make no difference; a line that is there twice counts twice.
    /// Time and memory grow with the sizes.
    package init(from before: [UInt8], to after: [UInt8]) {
        let (old, new) = (WrittenConfig(before), WrittenConfig(after))
        entries = EntryChange.between(old, new)
        let (oldLines, newLines) = (otherLines(before, old), otherLines(after, new))
        removed = oldLines.without(newLines)
        added = newLines.without(oldLines)
    }

    /// `- line` and `+ line` behind the entries; fit to be shown, and never empty.
    package var descriptions: [String] {
        let lines = removed.map { "- \(escaped($0))" } + added.map { "+ \(escaped($0))" }
        let all = entries.map(\.description) + lines
        return all.isEmpty ? ["nothing but where lines stand, and blanks"] : all
    }
}

/// The lines that are no entries.
private func otherLines(_ text: [UInt8], _ written: WrittenConfig) -> [[UInt8]] {
    let entries = Set(written.entries.map(\.line))
    return text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        .filter { !entries.contains($0.offset + 1) && !$0.element.allSatisfy(isBlank) }
        .map { Array($0.element) }
}

private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}

extension [[UInt8]] {
    /// What is left after each of the others took one that equals it away.
    func without(_ others: [[UInt8]]) -> [[UInt8]] {
        var counts = Dictionary(others.map { ($0, 1) }, uniquingKeysWith: +)
        return filter { line in
            guard let count = counts[line], count > 0 else { return true }
            counts[line] = count - 1
            return false
        }
    }
}
