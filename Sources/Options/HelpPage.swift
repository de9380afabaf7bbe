/// A help text: popt's usage line, what the command is for, popt's list of options, then sections of ours.
struct HelpPage {
    private(set) var text: String
    private var options: Substring

    private static let width = 79

    init(options: String) {
        let lines = options.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        text = String(lines[0]) + "\n"
        self.options = lines.count > 1 ? lines[1] : ""
    }

    mutating func paragraph(_ words: String) {
        text += "\n" + wrapped(words, indent: 0) + "\n"
    }

    mutating func list(_ title: String, _ items: [(String, String)]) {
        guard !items.isEmpty else { return }
        let column = (items.map(\.0.count).max() ?? 0) + 4
        text += "\n\(title)\n"
        for (name, meaning) in items {
            let gap = String(repeating: " ", count: column - 2 - name.count)
            text += "  \(name)\(gap)\(wrapped(meaning, indent: column))\n"
        }
    }

    /// Adds popt's list of options.
    mutating func finish() {
        text += "\nOPTIONS\n"
        for line in options.split(separator: "\n") { text += "\(line)\n" }
    }

    private func wrapped(_ words: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines = [""]
        for word in words.split(separator: " ") {
            let last = lines[lines.count - 1]
            if !last.isEmpty, indent + last.count + 1 + word.count > HelpPage.width {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = last.isEmpty ? String(word) : "\(last) \(word)"
            }
        }
        return lines.joined(separator: "\n" + margin)
    }
}
