import Model

// What is asked of nights, and how it is answered; PROTOCOL.md, "Questions".

extension Query {
    func encode(to encoder: inout Encoder) {
        switch self {
        case .nights: encoder.byte(1)
        case .list(let choice, let path):
            encoder.byte(2)
            encoder.choice(choice)
            encoder.text(path.bytes)
        case .versions(let path):
            encoder.byte(3)
            encoder.text(path.bytes)
        case .find(let pattern, let choice):
            encoder.byte(4)
            encoder.text(pattern.written)
            encoder.flags(choice != nil)
            if let choice { encoder.choice(choice) }
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .nights
        case 2: self = .list(try decoder.choice(), try decoder.path(upTo: Limits.finding))
        case 3: self = .versions(try decoder.path(upTo: Limits.finding))
        case 4:
            let written = try decoder.text(upTo: FindPattern.longest, "a pattern")
            let hasChoice = try decoder.flags(1, "a search")[0]
            self = .find(
                try decoder.asked { () throws(PathPattern.Refusal) in try FindPattern(written) },
                hasChoice ? try decoder.choice() : nil)
        case let other: throw .malformed("unknown question \(other)")
        }
    }
}

extension Finding {
    /// Bytes that it takes, rather too many; a server says nothing of which this is over `Limits.finding`.
    package var weight: Int {
        func weight(_ names: [Name]) -> Int { names.reduce(0) { $0 + $1.bytes.count + 1 } }
        let holds =
            switch self {
            case .kept(let tree): tree.holds.count
            case .version(let version): version.holds.count
            case .path(let found): found.holds.count
            case .trouble, .file: 0
            }
        if holds > Limits.holds { return .max }
        let variable =
            switch self {
            case .kept(let tree):
                weight(tree.holds.map(\.name)) + tree.holds.reduce(0) { $0 + weight($1.path.names) + 8 }
            case .trouble: Limits.text
            case .file(let file): file.target?.count ?? 0
            case .version(let version): weight(version.holds) + (version.target?.count ?? 0)
            case .path(let found): weight(found.path.names) + weight(found.holds)
            }
        return 512 + variable
    }

    func encode(to encoder: inout Encoder) {
        switch self {
        case .kept(let tree):
            encoder.byte(1)
            tree.encode(to: &encoder)
        case .trouble(.neverPushed): encoder.byte(2)
        case .trouble(.failed(let time, let reason)):
            encoder.byte(3)
            encoder.time(time)
            encoder.text(reason.utf8.prefix(Limits.text))
        case .trouble(.heldBack(let reason)):
            encoder.byte(7)
            encoder.text(reason.utf8.prefix(Limits.text))
        case .file(let file):
            encoder.byte(4)
            file.encode(to: &encoder)
        case .version(let version):
            encoder.byte(5)
            version.encode(to: &encoder)
        case .path(let found):
            encoder.byte(6)
            encoder.text(found.path.bytes)
            encoder.trees(found.nights, found.holds)
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        switch try decoder.byte() {
        case 1: self = .kept(try KeptTree(from: &decoder))
        case 2: self = .trouble(.neverPushed)
        case 3: self = .trouble(.failed(try decoder.time(), reason: try decoder.shown("a reason")))
        case 4: self = .file(try ListedFile(from: &decoder))
        case 5: self = .version(try FileVersion(from: &decoder))
        case 6:
            let path = try decoder.path(upTo: Limits.finding)
            let (nights, holds) = try decoder.trees()
            self = .path(FoundPath(path: path, nights: nights, holds: holds))
        case 7: self = .trouble(.heldBack(reason: try decoder.shown("a reason")))
        case let other: throw .malformed("unknown finding \(other)")
        }
    }
}

extension KeptTree {
    fileprivate func encode(to encoder: inout Encoder) {
        encoder.flags(night != nil, state != nil, goes != nil)
        if let night { encoder.byte(UInt8(night)) }
        if let state {
            encoder.number(UInt64(state.number.rawValue))
            encoder.text(state.uuid)
            encoder.flags(state.pushed != nil, state.isValid)
            if let pushed = state.pushed { encoder.time(pushed) }
            for figure in [state.files, state.bytes, state.changed, state.newBytes] { encoder.number(figure) }
        }
        encoder.number(UInt64(holds.count))
        for hold in holds {
            encoder.name(hold.name)
            encoder.text(hold.path.bytes)
        }
        if let goes { encoder.time(goes) }
    }

    fileprivate init(from decoder: inout Decoder) throws(WireError) {
        let flags = try decoder.flags(3, "a kept tree")
        let night = flags[0] ? try decoder.night() : nil
        let state = flags[1] ? try State(from: &decoder) : nil
        var holds: [Held] = []
        for _ in 0..<(try decoder.count(upTo: Limits.holds, "the number of holds")) {
            holds.append(Held(name: try decoder.name(), path: try decoder.path(upTo: Limits.finding)))
        }
        self.init(night: night, state: state, holds: holds, goes: flags[2] ? try decoder.time() : nil)
    }
}

extension KeptTree.State {
    fileprivate init(from decoder: inout Decoder) throws(WireError) {
        let number = try decoder.generation()
        let uuid = try decoder.string(upTo: 255, "a generation's uuid")
        let flags = try decoder.flags(2, "a generation")
        self.init(
            number: number, uuid: uuid, pushed: flags[0] ? try decoder.time() : nil, isValid: flags[1],
            files: try decoder.number(), bytes: try decoder.number(), changed: try decoder.number(),
            newBytes: try decoder.number())
    }
}

extension ListedFile {
    fileprivate func encode(to encoder: inout Encoder) {
        encoder.flags(name != nil, hasList, target != nil)
        if let name { encoder.name(name) }
        encoder.metadata(metadata)
        encoder.number(UInt64(links))
        if let target { encoder.text(target) }
    }

    fileprivate init(from decoder: inout Decoder) throws(WireError) {
        let flags = try decoder.flags(3, "a file")
        self.init(
            name: flags[0] ? try decoder.name() : nil, metadata: try decoder.metadata(), hasList: flags[1],
            links: try decoder.number(as: UInt32.self, "a link count"),
            target: flags[2] ? try decoder.text(upTo: Limits.target, "a symlink's target") : nil)
    }
}

extension FileVersion {
    fileprivate func encode(to encoder: inout Encoder) {
        encoder.trees(nights, holds)
        encoder.flags(hasList, until != nil, digest != nil, target != nil)
        encoder.metadata(metadata)
        if let until { encoder.time(until) }
        if let digest { encoder.digest(digest) }
        if let target { encoder.text(target) }
    }

    fileprivate init(from decoder: inout Decoder) throws(WireError) {
        let (nights, holds) = try decoder.trees()
        let flags = try decoder.flags(4, "a version")
        self.init(
            nights: nights, holds: holds, metadata: try decoder.metadata(), hasList: flags[0],
            until: flags[1] ? try decoder.time() : nil, digest: flags[2] ? try decoder.digest() : nil,
            target: flags[3] ? try decoder.text(upTo: Limits.target, "a symlink's target") : nil)
    }
}

extension Encoder {
    /// Which trees have something: their nights, then their holds.
    fileprivate mutating func trees(_ nights: [Int], _ holds: [Name]) {
        self.nights(nights)
        number(UInt64(holds.count))
        for hold in holds { name(hold) }
    }

    mutating func nights(_ nights: [Int]) {
        number(UInt64(nights.count))
        for night in nights { byte(UInt8(night)) }
    }

    mutating func choice(_ choice: NightChoice) {
        switch choice {
        case .night(let number):
            byte(1)
            byte(UInt8(number))
        case .generation(let generation):
            byte(2)
            number(UInt64(generation.rawValue))
        case .date(let date):
            byte(3)
            time(date)
        }
    }
}

extension Decoder {
    fileprivate mutating func trees() throws(WireError) -> (nights: [Int], holds: [Name]) {
        let nights = try nights()
        var holds: [Name] = []
        for _ in 0..<(try count(upTo: Limits.holds, "the number of holds")) { holds.append(try name()) }
        return (nights, holds)
    }

    mutating func nights() throws(WireError) -> [Int] {
        var nights: [Int] = []
        for _ in 0..<(try count(upTo: NightChoice.oldest + 1, "the number of nights")) { nights.append(try night()) }
        return nights
    }

    /// Malformed beyond 6.
    mutating func night() throws(WireError) -> Int {
        let number = Int(try byte())
        guard number <= NightChoice.oldest else { throw .malformed("there is no night \(number)") }
        return number
    }

    mutating func generation() throws(WireError) -> Generation {
        let number = try number(as: Int64.self, "a generation")
        guard number > 0, number <= Limits.number else { throw .malformed("a generation of \(number)") }
        return Generation(number)
    }

    mutating func choice() throws(WireError) -> NightChoice {
        switch try byte() {
        case 1: return .night(try night())
        case 2: return .generation(try generation())
        case 3: return .date(try time())
        case let other: throw .malformed("unknown choice of a night \(other)")
        }
    }

    /// An absolute path.
    mutating func path(upTo limit: Int = Limits.text) throws(WireError) -> Path {
        let bytes = try text(upTo: limit, "a path")
        guard let path = Path(absolute: bytes) else { throw .malformed("«\(escaped(bytes))» is no absolute path") }
        return path
    }

    /// Text that is to be shown to people, and that its sender made fit for it, if he is honest.
    ///
    /// - Parameter isLong: it may have lines, and as many characters as a text.
    mutating func shown(_ what: StaticString, isLong: Bool = false) throws(WireError) -> String {
        let said = try string(upTo: Limits.text, what).unicodeScalars.prefix(isLong ? Limits.text : Limits.issue)
        return String(
            String.UnicodeScalarView(
                said.filter { !isHidden($0) || (isLong && $0 == "\n") }))
    }

    /// Makes of what was sent what it should be.
    func asked<Made>(_ make: () throws(PathPattern.Refusal) -> Made) throws(WireError) -> Made {
        do throws(PathPattern.Refusal) {
            return try make()
        } catch {
            throw .malformed("no pattern: \(error.reason)")
        }
    }
}
