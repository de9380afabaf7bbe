import Catalog
import Model
import Storage
import Wire

/// Takes in what a push says of the jail, until it is complete: compares listings with the catalog's rows, asks for what
/// is lacking, has the writers stage it, and writes a row once its inode is whole.
///
/// Nothing of it can be seen in any night. One thread owns it; another has the catalog keep the rows (`Keeping`), between
/// any two calls: a listing digest is cleared before the first row that it does not speak of, and set after the last.
struct Reception: ~Copyable {
    /// Four times what an agent may have under way: what is beyond that fills our memory, and nothing else.
    static let mostNames = 4 * 32_768
    /// An agent reads a few files at a time, and what is under way on its channels are few more: each takes a descriptor or
    /// two and a block of memory.
    static let mostBegun = 1024
    /// Bytes of answers that may wait for content which comes on another channel.
    static let mostHeldBack = 64 << 20

    let catalog: Catalog
    let staging: Staging
    let voice: Voice
    let writers: Writers
    /// What the agent may have verified.
    let share: VerifyShare
    /// Whether the agent goes by hints, and says nothing of most directories.
    let isPartial: Bool
    /// Whether there are rows of a push that broke off.
    let isContinued: Bool
    let signers: Signers
    /// By which changed files are asked for as deltas.
    var rule = DeltaRule()
    var lastArrival = ContinuousClock.now
    /// Listings and answers that came, as the agent has to have counted them; rows that changed or ended.
    var counts = PushCounts()
    /// Trouble that the agent told of, or that only the server saw.
    var issues: [Issue] = []
    /// The entries that the agent opened.
    private(set) var sightings: [EntrySighting] = []
    private var sightingBytes = 0

    var listings: [DirectoryNumber: OpenListing] = [:]
    /// The listing of which not all parts have come.
    var current: DirectoryNumber?
    /// New directories that their parents listed, and that have yet to be listed themselves.
    var announced: Set<DirectoryNumber> = []
    var listed: Set<DirectoryNumber> = []
    var links: [LinkKey: LinkGroup] = [:]
    /// What had come of inodes that are asked for again, as another name shows them otherwise.
    var earlier: [LinkKey: LinkGroup] = [:]
    /// Of groups that are waiting. Grown in place: a customer may give one inode 65,000 names.
    var followers: [LinkKey: [Follower]] = [:]
    /// Names that were asked for, or follow one that was, and of which no answer has come.
    var underWay = 0
    /// Bytes of answers that wait for content.
    var heldBack = 0
    /// Files of which content has come, and not yet all.
    var begun = 0
    var nextDirectory: DirectoryNumber
    var origins: Origins
    /// For the next file that takes over an inode.
    var nextClaim: Int64

    /// - Parameter wholeFiles: whether the agent wants no deltas.
    init(
        catalog: Catalog, staging: Staging, voice: Voice, share: VerifyShare, isPartial: Bool, wholeFiles: Bool
    ) throws {
        let (nextDirectory, nextClaim) = (try catalog.nextDirectory(), try catalog.nextClaim())
        let (isFirst, isContinued) = (try catalog.row(of: .root) == nil, try catalog.hasBegun())
        writers = try Writers(staging, voice)
        signers = Signers(staging, voice)
        rule.wholeFiles = wholeFiles
        self.catalog = catalog
        self.staging = staging
        self.voice = voice
        self.share = share
        self.isPartial = isPartial
        self.isContinued = isContinued
        self.nextDirectory = nextDirectory
        origins = Origins(catalog)
        self.nextClaim = nextClaim
        announced = isFirst ? [.root] : []
    }

    /// Takes one message.
    /// - Returns: the agent's counts once it has said all.
    mutating func take(_ message: AgentMessage) throws -> PushCounts? {
        try expectSpoiled()
        switch message {
        case .hello: throw WireError.malformed("a second hello")
        case .question, .order: throw WireError.malformed("a question in a push")
        case .listing(let listing): try take(listing)
        case .run(let run): try take(run)
        case .copied(let run): try take(run)
        case .answer(let answer): try take(answer)
        case .unavailable(let place, let absence, let runs): try take(absence, of: place, runs)
        case .directoryKept(let number): try keep(number)
        case .directoryGone(let number): try remove(number)
        case .issue(let issue): note(issue)
        case .progress: break
        case .entry(let sighting): try take(sighting)
        case .complete(let counts): return counts
        case .abort(let reason): throw Refusal(code: .tryLater, text: "the agent gave the push up: \(escaped(reason))")
        }
        try settle()
        return nil
    }

    private mutating func take(_ sighting: EntrySighting) throws(WireError) {
        sightings.append(sighting)
        sightingBytes += sighting.path.bytes.count
        guard sightings.count <= Limits.sightings, sightingBytes <= Limits.sightingBytes else {
            throw .malformed("\(sightings.count) entries with \(sightingBytes) bytes of paths")
        }
    }

    /// Writes the rows of all that became whole.
    mutating func settle() throws {
        for (request, row) in try writers.arrived() { try arrive(row, at: request) }
        for (request, reason) in writers.unfit() { try giveUp(request, reason) }
        try tellShortfalls()
    }

    /// Ends the writers, whatever happened, and keeps what is whole. Throws if something did not become whole.
    mutating func finish() throws {
        signers.end()
        writers.finish()
        while true {
            let rows = try writers.arrived()
            if rows.isEmpty { break }
            for (request, row) in rows { try arrive(row, at: request) }
        }
        for (request, reason) in writers.unfit() { try giveUp(request, reason) }
        try tellShortfalls()
        try catalog.flush()
    }

    /// Whether something was asked for that the agent has not answered, or not wholly.
    var awaitsContent: Bool {
        listings.values.contains { open in open.awaited.values.contains { !$0.isAnswered } }
    }

    /// Whether all that was listed has come, and the agent counted the same.
    func check(_ theirs: PushCounts) throws(WireError) {
        guard current == nil, listings.isEmpty, announced.isEmpty else {
            throw .malformed("the push is called complete, but \(listings.count + announced.count) directories are not")
        }
        guard theirs.listings == counts.listings, theirs.answers == counts.answers else {
            throw .malformed(
                "the agent counts \(theirs.listings) listings and \(theirs.answers) answers, the server"
                    + " \(counts.listings) and \(counts.answers)")
        }
    }
}
