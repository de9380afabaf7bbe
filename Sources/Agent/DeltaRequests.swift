import Delta
import Model
import Wire

/// The files of a push that the server asked for as deltas: those of which the signature is still to come, those with it,
/// and those of which the server has yet to say whether it could make them.
///
/// Nothing of a signature is believed: it has to fit the file as it was listed, come in its order, and leave room for the
/// others.
struct DeltaRequests<Origin> {
    /// A file, and what asked for it.
    private struct Asked {
        let origin: Origin
        let listed: UInt64
        var signature: Signature?
    }

    private var asked: [Inquiry: Asked] = [:]
    private var answered: [Inquiry: Origin] = [:]
    /// Bytes of entries that came, of files that nobody has taken up yet.
    private var weight = 0

    /// Whether nothing is to come of the server.
    var isEmpty: Bool { asked.isEmpty && answered.isEmpty }

    /// - Parameter listed: the length of the file as it was listed.
    mutating func ask(_ place: Inquiry, listed: UInt64, _ origin: Origin) {
        asked[place] = Asked(origin: origin, listed: listed)
    }

    /// Takes a part of a signature.
    /// - Returns: what asked for the file, with the signature, once it is whole; without one if the server has no copy.
    mutating func take(_ part: SignaturePart) throws(WireError) -> (origin: Origin, signature: Signature?)? {
        guard var file = asked[part.place] else { throw .malformed("a signature of what is no delta") }
        if part.length == 0 {
            guard part.isLast, part.entries.isEmpty, file.signature == nil else {
                throw .malformed("a signature of no copy")
            }
            asked[part.place] = nil
            return (file.origin, nil)
        }
        guard Blocks.pay(basis: part.length, content: file.listed), let blocks = Blocks(of: part.length) else {
            throw .malformed("a signature of \(part.length) bytes for a file of \(file.listed)")
        }
        var signature = file.signature ?? Signature(of: blocks, seed: part.seed)
        // Let go of for as long as it grows: it would be copied with each part.
        file.signature = nil
        asked[part.place] = nil
        guard signature.blocks == blocks, signature.seed == part.seed, part.first == UInt64(signature.count),
            signature.append(part.entries), part.isLast == (signature.count == blocks.count)
        else {
            throw .malformed("a signature out of order")
        }
        weight += part.entries.count
        guard weight <= Blocks.budget else { throw .malformed("signatures of \(weight) bytes") }
        file.signature = signature
        asked[part.place] = part.isLast ? nil : file
        return part.isLast ? (file.origin, signature) : nil
    }

    /// A file is being read; the server may send the signature of the next.
    mutating func begin(_ signature: Signature) { weight -= signature.blocks.weight }

    /// The answer is about to be sent; the verdict may come at once.
    mutating func awaitVerdict(_ place: Inquiry, _ origin: Origin) { answered[place] = origin }

    /// The server could make the file, or wants it whole.
    mutating func judged(_ place: Inquiry) throws(WireError) -> Origin {
        guard let origin = answered.removeValue(forKey: place) else {
            throw .malformed("a verdict on what was not answered as a delta")
        }
        return origin
    }
}
