/// What somebody wants back: from which night, which parts of it, and in what form.
package struct RestoreOrder: Hashable, Sendable {
    package var night: NightChoice
    /// At least one.
    package var parts: [RestorePart]
    package var format: ArchiveFormat
    /// For how many days the night is held for who asked; nil for not at all.
    package var holdDays: Int?

    /// As long as a customer takes to look at what he got back.
    package static let usualHoldDays = 14

    package init(
        night: NightChoice, parts: [RestorePart], format: ArchiveFormat = .tgz,
        holdDays: Int? = RestoreOrder.usualHoldDays
    ) {
        self.night = night
        self.parts = parts
        self.format = format
        self.holdDays = holdDays
    }

    /// What names in the archive are relative to: the base of all parts, or what their bases have in common.
    package var base: Path {
        guard let first = parts.first?.base else { return Path() }
        return parts.dropFirst().reduce(first) { common, part in
            Path(zip(common.names, part.base.names).prefix { $0 == $1 }.map(\.0))
        }
    }

    /// The customer root that all parts lie in; nil if one is no customer's, or they lie in several.
    package var root: Path? {
        guard let first = parts.first, parts.allSatisfy({ $0.customer != nil && $0.base == first.base }) else {
            return nil
        }
        return first.base
    }

    /// What is wanted, as the words of a command line: customers, each with the paths in his root behind him, and paths of
    /// the jail. What a customer has on several disks is said once.
    package var words: [[UInt8]] {
        var words: [[UInt8]] = []
        var told: Set<RestorePart> = []
        var last: RestorePart?
        for part in parts {
            // The same words, whichever of his roots it is.
            guard told.insert(RestorePart(customer: part.customer, base: Path(), pattern: part.pattern)).inserted else {
                continue
            }
            if let customer = part.customer {
                let continues = last?.customer == customer && last?.pattern != .empty && part.pattern != .empty
                words += (continues ? [] : [customer]) + (part.pattern == .empty ? [] : [part.pattern.bytes])
            } else {
                words.append([UInt8(ascii: "/")] + part.pattern.bytes)
            }
            last = part
        }
        return words
    }

    /// The one customer of all parts; nil if there is none, or are several.
    package var customer: [UInt8]? {
        let customers = Set(parts.map(\.customer))
        return customers.count == 1 ? customers.first ?? nil : nil
    }

    /// `restore-jail15-col00214-2026-11-20.tar.gz`; always a name, whatever a customer is called.
    /// - Parameter date: of the night; digits and dashes.
    package func fileName(jail: Name, date: String) -> Name {
        let words = [Array("restore".utf8), jail.bytes, customer, Array(date.utf8)].compactMap { $0?.prefix(75) }
        let bytes = Array(words.joined(separator: [UInt8(ascii: "-")])) + Array(".\(format.suffix)".utf8)
        return Name(bytes.map { $0 == UInt8(ascii: "/") || $0 == 0 ? UInt8(ascii: "_") : $0 }) ?? "restore"
    }
}

/// One part of what somebody wants back.
package struct RestorePart: Hashable, Sendable {
    /// The customer whose root the base is; nil where the base is the jail's `/`.
    package var customer: [UInt8]?
    /// A customer root, or the jail's `/`. Names in the archive are relative to it.
    package var base: Path
    /// What is wanted, from the base on: what it matches, and all below that. The empty pattern: all below the base.
    package var pattern: PathPattern

    package init(customer: [UInt8]? = nil, base: Path, pattern: PathPattern) {
        self.customer = customer
        self.base = base
        self.pattern = pattern
    }
}

/// In what form an archive is written.
package enum ArchiveFormat: UInt8, Sendable, CaseIterable {
    case tar = 1
    case tgz = 2
    case zst = 3

    /// What a file's name ends in, after its dot.
    package var suffix: String {
        switch self {
        case .tar: "tar"
        case .tgz: "tar.gz"
        case .zst: "tar.zst"
        }
    }

    /// Reads a format by any of the names that it has; nil for anything else.
    package init?(word: [UInt8]) {
        switch String(decoding: word, as: UTF8.self) {
        case "tar": self = .tar
        case "tgz", "tar.gz": self = .tgz
        case "zst", "tar.zst": self = .zst
        default: return nil
        }
    }
}
