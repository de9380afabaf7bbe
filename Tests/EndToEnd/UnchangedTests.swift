import Model
import Support
import Testing

/// The work of a night follows what changed: what did not costs the server nothing.
///
/// The entry lies where no other test makes or removes anything, so that the directories above it do not change either.
@Suite(.serialized) struct `What did not change` {
    private func tree(_ files: Int) -> TreeLiteral {
        TreeLiteral(
            (0..<20).compactMap { number in
                Name(Array("idle-\(number)".utf8)).map { name in
                    let inside = (0..<files / 20).compactMap { file in
                        Name(Array("still-\(file)".utf8)).map { ($0, TreeNode.file("content \(number) \(file)")) }
                    }
                    return (name, .directory(TreeLiteral(inside)))
                }
            })
    }

    private let place: Scratch

    init() throws { place = try Scratch("idle", in: "/var/tmp") }

    /// A jail with this tree, pushed once when its stamps had settled.
    private func pushed(_ tree: TreeLiteral, wrapper: [String] = []) throws -> Jail {
        let jail = try Jail(on: BackupServer(), wrapper: wrapper)
        jail.source = try place.directory("source")
        jail.entries = [jail.source]
        try tree.build(in: jail.source)
        jail.settle()
        try jail.push()
        return jail
    }

    @Test func `is not listed again, and the tree stays as it is`() throws {
        let jail = try pushed(tree(400))
        let before = try Command("stat", "-c", "%i", jail.newest).check().text
        let record = try PushRecord(jail.push("--json"))
        #expect(record["listings"] == 0, "\(record)")
        #expect(record["answers"] == 0, "\(record)")
        #expect(try Command("stat", "-c", "%i", jail.newest).check().text == before)
    }

    @Test func `costs a listing of the changed directory only, and one answer for the changed file`() throws {
        let jail = try pushed(tree(400))
        try Command("sh", "-c", "echo more >> '\(jail.source)/idle-7/still-3'").check()
        jail.settle()
        let record = try PushRecord(jail.push("--json"))
        #expect(record["listings"] == 1, "\(record)")
        #expect(record["changed"] == 1, "\(record)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `makes the server open no file of the data tree`() throws {
        let trace = place["trace"]
        let jail = try pushed(
            tree(400), wrapper: ["/usr/bin/strace", "-f", "-qq", "-o", trace, "-e", "trace=%file,getdents64"])
        try jail.push()
        let calls = try Command("cat", trace).check().lines
        #expect(!calls.isEmpty)
        let touched = calls.filter { $0.contains("still-") || $0.contains("idle-") }
        #expect(touched.isEmpty, "\(touched.prefix(10))")
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `has no attributes read, nor does what lies beside a change`() throws {
        let jail = try pushed(tree(400))
        /// What of the entry is asked for its attributes.
        func looked(at calls: [TracedCall]) -> Set<String> {
            Set(
                calls.filter { $0.name.contains("xattr") }.compactMap { call in
                    call.description.split(separator: "<").dropFirst().first?.split(separator: ">").first
                }.filter { $0.hasPrefix(jail.source) }.map(String.init))
        }
        let calls = "flistxattr,fgetxattr,llistxattr,lgetxattr,listxattr,getxattr"
        #expect(try looked(at: jail.trace(calls)).isEmpty)
        try Command("sh", "-c", "chmod 600 '\(jail.source)/idle-7/still-3'").check()
        jail.settle()
        #expect(try looked(at: jail.trace(calls)) == ["\(jail.source)/idle-7/still-3"])
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `but moved to another directory crosses neither network nor disk again`() throws {
        let jail = try pushed([
            "from": ["large": .file(bytes: [UInt8](repeating: 7, count: 2_000_000)), "other": "x"], "to": [:],
        ])
        let before = try Command("stat", "-c", "%i", "\(jail.copy)/from/large").check().text
        try Command("mv", "\(jail.source)/from/large", "\(jail.source)/to/moved").check()
        jail.settle()
        let record = try PushRecord(jail.push("--json"))
        #expect(record["content_bytes"] == 0, "\(record)")
        #expect(try Command("stat", "-c", "%i", "\(jail.copy)/to/moved").check().text == before)
        try expectSameTree(jail.source, jail.copy)
    }
}
