import Configuration
import Model
import Testing

@testable import Editing

private let needed = "backupdir=/data/jail\nserver=backup1\n"

private func review(_ text: String, missing: [String] = [], links: [String] = []) -> Review {
    do throws(ConfigError) {
        let config = try BackupConfig.parse(Array((needed + text).utf8), file: Array("/c".utf8))
        let issues = config.entries.compactMap { entry -> Model.Issue? in
            let path = entry.path.description
            let reason: Model.Issue.Reason? = missing.contains(path) ? .missing : links.contains(path) ? .symlink : nil
            return reason.map { Model.Issue(path: entry.path.bytes, reason: $0, detail: "so it is", line: entry.line) }
        }
        return Review(config, issues: issues)
    } catch {
        return Review(error)
    }
}

@Suite struct `A review` {
    @Test(
        arguments: [
            ("## ENTRY /a\n", [], .good),
            ("unknown=1\n## ENTRY /a\n", [.doubtful], .good),
            ("## ENTRY /gone\n", [.missing], .missing),
            ("## ENTRY /link\n", [.unreachable], .refused),
            ("## ENTRY /gone\n## ENTRY /link\n", [.missing, .unreachable], .refused),
            ("## ENTRY /a\n## ENTRY /a\n", [.redundant], .refused),
            ("## ENTRY /a\n## ENTRY /a/b\n", [.redundant], .refused),
            ("## ENTRY /a --one-file-system\n## ENTRY /a/b\n", [], .good),
            ("## ENTRY a\nserver\n", [.invalid, .invalid], .refused),
            ("## ENTRY /gone\nport=x\n", [.invalid], .refused),
        ] as [(String, [Review.Kind], Review.Verdict)])
    func `of a new config has a verdict`(text: String, kinds: [Review.Kind], verdict: Review.Verdict) {
        let review = review(text, missing: ["/gone"], links: ["/link"])
        #expect(review.findings.map(\.kind) == kinds)
        #expect(Review.verdict(on: review.arising(after: .nothing)) == verdict)
    }

    @Test(
        arguments: [
            // What was wrong before, wherever it stands now.
            ("## ENTRY /gone\n", "## ENTRY /a\n\n## ENTRY /gone\n", .good),
            ("## ENTRY /link\n", "## ENTRY /a\n## ENTRY /link\n", .good),
            ("## ENTRY /a\n## ENTRY /a/b\n", "x=1\n## ENTRY /a\n## ENTRY /a/b\n", .good),
            ("x=1\n## ENTRY /a\n", "## ENTRY /a\nx=1\ny=1\n", .good),
            // Another trouble.
            ("## ENTRY /gone\n", "## ENTRY /gone\n## ENTRY /gone/too\n", .refused),
            ("## ENTRY /link\n", "## ENTRY /gone\n", .missing),
            ("## ENTRY /a/b\n", "## ENTRY /a\n## ENTRY /a/b\n", .refused),
            // What cannot be read is never installed.
            ("server\n", "server\n", .refused),
        ] as [(String, String, Review.Verdict)])
    func `judges what a change brought`(before: String, after: String, verdict: Review.Verdict) {
        let (gone, links) = (["/gone", "/gone/too"], ["/link"])
        let found = review(after, missing: gone, links: links)
            .arising(after: review(before, missing: gone, links: links))
        #expect(Review.verdict(on: found) == verdict, "\(found)")
    }

    @Test func `names line, path and remedy, escaped`() {
        let lines = review("## ENTRY /a\u{1B}b\n## ENTRY a\n").findings.map { $0.problem.text(in: Array("/c".utf8)) }
        #expect(lines == ["/c:4: an entry wants an absolute path, not a; begin it with /"])
        let link = review("## ENTRY /a\u{1B}b\n", links: ["/a\\eb"]).findings.map { $0.problem.text(in: [99]) }
        #expect(link == ["c:3: /a\\eb: so it is"])
    }
}

@Suite struct `Kept versions` {
    private func kept(_ names: [String]) throws -> KeptVersions {
        KeptVersions(of: "c", among: try names.map { try #require(Name(Array($0.utf8))) })
    }

    @Test func `are told from what only looks like them, and ordered by number`() throws {
        let kept = try kept([
            "c.~10~", "c.~9~", "c.~~", "c.~0~", "c.~01~", "c.~x~", "c~", "b.~3~", "c.~99999999999999999999~",
        ])
        #expect(kept.versions == ["c.~9~", "c.~10~"])
        #expect(kept.next == "c.~11~")
        #expect(try self.kept([]).next == "c.~1~")
    }

    @Test func `are ten, the newest`() throws {
        let kept = try kept((3...14).map { "c.~\($0)~" })
        #expect(Array(kept.obsolete) == ["c.~3~", "c.~4~"])
        #expect(try self.kept((1...10).map { "c.~\($0)~" }).obsolete.isEmpty)
    }
}

@Suite struct `A search for entries` {
    @Test(
        arguments: [
            ("col00214", "## ENTRY /mnt/data1/69.55.238.98-col00214-DIR", true),
            ("col00214", "## ENTRY /mnt/data1/69.55.238.98-col002145-DIR", false),
            ("col00214", "## ENTRY /mnt/data1/xcol00214", false),
            ("col00214", "## ENTRY /mnt/xcol00214/col00214", true),
            ("col", "## ENTRY /mnt/col00214", true),
            ("^## ENTRY /etc( |$)", "## ENTRY /etc --one-file-system", true),
            ("^## ENTRY /etc( |$)", "## ENTRY /etcetera", false),
            ("data[12]/(a|b)+$", "## ENTRY /data2/abba", true),
            ("a{2}", "## ENTRY /baab", true),
        ] as [(String, String, Bool)])
    func `finds a customer as a word, and anything else as an extended regular expression`(
        pattern: String, line: String, isFound: Bool
    ) throws {
        let search = try EntrySearch(Array(pattern.utf8))
        let matches = search.matches(Array(line.utf8))
        #expect(matches == isFound)
    }

    @Test func `takes each byte for a character, whatever it is`() throws {
        let search = try EntrySearch(Array("^x.y$".utf8))
        for byte in UInt8(1)...UInt8.max {
            let matches = search.matches([0x78, byte, 0x79])
            #expect(matches, "\(byte)")
        }
        let single = try EntrySearch([0xE9])
        let matches = single.matches(Array("caf".utf8) + [0xE9])
        #expect(matches)
    }

    @Test func `says why a pattern is none`() {
        let search = Result { () throws(RegularExpression.Refusal) in _ = try EntrySearch(Array("(a".utf8)) }
        #expect(throws: RegularExpression.Refusal(reason: "Unmatched ( or \\(")) { try search.get() }
    }
}
