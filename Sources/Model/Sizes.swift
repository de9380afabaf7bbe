/// Bytes for people: `0 B`, `999 B`, `1.5 KiB`, `12 MiB`.
package func humanSize(_ bytes: UInt64) -> String {
    if bytes < 1024 { return "\(bytes) B" }
    var value = Double(bytes)
    var unit = -1
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    // Up to what would be rounded to 1024.
    while value >= 1023.5 || unit < 0 {
        value /= 1024
        unit += 1
    }
    let tenths = (value * 10).rounded()
    if tenths < 100 { return "\(Int(tenths) / 10).\(Int(tenths) % 10) \(units[unit])" }
    return "\(Int(value.rounded())) \(units[unit])"
}

/// The sum of sizes that customers may have chosen, of files that are all hole: as much as there can be where it is more.
package func clampedSum(_ size: UInt64, _ other: UInt64) -> UInt64 {
    let (sum, isBeyond) = size.addingReportingOverflow(other)
    return isBeyond ? .max : sum
}
