/// Sums of sizes in SQL, modulo 2^64. A jail claims sizes as it likes, two sparse files have 2^64 bytes: there SQLite makes a
/// float of a sum, and what went round comes right again when they go.
enum SizeSum {
    /// The size of a row that is a regular file's.
    static let ofFiles = "CASE kind WHEN 1 THEN size END"

    /// Two columns, `upper` and `lower`: the sums of the halves of the sizes, which are exact.
    static func halves(of size: String) -> String {
        "coalesce(sum((\(size)) >> 32), 0) AS upper, coalesce(sum((\(size)) & 0xFFFFFFFF), 0) AS lower"
    }

    /// What two such sums, or differences of them, come to.
    static func whole(_ upper: String, _ lower: String) -> String {
        "((\(upper) + ((\(lower)) >> 32)) << 32 | ((\(lower)) & 0xFFFFFFFF))"
    }
}
