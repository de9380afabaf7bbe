/// One line of the answer to a question.
package enum Finding: Hashable, Sendable {
    case kept(KeptTree)
    case trouble(JailTrouble)
    case file(ListedFile)
    case version(FileVersion)
    case path(FoundPath)
}

/// A night or a hold, as `nights` shows it.
package struct KeptTree: Hashable, Sendable {
    /// What of a generation is worth knowing.
    package struct State: Hashable, Sendable {
        package var number: Generation
        package var uuid: String
        /// When it was committed, by the server's clock.
        package var pushed: Timestamp?
        /// False once damage was found in it.
        package var isValid: Bool
        package var files: UInt64
        package var bytes: UInt64
        package var changed: UInt64
        package var newBytes: UInt64

        package init(
            number: Generation, uuid: String, pushed: Timestamp?, isValid: Bool, files: UInt64, bytes: UInt64,
            changed: UInt64, newBytes: UInt64
        ) {
            self.number = number
            self.uuid = uuid
            self.pushed = pushed
            self.isValid = isValid
            self.files = files
            self.bytes = bytes
            self.changed = changed
            self.newBytes = newBytes
        }
    }

    /// What a hold keeps: all of the generation where the path is `/`.
    package struct Held: Hashable, Sendable {
        package var name: Name
        package var path: Path

        package init(name: Name, path: Path) {
            self.name = name
            self.path = path
        }
    }

    /// Nil for a hold's own tree.
    package var night: Int?
    /// Nil where it is not known what the tree holds, or while it is worked on.
    package var state: State?
    package var holds: [Held]
    /// The earliest time at which it can go; nil where nothing can be said.
    package var goes: Timestamp?

    package init(night: Int?, state: State?, holds: [Held], goes: Timestamp?) {
        self.night = night
        self.state = state
        self.holds = holds
        self.goes = goes
    }
}

/// What is wrong with a jail, to be told beside its nights.
package enum JailTrouble: Hashable, Sendable {
    /// The last push came to nothing; why, fit to be shown.
    case failed(Timestamp, reason: String)
    case neverPushed
    /// Rotation has stopped, and a person has to say how it goes on; why, fit to be shown.
    case heldBack(reason: String)
}

/// A name as `ls` shows it.
package struct ListedFile: Hashable, Sendable {
    /// Nil for the jail's `/`.
    package var name: Name?
    package var metadata: Metadata
    /// Whether it has an ACL beside its mode.
    package var hasList: Bool
    package var links: UInt32
    /// Of a symlink.
    package var target: [UInt8]?

    package init(name: Name?, metadata: Metadata, hasList: Bool, links: UInt32, target: [UInt8]?) {
        self.name = name
        self.metadata = metadata
        self.hasList = hasList
        self.links = links
        self.target = target
    }
}

/// One state of a file, and the trees that have it.
package struct FileVersion: Hashable, Sendable {
    package var nights: [Int]
    package var holds: [Name]
    package var metadata: Metadata
    /// Whether it has an ACL beside its mode.
    package var hasList: Bool
    /// The earliest time at which the last of the trees can go; nil where that cannot be said.
    package var until: Timestamp?
    /// Of a regular file.
    package var digest: ContentDigest?
    /// Of a symlink.
    package var target: [UInt8]?

    package init(
        nights: [Int], holds: [Name], metadata: Metadata, hasList: Bool, until: Timestamp?, digest: ContentDigest?,
        target: [UInt8]?
    ) {
        self.nights = nights
        self.holds = holds
        self.metadata = metadata
        self.hasList = hasList
        self.until = until
        self.digest = digest
        self.target = target
    }
}

/// A path that matches, and the trees that have it. One of them at least.
package struct FoundPath: Hashable, Sendable {
    package var path: Path
    package var nights: [Int]
    package var holds: [Name]

    package init(path: Path, nights: [Int], holds: [Name]) {
        self.path = path
        self.nights = nights
        self.holds = holds
    }
}

/// A name of an archive, as `restore --list` shows it.
package struct ListedMember: Hashable, Sendable {
    /// From what the archive is relative to: `usr/home/bob`.
    package var path: [UInt8]
    package var metadata: Metadata
    /// Whether it has an ACL beside its mode.
    package var hasList: Bool
    /// Where a symlink leads; of a further name of a file, its first.
    package var target: [UInt8]?

    package init(path: [UInt8], metadata: Metadata, hasList: Bool, target: [UInt8]?) {
        self.path = path
        self.metadata = metadata
        self.hasList = hasList
        self.target = target
    }
}

extension Attributes {
    /// Whether there is an ACL beside the mode.
    package var hasList: Bool { accessList != nil || defaultList != nil }
}
