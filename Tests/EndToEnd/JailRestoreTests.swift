import Glibc
import Support
import Testing

/// `nightjar restore`, over a real sshd: what is placed where, and what is said.
@Suite(.enabled(if: SSHServer.program != nil)) struct `Restoring from the jail` {
    private let scene: CustomerScene
    private var jail: Jail { scene.jail }

    init() throws {
        scene = try CustomerScene()
        try scene.makeEntry("etc", of: "col1", "echo one > passwd; echo secret > shadow")
        try scene.makeEntry("usr/home", of: "col1", "mkdir bob; echo bob > bob/f; echo x > x")
        try scene.makeEntry("usr/home", of: "col2", "echo two > f")
        try Command("mkdir", "-p", jail.scratch["own"]).check()
        try jail.scratch.write("own/conf", "the jail's")
        jail.entries.append(jail.scratch["own"])
        try jail.push()
    }

    /// The names in an archive, and the files' contents.
    private func content(_ archive: String) throws -> String {
        let names = try Command("tar", "-tf", archive).check().text
        return try names + Command("tar", "-xOf", archive).check().text
    }

    private func archive(_ customer: String) throws -> String {
        let names = try scene.archives(customer)
        #expect(names.count == 1, "\(names)")
        return "\(scene.root(customer))/\(names.first ?? "")"
    }

    @Test func `each customer gets an archive of his own in his root, with nothing of another in it`() throws {
        let outcome = try scene.restore("col1", "usr/home/bob", "etc/pass*", "col2", "--no-hold")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            try content(archive("col1")).split(separator: "\n").sorted() == [
                "bob", "etc/", "etc/passwd", "one", "usr/", "usr/home/", "usr/home/bob/", "usr/home/bob/f",
            ])
        #expect(try content(archive("col2")) == "usr/\nusr/home/\nusr/home/f\ntwo\n")
        #expect(try jail.server.server(["nights", jail.name, "-ms"]).check().lines.count == 1)
        for (name, words, other) in [("col1", "usr/home/bob etc/pass*", "col2"), ("col2", "", "col1")] {
            let asked = "is ready: \(name)\(words.isEmpty ? "" : " \(words)")\n"
            let reply = try #require(outcome.text.split(separator: "What was asked").first { $0.contains(asked) })
            let archive = try archive(name).split(separator: "/").last ?? ""
            #expect(reply.contains("\n  on your own system: /\(archive)\n"), "\(reply)")
            #expect(reply.contains("\n  tar -xpzf /\(archive) ") && !reply.contains(other), "\(reply)")
        }
    }

    @Test func `a path of the jail is its customer's, and one that is nobody's wants a place`() throws {
        let outcome = try scene.restore("\(scene.root("col2"))/usr/home/f", "--format", "tar")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            try archive("col2").hasSuffix(".tar") && content(archive("col2")) == "usr/\nusr/home/\nusr/home/f\ntwo\n")
        let own = try scene.restore(jail.scratch["own/conf"])
        #expect(own.status == 64 && own.complaint.contains("lies in no customer root"), "\(own)")
        let place = try jail.scratch.directory("place")
        try Command("ln", "-s", place, jail.scratch["link"]).check()
        let link = try scene.restore(jail.scratch["own/conf"], "--into", jail.scratch["link"])
        #expect(link.status == 73 && link.complaint.contains("is a symlink"), "\(link)")
        #expect(try scene.restore(jail.scratch["own/conf"], "col2", "--into", place).status == 0)
        let placed = try Command("ls", place).check().lines
        #expect(placed.count == 2)
        #expect(try placed.contains { try content("\(place)/\($0)").hasSuffix("/own/conf\nthe jail's") })
    }

    @Test func `what a customer has on one of his disks is not missed on the other`() throws {
        let other = scene.root("col2").replacing("data1", with: "data2")
        try Command("sh", "-ec", "mkdir -p '\(other)/srv'; echo x > '\(other)/srv/x'").check()
        jail.entries.append("\(other)/srv")
        try jail.push()
        func archives(in root: String) throws -> Int {
            try Command("ls", root).check().lines.count { $0.hasPrefix("restore-") }
        }
        #expect(try scene.restore("col2", "usr/home/f").status == 0)
        #expect(try archives(in: scene.root("col2")) == 1 && archives(in: other) == 0)
        let both = try scene.restore("col2", "usr/home/f", "srv/x")
        #expect(both.status == 0, "\(both)")
        #expect(try archives(in: scene.root("col2")) == 2 && archives(in: other) == 1)
        let none = try scene.restore("col2", "usr/home/f", "no")
        #expect(none.status == 1 && none.complaint.contains("/no is not in night 0"), "\(none)")
        #expect(try archives(in: scene.root("col2")) == 2 && archives(in: other) == 1)
    }

    @Test func `an archive goes into a file that is not there yet, or to standard output`() throws {
        let file = jail.scratch["out.tar"]
        #expect(try scene.restore("col2", "--output", file).status == 0)
        #expect(try content(file) == "usr/\nusr/home/\nusr/home/f\ntwo\n" && scene.archives("col2").isEmpty)
        let again = try scene.restore("col2", "--output", file)
        #expect(
            again.status == 73 && again.complaint.contains("out.tar exists; name another file with --output"),
            "\(again)")
        let piped = try scene.restore("col2", "--output", "-", "--format", "tar")
        #expect(piped.status == 0 && piped.complaint.contains("standard output"), "\(piped)")
        #expect(piped.output.count % 512 == 0 && piped.text.contains("usr/home/f"))
        #expect(!piped.complaint.contains("tar -"), "\(piped)")
    }

    @Test func `a second archive of a day gets another name, and the first stays what it is`() throws {
        for _ in 1...3 { #expect(try scene.restore("col2").status == 0) }
        let names = try scene.archives("col2")
        #expect(names.count == 3 && names.filter { $0.hasSuffix("-2.tar.gz") || $0.hasSuffix("-3.tar.gz") }.count == 2)
        #expect(try scene.sh("col2", "sha256sum restore-* | cut -c 1-64 | uniq | wc -l") == "1\n")
    }

    @Test func `what would be done is told, as on the server, and nothing is`() throws {
        let before = try scene.state("col1")
        let config = try jail.scratch.write(
            "server.conf", "customer-roots=\(jail.scratch.path)/mnt/data*/*-DIR\n")
        for form in [["--list"], ["--list", "--json"], ["--dry-run"], ["--dry-run", "--json"]] {
            let words = ["restore", jail.name, "col1"] + form
            var staff = jail.server.server(words)
            staff.environment["NIGHTJAR_SERVER_CONFIG"] = config
            let ours = try scene.nightjar(["restore", "col1"] + form).run()
            #expect(try ours.status == 0 && ours.output == staff.check().output, "\(form): \(ours)")
        }
        #expect(try scene.nightjar(["restore", "col1", "--list", "-0"]).check().text.hasPrefix("etc\0etc/passwd\0"))
        #expect(try scene.state("col1") == before)
        #expect(try jail.server.server(["nights", jail.name, "-ms"]).check().lines.count == 1)
    }

    @Test func `what is not there is named, and ends in 1; what cannot be meant, in 64`() throws {
        for (words, complaint) in [
            (["col9"], "no entry lies in the root of such a customer"),
            (["col1", "etc/no", "usr/home/bob"], "etc/no is not in night 0; no night and no hold has it\n"),
            (["col1", "etc/no", "no"], "no hold has it\nnightjar: \(scene.root("col1"))/no is not"),
            (["col1", "--night", "5"], "has no night 5\nnightjar: nightjar nights lists what there is"),
            (["col1", "--date", "2001-01-01"], "has no night that was pushed by then"),
        ] {
            let outcome = try scene.nightjar(["restore"] + words).run()
            #expect(outcome.status == 1 && outcome.complaint.contains(complaint), "\(words): \(outcome)")
        }
        for words in [
            [], ["col1", "--night", "0", "--date", "2026-01-01"], ["col1", "--format", "zip"], ["col1", "--hold", "0"],
            ["col1", "--output", "/x", "--into", "/y"], ["col1", "etc/../x"], ["usr/home"], ["col1", "--output", "/"],
            ["col1", "/etc/passwd", "--output", jail.scratch["never"]], ["col1", "--output", ""],
            ["col1", "--into", ""],
            ["col1", "--mail", "a b"], ["col1", "--mail", ""], ["col1", "-ms"], ["col1", "--dry-run", "-0"],
            ["col1", "--list", "--output", "x"], ["col1", "--dry-run", "--mail", "a@b"],
        ] {
            #expect(try scene.nightjar(["restore"] + words).run().status == 64, "\(words)")
        }
        for words in [["--hold", "9"], ["--no-hold"], ["--damaged"], ["--format", "tar"]] {
            for only in ["--list", "--dry-run"] {
                let outcome = try scene.nightjar(["restore", "col1", only] + words).run()
                #expect(outcome.status == 64, "\(only) \(words): \(outcome)")
                #expect(
                    outcome.complaint.contains("\(words[0]) is not for --list and --dry-run, which make no archive"),
                    "\(outcome)")
            }
        }
        for words in [["--into", "/nodir"], ["--output", "/nodir/x"]] {
            let outcome = try scene.nightjar(["restore", "col1"] + words).run()
            #expect(outcome.status == 73, "\(outcome)")
            #expect(outcome.complaint.contains("/nodir: No such file or directory: name a directory that is there"))
        }
        #expect(try scene.archives("col1").isEmpty)
    }

    @Test func `damage is named, and leaves no archive unless it is asked for`() throws {
        _ = try jail.waitUntilUnserved()
        try Command(
            "sh", "-ec",
            "f='\(jail.newest)\(scene.root("col1"))/usr/home/bob/f'; t=$(stat -c %y \"$f\"); echo BOB > \"$f\"; touch -d \"$t\" \"$f\""
        ).check()
        let outcome = try scene.restore("col1")
        #expect(outcome.status == 65 && outcome.complaint.contains("usr/home/bob/f: damaged"), "\(outcome)")
        #expect(outcome.complaint.contains("nothing is left of the archive"))
        #expect(try scene.archives("col1").isEmpty)
        // Though what comes after it only cannot be mailed.
        jail.settings["sendmail"] = "/bin/false"
        let first = try scene.restore("col1", "col2", "--mail", "bob@example.net")
        #expect(first.status == 65 && first.complaint.contains("the reply was not mailed"), "\(first)")
        let kept = try scene.restore("col1", "--damaged", "--json")
        #expect(kept.status == 65 && kept.text.contains(#""damaged_count":1"#), "\(kept)")
        #expect(try scene.archives("col1").count == 1)
    }

    @Test func `the reply is mailed where it was asked for, and the night held as long as that`() throws {
        let box = jail.scratch["mail"]
        jail.settings["sendmail"] = try jail.scratch.write("sendmail", "#!/bin/sh\ncat > '\(box)'\n", mode: 0o755)
        let outcome = try scene.restore("col2", "--mail", "bob@example.net", "--hold", "3")
        #expect(outcome.status == 0, "\(outcome)")
        let mail = try Command("cat", box).check().text
        #expect(mail.contains("\nTo: bob@example.net\n") || mail.hasPrefix("To: bob@example.net\n"), "\(mail)")
        #expect(mail.contains(try scene.sh("col2", "sha256sum restore-*").prefix(64)))
        let until = try #require(outcome.text.firstMatch(of: /is kept until (.*), should/)?.1)
        let made = try Command("stat", "-c", "%Y", "\(scene.root("col2"))/\(scene.archives("col2")[0])").check().text
        let end = try Command("date", "-d", String(until), "+%s").check().text
        let seconds = try #require(Int(end.dropLast())) - #require(Int(made.dropLast()))
        #expect(abs(seconds - 3 * 86_400) < 3600, "\(until)")
        let day = try Command("date", "-d", String(until), "+%Y-%m-%d").check().text.dropLast()
        #expect(try jail.server.server(["nights", jail.name]).check().text.contains(day))
    }

    @Test func `the reply has its own words where the admin's templates have none, and is read before anything`() throws
    {
        let templates = try jail.scratch.directory("templates")
        var restore = try scene.nightjar(["restore", "col2", "--no-hold"])
        restore.environment["NIGHTJAR_TEMPLATES"] = templates
        let outcome = try restore.check()
        #expect(outcome.text.contains("  SHA-256 ") && outcome.errors.isEmpty, "\(outcome)")
        try jail.scratch.write("templates/restore-ready.mustache", "{{#held}}")
        let broken = try restore.run()
        #expect(broken.status == 74 && broken.complaint.contains("restore-ready.mustache"), "\(broken)")
        #expect(try scene.archives("col2").count == 1)
    }

    @Test func `an archive comes although the night cannot be held, which is said`() throws {
        let lock = "\(jail.server.data)/\(jail.name)/.nightjar/lock"
        _ = try jail.waitUntilUnserved()
        let other = "printf 'housekeeping: restore' > '\(lock)'; flock '\(lock)' sh -c 'echo held; sleep 100'"
        let holder = try Command("sh", "-c", other).start()
        #expect(try eventually { try !holder.outputSoFar().isEmpty })
        let outcome = try scene.restore("col2")
        #expect(
            outcome.status == 1 && outcome.complaint.contains("the night is not held: nightjar-server hold"),
            "\(outcome)")
        #expect(try scene.archives("col2").count == 1)
    }

    @Test func `a jail cannot have the server's disk filled with holds`() throws {
        _ = try jail.waitUntilUnserved()
        #expect(try scene.restore("col2").status == 0)
        for number in 1...19 {
            let name = "restore-\(number)"
            try jail.server.server(["hold", jail.name, jail.scratch["own"], "--name", name]).check()
        }
        let again = try scene.restore("col2", "--hold", "20")
        #expect(again.status == 0 && again.text.contains("is kept until"), "\(again)")
        let outcome = try scene.restore("col1")
        #expect(outcome.status == 1 && outcome.complaint.contains("20 parts of nights are held"), "\(outcome)")
        #expect(try jail.server.server(["nights", jail.name, "-ms"]).check().lines.count == 21)
        #expect(try scene.restore("col1", "--no-hold").status == 0)
        let long = try scene.restore("col2", "--hold", "367")
        #expect(long.status == 64 && long.complaint.contains("for 366 days"), "\(long)")
    }

    @Test func `the key of a jail restores nothing of another`() throws {
        let other = try Jail("other", on: jail.server)
        try other.push()
        jail.settings["backupdir"] = "\(jail.server.data)/\(other.name)"
        let outcome = try scene.restore(other.source, "--output", jail.scratch["stolen"])
        #expect(outcome.status == 78 && outcome.complaint.contains("this key is for"), "\(outcome)")
        #expect(try Command("test", "-e", jail.scratch["stolen"]).run().status == 1)
    }
}
