import Catalog
import Model
import Support
import Testing

@Suite(.temporaryDirectory) struct `A broken catalog` {
    @Test func `is named by its path, with what to do`() throws {
        let folder = try TemporaryDirectory.current
        try folder.write("catalog.sqlite", String(repeating: "no database ", count: 1_000))
        for access in [Catalog.Access.reading, .writing] {
            let error = try #require(throws: CatalogError.self) {
                _ = try Catalog(path: "\(folder.path)/catalog.sqlite", title: "/data/jail15/catalog", access: access)
            }
            #expect(error.problem == .damaged)
            #expect(error.description.hasPrefix("/data/jail15/catalog: file is not a database (SQLite 26): put a copy"))
            #expect(error.description.contains("enroll the jail anew"))
        }
    }
}
