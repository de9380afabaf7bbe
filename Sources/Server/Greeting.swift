import Catalog
import Model
import Storage
import Wire

/// What the server says before the agent walks: who it is, and which directories it holds.
extension Session {
    /// - Parameters:
    ///   - isFullWalkDue: if not, the agent has hints, and is told by which inodes the directories are known.
    ///   - token: of the push, where it takes further channels.
    func welcome(
        _ catalog: Catalog?, _ generation: Generation, continues: Bool, isFullWalkDue: Bool,
        token: ChannelToken? = nil
    ) throws {
        try voice.say(
            .welcome(
                Welcome(
                    release: settings.release, generation: generation,
                    nextDirectory: try catalog?.nextDirectory() ?? DirectoryNumber.root.next,
                    seed: try catalog?.listingSeed() ?? 0, room: try backupdir.room(beside: settings.reserve),
                    continues: continues, isFullWalkDue: isFullWalkDue, token: token)))
        var batch: [IndexEntry] = []
        try catalog?.index(withIdentities: !isFullWalkDue) { directory in
            batch.append(directory)
            guard batch.count == Limits.entries / 2 else { return }
            try voice.say(.index(batch, isLast: false))
            batch.removeAll(keepingCapacity: true)
        }
        try voice.say(.index(batch, isLast: true))
        try voice.flush()
    }

    /// Whether a push would be let in: the lock is free, the trees can be worked on, and there is room.
    func check() throws {
        let life = try SignsOfLife(voice, every: settings.signsEvery)
        defer { life.end() }
        let jail = try backupdir.lockPush(holder: "nightjar check", progress: life.show)
        try jail.check(reserve: settings.reserve, progress: life.show)
        try welcome(
            jail.catalog, try jail.catalog.committed().next, continues: false, isFullWalkDue: true)
    }

    /// Says what a push would be asked for, beside whatever else goes on, and changes nothing.
    func rehearse(_ hello: Hello, _ reader: inout MessageReader) throws {
        let catalog = try backupdir.catalogForReading()
        let committed = try catalog?.committed() ?? .empty
        try welcome(
            catalog, committed.next, continues: false, isFullWalkDue: try isFullWalkDue(hello, catalog))
        var rehearsal = Rehearsal(catalog: catalog)
        while let message = try reader.nextFromAgent() {
            for answer in try rehearsal.take(message) { try voice.say(answer) }
            if case .abort = message { return }
            if case .complete(let counts) = message {
                try voice.say(.committed(committed, counts))
                return try voice.flush()
            }
            if !reader.hasMore { try voice.flush() }
        }
        throw WireError.cut
    }
}
