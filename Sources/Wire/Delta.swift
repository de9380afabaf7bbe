import Model

/// A stretch of a file that the server's copy of it has: a run of which the bytes are not sent.
package struct CopiedRun: Hashable, Sendable {
    package var place: Inquiry
    /// Those that were sent before it.
    package var runs: RunCount
    package var offset: UInt64
    /// Where it lies in the server's copy.
    package var source: UInt64
    package var length: UInt64

    package init(place: Inquiry, runs: RunCount, offset: UInt64, source: UInt64, length: UInt64) {
        self.place = place
        self.runs = runs
        self.offset = offset
        self.source = source
        self.length = length
    }
}

/// A part of the signature of a file that is asked for as a delta.
package struct SignaturePart: Hashable, Sendable {
    package var place: Inquiry
    /// Of the sums.
    package var seed: UInt64
    /// Of the server's copy, by which it is cut into blocks; 0 where there is none after all.
    package var length: UInt64
    /// The block that the first entry is of.
    package var first: UInt64
    package var entries: [UInt8]
    package var isLast: Bool

    package init(place: Inquiry, seed: UInt64, length: UInt64, first: UInt64, entries: [UInt8], isLast: Bool) {
        self.place = place
        self.seed = seed
        self.length = length
        self.first = first
        self.entries = entries
        self.isLast = isLast
    }
}

/// What became of a file that was answered as a delta.
package enum DeltaVerdict: UInt8, Hashable, Sendable {
    /// It is what the agent has read.
    case taken = 1
    /// It is not: it is to be sent whole.
    case sendWhole = 2
}

extension CopiedRun {
    func encode(to encoder: inout Encoder) {
        encoder.place(place)
        encoder.runs(runs)
        for number in [offset, source, length] { encoder.number(number) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        place = try decoder.place()
        runs = try decoder.runs()
        (offset, source, length) = (try decoder.number(), try decoder.number(), try decoder.number())
        let farthest = UInt64(Int64.max) - Limits.copy
        guard (1...Limits.copy).contains(length), offset <= farthest, source <= farthest else {
            throw .malformed("\(length) bytes copied from \(source) to \(offset)")
        }
    }
}

extension SignaturePart {
    func encode(to encoder: inout Encoder) {
        encoder.place(place)
        encoder.fixed(seed)
        encoder.number(length)
        encoder.number(first)
        encoder.text(entries)
        encoder.flags(isLast)
    }

    init(from decoder: inout Decoder) throws(WireError) {
        place = try decoder.place()
        seed = try decoder.fixed()
        length = try decoder.number()
        first = try decoder.number()
        entries = try decoder.text(upTo: Limits.signatures, "a part of a signature")
        isLast = try decoder.flags(1, "a part of a signature")[0]
    }
}

extension Decoder {
    mutating func deltaVerdict() throws(WireError) -> DeltaVerdict {
        let code = try byte()
        guard let verdict = DeltaVerdict(rawValue: code) else { throw .malformed("unknown verdict \(code)") }
        return verdict
    }
}
