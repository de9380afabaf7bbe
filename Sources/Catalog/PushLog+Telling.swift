import GRDB

/// What staff was told of a jail. It stands here because it is noted when the mail is out, without the backupdir's lock.
extension PushLog {
    package enum Matter: String, Sendable {
        /// Why the nights do not move.
        case brake
        /// That it has not pushed for too long.
        case silence
    }

    /// What staff was told last; nil if nothing, or if that is over.
    package func told(_ matter: Matter) throws -> String? {
        try use { database in
            // A log that was made before staff was told anything.
            guard try database.tableExists("told") else { return nil }
            return try String.fetchOne(
                database, sql: "SELECT mark FROM told WHERE matter = ?", arguments: [matter.rawValue])
        }
    }

    /// Durable when it returns.
    /// - Parameter mark: what tells it from other news of the same matter; nil if it is over.
    package func setTold(_ matter: Matter, _ mark: String?) throws {
        if try told(matter) == mark { return }
        try write { database in
            try database.execute(sql: "DELETE FROM told WHERE matter = ?", arguments: [matter.rawValue])
            guard let mark else { return }
            try database.execute(sql: "INSERT INTO told VALUES (?, ?)", arguments: [matter.rawValue, mark])
        }
    }
}
