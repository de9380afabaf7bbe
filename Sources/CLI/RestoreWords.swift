import Model
import Options

extension Console {
    /// More lines of a kind than these are only counted.
    private static let mostLines = 100

    /// Says what an archive does not hold, and which files in it are damaged.
    package func tell(_ summary: RestoreSummary) {
        let leftOut = summary.leftOut.prefix(Console.mostLines)
        for path in leftOut {
            warning(
                "\(path): an archive has no words for a socket, nor for some ACLs and attributes: that is left out"
            )
        }
        let more = summary.leftOutCount - UInt64(leftOut.count)
        if more > 0 { warning("and \(grouped(more)) more like it") }

        let damaged = summary.damaged.prefix(Console.mostLines)
        for damage in damaged {
            let nights = damage.goodNights.map(String.init).joined(separator: ", ")
            let hint =
                nights.isEmpty ? "no other night has a good copy" : "a good copy is to be had with --night: \(nights)"
            error("\(damage.path): damaged: \(damage.reason); \(hint)")
        }
        let further = summary.damagedCount - UInt64(damaged.count)
        if further > 0 { error("and \(grouped(further)) more are damaged") }
    }

    /// Says so where the night should be held and is not.
    package func tell(_ hold: RestoreHold, of jail: Name) {
        guard case .failed(let reason, let night) = hold else { return }
        let remedy =
            night.map { "the night is not held: nightjar-server hold \(jail) --night \($0) holds it" }
            ?? "it was read from a hold, and is kept no longer than that"
        warning("\(reason)\n\(remedy)")
    }
}

extension Console {
    /// Says why nothing can be restored as it was asked for.
    ///
    /// - Parameter lister: the command line that lists the nights there are.
    /// - Returns: the exit status.
    package func complain(of refusal: RestoreRefusal, lister: String) -> ExitCode {
        if refusal.reason == .noNight {
            error("\(refusal)", hint: "\(lister) lists what there is")
        } else {
            error("\(refusal)")
        }
        return refusal.reason == .words ? .usage : .leftOut
    }
}

/// What `--json` says of an archive.
package struct RestoreRecord {
    let jail: Name
    let path: Path?
    let size: UInt64
    let sha256: String
    let summary: RestoreSummary
    let hold: RestoreHold

    package init(
        jail: Name, path: Path?, size: UInt64, sha256: String, summary: RestoreSummary, hold: RestoreHold
    ) {
        self.jail = jail
        self.path = path
        self.size = size
        self.sha256 = sha256
        self.summary = summary
        self.hold = hold
    }

    package var json: JSON {
        .object([
            ("jail", .bytes(jail.bytes)), ("path", path.map { .bytes($0.bytes) } ?? .none),
            ("size", .unsigned(size)), ("sha256", .text(sha256)),
            ("generation", .number(summary.generation.rawValue)), ("pushed", .time(summary.pushed)),
            ("members", .unsigned(summary.members)), ("bytes", .unsigned(summary.bytes)),
            ("left_out", .list(summary.leftOut.map { .bytes($0.bytes) })),
            ("left_out_count", .unsigned(summary.leftOutCount)), ("damaged", .list(summary.damaged.map(\.json))),
            ("damaged_count", .unsigned(summary.damagedCount)),
            ("holds", .list(hold.names.map { .bytes($0.bytes) })),
        ])
    }
}

extension RestoreSummary.Damage {
    fileprivate var json: JSON {
        .object([
            ("path", .bytes(path.bytes)), ("reason", .text(reason)),
            ("good_nights", .list(goodNights.map { .number(Int64($0)) })),
        ])
    }
}
