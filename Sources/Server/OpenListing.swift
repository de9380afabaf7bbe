import Catalog
import Model
import Wire

/// A directory of which the listing, or an answer to it, is still under way.
struct OpenListing {
    /// A name that the agent was asked for.
    struct Awaited {
        /// Nil for the directory itself.
        var lack: Lack?
        var key: LinkKey?
        /// Runs of its content that came.
        var arrived: UInt64 = 0
        /// The first run of the newest attempt that was heard of.
        var first: UInt64 = 0
        /// The last word, while runs that were sent before it are still to come.
        var ending: Ending?
        /// Whether the answer came, and only the writers are not done yet.
        var isAnswered = false
        /// Whether it was given up before its answer came.
        var isLost = false

        var isUnavailable: Bool { if case .absence = ending { true } else { false } }
    }

    /// How far the listing has come.
    struct Position {
        let head: Listing.Head
        /// What the server has of the directory itself; nil for one that is new in this session, which has no rows
        /// either.
        let held: Stamp?
        /// Of the next entry; 0 is the directory itself.
        var nextOrdinal: UInt64 = 1
        var lastName: Name?

        var isNew: Bool { held == nil }

        /// What follows from the next part, against the catalog's rows of the same stretch of names.
        /// - Throws: `WireError.malformed` where it does not go on behind the part before it.
        func findings(in part: Listing, against catalog: Catalog?) throws -> [Finding] {
            if let first = part.entries.first, let last = lastName, first.name <= last {
                throw WireError.malformed("a listing out of order: «\(first.name)» after «\(last)»")
            }
            let through = part.tail == nil ? part.entries.last?.name : nil
            let rows = isNew ? [] : try catalog?.rows(in: part.directory, after: lastName, through: through) ?? []
            return try Server.findings(
                in: part.entries, firstOrdinal: nextOrdinal, against: rows, inodesLast: head.inodesLast,
                verifies: head.verifies)
        }

        mutating func advance(past part: Listing) {
            nextOrdinal += UInt64(part.entries.count)
            lastName = part.entries.last?.name ?? lastName
        }
    }

    var position: Position
    /// Comes with the last part.
    var tail: Listing.Tail?
    var awaited: [UInt64: Awaited] = [:]
    /// Names that follow another one, which is awaited elsewhere.
    var following = 0
    /// Whether what arrived is what was listed; if not, the directory is to be listed again next time.
    var isExact = true

    init(_ position: Position) { self.position = position }

    var isDone: Bool { tail != nil && awaited.isEmpty && following == 0 }

    /// What may stand in the catalog once it is done.
    var digest: ListingDigest? { isExact ? tail?.digest : nil }
}
