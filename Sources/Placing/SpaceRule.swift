import Model

/// How much of a file system an archive may take up, so that a restore never is what fills a customer's disk.
///
/// - Parameters:
///   - free: bytes that may still be written.
///   - size: bytes that there are in all; of a directory with a quota, what that allows.
/// - Returns: all but a hundredth of the whole, which is to be left, but no less than 1 MiB and no more than 1 GiB.
package func allowance(free: UInt64, size: UInt64) -> UInt64 {
    let left = min(max(size / 100, 1 << 20), 1 << 30)
    return free > left ? free - left : 0
}
