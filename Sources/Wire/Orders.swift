import Model

// What is ordered of a restore, and what is said of it; PROTOCOL.md, "Restores".

/// An order, and what is to be done with it.
package struct WrittenOrder: Hashable, Sendable {
    /// What the agent wants to have.
    package enum Deed: UInt8, Hashable, Sendable, CaseIterable {
        /// Only how much it is.
        case count = 1
        /// Only what would be in the archive.
        case list = 2
        /// The archive.
        case archive = 3
    }

    package var order: RestoreOrder
    package var deed: Deed

    package init(_ order: RestoreOrder, _ deed: Deed) {
        self.order = order
        self.deed = deed
    }

    /// Whether it keeps to the limits of the wire, but for the days of its hold.
    package var isSendable: Bool {
        order.parts.count <= Limits.parts && order.parts.map(\.weight).reduce(0, +) <= Limits.partBytes
            && order.parts.allSatisfy { $0.base.bytes.count <= Limits.text && $0.pattern.bytes.count <= Limits.text }
    }

    func encode(to encoder: inout Encoder) {
        encoder.byte(deed.rawValue)
        encoder.choice(order.night)
        encoder.byte(order.format.rawValue)
        encoder.number(UInt64(order.holdDays ?? 0))
        encoder.number(UInt64(order.parts.count))
        for part in order.parts {
            encoder.text(part.customer ?? [])
            encoder.text(part.base.bytes)
            encoder.text(part.pattern.bytes)
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let code = try decoder.byte()
        guard let deed = Deed(rawValue: code) else { throw .malformed("unknown deed \(code)") }
        let night = try decoder.choice()
        let form = try decoder.byte()
        guard let format = ArchiveFormat(rawValue: form) else { throw .malformed("unknown format \(form)") }
        let days = try decoder.count(upTo: Limits.holdDays, "the days of a hold")
        var parts: [RestorePart] = []
        var weight = 0
        for _ in 0..<(try decoder.count(upTo: Limits.parts, "the number of parts")) {
            let part = try RestorePart(from: &decoder)
            weight += part.weight
            guard weight <= Limits.partBytes else { throw .malformed("the parts are over the limit") }
            parts.append(part)
        }
        guard !parts.isEmpty else { throw .malformed("an order of nothing") }
        self.deed = deed
        order = RestoreOrder(night: night, parts: parts, format: format, holdDays: days == 0 ? nil : days)
    }
}

extension RestorePart {
    /// Bytes that it takes of what the parts of an order may have together.
    fileprivate var weight: Int { (customer?.count ?? 0) + base.bytes.count + pattern.bytes.count + 8 }

    fileprivate init(from decoder: inout Decoder) throws(WireError) {
        let customer = try decoder.text(upTo: 255, "a customer")
        let base = try decoder.path()
        let written = try decoder.text(upTo: Limits.text, "a pattern")
        let pattern = try decoder.asked { () throws(PathPattern.Refusal) in try PathPattern(written) }
        self.init(customer: customer.isEmpty ? nil : customer, base: base, pattern: pattern)
    }
}

extension RestoreRefusal {
    func encode(to encoder: inout Encoder) {
        encoder.byte(reason.rawValue)
        encoder.text(description.utf8.prefix(Limits.text))
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let code = try decoder.byte()
        guard let reason = Reason(rawValue: code) else { throw .malformed("unknown reason \(code)") }
        self.init(reason, try decoder.shown("a reason", isLong: true))
    }
}

extension RestoreSummary.Damage {
    func encode(to encoder: inout Encoder) {
        encoder.text(path.bytes)
        encoder.text(reason.utf8.prefix(Limits.text))
        encoder.nights(goodNights)
    }

    init(from decoder: inout Decoder) throws(WireError) {
        self.init(
            path: try decoder.path(), reason: try decoder.shown("what is damaged"),
            goodNights: try decoder.nights())
    }
}

extension ListedMember {
    /// Bytes that it takes, rather too many; a server says nothing of which this is over `Limits.finding`.
    package var weight: Int { 128 + path.count + (target?.count ?? 0) }

    func encode(to encoder: inout Encoder) {
        encoder.text(path)
        encoder.metadata(metadata)
        encoder.flags(hasList, target != nil)
        if let target { encoder.text(target) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let path = try decoder.text(upTo: Limits.finding, "a member's path")
        let metadata = try decoder.metadata()
        let flags = try decoder.flags(2, "a member")
        self.init(
            path: path, metadata: metadata, hasList: flags[0],
            target: flags[1] ? try decoder.text(upTo: Limits.finding, "a member's target") : nil)
    }
}

extension RestoreHold {
    func encode(to encoder: inout Encoder) {
        switch self {
        case .unwanted: encoder.byte(0)
        case .held(let names, let until):
            encoder.byte(1)
            encoder.number(UInt64(min(names.count, Limits.parts)))
            for name in names.prefix(Limits.parts) { encoder.name(name) }
            encoder.flags(until != nil)
            if let until { encoder.time(until) }
        case .failed(let reason, let night):
            encoder.byte(2)
            encoder.text(reason.utf8.prefix(Limits.text))
            encoder.flags(night != nil)
            if let night { encoder.byte(UInt8(night)) }
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 0: self = .unwanted
        case 1:
            var names: [Name] = []
            for _ in 0..<(try decoder.count(upTo: Limits.parts, "the number of holds")) {
                names.append(try decoder.name())
            }
            self = .held(names, until: try decoder.flags(1, "a hold")[0] ? try decoder.time() : nil)
        case 2:
            let reason = try decoder.shown("a reason")
            self = .failed(reason, night: try decoder.flags(1, "a hold")[0] ? try decoder.night() : nil)
        case let other: throw .malformed("unknown state of a hold \(other)")
        }
    }
}

extension RestoreSummary {
    /// What is named in it stands in messages of its own, before it.
    func encode(to encoder: inout Encoder) {
        encoder.number(UInt64(generation.rawValue))
        encoder.time(pushed)
        for count in [members, bytes, leftOutCount, damagedCount] { encoder.number(count) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        self.init(generation: try decoder.generation(), pushed: try decoder.time())
        members = try decoder.number()
        bytes = try decoder.number()
        leftOutCount = try decoder.number()
        damagedCount = try decoder.number()
    }
}
