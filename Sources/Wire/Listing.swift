import Model

/// A part of what a directory holds, as the agent saw it. A listing is one part or several, one right after the other,
/// with no part of another listing between them; the names rise strictly from the first part to the last.
package struct Listing: Hashable, Sendable {
    /// A name and what it is.
    package struct Entry: Hashable, Sendable {
        package var name: Name
        package var what: What

        package init(name: Name, what: What) {
            self.name = name
            self.what = what
        }
    }

    /// What the agent says of a name.
    package enum What: Hashable, Sendable {
        /// Anything but a directory.
        case file(Stamp)
        /// A directory: the number it has in the index, or the next number that was never given.
        case directory(DirectoryNumber)
        /// Something that could not be looked at: the server keeps what it has under this name.
        case kept
    }

    /// Comes with the first part.
    package struct Head: Hashable, Sendable {
        /// The directory's own stamp.
        package var own: Stamp
        /// False where the file system numbers its inodes anew; they are all 0 then.
        package var inodesLast: Bool
        /// Tells apart, within the session, the file systems whose inode numbers may coincide.
        package var fileSystem: UInt32
        /// Whether the content of its files is to be compared by digest, though their stamps may be those that the
        /// server has.
        package var verifies: Bool

        package init(own: Stamp, inodesLast: Bool, fileSystem: UInt32, verifies: Bool = false) {
            self.own = own
            self.inodesLast = inodesLast
            self.fileSystem = fileSystem
            self.verifies = verifies
        }
    }

    /// Comes with the last part.
    package struct Tail: Hashable, Sendable {
        /// Over the whole listing; nil if it holds what was kept, or a change so young that a later one could bear the
        /// same time: the server then asks for the listing again next time.
        package var digest: ListingDigest?

        package init(digest: ListingDigest?) { self.digest = digest }
    }

    package var directory: DirectoryNumber
    /// In the first part only.
    package var head: Head?
    /// At most `Limits.entries`, names rising strictly.
    package var entries: [Entry]
    /// In the last part only.
    package var tail: Tail?

    package init(directory: DirectoryNumber, head: Head?, entries: [Entry], tail: Tail?) {
        self.directory = directory
        self.head = head
        self.entries = entries
        self.tail = tail
    }
}

extension Listing {
    func encode(to encoder: inout Encoder) {
        encoder.number(UInt64(directory.rawValue))
        encoder.flags(head != nil, tail != nil, head?.inodesLast ?? false, tail?.digest != nil, head?.verifies ?? false)
        if let head {
            encoder.stamp(head.own)
            encoder.number(UInt64(head.fileSystem))
        }
        encoder.number(UInt64(entries.count))
        for entry in entries {
            encoder.name(entry.name)
            switch entry.what {
            case .kept: encoder.byte(0)
            case .file(let stamp): encoder.stamp(stamp)
            case .directory(let number):
                encoder.byte(FileKind.directory.rawValue)
                encoder.number(UInt64(number.rawValue))
            }
        }
        if let digest = tail?.digest { encoder.fixed(digest.rawValue) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        directory = try decoder.directory()
        let flags = try decoder.flags(5, "a listing")
        guard flags[0] || !(flags[2] || flags[4]), flags[1] || !flags[3] else {
            throw .malformed("a listing's flags contradict")
        }
        if flags[0] {
            let own = try decoder.stamp()
            guard own.metadata.kind == .directory else { throw .malformed("a listing of what is no directory") }
            head = Head(
                own: own, inodesLast: flags[2], fileSystem: try decoder.number(as: UInt32.self, "a file system"),
                verifies: flags[4])
        }
        entries = []
        let count = try decoder.count(upTo: Limits.entries, "a listing's length")
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let name = try decoder.name()
            if let last = entries.last, last.name >= name {
                throw .malformed("a listing out of order: «\(name)» after «\(last.name)»")
            }
            entries.append(Entry(name: name, what: try decoder.what()))
        }
        if flags[1] { tail = Tail(digest: flags[3] ? ListingDigest(rawValue: try decoder.fixed()) : nil) }
    }
}

extension Decoder {
    /// The number of a directory; 0, which is above the root, is none.
    mutating func directory() throws(WireError) -> DirectoryNumber {
        let number = try number(as: Int64.self, "a directory's number")
        guard number > 0, number <= Limits.number else { throw .malformed("a directory's number is \(number)") }
        return DirectoryNumber(number)
    }

    fileprivate mutating func what() throws(WireError) -> Listing.What {
        switch try peek() {
        case 0:
            _ = try byte()
            return .kept
        case FileKind.directory.rawValue:
            _ = try byte()
            return .directory(try directory())
        default: return .file(try stamp())
        }
    }
}
