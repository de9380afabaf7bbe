import Model

// What both sides put into the record of a run; PROTOCOL.md, "Words".

extension PushCounts {
    private var fields: [UInt64] {
        [
            directories, entries, listings, answers, changed, removed, bytesSeen, contentBytes, leftOut, notes,
        ]
    }

    func encode(to encoder: inout Encoder) {
        for field in fields { encoder.number(field) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        self.init()
        directories = try decoder.number()
        entries = try decoder.number()
        listings = try decoder.number()
        answers = try decoder.number()
        changed = try decoder.number()
        removed = try decoder.number()
        bytesSeen = try decoder.number()
        contentBytes = try decoder.number()
        leftOut = try decoder.number()
        notes = try decoder.number()
    }
}

extension Issue {
    /// An issue's path and text are cut to the limits: a record is for reading.
    func encode(to encoder: inout Encoder) {
        encoder.byte(reason.rawValue)
        encoder.text(path.prefix(Limits.text))
        encoder.text(detail.utf8.prefix(Limits.text))
        encoder.number(UInt64(line ?? 0))
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let code = try decoder.byte()
        guard let reason = Reason(rawValue: code) else { throw .malformed("unknown issue \(code)") }
        let path = try decoder.text(upTo: Limits.text, "an issue's path")
        let detail = try decoder.shown("an issue's text")
        let line = try decoder.number(as: Int.self, "an issue's line")
        self.init(path: path, reason: reason, detail: detail, line: line == 0 ? nil : line)
    }
}
