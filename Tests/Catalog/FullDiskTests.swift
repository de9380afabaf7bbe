import Catalog
import Model
import Support
import Testing

/// SQLite does not always call a full disk one.
@Suite(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
struct `A full disk` {
    @Test func `is what a catalog and a push log that find one speak of`() throws {
        let disk = try LoopFileSystem(.ext4, size: "16M")
        func openCatalog() throws { _ = try Catalog(path: "\(disk.path)/catalog.sqlite", access: .writing) }
        func openLog() throws { _ = try PushLog(path: "\(disk.path)/pushes.sqlite", access: .writing) }
        try openCatalog()
        try openLog()
        let filled = try Command("dd", "if=/dev/zero", "of=\(disk.path)/filler", "bs=4096").run()
        #expect(filled.status == 1, "it has room yet: \(filled)")
        let errors = [
            #expect(throws: CatalogError.self) { try openCatalog() },
            #expect(throws: CatalogError.self) { try openLog() },
        ]
        for error in errors { #expect(error?.problem == .noSpace, "\(String(describing: error))") }
    }
}
