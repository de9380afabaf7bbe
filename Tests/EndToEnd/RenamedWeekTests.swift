import Model
import Support
import Testing

/// Seven nights in which hardly anything but names changed.
@Suite(.tags(.slow)) struct `A week of renamed files` {
    private let jail: Jail

    init() throws {
        jail = try Jail(on: BackupServer())
        try change(
            """
            mkdir -p mail/new mail/cur log sites/one/pages/deep sites/two links
            for i in $(seq 200); do echo "mail $i" > mail/new/$i; done
            for i in 0 1 2 3; do head -c ${i}000 /dev/urandom > log/log.$i; done
            for i in $(seq 60); do echo "page $i" > sites/one/pages/$i; echo "deep $i" > sites/one/pages/deep/$i; done
            for i in $(seq 20); do echo "two $i" > sites/two/$i; done
            echo twice > links/a; ln links/a links/b; ln links/a sites/one/pages/c; ln -s a links/to; mkfifo sites/one/fifo
            """)
    }

    private func change(_ script: String) throws {
        try Command("bash", "-ec", "cd '\(jail.source)'; \(script)").check()
        jail.settle()
    }

    /// What happens every night; all of it moves, and what is new is written into the night's own log.
    private func live(_ day: Int) throws {
        try change(
            """
            for i in $(seq \(day * 20 + 1) \(day * 20 + 20)); do mv mail/new/$i mail/cur/$i:2,S; done
            rm log/log.3; for i in 2 1 0; do mv log/log.$i log/log.$((i + 1)); done; echo "log of \(day)" > log/log.0
            mv sites/one sites/t; mv sites/two sites/one; mv sites/t sites/two
            mv links/a links/t; mv links/b links/a; mv links/t links/b; mv links l; mkdir links; mv l/* links; rmdir l
            [ \(day) != 3 ] || { chmod 640 sites/two/*; cp -p log/log.1 log/copy; ln log/log.1 log/link; }
            """)
    }

    private func night(_ number: Int) -> String { "\(jail.server.data)/\(jail.name)/\(number)\(jail.source)" }

    private func expectNights(_ then: [String], _ moment: String) throws {
        let pairs = then.prefix(6).enumerated().map { (original: $1, copy: night($0 + 1)) }
        for (number, wrong) in try judge(pairs).enumerated() {
            #expect(wrong.isEmpty, "\(moment): night \(number + 1): \(wrong.prefix(5))")
        }
        for pair in pairs { try expectSameByDescriptor(pair.original, pair.copy) }
    }

    @Test func `is seven nights as they were, each file sent once`() throws {
        var then: [String] = []
        for day in 0..<9 {
            if day > 0 { try live(day) }
            let record = try PushRecord(jail.push("--json"))
            if day > 0 { #expect(try #require(record["content_bytes"]) < 3_000, "day \(day): \(record)") }
            then.insert(try jail.remember("then-\(day)"), at: 0)
            let time = "@\(1_700_000_000 + day * 86_400)"
            let arguments = ["housekeep", "--force", "--now", time] + (day == 5 || day == 8 ? ["--full"] : [])
            _ = try jail.server.server(arguments).check()
            try expectNights(then, "day \(day)")
        }
        // What a night holds comes back, with the names that files had then.
        try live(9)
        try jail.push()
        let newest = try jail.remember("then-9")
        _ = try jail.server.server(["revert", jail.name]).check()
        try expectSameTree(then[0], jail.copy)
        try expectSameByDescriptor(then[0], jail.copy)
        try jail.push()
        try expectSameTree(newest, jail.copy)
        try expectSameByDescriptor(newest, jail.copy)
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `loses nothing by pushes that are killed wherever they link`() throws {
        try jail.push()
        let seed = UInt64.random(in: 0..<1_000_000)
        var random = RandomSource(seed: seed)
        let plain = jail.settings["receive"] ?? ""
        var killed = 0
        for day in 1..<7 {
            try live(day)
            for _ in 0..<3 {
                let call = ["linkat", "renameat2", "pwrite64"][random.below(3)]
                let injection = "\(call):signal=KILL:when=\(1 + random.below(120))"
                jail.settings["receive"] =
                    "/usr/bin/strace -f -qq -o /dev/null -e trace=\(call) -e inject=\(injection) \(plain)"
                if try jail.backup().status != 0 { killed += 1 }
            }
            jail.settings["receive"] = plain
            try jail.push()
            try #require(try expectSameTree(jail.source, jail.copy), "seed \(seed), day \(day)")
            try #require(try expectSameByDescriptor(jail.source, jail.copy), "seed \(seed), day \(day)")
        }
        #expect(killed >= 5, "seed \(seed)")
    }
}
