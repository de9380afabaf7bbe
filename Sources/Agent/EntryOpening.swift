import Configuration
import Model
import Platform

/// Opens the entries of a config, name by name from the jail's `/`, following no symlink.
///
/// What cannot be opened becomes an `Issue` with the reason, and stops none of the others; nor does what a hung file
/// system holds up. Names on the way that several entries share are opened once, and all are held until the push ends:
/// the walk starts from what was checked here.
package struct EntryOpening: Sendable {
    /// One per entry that was left out, in the order of the entries.
    package let issues: [Issue]
    /// How many entries there are.
    package let asked: Int
    /// How many of them could be opened.
    package var opened: Int { asked - issues.count }
    let tree: EntryTree
    /// Those that were opened, and where.
    let sightings: [EntrySighting]
    /// What they lie on, all of them together.
    let media: Set<Medium>

    /// Blocks for `patience` at most for each name that hangs. The thread that hangs there is left behind: nothing can
    /// free it.
    ///
    /// - Parameters:
    ///   - patience: seconds for which a file system may keep one waiting for one name.
    ///   - isInterrupted: whether the program has been asked to end; asked a few times a second.
    /// - Throws: where not even `/` can be opened, or the program shall end.
    package init(
        _ entries: [Entry], patience: Double = Watchdog.usualPatience,
        isInterrupted: () -> Bool = { false }
    ) throws(PushError) {
        let plan = EntryPlan(entries)
        var hanging: Set<[UInt8]> = []
        var attempt = try Attempt(plan, passing: hanging, patience)
        while true {
            if let found = try attempt.answer(within: 200) {
                tree = found.tree
                (sightings, media) = (found.sightings, found.media)
                issues = found.issues.sorted { ($0.line ?? 0, $0.path.count) < ($1.line ?? 0, $1.path.count) }
                asked = entries.count
                return
            }
            if isInterrupted() { throw .interrupted }
            guard let path = attempt.stalledAt else { continue }
            // With the jail's root all is lost.
            if path == Path().bytes { throw .stalled(path: path, seconds: patience) }
            hanging.insert(path)
            attempt = try Attempt(plan, passing: hanging, patience)
        }
    }
}

/// One pass over all entries, on a thread of its own.
private struct Attempt {
    private let errand: Errand<Result<OpenedEntries, SystemError>>
    private let watchdog: Watchdog

    /// - Parameter hanging: paths at which earlier passes hung; nothing is asked of them again.
    init(_ plan: EntryPlan, passing hanging: Set<[UInt8]>, _ patience: Double) throws(PushError) {
        watchdog = Watchdog(patience: patience)
        let activity = watchdog.newActivity()
        do throws(SystemError) {
            errand = try Errand("entries") {
                Result { () throws(SystemError) in try plan.open(passing: hanging, activity) }
            }
        } catch {
            throw .system(error)
        }
    }

    /// What was opened; nil if it takes longer than so many milliseconds.
    func answer(within milliseconds: Int) throws(PushError) -> OpenedEntries? {
        switch errand.answer(within: milliseconds) {
        case .success(let found): return found
        case .failure(let error): throw .system(error)
        case nil: return nil
        }
    }

    /// The path at which it hangs.
    var stalledAt: [UInt8]? { watchdog.stalled(at: steadySeconds()) }
}
