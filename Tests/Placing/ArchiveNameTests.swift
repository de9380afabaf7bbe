import Model
import Placing
import Testing

@Suite struct ArchiveNameTests {
    @Test func `a name that is taken gets a number before its ending, up to 99`() throws {
        let names = alternatives(to: "restore-jail1-col1-2026-11-21.tar.gz", ending: "tar.gz")
        #expect(names.count == 99 && Set(names).count == 99)
        #expect(names[0] == "restore-jail1-col1-2026-11-21.tar.gz")
        #expect(names[1] == "restore-jail1-col1-2026-11-21-2.tar.gz")
        #expect(names[98] == "restore-jail1-col1-2026-11-21-99.tar.gz")
    }

    @Test func `what would be too long for a name is not tried`() throws {
        let long = try #require(Name([UInt8](repeating: 0x78, count: 251) + Array(".tar".utf8)))
        #expect(alternatives(to: long, ending: "tar") == [long])
    }

    @Test(
        arguments: [
            (free: 0, size: 1 << 40, room: 0), (free: 1 << 30, size: 1 << 40, room: 0),
            (free: 2 << 30, size: 1 << 40, room: 1 << 30), (free: 1 << 20, size: 1 << 22, room: 0),
            (free: 3 << 20, size: 1 << 22, room: 2 << 20), (free: 200 << 20, size: 1000 << 20, room: 190 << 20),
        ] as [(free: UInt64, size: UInt64, room: UInt64)])
    func `a hundredth of a file system stays free, between 1 MiB and 1 GiB`(
        _ found: (free: UInt64, size: UInt64, room: UInt64)
    ) {
        #expect(allowance(free: found.free, size: found.size) == found.room)
    }
}
