package import Model

/// What staff is to be told of a jail, each once.
package enum Notice: Hashable, Sendable {
    case braked(Braked)
    /// It has been silent for longer than it may.
    case stale(Silence)
    /// It pushes again.
    case back(Silence)
}

/// Why a jail's nights do not move.
package struct Braked: Hashable, Sendable {
    /// Of the newest night that is kept.
    package var good: Generation
    /// Of `0`.
    package var pushed: Generation
    package var reasons: [BrakeReason]

    /// The same as long as the same is wrong with the same entries: the figures change with every push, and are told
    /// with the first.
    var mark: String {
        reasons.map { "\($0.kind) \($0.entry.path)\n" }.reduce("\(good.rawValue)\n", +)
    }
}

extension Braked {
    /// `generation 4 may not become a night after 3: /home: it is empty`
    package var words: String {
        "generation \(pushed.rawValue) may not become a night after \(good.rawValue): \(causes)"
    }

    /// The first few reasons, and how many more there are.
    package var causes: String {
        let listed = reasons.prefix(5).map { "\($0.entry.path): \($0.text)" }
        let more = reasons.count > listed.count ? ["\(reasons.count - listed.count) reasons more"] : []
        return (listed + more).joined(separator: "; ")
    }
}

/// How a jail's pushes stand.
package struct Silence: Hashable, Sendable {
    /// When the last good push was committed, by the server's clock.
    package var pushed: Timestamp
    /// For how long it may be silent, in seconds.
    package var limit: Int64
    /// Why the newest attempt failed; nil if there was none since.
    package var failure: String?
}
