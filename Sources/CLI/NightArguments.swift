import Model
import Options

/// How staff, and the admins of a jail, say which night they mean.
package enum NightArguments {
    package static let night = Option(
        long: "night", argument: "N", help: "From this night, 0 to 6, or @12 for generation 12 (default: the newest)")
    package static let date = Option(
        long: "date", argument: "DATE", help: "From the newest night pushed by then; a day alone means its end")

    /// The newest if neither is given.
    ///
    /// - Throws: `UsageError` if both are, or one is none.
    package static func choice(_ arguments: Arguments) throws(UsageError) -> NightChoice {
        guard let given = arguments.value(of: date) else {
            return try arguments.value(of: night).map(NightChoice.init(word:)) ?? .night(0)
        }
        if let other = arguments.value(of: night) {
            throw UsageError(subject: other, reason: "give --night or --date, not both")
        }
        guard let time = Timestamp(endOf: String(decoding: given, as: UTF8.self)) else {
            throw UsageError(subject: given, reason: "--date wants a date, as 2026-11-20 or 2026-11-20T18:00")
        }
        return .date(time)
    }
}

extension NightChoice {
    /// - Throws: `UsageError` if the word is none.
    package init(word: [UInt8]) throws(UsageError) {
        guard let choice = NightChoice(word) else {
            throw UsageError(subject: word, reason: "a night is a number from 0 to 6, or @ and a generation's number")
        }
        self = choice
    }
}

extension Timestamp {
    /// The same as `init(text:)`, but that a day alone means its last moment.
    package init?(endOf text: String) {
        guard var time = Timestamp(text: text) else { return nil }
        let isDay = text.first != "@" && !text.contains(where: { $0 == " " || $0 == "T" })
        if isDay {
            let day = text.last == "Z" ? text.dropLast() : text[...]
            guard let last = Timestamp(text: "\(day) 23:59:59\(text.last == "Z" ? "Z" : "")") else { return nil }
            time = Timestamp(seconds: last.seconds, nanoseconds: 999_999_999)
        }
        self = time
    }
}
