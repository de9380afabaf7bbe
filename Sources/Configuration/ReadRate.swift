/// How fast files may be read, as `bwlimit` of the config and `--bwlimit` say it: a number with K, M or G, in bytes a second,
/// each 1,024 of the one before. A bare number would be bytes to one and kilobytes to another; only 0 needs no unit.
package struct ReadRate: Hashable, Sendable {
    /// Bytes a second; nil for no limit.
    package let bytes: UInt64?

    /// What is said of any other text, and what to do about it.
    package static let wanted = "a rate"
    package static let remedy = "write a number with K, M or G, in bytes a second; 0 for no limit"

    /// Nil for what is no rate.
    package init?(_ text: [UInt8]) {
        if text.elementsEqual("0".utf8) {
            bytes = nil
            return
        }
        guard let rate = number(text, ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30], bare: nil), rate > 0 else {
            return nil
        }
        bytes = rate
    }
}
