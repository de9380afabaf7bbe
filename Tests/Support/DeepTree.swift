import Glibc

/// Directories in one another to any depth, beyond PATH_MAX too, with a file at each hundredth level.
package struct DeepTree: CustomStringConvertible, Sendable {
    /// The name of each level.
    package var name: [UInt8]
    package var levels: Int

    /// 5,000 levels of one letter: a path of 10,000 bytes.
    package static let manyLevels = DeepTree(name: Array("d".utf8), levels: 5_000)
    /// 30 levels of 250 bytes: a path of 7,530 bytes.
    package static let longNames = DeepTree(name: [UInt8](repeating: UInt8(ascii: "n"), count: 250), levels: 30)

    package var description: String { "\(levels) levels of \(name.count) bytes" }

    /// Makes it below an existing directory; rsync cannot judge it.
    package func build(in path: String) throws {
        var here = try Handle(directory: Array(path.utf8))
        for level in 1...levels {
            try call("mkdir", name) { name.withPath { mkdirat(here.raw, $0, 0o755) } }
            here = try here.directory(name)
            if level % 100 == 0 || level == levels {
                let file = try here.file(Array("file".utf8), O_WRONLY | O_CREAT | O_EXCL)
                try file.write(Array("level \(level)\n".utf8), at: 0)
            }
        }
    }
}
