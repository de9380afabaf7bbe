import Glibc
import Support
import Testing

/// What a jail is for comes before its backup, where the config says so.
@Suite(.enabled(if: isInstalled("ionice"), "needs ionice")) struct `A backup that gives way` {
    /// A jail whose push lasts until it is interrupted.
    private func reading(_ nice: String?) throws -> (jail: Jail, run: Running) {
        let jail = try Jail(on: BackupServer())
        try jail.scratch.write("source/large", String(repeating: "not to be read within the hour\n", count: 100_000))
        jail.settings["bwlimit"] = "1K"
        jail.settings["nice"] = nice
        return (jail, try jail.command().start())
    }

    /// Of each thread that reads files: its class of input/output and its nice value.
    private func readers(of process: Int32) throws -> [String] {
        let script = """
            for task in /proc/$0/task/*; do
                [ "$(cat $task/comm)" = answer ] || continue
                echo "$(ionice -p ${task##*/}) $(cut -d ' ' -f 19 $task/stat)"
            done
            """
        return try Command("sh", "-c", script, "\(process)").run().lines.map(String.init)
    }

    @Test(arguments: [("yes", "idle 19"), ("no", nil), (nil, nil)] as [(String?, String?)])
    func `has every thread that reads at the idle class, only if it is told to`(nice: String?, expected: String?) throws
    {
        let (jail, run) = try reading(nice)
        defer { run.send(SIGKILL) }
        var found: [String] = []
        #expect(eventually { (found = (try? readers(of: run.process)) ?? [], found.count >= 4).1 })
        if let expected {
            #expect(found.allSatisfy { $0 == expected }, "\(found)")
        } else {
            #expect(found.allSatisfy { !$0.contains("idle") && !$0.hasSuffix(" 19") }, "\(found)")
        }
        // Whoever waits for the next byte ends at once.
        kill(run.process, SIGTERM)
        let outcome = try run.wait(limit: 60)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(try jail.waitUntilUnserved())
    }

    @Test func `takes a rate for one run, over that of the config`() throws {
        let jail = try Jail(on: BackupServer())
        try jail.scratch.write("source/large", String(repeating: "x", count: 2_000_000))
        jail.settings["bwlimit"] = "1K"
        try jail.push("--bwlimit=0")
        try expectSameTree(jail.source, jail.copy)
        let refused = try jail.backup("--bwlimit=10")
        #expect(refused.status == 64 && refused.complaint.contains("10: --bwlimit wants a rate"), "\(refused)")
    }
}
