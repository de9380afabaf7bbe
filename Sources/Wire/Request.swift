import Model

/// A name of a listing, in the words of its requests: 0 is the directory itself, 1 the first entry of its whole listing.
package struct Inquiry: Hashable, Sendable {
    package var directory: DirectoryNumber
    /// Of the name in its listing, from 1; 0 for the directory itself.
    package var ordinal: UInt64

    package init(directory: DirectoryNumber, ordinal: UInt64) {
        self.directory = directory
        self.ordinal = ordinal
    }
}

/// What the server lacks of one part of a listing. Each part is answered by one of these, in order, be it empty.
package struct Requests: Hashable, Sendable {
    /// What is asked for of one name.
    package struct Item: Hashable, Sendable {
        package var ordinal: UInt64
        package var want: Want

        package init(ordinal: UInt64, want: Want) {
            self.ordinal = ordinal
            self.want = want
        }
    }

    package var directory: DirectoryNumber
    /// Ordinals rising strictly; none if nothing is lacking.
    package var items: [Item]

    package init(directory: DirectoryNumber, items: [Item]) {
        self.directory = directory
        self.items = items
    }
}

extension Requests {
    func encode(to encoder: inout Encoder) {
        encoder.number(UInt64(directory.rawValue))
        encoder.number(UInt64(items.count))
        var before: UInt64 = 0
        for item in items {
            encoder.number(item.ordinal - before)
            before = item.ordinal
            switch item.want {
            case .attributes: encoder.byte(1)
            case .content: encoder.byte(2)
            case .contentUnless(let digest):
                encoder.byte(3)
                encoder.digest(digest)
            case .delta(let digest):
                encoder.byte(4)
                encoder.digest(digest)
            }
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        directory = try decoder.directory()
        items = []
        var ordinal: UInt64 = 0
        for index in 0..<(try decoder.count(upTo: Limits.entries + 1, "the number of requests")) {
            let step = try decoder.number()
            let (next, overflow) = ordinal.addingReportingOverflow(step)
            guard !overflow, index == 0 || step > 0 else { throw .malformed("requests out of order") }
            ordinal = next
            items.append(Item(ordinal: ordinal, want: try decoder.want()))
        }
    }
}

extension Decoder {
    fileprivate mutating func want() throws(WireError) -> Want {
        switch try byte() {
        case 1: return .attributes
        case 2: return .content
        case 3: return .contentUnless(try digest())
        case 4: return .delta(unless: try digest())
        case let other: throw .malformed("unknown request \(other)")
        }
    }
}
