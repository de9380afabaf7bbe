import Model
import Support
import Testing

/// A server whose file system is poorer than the jail's takes what it can, and names the rest.
@Suite struct `What the server's file system does not keep` {
    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `is named in both records, of files and directories, and stops nothing`() throws {
        let jail = try Jail(on: BackupServer())
        // Inodes without room for a nanosecond or the year 2039, blocks without room for a large attribute.
        let poor = try LoopFileSystem(.ext4, size: "3G", options: ["-I", "128", "-b", "1024"], on: jail.server.data)
        defer { withExtendedLifetime(poor) {} }
        try jail.server.server(["enroll", jail.name, "--init"]).check()

        let large = String(repeating: "x", count: 3000)
        let tree: TreeLiteral = [
            "file": TreeNode.file("content").attribute("user.large", large).attribute("user.small", "y"),
            "directory": TreeNode.directory(["plain": "content"]).attribute("user.large", large),
            "late": TreeNode.symlink("nowhere").modified(4_102_444_800),
        ]
        try tree.build(in: jail.source)
        jail.settle()

        let outcome = try jail.push("--json")
        let expected = [
            ("/", "nanoseconds of times"), ("\(jail.source)/file", "user.large"),
            ("\(jail.source)/directory", "user.large"), ("\(jail.source)/late", "time of modification"),
        ]
        let record = try jail.server.server(["nights", "--pushes", "--json", jail.name]).check().text
        for (path, what) in expected {
            let issue =
                #"{"path":"\#(path)","reason":"unsupported","detail":"the server's file system does not keep: \#(what)""#
            #expect(outcome.text.contains(issue), "\(outcome)")
            #expect(record.contains(issue), "\(record)")
        }
        #expect(outcome.text.contains(#""left_out":0,"notes":4"#), "\(outcome)")
        #expect(record.contains(#""left_out":0,"notes":4"#), "\(record)")
        #expect(
            try Command("getfattr", "-n", "user.small", "--only-values", "\(jail.copy)/file").check().text == "y")
        let second = try jail.push("--json")
        #expect(second.text.contains(#""left_out":0,"notes":1"#), "what is there is named once: \(second)")
    }
}
