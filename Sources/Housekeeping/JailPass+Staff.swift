internal import Catalog
internal import Model
internal import Storage

extension JailPass {
    /// What staff does not know yet.
    func notices(
        _ decision: RotationDecision, _ catalog: Catalog, _ standing: PushStanding, at now: Timestamp
    ) throws -> [Notice] {
        var notices: [Notice] = []
        if case .braked(let braked) = decision, try catalog.brakeTold() != braked.mark {
            notices.append(.braked(braked))
        }
        let news = staleNews(
            lastPush: standing.committed, now: now, limit: staleAfter, isTold: try catalog.isToldStale())
        if let news, let pushed = standing.committed {
            let silence = Silence(pushed: pushed, limit: staleAfter, failure: standing.failure)
            notices.append(news == .stale ? .stale(silence) : .back(silence))
        }
        return notices
    }

    /// What was handed over is noted as told; cut between the two, it is told twice rather than never.
    func tellStaff(
        _ backupdir: Backupdir, _ jail: LockedBackupdir, at now: Timestamp, _ report: inout Report
    ) throws {
        guard let name = backupdir.path.names.last else { return }
        for notice in try notices(report.decision, jail.catalog, jail.pushes.standing(), at: now) {
            do {
                try tell(notice, name)
            } catch {
                report.failures.append("\(error)")
                continue
            }
            switch notice {
            case .braked(let braked): try jail.catalog.setBrakeTold(braked.mark)
            case .stale: try jail.catalog.setToldStale(true)
            case .back: try jail.catalog.setToldStale(false)
            }
            report.told.append(notice)
        }
    }
}
