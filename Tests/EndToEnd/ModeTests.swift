import Model
import Support
import Testing

/// What a file is made with on the server is what it has in the jail, whatever the server would have given it.
@Suite struct `Modes` {
    /// Runs its words with a umask.
    private func wrapper(_ scratch: Scratch, umask: String) throws -> String {
        try scratch.write("umask", "#!/bin/sh\numask \(umask)\nexec \"$@\"\n", mode: 0o755)
    }

    private static let tree: TreeLiteral = [
        "all": TreeNode.file("1").mode(0o777), "none but the owner": TreeNode.file("2").mode(0o600),
        "read only": TreeNode.file("3").mode(0o444), "set": TreeNode.file("4").mode(0o6755),
        "closed": TreeNode.directory(["x": TreeNode.file("5").mode(0o666)]).mode(0o500),
        "group": TreeNode.directory(["y": TreeNode.file("6").mode(0o664), "z": [:]]).mode(0o2775),
        "shared": TreeNode.directory(["sticky": TreeNode.directory([:]).mode(0o1777)]).inherited("u:1234:rwx"),
        "fifo": TreeNode(.fifo).mode(0o622), "empty": TreeNode.file("").mode(0o640),
        "large": TreeNode.file(bytes: [UInt8](repeating: 1, count: 400_000)).mode(0o606),
    ]

    @Test(arguments: Account.available, ["000", "077"])
    func `are the jail's, whatever the receiver's umask is`(account: Account, umask: String) throws {
        let jail = try Jail(on: BackupServer(as: account))
        let script = try wrapper(jail.server.scratch, umask: umask)
        try account.own(jail.server.scratch.path)
        jail.settings["receive"] = "\(script) \(jail.settings["receive"] ?? "")"
        try Self.tree.build(in: jail.source)
        try jail.handOver()
        try Command(account.prefix + ["chmod", "6755", "\(jail.source)/set"]).check()
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
        // Only metadata change now: each file is copied on the server under its new mode.
        let changes =
            "cd '\(jail.source)'; chmod 640 all; chmod 644 'none but the owner'; chmod 400 large; chmod 755 set"
        try Command(account.prefix + ["sh", "-c", "\(changes); chmod 700 closed; chmod 755 group; setfacl -k shared"])
            .check()
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `and ACLs are the jail's, though the server's directories hand down others`() throws {
        let jail = try Jail(on: BackupServer())
        let own = "\(jail.server.data)/\(jail.name)/.nightjar"
        try Command("setfacl", "-R", "-d", "-m", "u:4321:rwx,g:4321:rwx", own).check()
        try Command("chmod", "g+s", own).check()
        try Self.tree.build(in: jail.source)
        try (["more": ["link": .symlink("nowhere"), "listed": TreeNode.file("x").access("u:5:r")]] as TreeLiteral)
            .build(in: jail.source)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
        try Command("sh", "-c", "cd '\(jail.source)'; chmod 604 all; mkdir d; echo x > group/new; touch large").check()
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    /// A root jail on a server that is not root: what the trees cannot carry stands in the catalog, and what its owner may
    /// not read on the jail can be worked with on the server.
    @Test(.enabled(if: Account.other != nil, "needs root to put on another user"))
    func `that keep even the owner out do not keep the server out`() throws {
        let account = try #require(Account.other)
        let jail = try Jail(on: BackupServer(as: account))
        let receive = (account.prefix + jail.server.receive(jail.name)).joined(separator: " ")
        jail.settings["receive"] = receive
        func push() throws {
            let config = try jail.scratch.write("root.config", jail.configText)
            try Command(Programs.path("nightjar"), "backup", "--config", config).check()
        }
        /// Mode and name of all that the catalog has there.
        func modes() throws -> [String] {
            try jail.server.server(["ls", jail.name, "0:\(jail.source)", "-ms"]).check().lines.map {
                let fields = $0.split(separator: "|", omittingEmptySubsequences: false)
                return "\(fields[0]) \(fields[2]) \(fields[6])"
            }
        }
        let tree: TreeLiteral = [
            "none": TreeNode.file("secret").mode(0), "write": TreeNode.file("more").mode(0o200),
            "large": TreeNode.file(bytes: [UInt8](repeating: 3, count: 300_000)).mode(0),
            "d": TreeNode.directory(["in": TreeNode.file("deep").mode(0)]).mode(0),
        ]
        try tree.build(in: jail.source)
        try push()
        #expect(try modes() == ["d--------- 0 d", "---------- 0 large", "---------- 0 none", "--w------- 0 write"])
        try Command("sh", "-c", "cd '\(jail.source)'; chmod 4000 none; chmod 0 write; touch large; chmod 100 d/in")
            .check()
        try push()
        #expect(try modes() == ["d--------- 0 d", "---------- 0 large", "---S------ 0 none", "---------- 0 write"])
        #expect(try Command("diff", "-r", jail.source, jail.copy).run().status == 0)
        // Nothing in the trees is setuid for somebody who never was meant.
        #expect(try Command("find", jail.copy, "-perm", "/6000").check().output.isEmpty)
        let record = try PushRecord(
            Command(Programs.path("nightjar"), "backup", "--json", "--config", jail.scratch["root.config"]).check())
        #expect(record["content_bytes"] == 0 && record["left_out"] == 0, "\(record)")
    }
}
