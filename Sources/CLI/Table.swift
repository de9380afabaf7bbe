import Model
import Options

/// One field of a row, before it is known how it will be shown.
package enum Cell: Sendable {
    case text(String)
    /// A name or path.
    case bytes([UInt8])
    case count(UInt64)
    /// Of bytes.
    case size(UInt64)
    case seconds(Double)
    case time(Timestamp)
    case flag(Bool)
    /// A list, whole in `--json`, and a line elsewhere, which is fit to be shown.
    case several(JSON, line: String)
    case none
}

/// What a table has in one place of every row.
package struct Column: Sendable {
    /// The header, and the member's name in `--json`.
    package let name: String
    package let isRightAligned: Bool

    package init(_ name: String, right: Bool = false) {
        self.name = name
        isRightAligned = right
    }
}

/// How a command that lists something shows it.
package enum TableStyle: Hashable, Sendable {
    /// Aligned, with a header.
    case human
    /// `|`-separated; a `|` in a field is `\x7C`.
    case separated(header: Bool)
    /// One object a line.
    case json
    /// Names only, raw, a NUL after each.
    case names

    package init(_ arguments: Arguments) {
        if arguments.has(ListingOption.null) {
            self = .names
        } else if arguments.has(ListingOption.json) {
            self = .json
        } else if arguments.has(ListingOption.machine) || arguments.has(ListingOption.script) {
            self = .separated(header: !arguments.has(ListingOption.script))
        } else {
            self = .human
        }
    }
}

/// What every command that lists something takes.
package enum ListingOption {
    package static let machine = Option(long: "machine", short: "m", help: "Columns separated by |, with a header")
    package static let script = Option(long: "script", short: "s", help: "As -m, without the header")
    package static let json = Option(long: "json", help: "One JSON object a line")
    package static let null = Option(long: "null", short: "0", help: "Raw names only, each with a NUL byte after it")
    /// For a command whose lines have no name of a file, nor of a jail, to each.
    package static let nameless = [machine, script, json]
    /// All of them, for a command's list of options.
    package static let all = nameless + [null]
}

/// Rows on their way to standard output. Only the human style keeps them, to align them: the first thousand, whose widths
/// the rest follows.
package struct Table: ~Copyable {
    private let columns: [Column]
    private let style: TableStyle
    /// Which column `-0` gives.
    private let nameColumn: Int?
    private var kept: [[String]] = []
    private var widths: [Int]?
    private var isBegun = false

    package init(_ columns: [Column], style: TableStyle, names: Int? = nil) {
        self.columns = columns
        self.style = style
        nameColumn = names
    }

    /// Adds a row of as many cells as there are columns.
    package mutating func add(_ row: [Cell], to output: inout Output) {
        switch style {
        case .json:
            output.write(JSON.object(zip(columns, row).map { ($0.name, $1.json) }).line + "\n")
        case .names:
            guard let nameColumn, case .bytes(let name) = row[nameColumn] else { return }
            output.write(name + [0])
        case .separated(let header):
            if header, !isBegun { output.write(columns.map(\.name).joined(separator: "|") + "\n") }
            output.write(row.map { $0.plain.replacing("|", with: "\\x7C") }.joined(separator: "|") + "\n")
        case .human:
            let fields = row.map(\.human)
            if let widths { output.write(aligned(fields, widths)) } else { kept.append(fields) }
            if kept.count == 1000 { alignKept(&output) }
        }
        isBegun = true
    }

    /// Writes what was kept. A table without rows has a header in `-m` only.
    package mutating func finish(_ output: inout Output) {
        if case .separated(header: true) = style, !isBegun {
            output.write(columns.map(\.name).joined(separator: "|") + "\n")
        }
        if !kept.isEmpty { alignKept(&output) }
    }

    private mutating func alignKept(_ output: inout Output) {
        let header = columns.map { $0.name.uppercased() }
        let widths = columns.indices.map { index in ([header] + kept).map { width(of: $0[index]) }.max() ?? 0 }
        for fields in [header] + kept { output.write(aligned(fields, widths)) }
        self.widths = widths
        kept = []
    }

    private func aligned(_ fields: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, field) in fields.enumerated() {
            let gap = String(repeating: " ", count: max(0, widths[index] - width(of: field)))
            line += (index > 0 ? "  " : "") + (columns[index].isRightAligned ? gap + field : field + gap)
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }
}

extension Cell {
    fileprivate var human: String {
        switch self {
        case .size(let bytes): humanSize(bytes)
        case .count(let count): grouped(count)
        case .seconds(let seconds): humanDuration(seconds)
        case .time(let time): time.local
        case .none: "-"
        case .several(_, let line): line.isEmpty ? "-" : line
        default: plain
        }
    }

    fileprivate var plain: String {
        switch self {
        case .text(let text): escaped(text)
        case .bytes(let bytes): escaped(bytes)
        case .count(let number), .size(let number): String(number)
        case .seconds(let seconds): String(seconds)
        case .time(let time): time.utc
        case .flag(let flag): flag ? "yes" : "no"
        case .several(_, let line): line
        case .none: ""
        }
    }

    fileprivate var json: JSON {
        switch self {
        case .text(let text): .text(text)
        case .bytes(let bytes): .bytes(bytes)
        case .count(let number), .size(let number): .unsigned(number)
        case .seconds(let seconds): .real(seconds)
        case .time(let time): .time(time)
        case .flag(let flag): .flag(flag)
        case .several(let list, _): list
        case .none: .none
        }
    }
}

/// The columns that a terminal needs, rather one too many: what is not ASCII may be wide.
func width(of text: String) -> Int { text.reduce(0) { $0 + ($1.isASCII ? 1 : $1.isWide ? 2 : 1) } }

extension Character {
    fileprivate var isWide: Bool { unicodeScalars.first.map { $0.value >= 0x1100 } ?? false }
}
