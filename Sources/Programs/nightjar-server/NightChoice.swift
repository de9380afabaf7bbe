import CLI
import Catalog
import Model
import Options
import Storage

/// What staff name on a command line where a night is wanted.
enum NightChoice: CustomStringConvertible {
    /// A number from 0 to 6.
    case night(Int)
    /// `@12`.
    case generation(Generation)

    init(_ word: [UInt8]) throws(UsageError) {
        if word.first == UInt8(ascii: "@"), let number = decimal(word.dropFirst()), number > 0 {
            self = .generation(Generation(number))
        } else if word.count == 1, let number = decimal(word[...]), number <= Night.oldest {
            self = .night(Int(number))
        } else {
            throw UsageError(subject: word, reason: "a night is a number from 0 to 6, or @ and a generation's number")
        }
    }

    var description: String {
        switch self {
        case .night(let number): "night \(number)"
        case .generation(let generation): "generation \(generation.rawValue)"
        }
    }

    /// Nil if there is none, or what the tree holds is not known at the moment.
    func generation(in backupdir: Backupdir, _ catalog: Catalog) throws -> Generation? {
        switch self {
        case .night(let number): try backupdir.nights(in: catalog).first { $0.number == number }?.generation
        case .generation(let number):
            try catalog.isKept(number) ? catalog.generations().first { $0.number == number }?.number : nil
        }
    }

    /// Says that the jail has none.
    func complain(_ jail: [UInt8], _ console: Console) {
        console.error(
            "\(escaped(jail)) has no \(self)", hint: "nightjar-server nights \(escaped(jail)) lists what there is")
    }
}

/// A number of digits alone: staff who type a sign mean something else.
private func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self))
}
