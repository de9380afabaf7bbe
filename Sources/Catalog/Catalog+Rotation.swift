import GRDB
package import Model

/// A rotation that was begun and has not ended: whoever takes the trees next ends it.
package struct RotationUnderWay: Hashable, Sendable {
    /// The tree that is to be night 1, wherever it lies now. Its `target` is set until it holds what it is to hold.
    package var tree: TreeIdentity
    /// Whether it is compared name by name with `0`, whatever the catalog says of it.
    package var compares: Bool
}

/// When a jail was rotated last, and when that last included a comparison.
package struct LastRotation: Hashable, Sendable {
    package var rotated: Moment?
    package var compared: Timestamp?

    package init(rotated: Moment? = nil, compared: Timestamp? = nil) {
        self.rotated = rotated
        self.compared = compared
    }
}

/// The nights' moving down by one, as far as it has to be remembered. All that is written here is durable when the call
/// returns.
extension Catalog {
    /// The one that has to be ended; nil if there is none.
    package func rotation() throws -> RotationUnderWay? {
        try use { connection in
            try GRDB.Row.fetchOne(connection.database, sql: "SELECT * FROM rotation").map { found in
                RotationUnderWay(tree: TreeIdentity(stored: found), compares: found["compares"])
            }
        }
    }

    /// Notes which tree will be night 1, what it holds and what it is to hold, before anything of it is changed. From
    /// here this night has been rotated: however often a run is cut, there is no second rotation.
    package func beginRotation(
        _ tree: TreeIdentity, _ state: TreeState, compares: Bool, at moment: Moment
    ) throws {
        try use { connection in
            try connection.durably {
                try connection.setRotating(tree, state, compares: compares)
                try connection.setRotated(moment)
            }
        }
    }

    /// Puts another tree, with nothing in it, in the place of the one that will be night 1.
    package func restartRotation(with tree: TreeIdentity, target: Generation) throws {
        try use { connection in
            let compares = try Bool.fetchOne(connection.database, sql: "SELECT compares FROM rotation") ?? false
            try connection.durably {
                try connection.setRotating(tree, TreeState(generation: .empty, target: target), compares: compares)
            }
        }
    }

    /// Notes that the rotation is over.
    /// - Parameter hasCompared: that the new night 1 was compared name by name.
    package func endRotation(hasCompared: Bool) throws {
        try use { connection in
            try connection.durably {
                try connection.database.execute(sql: "DELETE FROM rotation")
                guard hasCompared else { return }
                try connection.database.execute(
                    sql: "INSERT OR REPLACE INTO setting SELECT 'compared', value FROM setting WHERE key = 'rotated'")
            }
        }
    }

    /// Counts the time to the next rotation from this moment on, for when the clock has gone back.
    package func restartInterval(at moment: Moment) throws {
        try use { connection in try connection.durably { try connection.setRotated(moment) } }
    }

    /// What the time to the next one is counted from; nothing where there was none.
    package func lastRotation() throws -> LastRotation {
        try use { connection in
            func number(_ key: String) throws -> Int64? {
                try Int64.fetchOne(
                    connection.database, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
            }
            guard let rotated = try number("rotated") else { return LastRotation() }
            let boot = try String.fetchOne(
                connection.database, sql: "SELECT value FROM setting WHERE key = 'rotated_boot'")
            let uptime = try number("rotated_uptime")
            let moment = Moment(
                time: Timestamp(seconds: rotated),
                uptime: boot.flatMap { boot in uptime.map { Moment.Uptime(boot: boot, seconds: $0) } })
            return LastRotation(rotated: moment, compared: try number("compared").map { Timestamp(seconds: $0) })
        }
    }
}

extension Connection {
    fileprivate func setRotating(_ tree: TreeIdentity, _ state: TreeState, compares: Bool) throws {
        try database.execute(sql: "DELETE FROM rotation")
        try database.execute(
            sql: "INSERT INTO rotation VALUES (?, ?, ?, ?)", arguments: tree.arguments + [compares])
        try setTree(tree, state)
    }

    fileprivate func setRotated(_ moment: Moment) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO setting VALUES ('rotated', ?), ('rotated_boot', ?), ('rotated_uptime', ?)",
            arguments: [moment.time.seconds, moment.uptime?.boot, moment.uptime?.seconds])
    }
}
