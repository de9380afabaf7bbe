/// How hard what a push sends is compressed, with zstd.
package enum Compression: Hashable, Sendable {
    case off
    /// As hard as a slow link leaves time for, and not at all where the link is fast.
    case auto
    /// Always, at this level, of `levels`.
    case level(Int32)

    /// Those that zstd has without taking more memory than blocks call for.
    package static let levels: ClosedRange<Int32> = 1...19
}
