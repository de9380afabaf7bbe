import Model

/// A tree written down where it is needed:
///
///     let tree: TreeLiteral = [
///         "passwd": .file("root:x:0:0").mode(0o4755).modified(-1, 5),
///         "run": ["fifo": .fifo, "log": .symlink("/dev/log")],
///         Name([0xFF])!: .hardLink(to: "passwd"),
///     ]
///     try tree.build(in: path)
///
/// Hard links name a file of the same tree by its path from the tree's root.
package struct TreeLiteral: ExpressibleByDictionaryLiteral, Sendable {
    package var entries: [(Name, TreeNode)]

    package init(dictionaryLiteral elements: (Name, TreeNode)...) { entries = elements }
    package init(_ entries: [(Name, TreeNode)]) { self.entries = entries }

    package static func + (left: TreeLiteral, right: TreeLiteral) -> TreeLiteral {
        TreeLiteral(left.entries + right.entries)
    }
}

/// Data of a file between holes.
package struct Piece: Sendable {
    package var offset: Int64
    package var bytes: [UInt8]

    package init(_ offset: Int64, _ bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }
}

/// One file of a literal, with what it carries.
package struct TreeNode: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral, Sendable {
    package enum Content: Sendable {
        /// Data at offsets; all else up to `length` is a hole.
        case file([Piece], length: Int64)
        case directory(TreeLiteral)
        case symlink([UInt8])
        case fifo
        case socket
        case device(FileKind, major: UInt32, minor: UInt32)
        case hardLink([UInt8])
    }

    package var content: Content
    package var mode: UInt16?
    package var owner: (UInt32, UInt32)?
    package var modified: Timestamp?
    package var attributes: [(name: String, value: String)] = []
    /// As `setfacl -m` takes it.
    package var accessList: String?
    package var defaultList: String?
    /// As `setcap` takes it.
    package var capability: String?

    package init(_ content: Content) { self.content = content }
    package init(dictionaryLiteral elements: (Name, TreeNode)...) { content = .directory(TreeLiteral(elements)) }
    package init(stringLiteral text: String) { self = .file(text) }

    package static func file(_ text: String) -> TreeNode { file(bytes: Array(text.utf8)) }
    package static func file(bytes: [UInt8]) -> TreeNode {
        sparse(bytes.isEmpty ? [] : [Piece(0, bytes)], length: Int64(bytes.count))
    }
    package static func sparse(_ data: [Piece], length: Int64) -> TreeNode {
        TreeNode(.file(data, length: length))
    }
    package static func directory(_ tree: TreeLiteral) -> TreeNode { TreeNode(.directory(tree)) }
    package static func symlink(_ target: String) -> TreeNode { TreeNode(.symlink(Array(target.utf8))) }
    package static func symlink(bytes: [UInt8]) -> TreeNode { TreeNode(.symlink(bytes)) }
    package static var fifo: TreeNode { TreeNode(.fifo) }
    package static var socket: TreeNode { TreeNode(.socket) }
    package static func character(_ major: UInt32, _ minor: UInt32) -> TreeNode {
        TreeNode(.device(.characterDevice, major: major, minor: minor))
    }
    package static func block(_ major: UInt32, _ minor: UInt32) -> TreeNode {
        TreeNode(.device(.blockDevice, major: major, minor: minor))
    }
    package static func hardLink(to path: String) -> TreeNode { TreeNode(.hardLink(Array(path.utf8))) }

    package func mode(_ mode: UInt16) -> TreeNode { with { $0.mode = mode } }
    package func owner(_ owner: UInt32, _ group: UInt32) -> TreeNode { with { $0.owner = (owner, group) } }
    package func modified(_ seconds: Int64, _ nanoseconds: UInt32 = 0) -> TreeNode {
        with { $0.modified = Timestamp(seconds: seconds, nanoseconds: nanoseconds) }
    }
    package func attribute(_ name: String, _ value: String) -> TreeNode { with { $0.attributes.append((name, value)) } }
    package func access(_ list: String) -> TreeNode { with { $0.accessList = list } }
    package func inherited(_ list: String) -> TreeNode { with { $0.defaultList = list } }
    package func capability(_ capability: String) -> TreeNode { with { $0.capability = capability } }

    private func with(_ change: (inout TreeNode) -> Void) -> TreeNode {
        var copy = self
        change(&copy)
        return copy
    }
}
