import Model

/// The keys that say how fast a backup works, and how closely it looks.
extension ConfigReading {
    mutating func rate(_ key: String) -> ReadRate? {
        guard let setting = settings[key] else { return nil }
        if let rate = ReadRate(setting.value) { return rate }
        fail(setting, "\(key) wants \(ReadRate.wanted)", remedy: ReadRate.remedy)
        return nil
    }

    mutating func compression(_ key: String) -> Compression? {
        guard let setting = settings[key] else { return nil }
        if let compression = Compression(setting.value) { return compression }
        fail(setting, "\(key) wants \(Compression.wanted)", remedy: Compression.remedy)
        return nil
    }

    mutating func share(_ key: String) -> VerifyShare? {
        guard let setting = settings[key] else { return nil }
        if let share = VerifyShare(written: setting.value) { return share }
        fail(
            setting, "\(key) wants a share of the tree",
            remedy: "write 1/30 for a thirtieth in each push, 1 for all, 0 for none")
        return nil
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let setting = settings[key] else { return nil }
        if setting.value.elementsEqual("yes".utf8) { return true }
        if setting.value.elementsEqual("no".utf8) { return false }
        fail(setting, "\(key) wants yes or no")
        return nil
    }
}

extension VerifyShare {
    /// `1/n` with an n up to 1,000: beyond that it takes years; `1`, `0`.
    fileprivate init?(written text: [UInt8]) {
        let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { number(Array($0), [:], bare: 1) }
        switch (parts.count, parts.first ?? nil, parts.last ?? nil) {
        case (1, 0, _): self = .none
        case (1, 1, _): self = .all
        case (2, 1, .some(let share)) where (1...1_000).contains(share): self.init(rawValue: UInt32(share))
        default: return nil
        }
    }
}
