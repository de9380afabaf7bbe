import CLI
import Catalog
import Housekeeping
import Mail
import Model
import Storage

extension JailPass.Report {
    /// Says what a pass did; what went well under `-v` only.
    ///
    /// - Returns: `.damage` where trees were not what the catalog says, `.leftOut` where somebody has to decide, or could
    ///   not be told.
    func tell(of jail: Name, _ console: Console) -> ExitCode {
        for hold in released { console.note("\(jail): let go of \(hold.name), whose time has come") }
        for notice in told { console.note("\(jail): mailed: \(notice.words)") }
        for failure in failures { console.error("\(jail): \(failure); it is tried again in the next pass") }
        if let accepted { console.note("\(jail): accepted: \(accepted.causes)") }
        if let rotation { return tell(rotation, of: jail, console) }
        switch decision {
        case .inDoubt:
            console.warning("\(jail): \(decision.words); nothing was rotated")
            return .damage
        case .braked:
            console.error(
                "\(jail): \(decision.words)",
                hint: "nightjar-server housekeep --accept \(jail) lets it; nightjar-server revert \(jail) takes it back"
            )
            return .leftOut
        case .rotate, .nothingPushed, .nothingNew, .tooSoon, .clockWentBack:
            console.note("\(jail): \(decision.words)")
            return failures.isEmpty ? .done : .leftOut
        }
    }

    private func tell(_ rotation: RotationReport, of jail: Name, _ console: Console) -> ExitCode {
        console.note(
            "\(jail): rotated; 1 is generation \(rotation.generation.rawValue), \(rotation.source.words);"
                + " \(forgotten) rows forgotten")
        if case .freshCopyInstead(let reason) = rotation.source {
            console.warning("\(jail): \(reason); a fresh copy was made instead of recycling it")
        }
        guard rotation.mended > 0 else { return failures.isEmpty ? .done : .leftOut }
        console.warning(
            "\(jail): \(rotation.mended) names of the recycled tree were not what the catalog says; they are mended in 1,"
                + " and other nights may have the like")
        return .damage
    }
}

extension RotationDecision {
    var words: String {
        switch self {
        case .rotate(comparing: false): "it is time"
        case .rotate(comparing: true): "it is time, and whole trees are compared"
        case .nothingPushed: "nothing was pushed yet"
        case .nothingNew(let generation): "nothing was pushed since generation \(generation.rawValue) became 1"
        case .tooSoon(let seconds): "the last rotation was \(humanDuration(Double(seconds))) ago"
        case .clockWentBack: "the clock stands before the last rotation; the interval is counted from now"
        case .inDoubt: "the catalog does not know the tree in 0"
        case .braked(let braked): braked.words
        }
    }
}

extension Notice {
    var words: String {
        switch self {
        case .braked: "its nights have stopped"
        case .stale: "it does not push"
        case .back: "it pushes again"
        }
    }
}

extension RotationReport.Source {
    fileprivate var words: String {
        switch self {
        case .recycled(let generation): "recycled from generation \(generation.rawValue)"
        case .freshCopy, .freshCopyInstead: "a fresh copy"
        }
    }
}
