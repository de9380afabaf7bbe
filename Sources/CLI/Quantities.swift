import Model

/// Bytes a second: `12 MiB/s`; `-` before a measurable time went by.
package func humanRate(_ bytes: UInt64, seconds: Double) -> String {
    let rate = Double(bytes) / seconds
    guard seconds > 0, rate.isFinite, rate < 1e19 else { return "-" }
    return humanSize(UInt64(rate)) + "/s"
}

/// Seconds for people: `0.3 s`, `12 s`, `3 min 20 s`, `5 h 7 min`, `3 d 4 h`.
package func humanDuration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
    let tenths = Int((seconds * 10).rounded())
    if tenths < 100 { return "\(tenths / 10).\(tenths % 10) s" }
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<60: "\(whole) s"
    case ..<3600: "\(whole / 60) min \(whole % 60) s"
    case ..<86400: "\(whole / 3600) h \(whole % 3600 / 60) min"
    default: "\(whole / 86400) d \(whole % 86400 / 3600) h"
    }
}

/// A count with its thousands apart: `1,234,567`.
package func grouped(_ count: UInt64) -> String {
    var text = ""
    for (index, digit) in String(count).reversed().enumerated() {
        if index > 0, index % 3 == 0 { text = "," + text }
        text = String(digit) + text
    }
    return text
}
