import Glibc
internal import Platform

/// Zeros, as many as libarchive takes at once, for holes that it is to be told of byte by byte: it counts them and never
/// reads them, and so they take no memory.
final class VastZeros {
    private let zeros: UnsafeRawBufferPointer

    /// libarchive takes no more than `INT_MAX`.
    private static let count = Int(Int32.max) / 65_536 * 65_536

    init() throws(SystemError) {
        let start = mmap(nil, VastZeros.count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let start, start != MAP_FAILED else { throw SystemError(operation: "mmap", code: errno) }
        zeros = UnsafeRawBufferPointer(start: start, count: VastZeros.count)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: zeros.baseAddress), zeros.count) }

    /// So many zeros, or as many as there are.
    func bytes(atMost count: UInt64) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: zeros[..<Int(min(count, UInt64(zeros.count)))])
    }
}
