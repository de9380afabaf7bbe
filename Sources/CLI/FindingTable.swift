import Model
import Options
import Platform

/// The answer to a question on its way to standard output, in the same form on a jail as on the server.
package struct FindingTable: ~Copyable {
    private var table: Table
    private let style: TableStyle

    package init(_ query: Query, _ style: TableStyle) {
        self.style = style
        switch query {
        case .nights: table = Table(FindingTable.nights, style: style)
        case .list: table = Table(FindingTable.files, style: style, names: 6)
        case .versions: table = Table(FindingTable.versions, style: style)
        case .find: table = Table(FindingTable.paths, style: style, names: 2)
        }
    }

    /// Adds a line. Trouble is none: it is for standard error.
    package mutating func add(_ finding: Finding, of jail: Name, to output: inout Output) {
        switch finding {
        case .kept(let tree): table.add(tree.row(jail), to: &output)
        case .file(let file): table.add(file.row(style), to: &output)
        case .version(let version): table.add(version.row(style), to: &output)
        case .path(let found): table.add(found.row, to: &output)
        case .trouble: break
        }
    }

    /// Prints what is still to be printed; nothing can be added afterwards.
    package mutating func finish(_ output: inout Output) { table.finish(&output) }

    private static let nights = [
        Column("jail"), Column("night", right: true), Column("generation", right: true), Column("uuid"),
        Column("pushed"), Column("valid"), Column("held"), Column("files", right: true), Column("bytes", right: true),
        Column("changed", right: true), Column("new_bytes", right: true), Column("goes"), Column("path"),
    ]
    private static let files = [
        Column("mode"), Column("links", right: true), Column("owner"), Column("group"), Column("size", right: true),
        Column("modified"), Column("name"), Column("target"),
    ]
    private static let versions = [
        Column("nights"), Column("holds"), Column("size", right: true), Column("modified"), Column("mode"),
        Column("owner"), Column("group"), Column("until"), Column("digest"), Column("target"),
    ]
    private static let paths = [Column("nights"), Column("holds"), Column("path")]
}

extension KeptTree {
    fileprivate func row(_ jail: Name) -> [Cell] {
        let number: Cell = night.map { .count(UInt64($0)) } ?? .none
        let going = goes.map(Cell.time) ?? .none
        guard let state else {
            return [.bytes(jail.bytes), number] + Array(repeating: .none, count: 9) + [going, .none]
        }
        // A night's own line names the holds on it; what a hold keeps stands in the hold's line.
        let path: Cell = night == nil ? holds.first.map { .bytes($0.path.bytes) } ?? .none : .none
        return [
            .bytes(jail.bytes), number, .count(UInt64(state.number.rawValue)), .text(state.uuid),
            state.pushed.map(Cell.time) ?? .none, .flag(state.isValid), joined(holds.map(\.name)),
            .count(state.files), .size(state.bytes), .count(state.changed), .size(state.newBytes), going, path,
        ]
    }
}

extension ListedFile {
    fileprivate func row(_ style: TableStyle) -> [Cell] {
        [
            .text(modeText(metadata, hasList: hasList)), .count(UInt64(links)), ownerCell(metadata, style),
            groupCell(metadata, style), sizeCell(metadata), .time(metadata.modified),
            .bytes(name?.bytes ?? Array("/".utf8)), target.map(Cell.bytes) ?? .none,
        ]
    }
}

extension FileVersion {
    fileprivate func row(_ style: TableStyle) -> [Cell] {
        [
            listed(nights), joined(holds), sizeCell(metadata), .time(metadata.modified),
            .text(modeText(metadata, hasList: hasList)), ownerCell(metadata, style), groupCell(metadata, style),
            until.map(Cell.time) ?? .none, digest.map { .text($0.hexadecimal) } ?? .none,
            target.map(Cell.bytes) ?? .none,
        ]
    }
}

extension FoundPath {
    fileprivate var row: [Cell] { [listed(nights), joined(holds), .bytes(path.bytes)] }
}

/// `0,1,2`; a list of numbers in `--json`.
package func listed(_ nights: [Int]) -> Cell {
    .several(JSON.list(nights.map { .number(Int64($0)) }), line: nights.map(String.init).joined(separator: ","))
}

/// Names with commas between them; a list in `--json`.
package func joined(_ names: [Name]) -> Cell {
    .several(JSON.list(names.map { .bytes($0.bytes) }), line: names.map(\.description).joined(separator: ","))
}
