/// What was given on a command line, or behind the path of an `## ENTRY` line, once popt has read it. Bytes throughout.
package struct Arguments: Hashable, Sendable {
    /// An option of the command line, with its value.
    package struct Given: Hashable, Sendable {
        /// The option's long name.
        package let option: String
        /// Nil for an option without argument.
        package let value: [UInt8]?
    }

    /// In the order of the command line, aliases replaced by what they stand for.
    package let given: [Given]
    /// The words that are no options; all words after `--`.
    package let operands: [[UInt8]]

    package init(given: [Given] = [], operands: [[UInt8]] = []) {
        self.given = given
        self.operands = operands
    }

    /// Whether it was given.
    package func has(_ option: Option) -> Bool { given.contains { $0.option == option.long } }

    /// How often, for `-v -v`.
    package func count(of option: Option) -> Int { given.count { $0.option == option.long } }

    /// The last one given counts; nil if none was.
    package func value(of option: Option) -> [UInt8]? { values(of: option).last }

    /// All of a repeatable option, in order.
    package func values(of option: Option) -> [[UInt8]] {
        given.compactMap { $0.option == option.long ? $0.value : nil }
    }

    /// A decimal number in the given range; nil if the option was not given.
    ///
    /// - Throws: `UsageError` for anything else, naming the option and what was given.
    package func number(of option: Option, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let bytes = value(of: option) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), let number = Int(text), range.contains(number) else {
            let wanted = "a number from \(range.lowerBound) to \(range.upperBound)"
            throw UsageError(subject: bytes, reason: "--\(option.long) wants \(wanted)")
        }
        return number
    }

    func appending(_ more: Arguments) -> Arguments {
        Arguments(given: given + more.given, operands: operands + more.operands)
    }
}

/// A command line that cannot be understood: exit status 64.
package struct UsageError: Error, Hashable {
    /// The word in question, as it was given: escape it before it is shown. Empty where the reason says all.
    package let subject: [UInt8]
    /// What is wrong with it; program text, safe to show.
    package let reason: String
    /// The command whose `--help` tells more (`nightjar backup`), if one was chosen.
    package var command: String?

    package init(subject: [UInt8] = [], reason: String, command: String? = nil) {
        self.subject = subject
        self.reason = reason
        self.command = command
    }
}
