import Configuration
import Digest
import Glibc
import Model
import Platform
import Wire

/// One of the threads that walk: takes a directory, reads it, and tells the server of it if it differs.
struct Walker: ~Copyable {
    let session: PushSession
    let activity: Activity
    private var hasher: ListingHasher
    private var kinds: [UInt64: FileSystemKind] = [:]

    init(_ session: PushSession) {
        self.session = session
        activity = session.watchdog.newActivity()
        hasher = ListingHasher(seed: session.welcome.seed)
    }

    /// Until everything has been walked.
    mutating func run() throws(PushEnded) {
        while let visit = try next() {
            try walk(visit)
            session.stack.finished()
        }
    }

    private func next() throws(PushEnded) -> Visit? {
        activity.rest()
        if let visit = session.stack.nextNow() { return visit }
        try session.outbox.flush()
        return session.stack.next()
    }

    private mutating func walk(_ visit: Visit) throws(PushEnded) {
        activity.begin(visit.trail)
        let sighting: Sighting
        do throws(DirectoryTrouble) {
            if try pass(visit) { return }
            sighting = try look(visit)
        } catch {
            return try report(error, visit)
        }
        activity.rest()
        let draft = ListingDraft(sighting, session.index, &hasher)
        if draft.hasTrouble { report(sighting.scan, visit) }
        session.tally.walked(files: draft.files, bytes: draft.bytes, visit.trail)
        let numbers = draft.isSilent ? draft.numbers.compactMap { $0 } : try session.outbox.send(draft)
        if !draft.isSilent { session.tally.listed() }
        session.stack.push(children(of: draft, numbers, visit))
    }

    /// The directories below one that has been read, as far as they are looked at.
    private func children(of draft: ListingDraft, _ numbers: [DirectoryNumber], _ visit: Visit) -> Children {
        guard let hints = session.hints, case .hinted = visit.scope else {
            return Children(
                parent: draft.pending, directories: draft.directories, numbers: numbers, rule: visit.rule)
        }
        var children = Children(parent: draft.pending, rule: visit.rule)
        for (directory, number) in zip(draft.directories, numbers) {
            let position = Int(directory.position)
            let (name, status) = draft.pending.entry(position)
            let found = session.index.find(parent: visit.number, name)
            let scope = hints.scope(
                of: name, in: visit.scope, isKnown: status.flatMap { found?.isSame(as: $0) } ?? false,
                isUnchanged: status.flatMap { found?.isUnchanged(since: $0) } ?? false,
                isWay: draft.pending.leadsToEntries(position))
            if let scope {
                children.add(position, number, directory.digest, scope)
            }
        }
        return children
    }

    /// Opens the directory and reads it.
    private mutating func look(_ visit: Visit) throws(DirectoryTrouble) -> Sighting {
        let time = session.settings.clock()
        let opened = try open(visit)
        var scan: Scan?
        do throws(SystemError) {
            if visit.rule != nil, let directory = opened.directory {
                scan = try directory.scan(byInode: opened.kind.inodesLieInOrder, activity.goOn(with:))
            }
        } catch {
            throw DirectoryTrouble(error, visit.trail)
        }
        return Sighting(
            number: visit.number, trail: visit.trail, directory: opened.directory, own: opened.own,
            inodesLast: opened.kind.inodesLast,
            verifies: session.settings.hello.share.covers(visit.number, in: session.welcome.generation), scan: scan,
            tree: visit.tree,
            exclusion: visit.rule?.exclusion ?? .none, indexed: visit.indexed, time: time)
    }

    /// Without a directory: a mount point that is not entered.
    typealias Opened = (directory: Directory?, own: FileStatus, kind: FileSystemKind)

    mutating func open(_ visit: Visit) throws(DirectoryTrouble) -> Opened {
        do throws(SystemError) {
            switch visit.approach {
            case .opened(let directory, _):
                let own = try directory.status()
                return (
                    directory, own, try kind(of: own.device) { () throws(SystemError) in try directory.fileSystem() }
                )
            case .below(let parent, let name, let seen, let parentDevice):
                if let opened = try open(name, below: parent, seen, parentDevice, visit.rule) { return opened }
                // Another file system came or went in between.
                let seen = try parent.status(of: name)
                if let opened = try open(name, below: parent, seen, parentDevice, visit.rule) { return opened }
            }
        } catch {
            throw DirectoryTrouble(error, visit.trail)
        }
        throw .kept(
            Issue(
                path: visit.trail.bytes, reason: .unreadable,
                detail: "file systems were mounted or unmounted here while it was opened"))
    }

    /// Nil if what was opened lies on another file system than what was seen.
    private mutating func open(
        _ name: Name, below parent: Directory, _ seen: FileStatus, _ parentDevice: UInt64, _ rule: WalkRule?
    ) throws(SystemError) -> Opened? {
        if seen.device != parentDevice {
            let kind = try kind(of: seen.device) { () throws(SystemError) in
                try parent.openAnything(name).fileSystem()
            }
            if kind.isPseudo || rule?.staysOnFileSystem == true { return (nil, seen, kind) }
        }
        let directory = try parent.openDirectory(name)
        let own = try directory.status()
        guard own.device == seen.device else { return nil }
        return (directory, own, try kind(of: own.device) { () throws(SystemError) in try directory.fileSystem() })
    }

    private mutating func kind(
        of device: UInt64, _ ask: () throws(SystemError) -> FileSystemKind
    ) throws(SystemError) -> FileSystemKind {
        if let known = kinds[device] { return known }
        let kind = try ask()
        kinds[device] = kind
        return kind
    }

    private func report(_ trouble: DirectoryTrouble, _ visit: Visit) throws(PushEnded) {
        switch trouble {
        case .gone: try session.outbox.send(.directoryGone(visit.number))
        case .kept(let issue):
            session.issues.add(issue)
            try session.outbox.send(.directoryKept(visit.number))
        }
    }

    /// Names the names that could not be looked at.
    private func report(_ scan: Scan?, _ visit: Visit) {
        guard let scan else { return }
        for entry in scan.entries where entry.status == nil || scan.name(of: entry) == nil {
            if let name = scan.name(of: entry) {
                let error = SystemError(operation: "statx", code: entry.code)
                session.issues.add(
                    Issue(path: visit.trail.bytes(of: name), reason: .unreadable, detail: error.description))
            } else {
                session.issues.add(
                    Issue(
                        path: visit.trail.bytes, reason: .unsupported,
                        detail: "it holds a name longer than \(Name.longest) bytes, or one with a slash"))
            }
        }
    }
}

/// Why a directory has no listing.
enum DirectoryTrouble: Error {
    /// It vanished, or is no directory any more.
    case gone
    case kept(Issue)

    init(_ error: SystemError, _ trail: Trail) {
        switch error.code {
        case ENOENT, ENOTDIR, ELOOP: self = .gone
        default:
            let path = trail.bytes
            let reason: Issue.Reason = error.code == EIO || error.code == ESTALE ? .inputOutput : .unreadable
            let told = SystemError(operation: error.operation, code: error.code, subject: path)
            self = .kept(Issue(path: path, reason: reason, detail: told.description))
        }
    }
}
