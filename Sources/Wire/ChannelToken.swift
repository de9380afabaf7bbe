/// What binds a further channel to its push: 128 bits that nobody can guess, good for as long as the push lasts.
package struct ChannelToken: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one, from the system's source of randomness.
    package static func random() -> ChannelToken {
        var source = SystemRandomNumberGenerator()
        return ChannelToken(high: source.next(), low: source.next())
    }

    /// Whether both are the same; takes as long whatever they are.
    package func matches(_ other: ChannelToken) -> Bool { (high ^ other.high) | (low ^ other.low) == 0 }

    /// Sixteen bytes.
    package var bytes: [UInt8] {
        var encoder = Encoder()
        encoder.token(self)
        return encoder.bytes
    }

    /// Nil unless there are sixteen.
    package init?(_ bytes: [UInt8]) {
        var decoder = Decoder(bytes)
        guard let token = try? decoder.token(), decoder.isAtEnd else { return nil }
        self = token
    }
}

extension Encoder {
    mutating func token(_ token: ChannelToken) {
        fixed(token.low)
        fixed(token.high)
    }
}

extension Decoder {
    mutating func token() throws(WireError) -> ChannelToken {
        let low = try fixed()
        return ChannelToken(high: try fixed(), low: low)
    }
}
