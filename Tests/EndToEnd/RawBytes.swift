/// The bytes of an agent's side, put together without a rule being kept: a peer written from PROTOCOL.md, for lies.
struct RawBytes {
    var bytes: [UInt8] = []

    static let preface = Array("NIGHTJAR".utf8) + [4, 0]

    static func number(_ value: UInt64) -> [UInt8] {
        var (rest, bytes): (UInt64, [UInt8]) = (value, [])
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func text(_ value: [UInt8]) -> [UInt8] { number(UInt64(value.count)) + value }
    static func text(_ value: String) -> [UInt8] { text(Array(value.utf8)) }

    /// Four bytes, the lowest first.
    static func length(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 0xFF) } }

    /// A block of plain messages.
    static func block(_ messages: [UInt8]...) -> [UInt8] {
        let all = messages.flatMap { $0 }
        return length(UInt32(all.count)) + length(UInt32(all.count)) + all
    }

    static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type] + text(body) }

    static func hello(purpose: UInt8 = 1, backupdir: String) -> [UInt8] {
        message(1, [purpose] + text("test") + text("liar") + text(backupdir))
    }

    /// A stamp of kind `kind` (1 regular, 2 directory): mode 0755, owner 0, modified and changed at second 1, inode 5, one link.
    static func stamp(
        kind: UInt8 = 1, mode: UInt64 = 0o755, owner: UInt64 = 0, size: UInt64 = 3, nanoseconds: UInt64 = 0
    ) -> [UInt8] {
        let sized = kind == 1 || kind == 3 ? number(size) : []
        let start = [kind] + number(mode) + number(owner) + [0] + [2] + number(nanoseconds)
        return start + sized + [5, 1] + [2, 0]
    }

    /// An entry: the name as it is, whatever its length says.
    static func entry(_ name: [UInt8], _ what: [UInt8] = stamp()) -> [UInt8] {
        [UInt8(name.count & 0xFF)] + name + what
    }
    static func entry(_ name: String, _ what: [UInt8] = stamp()) -> [UInt8] { entry(Array(name.utf8), what) }

    /// A whole listing of a directory, without a digest.
    static func listing(
        of directory: UInt64 = 1, own: [UInt8] = stamp(kind: 2), count: UInt64? = nil, _ entries: [[UInt8]]
    ) -> [UInt8] {
        let head = number(directory) + [0b0111] + own + [0]
        return message(2, head + number(count ?? UInt64(entries.count)) + entries.flatMap { $0 })
    }

    static func complete(_ counts: [UInt64]) -> [UInt8] { message(11, counts.flatMap(number)) }
}
