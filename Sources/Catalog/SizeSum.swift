/// Sums of sizes in SQL, modulo 2^64. A jail claims sizes as it likes, two sparse files have 2^64 bytes: there SQLite makes a
/// float of a sum, and what went round comes right again when they go.
enum SizeSum {
    /// Two columns, `NAME_upper` and `NAME_lower`: the sums of the halves of sizes, which are exact.
    /// - Parameter rows: which are counted.
    static func halves(_ name: String, of rows: String = "1") -> String {
        """
        coalesce(sum(size >> 32) FILTER (WHERE \(rows)), 0) AS \(name)_upper,
        coalesce(sum(size & 0xFFFFFFFF) FILTER (WHERE \(rows)), 0) AS \(name)_lower
        """
    }

    /// What two such sums, or differences of them, come to.
    static func whole(_ upper: String, _ lower: String) -> String {
        "((\(upper) + ((\(lower)) >> 32)) << 32 | ((\(lower)) & 0xFFFFFFFF))"
    }
}
