/// Which file system a place lies on, as far as that can be told from one boot to the next.
package struct FileSystemIdentity: Hashable, Sendable {
    /// The kernel's magic number for its kind.
    package var kind: UInt64
    /// Of this one among its kind, from its UUID; 0 where it has none that lasts.
    package var number: UInt64

    package init(kind: UInt64, number: UInt64) {
        self.kind = kind
        self.number = number
    }

    /// Whether it is certainly another file system.
    package func differs(from other: FileSystemIdentity) -> Bool {
        kind != other.kind || number != 0 && other.number != 0 && number != other.number
    }
}

/// An entry that an agent opened, and where it found it.
package struct EntrySighting: Hashable, Sendable {
    package var path: Path
    package var fileSystem: FileSystemIdentity

    package init(path: Path, fileSystem: FileSystemIdentity) {
        self.path = path
        self.fileSystem = fileSystem
    }
}

/// What lies below the path of an entry in one generation.
package struct EntryFigures: Hashable, Sendable {
    /// Names that are no directories.
    package var files: UInt64
    /// The sizes of the regular files, each name counted.
    package var bytes: UInt64
    /// Where the agent saw the entry; nil if it never said.
    package var fileSystem: FileSystemIdentity?

    package init(files: UInt64, bytes: UInt64, fileSystem: FileSystemIdentity? = nil) {
        self.files = files
        self.bytes = bytes
        self.fileSystem = fileSystem
    }
}

/// What became of an entry between two generations.
package struct EntryChange: Hashable, Sendable {
    package var path: Path
    package var before: EntryFigures
    /// Nil if nothing is there any more under its path.
    package var after: EntryFigures?
    /// Of the files before, those that are gone or differ in content or metadata.
    package var altered: UInt64

    package init(path: Path, before: EntryFigures, after: EntryFigures?, altered: UInt64) {
        self.path = path
        self.before = before
        self.after = after
        self.altered = altered
    }
}
