import GRDB

/// The tables. `user_version` says which form they have; a catalog of a later form is refused.
enum Schema {
    static let version = 2

    static func make(_ database: Database) throws {
        try database.execute(sql: tables)
        try database.execute(
            sql: "INSERT INTO setting VALUES ('seed', ?), ('directory', 2), ('object', 1)",
            arguments: [Int64.random(in: .min ... .max)])
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Brings a catalog of an earlier form to this one. What it holds is as it was.
    static func update(_ database: Database) throws {
        // Form 1 could find only what has several names by its inode.
        try database.execute(sql: "DROP INDEX entry_linked; \(inodes); \(adoptions); PRAGMA user_version = \(version)")
    }

    /// Where the inodes of a jail are: about 40 bytes for each name that is no directory.
    private static let inodes = "CREATE INDEX entry_inode ON entry (inode) WHERE child IS NULL AND inode <> 0"

    /// What `noteAdoption` notes, until the generation is committed.
    private static let adoptions = """
        CREATE TABLE adoption (
            object INTEGER NOT NULL, claim INTEGER NOT NULL, directory INTEGER NOT NULL, name BLOB NOT NULL,
            PRIMARY KEY (object, claim, directory, name)
        ) WITHOUT ROWID
        """

    /// A `WITHOUT ROWID` table keeps rows in the order of their key, so that a listing is one range; each index carries
    /// the key along, so that what began or ended with a generation, and where a directory stands, is read from the
    /// index alone.
    private static let tables = """
        CREATE TABLE entry (
            directory INTEGER NOT NULL, name BLOB NOT NULL, since INTEGER NOT NULL,
            until INTEGER NOT NULL DEFAULT 9223372036854775807,
            kind INTEGER NOT NULL, mode INTEGER NOT NULL, owner INTEGER NOT NULL, grp INTEGER NOT NULL,
            size INTEGER NOT NULL, mtime_s INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
            major INTEGER NOT NULL, minor INTEGER NOT NULL,
            inode INTEGER NOT NULL, links INTEGER NOT NULL, ctime_s INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
            digest BLOB, target BLOB, attributes BLOB, object INTEGER NOT NULL, child INTEGER,
            PRIMARY KEY (directory, name, since)
        ) WITHOUT ROWID;
        CREATE INDEX entry_since ON entry (since);
        CREATE INDEX entry_until ON entry (until) WHERE until < 9223372036854775807;
        CREATE INDEX entry_child ON entry (child, since, until) WHERE child IS NOT NULL;
        CREATE INDEX entry_since_child ON entry (since) WHERE child IS NOT NULL;
        \(inodes);
        \(adoptions);

        CREATE TABLE directory (number INTEGER PRIMARY KEY, digest INTEGER NOT NULL);

        CREATE TABLE generation (
            number INTEGER PRIMARY KEY, state INTEGER NOT NULL, uuid TEXT NOT NULL,
            started_s INTEGER NOT NULL, started_ns INTEGER NOT NULL, committed_s INTEGER, committed_ns INTEGER,
            valid INTEGER NOT NULL DEFAULT 1, boot TEXT NOT NULL, first_object INTEGER NOT NULL,
            files INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, directories INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0,
            new_bytes INTEGER NOT NULL DEFAULT 0
        );

        CREATE TABLE tree (
            inode INTEGER NOT NULL, birth_s INTEGER NOT NULL, birth_ns INTEGER NOT NULL,
            generation INTEGER NOT NULL, target INTEGER, cleared INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (inode, birth_s, birth_ns)
        ) WITHOUT ROWID;
        CREATE TABLE relinking (object INTEGER PRIMARY KEY);

        CREATE TABLE rotation (
            inode INTEGER NOT NULL, birth_s INTEGER NOT NULL, birth_ns INTEGER NOT NULL, compares INTEGER NOT NULL
        );
        CREATE TABLE hold (
            name BLOB PRIMARY KEY, generation INTEGER NOT NULL, path BLOB NOT NULL,
            made_s INTEGER NOT NULL, made_ns INTEGER NOT NULL, until_s INTEGER,
            inode INTEGER NOT NULL, birth_s INTEGER NOT NULL, birth_ns INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE entry_figures (
            generation INTEGER NOT NULL, path BLOB NOT NULL, fs_kind INTEGER NOT NULL, fs_number INTEGER NOT NULL,
            files INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (generation, path)
        ) WITHOUT ROWID;

        CREATE TABLE setting (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        """
}
