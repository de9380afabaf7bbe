import Catalog
import Model
import Platform
import Storage
import Support
import Testing

/// A jail's files in `source`, its backupdir, and after each push a hard-link copy of `0` beside a true copy of the source.
final class Jail {
    let place: TemporaryDirectory
    let backupdir: Backupdir
    private(set) var rounds = 0

    init(in file: String? = nil) throws {
        place = try TemporaryDirectory(in: file)
        try place.directory.makeDirectory("source", mode: 0o755)
        let data = try #require(Path(absolute: Array("\(place.path)/data".utf8)))
        backupdir = try DataRoot.make(data).enroll("jail")
        try shell(#"mkdir "$1/links" "$1/copies""#, place.path)
    }

    var source: String { "\(place.path)/source" }
    var path: String { "\(backupdir.path)" }
    var newest: String { "\(path)/0" }

    func change(_ script: String) throws { try shell("cd \"$1\"\n" + script, source) }

    func open() throws -> Directory { try place.directory.openDirectory("source") }

    @discardableResult
    func push() throws -> GenerationRecord { try Push.run(of: try open(), to: backupdir) }

    /// Copies `0` by hard links as a night is, and the source as it is.
    func remember() throws {
        rounds += 1
        try shell(#"cp -al "$1" "$2/links/$3"; cp -a "$4" "$2/copies/$3""#, newest, place.path, "\(rounds)", source)
    }

    /// Nothing, if `0` is what the source is.
    func lacking() throws -> String { try differences(source, newest) }

    /// Nothing, if no remembered night was altered.
    func altered() throws -> String {
        let judged = try judge(
            (0..<rounds).map { (original: "\(place.path)/copies/\($0 + 1)", copy: "\(place.path)/links/\($0 + 1)") })
        return judged.joined().joined(separator: "\n")
    }
}
