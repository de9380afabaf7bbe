import Glibc
import Model

extension Timestamp {
    /// RFC 3339 in UTC, whole seconds: `2026-11-21T02:33:39Z`.
    package var utc: String { formatted("%Y-%m-%dT%H:%M:%SZ") { gmtime_r($0, $1) } }

    /// In the machine's time zone: `2026-11-21 03:33:39`.
    package var local: String { formatted("%Y-%m-%d %H:%M:%S") { localtime_r($0, $1) } }

    /// The day in the machine's time zone: `2026-11-21`.
    package var day: String { formatted("%Y-%m-%d") { localtime_r($0, $1) } }

    private func formatted(
        _ format: String, _ split: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
    ) -> String {
        var parts = tm()
        var moment = time_t(seconds)
        guard split(&moment, &parts) != nil else { return "\(seconds) s" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let count = strftime(buffer.baseAddress!, buffer.count, format, &parts)
            return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Reads `2026-11-21`, `2026-11-21 02:33[:39]`, with a T for the blank too, in the machine's time zone; with a Z at
    /// the end in UTC; or `@1763692419`. Nil for anything else, and for days and hours that do not exist.
    package init?(text: String) {
        if text.first == "@" {
            guard let seconds = Int64(text.dropFirst()) else { return nil }
            self.init(seconds: seconds)
            return
        }
        let isUTC = text.last == "Z"
        let halves = (isUTC ? text.dropLast() : text[...]).split(omittingEmptySubsequences: false) {
            $0 == " " || $0 == "T"
        }
        guard let date = halves.first.flatMap({ Timestamp.numbers($0, "-") }), date.count == 3, halves.count <= 2 else {
            return nil
        }
        var clock: [Int32] = [0, 0, 0]
        if halves.count == 2 {
            guard let given = Timestamp.numbers(halves[1], ":"), (2...3).contains(given.count) else { return nil }
            clock.replaceSubrange(..<given.count, with: given)
        }
        var parts = tm()
        parts.tm_year = date[0] - 1900
        parts.tm_mon = date[1] - 1
        parts.tm_mday = date[2]
        parts.tm_hour = clock[0]
        parts.tm_min = clock[1]
        parts.tm_sec = clock[2]
        parts.tm_isdst = -1
        let seconds = isUTC ? timegm(&parts) : mktime(&parts)
        // The calls repair what does not exist: the 31st of February is some day of March.
        guard parts.tm_year == date[0] - 1900, parts.tm_mon == date[1] - 1, parts.tm_mday == date[2],
            parts.tm_hour == clock[0], parts.tm_min == clock[1], parts.tm_sec == clock[2]
        else { return nil }
        self.init(seconds: Int64(seconds))
    }

    private static func numbers(_ text: Substring, _ separator: Character) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            (1...4).contains(part.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32(part) : nil
        }
        return numbers.count == parts.count ? numbers : nil
    }
}
