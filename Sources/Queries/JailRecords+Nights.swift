import Catalog
internal import Housekeeping
import Model
import Storage

extension JailRecords {
    /// What is kept: each night, each hold, and what is wrong with the pushes.
    func nights(_ catalog: Catalog?, _ body: (Finding) throws -> Void) throws -> QueryOutcome {
        if let catalog {
            let nights = try backupdir.nights(in: catalog)
            // To ask the brake means to read all that changed.
            let braked = try braked(nights, catalog, brake)
            try kept(nights, isHeldBack: braked != nil, catalog) { try body(.kept($0)) }
            if let braked { try body(.trouble(.heldBack(reason: braked.words))) }
        }
        if let last = failure(among: try backupdir.pushes(limit: 20)) {
            try body(.trouble(.failed(last.started, reason: last.reason)))
        }
        if try !backupdir.wasPushed(by: catalog) { try body(.trouble(.neverPushed)) }
        return .answered
    }

    private func kept(
        _ nights: [Night], isHeldBack: Bool, _ catalog: Catalog, _ body: (KeptTree) throws -> Void
    ) throws {
        let records = Dictionary(uniqueKeysWithValues: try catalog.generations().map { ($0.number, $0) })
        let goes = try departures(of: nights, isHeldBack: isHeldBack, catalog)
        let holds = try catalog.holds()
        for night in nights {
            try body(
                KeptTree(
                    night: night.number, state: night.generation.flatMap { records[$0] }.map(KeptTree.State.init),
                    holds: holds.filter { $0.generation == night.generation }.map(KeptTree.Held.init),
                    goes: goes[night.number]))
        }
        for hold in holds {
            try body(
                KeptTree(
                    night: nil, state: records[hold.generation].map(KeptTree.State.init),
                    holds: [KeptTree.Held(hold)], goes: hold.until))
        }
    }

    /// When each night can go.
    func departures(of nights: [Night], isHeldBack: Bool, _ catalog: Catalog) throws -> [Int: Timestamp] {
        Housekeeping.departures(
            of: nights, lastRotation: try catalog.lastRotation().rotated?.time, interval: rotateInterval, now: now,
            isHeldBack: isHeldBack)
    }

    /// The newest push if it failed, and no other was completed after it began: one that came while another was under
    /// way has cost nothing.
    private func failure(among pushes: [PushRecord]) -> PushRecord? {
        guard let last = pushes.first, last.outcome == .failed else { return nil }
        let completed = pushes.lazy.filter { $0.outcome == .complete }.compactMap(\.ended).max()
        return completed.map { $0 > last.started } ?? false ? nil : last
    }
}

extension KeptTree.State {
    fileprivate init(_ record: GenerationRecord) {
        self.init(
            number: record.number, uuid: record.uuid, pushed: record.committed, isValid: record.valid,
            files: record.files, bytes: record.bytes, changed: record.changed, newBytes: record.newBytes)
    }
}

extension KeptTree.Held {
    fileprivate init(_ hold: Hold) { self.init(name: hold.name, path: hold.path) }
}
