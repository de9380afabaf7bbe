import Model

/// As `compress` of the config and `--compress` say it.
extension Compression {
    /// What is said of any other text, and what to do about it.
    package static let wanted = "auto, off or a level"
    package static let remedy = "write auto, off, or a number from 1 to 19"

    /// Nil for what is none of these words.
    package init?(_ text: [UInt8]) {
        switch String(decoding: text, as: UTF8.self) {
        case "auto": self = .auto
        case "off": self = .off
        default:
            guard let level = number(text, [:], bare: 1).flatMap(Int32.init(exactly:)), Compression.levels ~= level
            else { return nil }
            self = .level(level)
        }
    }
}
