import Model
import Support
import Testing

/// What comes out of an archive is what the night held, by the word of those who unpack it.
@Suite struct `A restored archive` {
    @Test(arguments: ["tar", "tgz", "tar.zst"], [ArchiveReader.gnu, .bsd])
    func `of the torture tree is unpacked to what was there`(format: String, reader: ArchiveReader) throws {
        let scene = try RestoreScene()
        let jail = scene.jail
        try TortureTree().build(in: jail.source)
        try jail.push()
        let archive = try scene.archive([jail.source], format: format)
        let copy = try scene.unpack(archive, with: reader) + jail.source
        // No archive has a place for sockets. The last second before 1970 has no fraction in libarchive's; bsdtar takes
        // fractions before 1970 for more, where they are less.
        var excluded = TortureTree.beyondRsync + ["/kinds/socket", "/times/symlink"]
        if reader == .bsd { excluded.append("/times/before 1970") }
        try expectSameTree(jail.source, copy, excluding: excluded)
        try expectSameByDescriptor("\(jail.source)/holes", "\(copy)/holes")
    }

    @Test func `of plain files is unpacked by busybox, too`() throws {
        let scene = try RestoreScene()
        let jail = scene.jail
        let tree: TreeLiteral = [
            "file": TreeNode.file("content").mode(0o640).modified(1_234_567_890),
            "directory": TreeNode.directory(["deeper": ["file": "below"]]).mode(0o750).modified(5),
            "link": .hardLink(to: "file"), "symlink": .symlink("nowhere"), "fifo": .fifo, "empty": [:],
            "large": .file(bytes: (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }),
        ]
        try tree.build(in: jail.source)
        try Command("sh", "-c", "find '\(jail.source)' -depth -exec touch -h -d @1000000000 {} +").check()
        try jail.push()
        let copy = try scene.unpack(try scene.archive([jail.source]), with: .busybox) + jail.source
        // It sets no times of directories and symlinks.
        let differences = try judge(jail.source, copy).filter {
            !$0.hasPrefix(".d..t......") && !$0.hasPrefix(".L..t......")
        }
        #expect(differences == [])
    }

    @Test func `is a gzip file to those who know nothing of tar`() throws {
        let scene = try RestoreScene()
        try Command("sh", "-c", "head -c 5000000 /dev/urandom > '\(scene.jail.source)/f'").check()
        try scene.jail.push()
        let archive = try scene.archive([scene.jail.source])
        let plain = try scene.archive([scene.jail.source], format: "tar")
        for reader in ["gzip -dc", "busybox gzip -dc", "pigz -dc", "bsdcat"] {
            try Command("sh", "-c", "\(reader) < '\(archive)' | cmp - '\(plain)'").check()
        }
    }

    /// Unpacks directories and files, standing in the directory at hand: paths are one name long.
    private static let deepReader = """
        import os, sys, tarfile
        way = []
        def leave():
            member = way.pop()
            os.chdir("..")
            name = os.path.basename(member.name)
            os.chown(name, member.uid, member.gid)
            os.chmod(name, member.mode)
            seconds, _, fraction = member.pax_headers.get("mtime", "0").partition(".")
            os.utime(name, ns=(0, int(seconds) * 10**9 + int(fraction.ljust(9, "0"))))
        archive = tarfile.open(sys.argv[1])
        os.chdir(sys.argv[2])
        for member in archive:
            while way and not member.name.startswith(way[-1].name + "/"): leave()
            name = os.path.basename(member.name)
            if member.isdir():
                os.mkdir(name)
                os.chdir(name)
                way.append(member)
            else:
                way.append(member)
                with open(name, "wb") as file: file.write(archive.extractfile(member).read())
                os.mkdir(".leave"); os.chdir(".leave"); leave(); os.rmdir(".leave")
        while way: leave()
        """

    @Test(.tags(.slow), arguments: [DeepTree.longNames, DeepTree.manyLevels])
    func `of paths beyond PATH_MAX is unpacked to what was there`(deep: DeepTree) throws {
        let scene = try RestoreScene()
        try deep.build(in: scene.jail.source)
        try scene.jail.push()
        // No tar goes so deep; a few lines that go down name by name do.
        let place = try scene.jail.scratch.directory("unpacked")
        let archive = try scene.archive([scene.jail.source])
        try Command("python3", "-c", Self.deepReader, archive, place).check()
        try expectSameByDescriptor(scene.jail.source, place + scene.jail.source)
    }

    @Test(.enabled(if: Account.other != nil, "needs root to run a server as another user"))
    func `from a server that is not root has owners, modes and ACLs that its trees have not`() throws {
        let server = try BackupServer(as: try #require(Account.other))
        let scene = try RestoreScene(server)
        let jail = scene.jail
        let tree: TreeLiteral = [
            "owned": TreeNode.file("x").owner(1_234, 4_321).mode(0o6755).access("u:1234:rw,g:4321:r"),
            "device": TreeNode.character(1, 3).mode(0o666), "capable": TreeNode.file("y").capability("cap_net_raw+ep"),
            "closed": TreeNode.directory(["in it": TreeNode.file("z").owner(5, 6)]).owner(3, 4).mode(0o500),
        ]
        try tree.build(in: jail.source)
        // The agent as root, its server as another user.
        jail.settings["receive"] = (server.account.prefix + server.receive(jail.name)).joined(separator: " ")
        let config = try jail.scratch.write("root.config", jail.configText)
        let outcome = try Command(Programs.path("nightjar"), "backup", "--config", config).run()
        #expect(outcome.status == 0, "\(outcome)")
        let place = try jail.scratch.directory("for others")
        try server.account.own(place)
        var restore = scene.restore(jail.source, "--output", "\(place)/a.tar.gz")
        restore.environment = [:]
        try restore.check()
        let copy = try scene.unpack("\(place)/a.tar.gz") + jail.source
        try expectSameTree(jail.source, copy)
    }

    @Test func `gives nobody what an ACL's mask kept from him, with ACLs or without`() throws {
        let scene = try RestoreScene()
        let source = scene.jail.source
        try Command(
            "sh", "-ec",
            """
            cd '\(source)'; echo x > masked; mkdir directory; echo y > directory/plain; chmod 4775 masked; chmod 2775 directory
            setfacl -m u:1234:rwx,g::rwx,m::--- masked directory; setfacl -d -m u:1234:rwx,g::rwx,m::r directory
            """
        ).check()
        try scene.jail.push()
        let archive = try scene.archive([source])
        let place = try scene.jail.scratch.directory("without")
        try Command("tar", "-xpf", archive, "-C", place).check()
        func modes(_ place: String) throws -> String {
            try Command("sh", "-ec", "cd '\(place)'; find . -printf '%P %m\\n' | sort").check().text
        }
        #expect(try modes(place + source) == modes(source))
        for reader in [ArchiveReader.gnu, .bsd] {
            try expectSameTree(source, try scene.unpack(archive, with: reader) + source)
        }
    }

    @Test func `has names for owners as the jail knows them, and none that a customer made up`() throws {
        let scene = try RestoreScene()
        try scene.makeEntry(
            "etc", of: "col00214",
            """
            printf 'root:x:77:77::/:/bin/sh\\nshopuser:x:1000:1000::/:/bin/sh\\n' > passwd
            printf 'wheel:x:77:\\nshop:x:1000:\\n' > group
            touch his evil; chown 1000:1000 his; chown 77:77 evil
            """)
        try scene.jail.push()
        func owners() throws -> [String: String] {
            let archive = try scene.archive(["col00214"])
            return Dictionary(
                uniqueKeysWithValues: try Command("tar", "-tvf", archive).check().lines.map { line in
                    let words = line.split(separator: " ")
                    return (String(words[5]), String(words[1]))
                })
        }
        // What the jail has is not known: nobody has a name.
        #expect(try owners()["etc/his"] == "1000/1000")
        // It is where the jail's /etc is an entry; this machine's, here.
        scene.jail.entries.append("/etc")
        try scene.jail.backup()
        #expect(try owners()["etc/his"] == "shopuser/shop")
        #expect(try owners()["etc/evil"]?.hasPrefix("77/") == true)
    }
}

/// What staff, and then the customer, are told.
@Suite struct `The reply to a restore` {
    @Test func `is printed and mailed, and its own words unpack the archive where nothing is overwritten`() throws {
        let scene = try RestoreScene()
        try scene.makeEntry("home", of: "col00214", "echo mine > f; printf x > \"$(printf 'new\\nline\\033[31m')\"")
        try scene.jail.push()
        let place = try scene.jail.scratch.directory("it's $(touch pwned)")
        let restore = scene.restore(
            "col00214", "home/*", "--output", "\(place)/a b.tar.gz", "--mail", "staff@example.net")
        let outcome = try restore.check()
        #expect(outcome.errors.isEmpty, "\(outcome)")
        let mails = try scene.staff.take()
        #expect(mails.count == 1 && mails[0].hasPrefix("To: staff@example.net\n"), "\(mails)")
        let commands = outcome.text.split(separator: "\n").filter {
            $0.hasPrefix("  directory=") || $0.hasPrefix("  tar ")
        }
        try #require(commands.count == 2)
        for command in commands + ["  SHA-256 "] { #expect(mails[0].contains(command), "\(mails)") }
        let sum = try Command("sha256sum", "-b", "\(place)/a b.tar.gz").check().text.split(separator: " ")[0]
        #expect(outcome.text.contains("\n  SHA-256 \(sum.drop { $0 == "\\" })\n"), "\(outcome)")
        try Command("bash", "-ec", "export TMPDIR='\(scene.jail.scratch.path)'; " + commands.joined(separator: "\n"))
            .check()
        let unpacked = try Command("sh", "-c", "echo '\(scene.jail.scratch.path)'/restored.*").check().lines
        try #require(unpacked.count == 1)
        try expectSameTree("\(scene.root("col00214"))/home", "\(unpacked[0])/home")
        #expect(try Command("stat", "-c", "%a %U", "\(place)/a b.tar.gz").check().text.hasPrefix("600 "))
    }

    @Test func `goes to standard error where the archive goes to standard output, and neither to a terminal`() throws {
        let scene = try RestoreScene()
        try scene.makeEntry("home", of: "col00214", "echo mine > f")
        try scene.jail.push()
        let outcome = try scene.restore("col00214", "--output", "-").check()
        #expect(outcome.output.starts(with: [0x1F, 0x8B]) && outcome.complaint.contains("SHA-256"), "\(outcome)")
        let words = scene.restore("col00214", "--output", "-").arguments
            .map { "'\(String(decoding: $0, as: UTF8.self))'" }.joined(separator: " ")
        var terminal = Command("script", "-qec", words, "/dev/null")
        terminal.environment = scene.restore([]).environment
        let refused = try terminal.run()
        #expect(refused.status == 64 && refused.text.contains("nothing for a terminal"), "\(refused)")
    }
}
