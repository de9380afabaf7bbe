import CPopt
import Glibc

/// A popt context together with all that it points into.
///
/// popt copies neither table nor names nor words; they live here, and go after the context that reads them.
struct Popt: ~Copyable {
    private let context: OpaquePointer
    private let table: UnsafeMutablePointer<popt_entry>
    private let words: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let strings: [UnsafeMutablePointer<CChar>]
    private let options: [Option]

    /// - Parameters:
    ///   - name: under which `/etc/popt` and `~/.popt` know the program.
    ///   - words: the command line, its first word (the program's name in usage texts) among them.
    ///   - stopAtOperand: whether the first word that is no option ends the options.
    /// - Throws: `UsageError` for a word with a NUL byte: C would see half of it.
    init(
        name: String, options: [Option], words given: [[UInt8]], operands: String = "", stopAtOperand: Bool = false
    ) throws(UsageError) {
        for word in given where word.contains(0) {
            throw UsageError(subject: word, reason: "a NUL byte cannot stand in an argument")
        }
        var owned: [UnsafeMutablePointer<CChar>] = []
        func own(_ bytes: some Collection<UInt8>) -> UnsafeMutablePointer<CChar> {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
            for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[bytes.count] = 0
            owned.append(copy)
            return copy
        }
        // One more entry, and one more word, for the zeros that end the lists.
        table = .allocate(capacity: options.count + 1)
        table.initialize(repeating: popt_entry(), count: options.count + 1)
        for (index, option) in options.enumerated() {
            table[index].longName = UnsafePointer(own(option.long.utf8))
            table[index].shortName = CChar(bitPattern: option.short?.asciiValue ?? 0)
            table[index].argInfo = option.argument == nil ? POPT_ARG_NONE : POPT_ARG_STRING
            table[index].val = Int32(index + 1)
            table[index].descrip = UnsafePointer(own(option.help.utf8))
            if let argument = option.argument { table[index].argDescrip = UnsafePointer(own(argument.utf8)) }
        }
        words = .allocate(capacity: given.count + 1)
        words.initialize(repeating: nil, count: given.count + 1)
        for (index, word) in given.enumerated() { words[index] = UnsafePointer(own(shielded(word))) }
        // Aliases may stand in a user's file, programs to run instead may not.
        let flags = POPT_CONTEXT_NO_EXEC | (stopAtOperand ? POPT_CONTEXT_POSIXMEHARDER : 0)
        context = poptGetContext(own(name.utf8), Int32(given.count), words, table, flags)
        poptSetOtherOptionHelp(context, own("[OPTION...]\(operands.isEmpty ? "" : " ")\(operands)".utf8))
        strings = owned
        self.options = options
    }

    deinit {
        poptFreeContext(context)
        table.deallocate()
        words.deallocate()
        for string in strings { string.deallocate() }
    }

    /// Adds the aliases of `/etc/popt` and `~/.popt`. A file that popt does not understand adds none.
    func readAliases() { _ = poptReadDefaultConfig(context, 0) }

    /// Reads all words.
    ///
    /// - Parameter command: whose help an error points to.
    /// - Throws: `UsageError` for an option that is unknown, lacks its argument, or has one it does not take.
    func parse(for command: String? = nil) throws(UsageError) -> Arguments {
        var given: [Arguments.Given] = []
        while true {
            let answer = poptGetNextOpt(context)
            if answer == -1 { break }
            guard answer > 0 else {
                let bad = poptBadOption(context, UInt32(POPT_BADOPTION_NOALIAS)).map(word) ?? []
                throw UsageError(subject: bad, reason: reason(of: answer), command: command)
            }
            let option = options[Int(answer) - 1]
            let value = poptGetOptArg(context)
            given.append(
                Arguments.Given(option: option.long, value: option.argument.map { _ in value.map { word($0) } ?? [] }))
            free(value)
        }
        var operands: [[UInt8]] = []
        while let next = poptGetArg(context) { operands.append(word(next)) }
        return Arguments(given: given, operands: operands)
    }

    /// What `--help` shows of the options, 79 columns wide.
    func help() -> String { text { poptPrintHelp(context, $0, 0) } }

    /// What `--usage` shows.
    func usage() -> String { text { poptPrintUsage(context, $0, 0) } }

    /// popt prints to a stream only.
    private func text(_ print: (UnsafeMutablePointer<FILE>) -> Void) -> String {
        var buffer: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let stream = open_memstream(&buffer, &size) else { return "" }
        print(stream)
        fclose(stream)
        defer { free(buffer) }
        return buffer.map { String(decoding: bytes($0), as: UTF8.self) } ?? ""
    }
}

/// The words of a line, as popt reads the lines of `/etc/popt`: separated by blanks; quotes and backslashes as in a shell,
/// but nothing is expanded.
///
/// - Throws: `UsageError` if a quote is not closed, or there is a NUL byte.
package func splitWords(_ line: some Collection<UInt8>) throws(UsageError) -> [[UInt8]] {
    guard !line.contains(0) else { throw UsageError(reason: "a NUL byte cannot stand in an option") }
    guard !hasOpenQuote(line) else { throw UsageError(reason: reason(of: POPT_ERROR_BADQUOTE)) }
    var count: Int32 = 0
    var words: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    let answer = (line.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
        poptParseArgvString($0.baseAddress, &count, &words)
    }
    // A line without words is an error to popt alone.
    if answer == POPT_ERROR_NOARG { return [] }
    guard answer == 0, let words else { throw UsageError(reason: reason(of: answer)) }
    defer { free(words) }
    return (0..<Int(count)).compactMap { words[$0].map(bytes) }
}

/// popt forgives a quote that is not closed; what the writer meant with it is anybody's guess.
private func hasOpenQuote(_ line: some Collection<UInt8>) -> Bool {
    var quote: UInt8?
    var isEscaped = false
    for byte in line {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == quote {
            quote = nil
        } else if quote == nil, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            quote = byte
        }
    }
    return quote != nil || isEscaped
}

/// popt takes `!#:+` in a value for a reference to a later word, and may then loop for ever (1.19). So it never sees it.
private let reference = Array("!#:+".utf8)
private let mark: UInt8 = 1

private func shielded(_ word: [UInt8]) -> [UInt8] {
    var shielded: [UInt8] = []
    var rest = word[...]
    while let byte = rest.first {
        if byte == mark {
            shielded += [mark, 2]
        } else if rest.starts(with: reference) {
            shielded += [mark, 3]
        } else {
            shielded.append(byte)
        }
        rest = rest.dropFirst(rest.starts(with: reference) ? reference.count : 1)
    }
    return shielded
}

/// A word from popt as it was given.
private func word(_ string: UnsafePointer<CChar>) -> [UInt8] {
    var word: [UInt8] = []
    var rest = bytes(string)[...]
    while let byte = rest.popFirst() {
        if byte == mark, let code = rest.popFirst() {
            word += code == 3 ? reference : [mark]
        } else {
            word.append(byte)
        }
    }
    return word
}

private func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: string, count: strlen(string)))
}

private func bytes(_ string: UnsafeMutablePointer<CChar>) -> [UInt8] { bytes(UnsafePointer(string)) }

private func reason(of code: Int32) -> String {
    switch code {
    case POPT_ERROR_BADOPT: "unknown option"
    case POPT_ERROR_NOARG: "this option wants an argument"
    case POPT_ERROR_UNWANTEDARG: "this option takes no argument"
    case POPT_ERROR_BADQUOTE: "a quote is not closed"
    case POPT_ERROR_OPTSTOODEEP: "aliases of popt lead to one another"
    default: String(cString: poptStrerror(code))
    }
}
