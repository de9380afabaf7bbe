import Model
import Support
import Testing

extension `What did not change` {
    /// `backup --dry-run`: what the next push would send, and nothing else happens.
    ///
    /// Beside the tests of what did not change, for the same reason: nothing else moves above the entry.
    @Suite(.serialized) struct `by the word of a dry run` {
        private let place: Scratch

        init() throws { place = try Scratch("rehearsed", in: "/var/tmp") }

        private func jail() throws -> Jail {
            let jail = try Jail(on: BackupServer())
            jail.source = try place.directory("source")
            jail.entries = [jail.source]
            let tree: TreeLiteral = [
                "same": ["a": "1", "b": "2"], "gone": "x", "edited": "before", "touched": "as it was",
                "linked": "shared", "name": .hardLink(to: "linked"), "closed": TreeNode.file("x").mode(0o600),
            ]
            try tree.build(in: jail.source)
            jail.settle()
            return jail
        }

        private func change(_ jail: Jail) throws {
            let program = """
                cd '\(jail.source)'; rm gone; echo after, and longer > edited; touch touched; chmod 644 closed
                echo more >> linked; mkdir -p new/empty; echo y > new/file; ln new/file new/again; ln -s new link
                mv same/b same/c
                """
            try Command("sh", "-c", program).check()
            jail.settle()
        }

        /// Everything on the server that a dry run must leave alone.
        private func state(of jail: Jail) throws -> String {
            // Where a database is opened, files come and go beside it; that is all.
            let program = """
                cd '\(jail.server.data)/\(jail.name)'; find 0 -printf '%p %i %m %T@ %C@ %s\\n' | sort
                find . -path ./0 -prune -o -printf '%p %i %m\\n' | grep -v -e '-shm ' -e '-wal ' | sort
                sqlite3 .nightjar/catalog.sqlite .dump
                """
            return try Command("sh", "-ec", program).check().text
        }

        @Test(.enabled(if: isInstalled("sqlite3"), "needs sqlite3 to look into the catalog"))
        func `is exactly what the next push is asked for, and is changed by nothing`() throws {
            let jail = try jail()
            for isFirst in [true, false] {
                if !isFirst { try change(jail) }
                let before = isFirst ? nil : try state(of: jail)
                let plain = try jail.push("--dry-run")
                let lines = try jail.push("--dry-run", "--json").lines
                if let before { #expect(try state(of: jail) == before) }
                #expect(try isFirst == (Command("test", "-e", jail.newest).run().status != 0))
                let record = try PushRecord(jail.push("--json"))
                #expect(lines.last?.contains("\"outcome\":\"rehearsed\"") == true, "\(lines)")
                #expect(lines.count - 1 == plain.lines.count, "\(plain)")
                let gone = lines.filter { $0.contains("\"send\":\"gone\"") }
                #expect(lines.count - 1 - gone.count == record["answers"], "\(plain)\n\(record)")
                #expect(isFirst ? gone.isEmpty : gone.count == record["removed"], "\(plain)\n\(record)")
                let sent = lines.dropLast().filter { $0.contains("\"send\":\"content\"") }
                let bytes = sent.compactMap { PushRecord(text: String($0))["bytes"] }.reduce(0, +)
                #expect(bytes == record["content_bytes"], "\(plain)\n\(record)")
            }
            try expectSameTree(jail.source, jail.copy)
        }

        @Test func `names what would go, a whole entry as one line`() throws {
            let jail = try jail()
            let other = try place.directory("other")
            try (["a": ["b": "c"], "d": "e"] as TreeLiteral).build(in: other)
            jail.entries.append(other)
            try jail.push()
            func leaving() throws -> [String] {
                try jail.push("-n").lines.filter { $0.hasPrefix("remove ") }.compactMap {
                    $0.split(separator: " ").last
                }
                .map(String.init)
            }
            #expect(try leaving() == [])
            jail.entries = ["\(jail.source)/same", "\(other)/typo"]
            try Command("mkdir", "\(other)/typo").check()
            #expect(
                try Set(leaving())
                    == Set(
                        ["gone", "edited", "touched", "linked", "name", "closed"].map { "\(jail.source)/\($0)" }
                            + ["\(other)/a", "\(other)/d"]))
            // A file in the place of a directory, and a directory in that of a file.
            jail.entries = [jail.source, other]
            let retype = "rm -r '\(other)/a'; echo x > '\(other)/a'; rm '\(other)/d'; mkdir '\(other)/d'"
            try Command("sh", "-c", retype).check()
            #expect(try Set(leaving()) == ["\(other)/a", "\(other)/d"])
            jail.entries = [jail.source]
            #expect(try leaving() == [other])
            try jail.push()
            #expect(try Command("test", "-e", jail.newest + other).run().status != 0)
        }

        @Test func `is each name with what is sent of it, escaped`() throws {
            let jail = try jail()
            try jail.push()
            try change(jail)
            try Command("sh", "-c", "echo x > '\(jail.source)/red\u{1B}[31m'").check()
            let outcome = try jail.push("-n")
            let words = outcome.lines.map { $0.split(separator: " ", omittingEmptySubsequences: true) }
            let verbs = Dictionary(words.map { (String($0.last ?? ""), String($0.first ?? "")) }) { $1 }
            func verb(_ name: String) -> String? { verbs["\(jail.source)/\(name)"] }
            #expect(verb("edited") == "send" && verb("linked") == "send" && verb("new/again") == "send", "\(outcome)")
            #expect(verb("touched") == "compare" && verb("closed") == "compare", "\(outcome)")
            #expect(verb("link") == "attributes" && verb("new/empty") == "attributes", "\(outcome)")
            // Of an inode one name is asked for.
            #expect(verb("new/file") == nil && verb("name") == nil, "\(outcome)")
            #expect(verb("same/a") == nil, "\(outcome)")
            #expect(verb("gone") == "remove" && verb("same/b") == "remove", "\(outcome)")
            #expect(verb("red\\e[31m") == "send" && !outcome.output.contains(0x1B), "\(outcome)")
        }
    }
}
