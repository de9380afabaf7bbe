import Support
import Testing

/// What staff do all day, from the customer's mail to the tarball in his root.
@Suite(.enabled(if: SSHServer.program != nil)) struct `From a customer's mail to a tarball in his root` {
    /// A customer's home: a site, and much beside it.
    private let home = """
        mkdir -p bob/site/img 'bob/site/my files' bob/else
        echo hello > bob/site/index.html; ln bob/site/index.html bob/site/start; ln -s index.html bob/site/link
        head -c 300000 /dev/urandom > bob/site/img/logo; chmod 2750 bob/site
        printf x > "$(printf 'bob/site/new\\nline\\351')"; echo mail > bob/inbox
        for n in $(seq 20); do head -c 40000 /dev/urandom > bob/else/$n; done
        """

    @Test func `a directory deleted on day 3 is found, restored from night 4, and unpacked to what was there`() throws {
        let scene = try CustomerScene()
        try scene.makeEntry("usr/home", of: "col00214", home)
        try scene.makeEntry("usr/home", of: "col00377", "mkdir anna; echo hers > anna/diary")

        for day in 1...7 {
            try scene.sh("col00214", "echo \(day) >> usr/home/bob/inbox")
            try scene.sh("col00377", "echo \(day) >> usr/home/anna/diary")
            try scene.live(daysBefore: 7 - day)
            if day == 3 { try scene.sh("col00214", "mv usr/home/bob/site '\(scene.jail.scratch["as it was"])'") }
        }
        let theirs = try scene.state("col00377")
        let mine = try scene.state("col00214")

        // What is saved of him, and which nights have it?
        let entries = try scene.nightjar(["gb", "col00214"]).check().text
        #expect(entries == "## ENTRY \(scene.root("col00214"))/usr/home\n")
        let path = "\(scene.root("col00214"))/usr/home/bob/site"
        let versions = try scene.nightjar(["versions", "\(path)/index.html", "-ms"]).check().lines
        #expect(versions.count == 1 && versions[0].hasPrefix("4,5,6||6|"), "\(versions)")
        let found = try scene.nightjar(["find", "site", "-ms"]).check().text
        #expect(found == "4,5,6||\(path)\n")
        let early = try scene.restore("col00214", "usr/home/bob/site", "--night", "3")
        #expect(early.status == 1 && early.complaint.contains("it is in night 4, night 5, night 6"), "\(early)")

        // Have it placed.
        let outcome = try scene.nightjar(["restore", "col00214", "usr/home/bob/site", "--night", "4"]).check()
        let archives = try scene.archives("col00214")
        #expect(archives.count == 1)
        let archive = try #require(archives.first)
        #expect(archive.hasPrefix("restore-\(scene.jail.name)-col00214-20") && archive.hasSuffix(".tar.gz"))
        #expect(try scene.sh("col00214", "stat -c '%a %u' restore-*") == "600 \(scene.jail.account.identifier)\n")

        // The reply says where it lies, and what it is.
        let sum = try scene.sh("col00214", "sha256sum restore-*").prefix(64)
        #expect(outcome.text.contains("\(scene.root("col00214"))/\(archive)\n") && outcome.text.contains(sum))

        // He does what the reply says, in a directory that has nothing else. His root is `/` to him, and not to us.
        let lines = outcome.lines.map { $0.drop(while: { $0 == " " }) }
        let steps = lines.filter { $0.hasPrefix("directory=") || $0.hasPrefix("tar ") }
            .map { $0.replacing(" /\(archive)", with: " \(scene.root("col00214"))/\(archive)") }
        #expect(steps.count == 2)
        let place = try scene.jail.scratch.directory("temporary")
        try Command("sh", "-ec", "export TMPDIR='\(place)'; \(steps.joined(separator: "\n"))").check()
        let unpacked = try #require(try Command("ls", place).check().lines.first)
        #expect(try Command("ls", "-A", "\(place)/\(unpacked)/usr/home/bob").check().text == "site\n")
        try expectSameTree(scene.jail.scratch["as it was"], "\(place)/\(unpacked)/usr/home/bob/site")

        // Nobody else's was touched, and of his own nothing but the one name is new.
        #expect(try scene.state("col00377") == theirs)
        try scene.sh("col00214", "rm restore-*")
        func settled(_ state: String) -> [Substring] { state.split(separator: "\n").filter { !$0.hasPrefix(". ") } }
        #expect(try settled(scene.state("col00214")) == settled(mine))

        // The night is held for him.
        let held = try scene.nightjar(["nights", "-ms"]).check().lines.filter { $0.contains("restore-col00214") }
        #expect(held.count == 2 && held[0].contains("|4|"), "\(held)")
    }
}
