import Catalog
import Model
import Platform
import Storage
import Support
import Testing

/// After a power cut nothing that was staged is believed: all of it is read, and what is not what its row says is asked
/// for again.
@Suite struct PowerCutTests {
    private static let files = """
        mkdir d; for i in {1..8}; do printf 'content %s' $i > $i; done; printf x%.0s {1..300000} > d/large
        ln -s target link; mkfifo fifo; ln 8 d/eight; setfattr -n user.color -v blue 7; setfacl -m u:1234:r 6
        """

    /// What a power cut, or a disk, makes of what was staged: `$1` is `incoming/1`, with the root's names in `1`.
    private static let damages: [(script: String, lost: [Name])] = [
        (#"cd "$1/1"; printf 'CONTENT 1' > 1; touch -d @0 1"#, ["1"]),
        (#"cd "$1/1"; truncate -s 0 2; truncate -s 9 2"#, ["2"]), (#"cd "$1/1"; truncate -s 5 3"#, ["3"]),
        (#"cd "$1/1"; rm 4"#, ["4"]), (#"cd "$1/1"; ln -sfn elsewhere link"#, ["link"]),
        (#"cd "$1/1"; rm fifo; touch fifo"#, ["fifo"]), (#"rm -r "$1/1""#, ["1", "2", "4", "8", "fifo", "link"]),
        (#"cd "$1/2"; printf X | dd of=large bs=1 seek=299999 conv=notrunc status=none"#, ["large"]),
    ]

    /// Damage that an ordinary user's staging cannot be held against.
    private static let asRoot: [(script: String, lost: [Name])] = [
        (#"cd "$1/1"; setfattr -x user.color 7"#, ["7"]), (#"cd "$1/1"; setfacl -b 6"#, ["6"]),
        (#"cd "$1/1"; chmod 600 5"#, ["5"]), (#"cd "$1/1"; chown 7 5"#, ["5"]),
    ]

    /// Every name that the open generation has.
    private func names(_ locked: PushingBackupdir) throws -> [Name] {
        try locked.catalog.rows(in: .root).flatMap { row in
            let below = try row.child.map { try locked.catalog.rows(in: $0) } ?? []
            return [row.name] + below.map(\.name)
        }.compactMap { $0 }
    }

    /// A jail whose first push broke off when all was staged; what its rows name.
    private func staged(boot: String?) throws -> (Jail, [Name]) {
        let jail = try Jail()
        try jail.change(PowerCutTests.files)
        let locked = try Push.lockPush(jail.backupdir)
        var push = try Push(of: try jail.open(), to: locked)
        try push.send()
        if let boot { try locked.catalog.confirm(boot: boot) }
        return (jail, try names(locked))
    }

    @Test(arguments: 0..<(damages.count + (isRoot() ? asRoot.count : 0)))
    func `what is not what its row says is taken back and sent again`(number: Int) throws {
        let damage = (PowerCutTests.damages + PowerCutTests.asRoot)[number]
        let (jail, before) = try staged(boot: "another")
        try shell(damage.script, "\(jail.backupdir.path)/.nightjar/incoming/1")
        do {
            let locked = try Push.lockPush(jail.backupdir)
            _ = try locked.stage(at: Timestamp(seconds: 3))
            let after = try names(locked)
            let lost = Set(before).subtracting(after)
            #expect(lost.isSuperset(of: damage.lost), "\(damage.script): \(lost)")
            #expect(damage.lost.count > 1 || lost.count == 1, "more than the damage is gone: \(lost)")
        }
        try jail.push()
        #expect(try jail.lacking() == "", "\(damage.script)")
    }

    @Test func `what is whole is not sent again, and is read only once`() throws {
        let (jail, before) = try staged(boot: "another")
        for isFirst in [true, false] {
            // Never struck: it counts.
            let reads = FaultPlan("pread", call: .max, .fail(5))
            try reads.during {
                let locked = try Push.lockPush(jail.backupdir)
                _ = try locked.stage(at: Timestamp(seconds: 3))
                #expect(try names(locked) == before)
            }
            #expect((reads.calls > 0) == isFirst)
        }
        // Without a cut nothing is read: this damage is the disk's, and is scrub's to find.
        let place = "\(jail.backupdir.path)/.nightjar/incoming/1"
        try shell(PowerCutTests.damages[0].script, place)
        let locked = try Push.lockPush(jail.backupdir)
        _ = try locked.stage(at: Timestamp(seconds: 3))
        #expect(try names(locked) == before)
    }
}
