import Catalog
import Model
import Storage
import Wire

/// Answers: what the agent found under the names that it was asked for.
extension Reception {
    /// An answer of which all content has come.
    mutating func settle(_ answer: Answer, _ awaited: OpenListing.Awaited) throws {
        let request = answer.place
        if awaited.isLost {
            if case .delta = awaited.lack?.want, case .content = answer.body {
                try voice.say(.verdict(request, .taken))
            }
            return try release(request, awaited)
        }
        guard let lack = awaited.lack else { return try takeOwn(answer) }
        guard answer.stamp.metadata.kind != .directory else { throw WireError.malformed("an answer is a directory") }
        if answer.isUnsettled || answer.stamp != lack.seen { listings[request.directory]?.isExact = false }
        var row = row(of: answer, at: Place(request.directory, lack.name))
        if let former = awaited.key.flatMap({ earlier[$0] }), try first(of: former, at: answer.stamp) == nil {
            // Another file, or the same one after a change: only where all its names are looked at again can that be told.
            listings[request.directory]?.isExact = false
            row.stamp = unread(row.stamp)
        }
        try staging.takeRoom(for: row)
        let deed = try deed(
            for: answer, held: lack.held, origin: lack.origin, asked: lack.want, open: staging.generation)
        if deed == .keep, let held = lack.held {
            writers.add(.drop, for: request)
            row.object = held.object
            return try arrive(row, at: request)
        }
        listings[request.directory]?.awaited[request.ordinal]?.isAnswered = true
        if case .link(let source) = deed, let origin = lack.origin {
            row.object = origin.object
            writers.add(.drop, for: request)
            return writers.add(.link(row, to: source), for: request)
        }
        row.object = try catalog.takeObject()
        switch deed {
        case .keep, .link, .make:
            writers.add(.drop, for: request)
            writers.add(.make(row), for: request)
        case .copy(let source):
            writers.add(.drop, for: request)
            writers.add(.copy(row, from: source), for: request)
        case .store:
            guard case .content(let digest, _, _) = answer.body else { return }
            row.digest = digest
            if lack.isVerification { try tellOfDifference(answer, lack) }
            // A claim: the sum of several may be more than there are numbers.
            counts.contentBytes = counts.contentBytes.addingReportingOverflow(row.stamp.metadata.size).partialValue
            writers.add(.store(row, rest: answer.rest), for: request)
        }
    }

    private mutating func takeOwn(_ answer: Answer) throws {
        let number = answer.place.directory
        guard answer.stamp.metadata.kind == .directory, let held = try catalog.row(of: number) else {
            throw WireError.malformed("an answer for directory \(number.rawValue) is none")
        }
        var row = held
        row.stamp = settled(answer)
        row.attributes = answer.attributes
        try staging.takeRoom(for: row)
        if !row.isSameInTree(as: held) { counts.changed += 1 }
        try catalog.put(row)
        if answer.isUnsettled || answer.stamp != listings[number]?.position.head.own {
            listings[number]?.isExact = false
        }
        listings[number]?.awaited[0] = nil
        try close(number)
    }

    /// There is no answer, and no more content comes.
    mutating func settle(_ absence: Absence, of request: Inquiry, _ awaited: OpenListing.Awaited) throws {
        writers.add(.drop, for: request)
        if absence == .vanished, let held = awaited.lack?.held { try end(held) }
        try release(request, awaited)
    }

    /// Lets a name be of which nothing comes, and those that follow it.
    private mutating func release(_ request: Inquiry, _ awaited: OpenListing.Awaited) throws {
        listings[request.directory]?.isExact = false
        listings[request.directory]?.awaited[request.ordinal] = nil
        if let key = awaited.key, case .waiting = links[key] {
            links[key] = .lost
            earlier[key] = nil
            for follower in followers.removeValue(forKey: key) ?? [] {
                underWay -= 1
                listings[follower.directory]?.following -= 1
                try lose(follower)
                try close(follower.directory)
            }
        }
        try close(request.directory)
    }

    /// A file that this server's file system has no place for: it keeps its last good copy, and is named.
    mutating func giveUp(_ request: Inquiry, _ reason: String) throws {
        guard let awaited = listings[request.directory]?.awaited[request.ordinal], let lack = awaited.lack else {
            return
        }
        try tell(lack.name, in: request.directory, .refused, reason)
        if awaited.isAnswered { return try release(request, awaited) }
        listings[request.directory]?.awaited[request.ordinal]?.isLost = true
    }

    /// A name is whole in the staging, or stands unchanged: its row is written, and names of the same inode follow.
    mutating func arrive(_ row: Row, at request: Inquiry) throws {
        guard let place = row.place else { return }
        // What was given up meanwhile has the row that it had.
        guard let awaited = listings[request.directory]?.awaited.removeValue(forKey: request.ordinal) else {
            return try staging.discard(place)
        }
        if let key = awaited.key, let lack = awaited.lack, let former = earlier.removeValue(forKey: key),
            let first = try first(of: former, at: row.stamp)
        {
            // It is the same file, and only its listing was older.
            try link(Follower(directory: request.directory, lack: lack), to: first.row, at: first.source, first.claim)
            try lead(followersOf: key, to: first.row, at: first.source, first.claim)
            return try close(request.directory)
        }
        let held = awaited.lack?.held
        let isNew = held?.object != row.object
        let claim = awaited.lack?.origin?.object == row.object ? takeClaim() : nil
        if let claim { try catalog.noteAdoption(of: row.object, by: place, claim: claim) }
        // What was only verified has its row.
        if held.map({ !$0.says(row) }) ?? true { try catalog.put(row, isNew: held == nil) }
        if isNew { counts.changed += 1 }
        if let key = awaited.key, case .waiting = links[key] {
            let isStaged = isNew || held?.since == staging.generation
            let source = isStaged ? Staging.Source.staged(place) : .newest(place)
            try lead(followersOf: key, to: row, at: source, claim)
            if let held, let lack = awaited.lack, mayBeUnlisted(lack, held, row) {
                try lead(namesOf: held, to: row, at: source)
            }
        }
        try close(request.directory)
    }

    /// A name of an inode is there: those that wait for it follow.
    private mutating func lead(
        followersOf key: LinkKey, to row: Row, at source: Staging.Source, _ claim: Int64?
    ) throws {
        links[key] = .arrived(row.stamp, source, claim: claim)
        for follower in followers.removeValue(forKey: key) ?? [] {
            underWay -= 1
            listings[follower.directory]?.following -= 1
            try link(follower, to: row, at: source, claim)
            try close(follower.directory)
        }
    }

    private mutating func takeClaim() -> Int64 {
        defer { nextClaim += 1 }
        return nextClaim
    }

    /// A further name of an inode that is there.
    mutating func link(_ follower: Follower, to row: Row, at source: Staging.Source, _ claim: Int64?) throws {
        let place = Place(follower.directory, follower.lack.name)
        var own = row
        own.directory = place.directory
        own.name = place.name
        try staging.takeRoom(for: own)
        if follower.lack.held?.object != row.object {
            try staging.link(place, to: source, of: row.object)
            counts.changed += 1
        }
        if let claim { try catalog.noteAdoption(of: row.object, by: place, claim: claim) }
        if row.stamp != follower.lack.seen { listings[follower.directory]?.isExact = false }
        if follower.lack.held.map({ !$0.says(own) }) ?? true {
            try catalog.put(own, isNew: follower.lack.held == nil)
        }
    }

    /// A further name of an inode whose first name could not be had: it keeps what it had, and is named.
    mutating func lose(_ follower: Follower) throws {
        listings[follower.directory]?.isExact = false
        try tell(
            follower.lack.name, in: follower.directory, .unreadable,
            "another name of the same file was asked for and could not be read; the next push tries again")
    }

    /// Names what is there, but for what the server's file system does not take.
    mutating func tellShortfalls() throws {
        let (found, further) = staging.shortfalls.take()
        for shortfall in found {
            // A record that is full only counts them, and so does the agent's.
            guard counts.notes < PushRecord.mostIssues else {
                counts.notes += 1
                continue
            }
            try tell(
                shortfall.name, in: shortfall.directory, .unsupported,
                "the server's file system does not keep: \(shortfall.lacking.joined(separator: ", "))")
        }
        counts.notes += further
    }

    /// Puts trouble that only the server sees into both records.
    /// - Parameter name: nil for the directory itself.
    mutating func tell(
        _ name: Name?, in directory: DirectoryNumber, _ reason: Issue.Reason, _ detail: String
    ) throws {
        let path = try catalog.path(of: directory, at: staging.generation)
        let whole = name.map { path?.appending($0).bytes ?? $0.bytes } ?? path?.bytes ?? []
        let issue = Issue(path: whole, reason: reason, detail: detail)
        note(issue)
        try voice.say(.issue(issue))
    }

    func awaited(_ request: Inquiry) throws(WireError) -> OpenListing.Awaited {
        guard let awaited = listings[request.directory]?.awaited[request.ordinal], !awaited.isAnswered else {
            throw .malformed("entry \(request.ordinal) of directory \(request.directory.rawValue) was not asked for")
        }
        return awaited
    }

    mutating func note(_ issue: Issue) {
        if issue.reason.leavesOut { counts.leftOut += 1 } else { counts.notes += 1 }
        // What a record takes, and one more, so that the catalog sees that there were more.
        if issues.count <= PushRecord.mostIssues { issues.append(issue) }
    }

    private func row(of answer: Answer, at place: Place) -> Row {
        var row = Row(
            directory: place.directory, name: place.name, stamp: settled(answer), attributes: answer.attributes)
        switch answer.body {
        case .none: break
        case .known(let digest), .content(let digest, _, _): row.digest = digest
        case .target(let target): row.target = target
        }
        return row
    }

    /// What may change without a change of its stamp gets one that no file has, so that it is looked at next time.
    private func settled(_ answer: Answer) -> Stamp { answer.isUnsettled ? unread(answer.stamp) : answer.stamp }

    func unread(_ stamp: Stamp) -> Stamp {
        var stamp = stamp
        stamp.changed = Timestamp(seconds: 0)
        return stamp
    }
}
