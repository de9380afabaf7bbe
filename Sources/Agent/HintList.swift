import Model
import Platform

/// Reads a list of changed paths as it comes in: with a NUL behind each, or a line for each, which may be one of
/// `zfs diff -H`.
///
/// What is not understood is named, and makes the list useless: rather is everything walked than one file missed. Memory
/// is that of the tree and of one line.
package struct HintList: Sendable {
    /// What was named so far.
    package private(set) var tree = HintTree()
    /// What was wrong with the first lines that were not understood, fit to be shown.
    package private(set) var problems: [String] = []
    /// How many there were.
    package private(set) var problemCount = 0
    /// Whether it names nothing at all, as what fails before it could say anything does.
    package var isEmpty: Bool { number == 0 }
    /// Whether the walk may go by it.
    package var isUsable: Bool { problemCount == 0 && !isEmpty && !tree.isFull }

    /// Bytes of the longest line: more than one of two paths that anybody can make.
    static let longestLine = 64 << 10
    private static let mostProblems = 10

    private var pending: [UInt8] = []
    /// Nil until it is known.
    private var separator: UInt8?
    private var isTooLong = false
    private var number = 0

    init() {}

    /// Reads a stream to its end.
    package static func read(_ file: borrowing Descriptor) throws(SystemError) -> HintList {
        var list = HintList()
        while true {
            let bytes = try file.readSome(atMost: 64 << 10)
            if bytes.isEmpty { break }
            list.take(bytes)
        }
        list.finish()
        return list
    }

    /// Takes what comes next.
    mutating func take(_ bytes: [UInt8]) {
        pending += bytes
        if separator == nil {
            if pending.contains(0) {
                separator = 0
            } else if pending.count > HintList.longestLine {
                // The first path of a list with NULs would have ended by now.
                separator = UInt8(ascii: "\n")
            }
        }
        if let separator { split(at: separator) }
    }

    /// The last line need not end.
    mutating func finish() {
        split(at: separator ?? UInt8(ascii: "\n"))
        if !pending.isEmpty || isTooLong { take(line: pending[...]) }
    }

    private mutating func split(at separator: UInt8) {
        self.separator = separator
        let bytes = pending
        var start = 0
        while let end = bytes[start...].firstIndex(of: separator) {
            take(line: bytes[start..<end])
            start = end + 1
        }
        pending = Array(bytes[start...])
        if pending.count > HintList.longestLine {
            isTooLong = true
            pending = []
        }
    }

    private mutating func take(line: ArraySlice<UInt8>) {
        number += 1
        if isTooLong || line.count > HintList.longestLine {
            isTooLong = false
            return fail("it is longer than \(HintList.longestLine) bytes")
        }
        if line.first == UInt8(ascii: "/") {
            guard let path = Path(absolute: line) else {
                return fail("\(shown(line)): a name in it is . or .., has a NUL, or is too long")
            }
            tree.add(path)
        } else if separator != 0, let paths = changedPaths(ofZFS: line) {
            for path in paths { tree.add(path) }
        } else {
            fail(line.isEmpty ? "it is empty" : "\(shown(line)): neither an absolute path nor a line of zfs diff -H")
        }
    }

    private mutating func fail(_ reason: String) {
        problemCount += 1
        if problems.count < HintList.mostProblems { problems.append("line \(number): \(reason)") }
    }

    private func shown(_ line: ArraySlice<UInt8>) -> String {
        escaped(line.prefix(200)) + (line.count > 200 ? "…" : "")
    }
}

/// The paths of a line of `zfs diff -H`: how it changed (`M`, `+`, `-`, `R`), with `-F` its kind, then the path, or two if
/// it was renamed, and perhaps how many links it won or lost, with tabs between them. Nil for any other line.
func changedPaths(ofZFS line: ArraySlice<UInt8>) -> [Path]? {
    var fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)[...]
    guard let change = fields.popFirst(), change.count == 1, let letter = change.first,
        "M+-R".utf8.contains(letter)
    else { return nil }
    let wanted = letter == UInt8(ascii: "R") ? 2 : 1
    if fields.last?.first == UInt8(ascii: "(") { fields = fields.dropLast() }
    if fields.count == wanted + 1, fields.first?.count == 1 { fields = fields.dropFirst() }
    guard fields.count == wanted else { return nil }
    var paths: [Path] = []
    for field in fields {
        guard let bytes = unescaped(ofZFS: field), let path = Path(absolute: bytes) else { return nil }
        paths.append(path)
    }
    return paths
}

/// A path as `zfs diff` writes it: what is not printable ASCII, blanks and backslashes as a backslash and four octal
/// digits. Nil where it is none.
private func unescaped(ofZFS field: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\\") {
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy({ (0x30...0x37).contains($0) }),
                let value = UInt8(exactly: digits.reduce(0) { $0 * 8 + Int($1 - 0x30) })
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(4)
        } else if (0x21..<0x7F).contains(byte) {
            bytes.append(byte)
        } else {
            return nil
        }
    }
    return bytes
}
