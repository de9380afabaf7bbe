import Catalog
import Model
import Wire

/// What follows from one name of a listing, or from one name that it lacks.
enum Finding: Hashable {
    /// The jail has it no more.
    case gone(Row)
    /// A directory that has no number here yet; what stood under the name, if anything did, makes way.
    case newDirectory(Name, DirectoryNumber, held: Row?)
    /// New or changed: the agent is asked.
    case lacking(Lack)
}

/// A name of which the server lacks something.
struct Lack: Hashable {
    var name: Name
    var ordinal: UInt64
    var seen: Stamp
    var want: Want
    /// What the server has under the name.
    var held: Row?
    /// What the committed generation has of the same inode under another name; `want` is about that then.
    var origin: Row?
    /// Whether it lacks nothing by what is listed, and asks all the same whether the content is what it has.
    var isVerification = false
}

/// Compares a part of a listing with the rows of the same stretch of names. Both rise; nothing is decided twice, and
/// nothing is touched here.
///
/// - Parameters:
///   - firstOrdinal: of the first entry.
///   - verifies: whether the content of files whose stamps did not move is asked for too.
/// - Throws: `WireError.malformed` where the agent gives a directory a number that is not its own.
func findings(
    in entries: [Listing.Entry], firstOrdinal: UInt64, against rows: [Row], inodesLast: Bool, verifies: Bool = false
) throws(WireError) -> [Finding] {
    var findings: [Finding] = []
    var rest = rows[...]
    for (index, entry) in entries.enumerated() {
        while let row = rest.first, let name = row.name, name < entry.name {
            findings.append(.gone(row))
            rest = rest.dropFirst()
        }
        let held = rest.first?.name == entry.name ? rest.popFirst() : nil
        let ordinal = firstOrdinal + UInt64(index)
        switch entry.what {
        case .kept: continue
        case .directory(let number):
            if held?.child == number { continue }
            findings.append(.newDirectory(entry.name, number, held: held))
        case .file(let stamp):
            guard stamp.metadata.kind != .directory else { throw .malformed("a directory listed as a file") }
            let comparable = held.flatMap { $0.child == nil ? (stamp: $0.stamp, digest: $0.digest) : nil }
            let lacking = want(held: comparable, seen: stamp, inodesLast: inodesLast)
            guard let want = lacking ?? (verifies ? comparable.flatMap(verification) : nil) else { continue }
            findings.append(
                .lacking(
                    Lack(
                        name: entry.name, ordinal: ordinal, seen: stamp, want: want, held: held,
                        isVerification: lacking == nil)))
        }
    }
    return findings + rest.map(Finding.gone)
}

/// What the agent is asked of the listed directory itself; nil if it is as it was.
///
/// - Parameter held: nil if the server has not heard of the directory before.
func wantOfOwn(held: Stamp?, _ head: Listing.Head) -> Want? {
    want(held: (held ?? placeholder, nil), seen: head.own, inodesLast: head.inodesLast)
}

/// What a new directory is until it has been asked for; nothing on a jail has such a ctime.
let placeholder = Stamp(
    metadata: Metadata(kind: .directory, mode: 0o700, owner: 0, group: 0, modified: Timestamp(seconds: 0)), inode: 0,
    links: 0, changed: Timestamp(seconds: 0))
