import Model
import Placing
import Support

/// A customer root with what is beside it, and an archive that is to be placed in it.
struct Stage {
    static let name: Name = "restore-jail1-col1-2026-11-21.tar"
    static let second: Name = "restore-jail1-col1-2026-11-21-2.tar"
    static let content = [UInt8]("the archive".utf8)

    let scratch: Scratch
    /// The customer root; whatever else is in the scratch is not his.
    let root: String

    init(_ name: String = "col1-DIR") throws {
        scratch = try Scratch("placing")
        root = scratch["data/\(name)"]
        try Command("mkdir", "-p", root, scratch["outside/directory"]).check()
        try scratch.write("outside/secret", "secret\n")
    }

    var path: Path { Path(absolute: Array(root.utf8)) ?? Path() }

    /// Runs a script as the customer could, or a fault: `$ROOT`, `$NAME`, `$OUTSIDE` are what they say.
    @discardableResult
    func sh(_ script: String) throws -> String {
        var command = Command("sh", "-ec", script)
        command.environment = ["ROOT": root, "NAME": Stage.name.description, "OUTSIDE": scratch["outside"]]
        return try command.check().text
    }

    /// Everything below a directory: kinds, inodes, sizes, modes, targets, times, contents.
    func state(of directory: String) throws -> [Substring] {
        try Command(
            "sh", "-c",
            "cd \"$0\" && find . -xdev -printf '%p|%y|%i|%s|%m|%u|%l|%n|%T@\\n' | sort; "
                + "find . -xdev -type f -exec sha256sum {} +", directory
        ).run().lines.filter { !$0.hasPrefix(".|") }
    }

    /// Places the archive.
    /// - Parameter during: what happens once half of it is written.
    func place(
        expecting: UInt64 = 100, _ content: [UInt8] = Stage.content, as names: [Name]? = nil,
        during: () throws -> Void = {}
    ) throws -> Name {
        let placement = try Placement(in: try PlacingRoot.open(path), expecting: expecting)
        try content.prefix(content.count / 2).withUnsafeBytes { try placement.write($0) }
        try during()
        try content.dropFirst(content.count / 2).withUnsafeBytes { try placement.write($0) }
        return try placement.place(as: names ?? alternatives(to: Stage.name, ending: "tar"))
    }

    /// Why it cannot be placed; nil if it can.
    func refusal(expecting: UInt64 = 100, during: () throws -> Void = {}) throws -> PlacingError? {
        do {
            _ = try place(expecting: expecting, during: during)
            return nil
        } catch let error as PlacingError {
            return error
        }
    }
}
