package import Catalog
package import Model
package import Storage

/// One pass of housekeeping over one jail: what has ended is let go, the nights move down if it is time, and what nobody
/// sees any more is forgotten. Staff is told of what should not be.
package struct JailPass: Sendable {
    /// Who has the jail's trees while it runs; commits wait for it.
    package static let holder = Backupdir.housekeeper

    package var rule: RotationRule
    package var limits: BrakeLimits
    /// Seconds for which a jail may be silent.
    package var staleAfter: Int64
    /// Somebody said that what the brake would stop is meant.
    package var accepts = false
    /// Hands a notice over to staff, or throws; then it is handed over again in the next pass.
    let tell: @Sendable (Notice, Name) throws -> Void

    package init(
        rule: RotationRule, limits: BrakeLimits, staleAfter: Int64,
        tell: @escaping @Sendable (Notice, _ jail: Name) throws -> Void
    ) {
        self.rule = rule
        self.limits = limits
        self.staleAfter = staleAfter
        self.tell = tell
    }

    /// What a pass did.
    package struct Report: Hashable, Sendable {
        package var decision: RotationDecision
        /// Nil where the nights did not move.
        package var rotation: RotationReport?
        /// What would have stopped it, or would once it is time, had it not been accepted.
        package var accepted: Braked?
        package var released: [Hold] = []
        /// Rows of the catalog that were removed.
        package var forgotten = 0
        /// What staff was told.
        package var told: [Notice] = []
        /// What kept staff from being told the rest, fit to be shown.
        package var failures: [String] = []
    }

    /// What there is to do, as it looks without the lock.
    package struct Look: Hashable, Sendable {
        package var decision: RotationDecision
        /// That it was decided for.
        package var nights: [Night] = []
        package var expired: [Hold] = []
        /// Whether a rotation was cut, or is under way.
        package var isUnfinished = false
        /// What staff does not know yet.
        package var notices: [Notice] = []

        /// Whether there is anything to do.
        package var isWork: Bool { needsLock || !notices.isEmpty }

        var needsLock: Bool {
            switch decision {
            case .rotate, .clockWentBack: true
            case .nothingPushed, .nothingNew, .tooSoon, .inDoubt, .braked: isUnfinished || !expired.isEmpty
            }
        }
    }

    /// Asks nobody to wait, and waits for nobody.
    package func look(at backupdir: Backupdir, at now: Moment) throws -> Look {
        guard let catalog = try backupdir.catalogForReading() else { return Look(decision: .nothingPushed) }
        let nights = try backupdir.nights(in: catalog)
        let decision = try decide(nights, catalog, now)
        return Look(
            decision: decision, nights: nights, expired: expired(try catalog.holds(), at: now.time),
            isUnfinished: try catalog.rotation() != nil,
            notices: try notices(decision, backupdir.pushLogForReading(), at: now.time))
    }

    /// Throws `.busy` if there is something to do and another pass is at it; waits for a commit. What was cut is finished
    /// first. Cut itself, by an error or a throw of `progress`, it leaves whole nights, and the next run of anything goes
    /// on.
    package func run(over backupdir: Backupdir, at now: Moment, progress: Progress? = nil) throws -> Report {
        let look = try look(at: backupdir, at: now)
        var report = Report(decision: look.decision)
        var notices = look.notices
        if look.needsLock || accepts { (report, notices) = try work(backupdir, look, now, progress) }
        try tellStaff(backupdir, notices, &report)
        return report
    }

    /// All that needs the lock, which is let go when it returns; and what is to be told of it.
    private func work(
        _ backupdir: Backupdir, _ look: Look, _ now: Moment, _ progress: Progress?
    ) throws -> (Report, [Notice]) {
        let jail = try backupdir.lock(holder: JailPass.holder, progress: progress)
        let nights = try jail.nights()
        // To ask the brake means to read all that changed: once is enough for the same nights.
        var report = Report(
            decision: nights == look.nights ? look.decision : try decide(nights, jail.catalog, now))
        if accepts, report.decision.comesToTheBrake, let braked = try braked(nights, jail.catalog, limits) {
            // From here a run that is cut need not be told again.
            try jail.catalog.accept(braked.pushed)
            report.accepted = braked
        }
        for hold in expired(try jail.catalog.holds(), at: now.time) where try jail.release(hold.name) {
            report.released.append(hold)
        }
        switch report.decision {
        case .rotate(let comparing):
            report.rotation = try jail.rotate(at: now, comparing: comparing, progress: progress)
            try jail.pushes.setTold(.brake, nil)
        case .clockWentBack:
            try jail.catalog.restartInterval(at: now)
        case .nothingPushed, .nothingNew, .tooSoon, .inDoubt, .braked:
            break
        }
        try progress?(.removing, 0, 0)
        report.forgotten = try jail.catalog.prune(keeping: jail.keptGenerations())
        try jail.sweep(progress: progress)
        return (report, try notices(report.decision, jail.pushes, at: now.time))
    }

    /// What a rotation would come to.
    package struct Preview: Hashable, Sendable {
        package var look: Look
        /// Names that would be linked, made or removed; 0 if there would be no rotation.
        package var operations: UInt64 = 0
        /// The generation of the tree that would be recycled; nil if a fresh copy would be made.
        package var recycled: Generation?
    }

    /// Says what a pass would do, and changes nothing. What it says is true of this moment.
    package func preview(of backupdir: Backupdir, at now: Moment) throws -> Preview {
        var preview = Preview(look: try look(at: backupdir, at: now))
        guard case .rotate = preview.look.decision, let catalog = try backupdir.catalogForReading() else {
            return preview
        }
        let nights = try backupdir.nights(in: catalog)
        guard let newest = nights.first?.generation else { return preview }
        if nights.count == Backupdir.mostNights, let oldest = nights.last?.generation {
            preview.recycled = oldest
            try catalog.differences(from: oldest, to: newest) { _ in preview.operations += 1 }
        } else if let record = try catalog.generations().first(where: { $0.number == newest }) {
            preview.operations = record.files + record.directories
        }
        return preview
    }

    /// The brake is asked when it is time, before anything is moved.
    private func decide(_ nights: [Night], _ catalog: Catalog, _ now: Moment) throws -> RotationDecision {
        let decision = rule.decide(nights, try catalog.lastRotation(), at: now)
        guard case .rotate = decision, !accepts, let braked = try braked(nights, catalog, limits) else {
            return decision
        }
        return .braked(braked)
    }
}
