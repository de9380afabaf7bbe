package import Catalog
package import Model
package import Storage

/// When the nights of a jail move down.
package struct RotationRule: Hashable, Sendable {
    /// Seconds from one rotation to the next, at least.
    package var interval: Int64
    /// Seconds after which a rotation compares whole trees.
    package var fullEvery: Int64
    /// Somebody asked for it: neither the interval nor whether there is anything new counts.
    package var isForced = false
    /// Somebody asked for a comparison.
    package var isFull = false

    package init(interval: Int64, fullEvery: Int64, isForced: Bool = false, isFull: Bool = false) {
        self.interval = interval
        self.fullEvery = fullEvery
        self.isForced = isForced
        self.isFull = isFull
    }
}

/// Whether the nights of a jail move down now, and why.
package enum RotationDecision: Hashable, Sendable {
    case rotate(comparing: Bool)
    /// Nothing was pushed yet.
    case nothingPushed
    /// `1` holds what `0` holds: a night that did not come moves nothing.
    case nothingNew(Generation)
    /// The last time was so many seconds ago.
    case tooSoon(Int64)
    /// The clock stands before the last time: the interval is to be counted from now on.
    case clockWentBack
    /// The catalog does not know the tree in `0`.
    case inDoubt
    /// It is time, but what `0` holds looks like a loss.
    case braked(Braked)

    /// Whether the nights will move to what `0` holds, now or when it is time, unless the brake stops them.
    var comesToTheBrake: Bool {
        switch self {
        case .rotate, .tooSoon: true
        case .nothingPushed, .nothingNew, .clockWentBack, .inDoubt, .braked: false
        }
    }
}

extension RotationRule {
    /// At most one rotation an interval, whatever clients and clocks do; and none because a jail did not push.
    package func decide(_ nights: [Night], _ last: LastRotation, at now: Moment) -> RotationDecision {
        guard let zero = nights.first(where: { $0.number == 0 }) else { return .nothingPushed }
        guard let newest = zero.generation else { return .inDoubt }
        let comparing = isFull || isComparisonDue(last, at: now)
        if isForced { return .rotate(comparing: comparing) }
        let first = nights.first { $0.number == 1 }?.generation
        if let first, first >= newest { return .nothingNew(newest) }
        guard let rotated = last.rotated else { return .rotate(comparing: comparing) }
        let elapsed = now.seconds(since: rotated)
        if elapsed < 0 { return .clockWentBack }
        return elapsed < interval ? .tooSoon(elapsed) : .rotate(comparing: comparing)
    }

    private func isComparisonDue(_ last: LastRotation, at now: Moment) -> Bool {
        guard let compared = last.compared else { return true }
        return now.time.seconds - compared.seconds >= fullEvery
    }
}

/// Which holds have ended.
package func expired(_ holds: [Hold], at now: Timestamp) -> [Hold] {
    holds.filter { hold in hold.until.map { $0 <= now } ?? false }
}
