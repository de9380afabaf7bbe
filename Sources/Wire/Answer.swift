import Model

/// What the agent found when it opened a name that the server asked for.
package struct Answer: Hashable, Sendable {
    /// What comes beside the stamp.
    package enum Body: Hashable, Sendable {
        /// Nothing of the content: no regular file, or it was not asked for.
        case none
        /// The content has this digest, the one that the request named.
        case known(ContentDigest)
        /// The content ends here: the rest of it, from `offset`, and the digest of the whole, which is `size` long.
        case content(ContentDigest, offset: UInt64, rest: [UInt8])
        /// Where a symlink points.
        case target([UInt8])
    }

    /// The request that it answers.
    package var place: Inquiry
    /// Taken from the descriptor that was read; newer than the listing's if the file moved meanwhile.
    package var stamp: Stamp
    package var attributes: Attributes
    package var body: Body
    /// Whether the file may change without a change of its stamp, or has changed while it was read.
    package var isUnsettled: Bool
    /// The runs that belong to it, whether they came before it or are still to come.
    package var runs: RunCount

    package init(
        place: Inquiry, runs: RunCount = RunCount(), stamp: Stamp, attributes: Attributes, body: Body,
        isUnsettled: Bool
    ) {
        self.place = place
        self.runs = runs
        self.stamp = stamp
        self.attributes = attributes
        self.body = body
        self.isUnsettled = isUnsettled
    }
}

/// The runs of one file, counted from 0 over all attempts at it, so that they may arrive in any order.
package struct RunCount: Hashable, Sendable {
    /// The first of the attempt at hand: the file changed while those before it were read, and they count no more.
    package private(set) var first: UInt64 = 0
    /// How many there were before: the number of the run that comes next.
    package private(set) var next: UInt64 = 0

    package init() {}

    /// Nil where the attempt would begin behind the run.
    package init?(first: UInt64, next: UInt64) {
        guard first <= next else { return nil }
        (self.first, self.next) = (first, next)
    }

    /// The number of the run that comes next, within its attempt.
    package var position: UInt64 { next - first }

    /// One more has been sent.
    package mutating func count() { next += 1 }

    /// The file is read from its beginning again.
    package mutating func restart() { first = next }
}

/// A run of a file's content, beside its `Answer`. What no run covers is zero: a hole, or zeros as good as one.
package struct ContentRun: Hashable, Sendable {
    package var place: Inquiry
    /// Those that were sent before it.
    package var runs: RunCount
    package var offset: UInt64
    package var bytes: [UInt8]

    package init(place: Inquiry, runs: RunCount = RunCount(), offset: UInt64, bytes: [UInt8]) {
        self.place = place
        self.runs = runs
        self.offset = offset
        self.bytes = bytes
    }
}

extension Answer {
    /// All but the body.
    func encodeHead(to encoder: inout Encoder) {
        encoder.place(place)
        encoder.flags(isUnsettled)
        encoder.runs(runs)
        encoder.stamp(stamp)
        encoder.attributes(attributes)
    }

    /// A body of content, up to the length of the rest.
    static func encodeContent(_ digest: ContentDigest, _ offset: UInt64, to encoder: inout Encoder) {
        encoder.byte(2)
        encoder.digest(digest)
        encoder.number(offset)
    }

    func encode(to encoder: inout Encoder) {
        encodeHead(to: &encoder)
        switch body {
        case .none: encoder.byte(0)
        case .known(let digest):
            encoder.byte(1)
            encoder.digest(digest)
        case .content(let digest, let offset, let rest):
            Answer.encodeContent(digest, offset, to: &encoder)
            encoder.text(rest)
        case .target(let target):
            encoder.byte(3)
            encoder.text(target)
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        place = try decoder.place()
        isUnsettled = try decoder.flags(1, "an answer")[0]
        runs = try decoder.runs()
        stamp = try decoder.stamp()
        attributes = try decoder.attributes()
        switch try decoder.byte() {
        case 0: body = .none
        case 1: body = .known(try decoder.digest())
        case 2:
            let digest = try decoder.digest()
            let offset = try decoder.number()
            let rest = try decoder.text(upTo: Limits.run, "the rest of a file")
            guard offset <= stamp.metadata.size, UInt64(rest.count) <= stamp.metadata.size - offset else {
                throw .malformed("content beyond the end of its file")
            }
            body = .content(digest, offset: offset, rest: rest)
        case 3: body = .target(try decoder.text(upTo: Limits.target, "a symlink's target"))
        case let other: throw .malformed("unknown answer \(other)")
        }
        try checkBody()
    }

    private func checkBody() throws(WireError) {
        let fits =
            switch (stamp.metadata.kind, body) {
            case (.regular, .known), (.regular, .content): true
            case (.symlink, .target(let target)): !target.isEmpty && !target.contains(0)
            case (.regular, _), (.symlink, _): false
            case (_, .none): true
            default: false
            }
        guard fits else { throw .malformed("an answer's body does not fit its kind of file") }
    }
}

extension ContentRun {
    /// All up to the length of the content.
    static func encodeHead(_ place: Inquiry, _ runs: RunCount, _ offset: UInt64, to encoder: inout Encoder) {
        encoder.place(place)
        encoder.runs(runs)
        encoder.number(offset)
    }

    func encode(to encoder: inout Encoder) {
        ContentRun.encodeHead(place, runs, offset, to: &encoder)
        encoder.text(bytes)
    }

    init(from decoder: inout Decoder) throws(WireError) {
        place = try decoder.place()
        runs = try decoder.runs()
        offset = try decoder.number()
        bytes = try decoder.text(upTo: Limits.run, "a run of content")
        guard offset <= UInt64(Int64.max) - UInt64(Limits.run) else {
            throw .malformed("a run of content at \(offset)")
        }
    }
}

extension Encoder {
    mutating func place(_ place: Inquiry) {
        number(UInt64(place.directory.rawValue))
        number(place.ordinal)
    }

    mutating func runs(_ runs: RunCount) {
        number(runs.first)
        number(runs.next)
    }
}

extension Decoder {
    mutating func place() throws(WireError) -> Inquiry {
        Inquiry(directory: try directory(), ordinal: try number())
    }

    mutating func runs() throws(WireError) -> RunCount {
        let (first, next) = (try number(), try number())
        guard next < 1 << 60, let runs = RunCount(first: first, next: next) else {
            throw .malformed("a file whose runs begin at \(first), of \(next)")
        }
        return runs
    }
}
