internal import Catalog
internal import Model
internal import Storage

extension JailPass {
    /// What staff does not know yet.
    func notices(_ decision: RotationDecision, _ log: PushLog?, at now: Timestamp) throws -> [Notice] {
        guard let log else { return [] }
        var notices: [Notice] = []
        if case .braked(let braked) = decision { notices.append(.braked(braked)) }
        let standing = try log.standing()
        let news = staleNews(
            lastPush: standing.committed, now: now, limit: staleAfter, isTold: try log.told(.silence) != nil)
        if let news, let pushed = standing.committed {
            let silence = Silence(pushed: pushed, limit: staleAfter, failure: standing.failure)
            notices.append(news == .stale ? .stale(silence) : .back(silence))
        }
        return try notices.filter { try log.told($0.matter) != $0.mark }
    }

    /// Without the jail's lock: a mail may take a minute, for which no commit is to wait. What was handed over is noted as
    /// told; cut between the two, it is told twice rather than never.
    func tellStaff(_ backupdir: Backupdir, _ notices: [Notice], _ report: inout Report) throws {
        guard !notices.isEmpty, let name = backupdir.path.names.last else { return }
        try backupdir.telling { log in
            // Another pass may have told them since.
            for notice in notices where try log.told(notice.matter) != notice.mark {
                do {
                    try tell(notice, name)
                } catch {
                    report.failures.append("\(error)")
                    continue
                }
                try log.setTold(notice.matter, notice.mark)
                report.told.append(notice)
            }
        }
    }
}

extension Notice {
    fileprivate var matter: PushLog.Matter {
        switch self {
        case .braked: .brake
        case .stale, .back: .silence
        }
    }

    /// What is noted as told; nil for what ends the matter.
    fileprivate var mark: String? {
        switch self {
        case .braked(let braked): braked.mark
        case .stale: "stale"
        case .back: nil
        }
    }
}
