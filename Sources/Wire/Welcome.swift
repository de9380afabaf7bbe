import Model

/// How a server answers `Hello`.
package struct Welcome: Hashable, Sendable {
    /// The server's, for messages.
    package var release: String
    /// The generation that this push will make.
    package var generation: Generation
    /// What the agent gives to the first directory that the index does not have.
    package var nextDirectory: DirectoryNumber
    /// For the listing digests of this jail.
    package var seed: UInt64
    /// Bytes that a push may take up on the server's file system.
    package var room: UInt64
    /// Whether an earlier push broke off and is continued.
    package var continues: Bool
    /// Whether the agent has to look at everything, though it may know what changed.
    package var isFullWalkDue: Bool
    /// What a further channel has to say to belong to this push; nil where the server takes none.
    package var token: ChannelToken?

    package init(
        release: String, generation: Generation, nextDirectory: DirectoryNumber, seed: UInt64, room: UInt64,
        continues: Bool, isFullWalkDue: Bool = true, token: ChannelToken? = nil
    ) {
        self.release = release
        self.generation = generation
        self.nextDirectory = nextDirectory
        self.seed = seed
        self.room = room
        self.continues = continues
        self.isFullWalkDue = isFullWalkDue
        self.token = token
    }
}

extension Welcome {
    func encode(to encoder: inout Encoder) {
        encoder.text(release)
        encoder.number(UInt64(generation.rawValue))
        encoder.number(UInt64(nextDirectory.rawValue))
        encoder.fixed(seed)
        encoder.number(room)
        encoder.flags(continues, isFullWalkDue, token != nil)
        if let token { encoder.token(token) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        release = try decoder.string(upTo: 255, "a release")
        generation = Generation(try decoder.number(as: Int64.self, "a generation"))
        guard generation.rawValue <= Limits.number else { throw .malformed("a generation of \(generation.rawValue)") }
        nextDirectory = try decoder.directory()
        seed = try decoder.fixed()
        room = try decoder.number()
        let flags = try decoder.flags(3, "a welcome")
        (continues, isFullWalkDue) = (flags[0], flags[1])
        token = flags[2] ? try decoder.token() : nil
    }
}

extension IndexEntry {
    func encode(to encoder: inout Encoder) {
        encoder.flags(name != nil, digest != nil, identity != nil)
        encoder.number(UInt64(number.rawValue))
        encoder.number(UInt64(parent.rawValue))
        if let name { encoder.name(name) }
        if let digest { encoder.fixed(digest.rawValue) }
        if let identity {
            encoder.number(identity.inode)
            encoder.time(identity.changed)
        }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let flags = try decoder.flags(3, "an index entry")
        let number = try decoder.directory()
        let parent = DirectoryNumber(try decoder.number(as: Int64.self, "a parent's number"))
        let name = flags[0] ? try decoder.name() : nil
        let digest = flags[1] ? ListingDigest(rawValue: try decoder.fixed()) : nil
        let identity = flags[2] ? Identity(inode: try decoder.number(), changed: try decoder.time()) : nil
        self.init(number: number, parent: parent, name: name, digest: digest, identity: identity)
    }
}
