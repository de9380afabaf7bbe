import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

/// A disk that is full or fails, at whatever a rotation or a commit is about.
@Suite struct `On a disk that fails` {
    @Test(
        .enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"), arguments: [0, 300])
    func `a disk that is full leaves the nights as they are, and goes on when there is room`(kibibytes: Int) throws {
        let mounted = try LoopFileSystem(.ext4, size: "24M")
        let week = try Week(in: mounted.path)
        try week.push(after: "for d in {1..300}; do mkdir -p $d/e; echo $d > $d/e/f; done")
        for _ in 1...2 { try week.rotate() }
        try week.push(after: "echo more > more")
        let fill = #"head -c 100M /dev/zero > "$1/filler" 2> /dev/null || truncate -s -$2K "$1/filler""#
        try shell(fill, mounted.path, "\(kibibytes)")
        let error = #expect(throws: (any Error).self) {
            try Push.lock(week.jail.backupdir).rotate(at: week.moment)
        }
        #expect((error as? any ClassifiedError)?.problem == .noSpace, "\(String(describing: error))")
        #expect(try week.wrong() == "")
        try shell(#"rm "$1/filler""#, mounted.path)
        let isBegun = try week.jail.backupdir.catalogForReading()?.rotation() != nil
        try Push.lock(week.jail.backupdir).recover()
        if isBegun { week.haveMovedDown() } else { try week.rotate() }
        #expect(try week.wrong() == "")
    }
}
