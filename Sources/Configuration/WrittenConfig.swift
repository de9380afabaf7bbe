import Model

/// What a config says, line by line, before anything is asked of it: keys need not be known, paths need not be paths.
package struct WrittenConfig: Sendable {
    /// A line `key=value`.
    package struct Setting: Hashable, Sendable {
        package let key: String
        /// Without its quotes; raw.
        package let value: [UInt8]
        package let line: Int
    }

    /// A line `## ENTRY /path --options`.
    package struct Entry: Hashable, Sendable {
        package let path: [UInt8]
        /// From the first ` --` on, as it stands; empty if there is none.
        package let options: [UInt8]
        package let line: Int
        /// The whole line as it stands, for `gb`.
        package let text: [UInt8]
    }

    /// In the order of the lines; a key may come twice.
    package private(set) var settings: [Setting] = []
    /// In the order of the lines, as written: not merged.
    package private(set) var entries: [Entry] = []
    /// Lines that cannot be understood.
    package private(set) var errors: [ConfigProblem] = []
    /// Keys whose values are not known, because their lines cannot be understood.
    package private(set) var brokenKeys: Set<String> = []
    /// What deserves a word and stops nothing.
    package private(set) var warnings: [ConfigProblem] = []

    /// No line that anybody means is as long.
    package static let longestLine = 64 << 10

    /// Reads a config. Time and memory grow with its size.
    package init(_ bytes: [UInt8]) {
        var number = 0
        var carriageReturns = 0
        for var line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if line.last == UInt8(ascii: "\r") {
                if carriageReturns == 0 {
                    warnings.append(
                        ConfigProblem(line: number, "the line ends in CR LF, as on Windows; the CR is not read"))
                }
                carriageReturns += 1
                line = line.dropLast()
            }
            if line.count > WrittenConfig.longestLine {
                fail(line, number, "the line is longer than \(WrittenConfig.longestLine) bytes")
            } else if line.contains(0) {
                fail(line, number, "there is a NUL byte in the line")
            } else {
                read(line, number)
            }
        }
    }

    /// Notes a line that cannot be understood, and whose value it would have been.
    private mutating func fail(_ line: ArraySlice<UInt8>, _ number: Int, _ message: String) {
        errors.append(ConfigProblem(line: number, message))
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return }
        // A NUL may stand anywhere, also before the key.
        brokenKeys.insert(String(decoding: line[..<equals].filter(isKeyByte), as: UTF8.self))
    }

    private mutating func read(_ line: ArraySlice<UInt8>, _ number: Int) {
        let trimmed = trim(line)
        guard let first = trimmed.first else { return }
        if first == UInt8(ascii: "#") { return readComment(trimmed, line, number) }
        guard let equals = trimmed.firstIndex(of: UInt8(ascii: "=")) else {
            let remedy = first == UInt8(ascii: "/") ? "an entry is written: ## ENTRY \(escaped(trimmed))" : nil
            errors.append(ConfigProblem(line: number, "neither key=value nor an entry nor a comment", remedy: remedy))
            return
        }
        let key = trim(trimmed[..<equals])
        guard !key.isEmpty, key.allSatisfy(isKeyByte) else {
            errors.append(ConfigProblem(line: number, "\(escaped(key)) cannot be a key"))
            return
        }
        guard let value = unquoted(trim(trimmed[(equals + 1)...])) else {
            fail(line, number, "the value's quote is not closed, or something follows it")
            return
        }
        settings.append(Setting(key: String(decoding: key, as: UTF8.self), value: value, line: number))
    }

    /// `## ENTRY path --options` among the comments.
    private mutating func readComment(_ comment: ArraySlice<UInt8>, _ whole: ArraySlice<UInt8>, _ number: Int) {
        guard comment.starts(with: "##".utf8), comment.dropFirst(2).first != UInt8(ascii: "#") else { return }
        let words = trim(comment.dropFirst(2))
        let word = words.prefix { !isBlank($0) }
        let rest = trim(words.dropFirst(word.count))
        guard word.elementsEqual("ENTRY".utf8), words.startIndex > comment.startIndex + 2 else {
            if word.prefix(5).elementsEqual("ENTRY".utf8, by: { $0 & 0xDF == $1 }) {
                warnings.append(
                    ConfigProblem(line: number, "is a comment, not an entry", remedy: "an entry begins with: ## ENTRY"))
            }
            return
        }
        let end = optionsStart(rest)
        let entry = Entry(
            path: Array(trim(rest[..<end])), options: Array(trim(rest[end...])), line: number, text: Array(whole))
        entries.append(entry)
    }
}

/// Where the first ` --` is; the end if there is none.
private func optionsStart(_ bytes: ArraySlice<UInt8>) -> Int {
    if bytes.starts(with: "--".utf8) { return bytes.startIndex }
    var index = bytes.startIndex
    while index + 2 < bytes.endIndex {
        if isBlank(bytes[index]), bytes[index + 1] == UInt8(ascii: "-"), bytes[index + 2] == UInt8(ascii: "-") {
            return index
        }
        index += 1
    }
    return bytes.endIndex
}

/// A value without its quotes and the comment behind it; nil if a quote is not closed, or something follows it.
private func unquoted(_ value: ArraySlice<UInt8>) -> [UInt8]? {
    guard let quote = value.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
        var end = value.startIndex
        while end < value.endIndex {
            if value[end] == UInt8(ascii: "#"), end == value.startIndex || isBlank(value[end - 1]) { break }
            end += 1
        }
        return Array(trim(value[..<end]))
    }
    let inside = value.dropFirst()
    guard let end = inside.firstIndex(of: quote) else { return nil }
    let rest = trim(inside[(end + 1)...])
    return rest.isEmpty || rest.first == UInt8(ascii: "#") ? Array(inside[..<end]) : nil
}

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

private func isKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x5F, 0x2D: true
    default: false
    }
}

private func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return bytes.prefix(0) }
    return bytes[first...last]
}
