import Delta
import Digest

/// A basis, what its signature finds in a content, and what that amounts to.
struct Found {
    var literals: [(offset: UInt64, bytes: [UInt8])] = []
    var copies: [DeltaSearch.Copy] = []
    var reads: UInt64 = 0
    var inVain: UInt64 = 0
    /// Made again from basis, literals and copies.
    var content: [UInt8] = []

    var literalBytes: Int { literals.reduce(0) { $0 + $1.bytes.count } }
    var copiedBytes: UInt64 { copies.reduce(0) { $0 + $1.length } }
}

let longest = DeltaSearch.Longest(literal: 131_072, copy: 1 << 20)

func signature(of basis: [UInt8], seed: UInt64 = 5) -> Signature {
    let blocks = Blocks(of: UInt64(basis.count))!
    let hasher = BlockHasher(blocks, seed: seed)
    var entries: [UInt8] = []
    basis.withUnsafeBytes { bytes in
        for block in 0..<blocks.count {
            let start = Int(blocks.offset(of: block))
            hasher.append(
                entryOf: UnsafeRawBufferPointer(rebasing: bytes[start..<start + blocks.length(of: block)]), to: &entries
            )
        }
    }
    var signature = Signature(of: blocks, seed: seed)
    precondition(signature.append(entries))
    return signature
}

/// - Parameters:
///   - holes: pages that read as zeros and are said to be no data.
///   - told: the length that the file was said to have.
func delta(
    _ content: [UInt8], against basis: [UInt8], signature given: Signature? = nil, isSparse: Bool = false,
    told: Int? = nil
) -> Found {
    var found = Found()
    var search = DeltaSearch(
        given ?? signature(of: basis), length: UInt64(told ?? content.count), isSparse: isSparse, longest: longest)
    search: while true {
        switch search.next() {
        case .read(let buffer, let offset):
            precondition(offset % UInt64(ContentHasher.blockSize) == 0 && !buffer.isEmpty)
            let count = max(0, min(buffer.count, content.count - Int(offset)))
            content.withUnsafeBytes { bytes in
                guard count > 0 else { return }
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(offset)..<Int(offset) + count]))
            }
            found.reads += UInt64(count)
            search.filled(count)
        case .seek(let offset):
            precondition(isSparse)
            let page = stride(from: Int(offset) / 4096 * 4096, to: content.count, by: 4096).first { start in
                content[start..<min(start + 4096, content.count)].contains { $0 != 0 }
            }
            search.found(page.map { max(offset, UInt64($0)) })
        case .literal(let bytes, let offset): found.literals.append((offset, Array(bytes)))
        case .copy(let copy): found.copies.append(copy)
        case .end: break search
        }
    }
    found.inVain = search.inVain
    found.content = [UInt8](repeating: 0, count: Int(search.length))
    for copy in found.copies {
        let source = basis[Int(copy.source)..<Int(copy.source + copy.length)]
        found.content.replaceSubrange(Int(copy.offset)..<Int(copy.offset + copy.length), with: source)
    }
    for literal in found.literals {
        found.content.replaceSubrange(
            Int(literal.offset)..<Int(literal.offset) + literal.bytes.count, with: literal.bytes)
    }
    return found
}
