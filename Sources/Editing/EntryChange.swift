import Configuration
import Model

/// How the entries of one config differ from those of another.
package enum EntryChange: Hashable, Sendable {
    case added(path: [UInt8], options: [UInt8])
    case removed(path: [UInt8], options: [UInt8])
    /// The path is an entry in both; what stands behind it is another.
    case options(path: [UInt8], before: [UInt8], after: [UInt8])

    /// What differs, in the order of the paths' bytes. Where lines stand, and blanks in them, make no difference; an entry
    /// that is there twice counts twice.
    package static func between(_ before: WrittenConfig, _ after: WrittenConfig) -> [EntryChange] {
        let (before, after) = (optionsByPath(before), optionsByPath(after))
        let paths = Set(before.keys).union(after.keys).sorted { $0.lexicographicallyPrecedes($1) }
        return paths.flatMap { path in
            let gone = (before[path] ?? []).without(after[path] ?? [])
            let new = (after[path] ?? []).without(before[path] ?? [])
            if gone.count == 1, new.count == 1 {
                return [EntryChange.options(path: path, before: gone[0], after: new[0])]
            }
            return gone.map { .removed(path: path, options: $0) } + new.map { .added(path: path, options: $0) }
        }
    }

    private static func optionsByPath(_ config: WrittenConfig) -> [[UInt8]: [[UInt8]]] {
        Dictionary(grouping: config.entries) { Path(absolute: $0.path)?.bytes ?? $0.path }
            .mapValues { $0.map(\.options) }
    }
}

extension EntryChange: CustomStringConvertible {
    /// `+ /path --options`, `- /path --options`, `~ /path --options, was: --others`; fit to be shown.
    package var description: String {
        func text(_ path: [UInt8], _ options: [UInt8]) -> String {
            escaped(path) + (options.isEmpty ? "" : " \(escaped(options))")
        }
        switch self {
        case .added(let path, let options): return "+ \(text(path, options))"
        case .removed(let path, let options): return "- \(text(path, options))"
        case .options(let path, let before, let after):
            return "~ \(text(path, after)), was: \(before.isEmpty ? "without options" : escaped(before))"
        }
    }
}
