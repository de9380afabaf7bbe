/// Which night somebody wants, in one of the ways in which people name them.
package enum NightChoice: Hashable, Sendable {
    /// A number from 0 to 6.
    case night(Int)
    /// `@12`.
    case generation(Generation)
    /// The newest that was pushed then or before.
    case date(Timestamp)

    /// The highest number that a night has.
    package static let oldest = 6

    /// Reads `3` or `@12`; nil for anything else. Dates are read elsewhere, since they need a time zone.
    package init?(_ word: [UInt8]) {
        if word.first == UInt8(ascii: "@"), let number = decimal(word.dropFirst()), number > 0 {
            self = .generation(Generation(number))
        } else if word.count == 1, let number = decimal(word[...]), number <= NightChoice.oldest {
            self = .night(Int(number))
        } else {
            return nil
        }
    }
}

extension NightChoice: CustomStringConvertible {
    /// `night 3`, `generation 12`; what follows `jail15 has no`.
    package var description: String {
        switch self {
        case .night(let number): "night \(number)"
        case .generation(let generation): "generation \(generation.rawValue)"
        case .date: "night that was pushed by then"
        }
    }
}

/// A number of digits alone: staff who type a sign mean something else.
private func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self))
}
