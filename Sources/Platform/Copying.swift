import CLinux
import Glibc
import Model

/// Makes the first `length` bytes of `from` the whole content of `to`, an empty file of our own; holes stay holes.
///
/// The blocks are shared where the file system can; else the kernel copies; else we do. `to` may be left with any part
/// of it on an error.
/// - Returns: the bytes found; fewer than `length` where `from` is shorter, and then `to` is as short.
@discardableResult
package func copyContents(
    from: borrowing Descriptor, to: borrowing Descriptor, length: UInt64
) throws(SystemError) -> UInt64 {
    let size = min(length, try from.size())
    if size > 0, !(try shareContents(from: from, to: to)) {
        var position: UInt64 = 0
        while position < size, let data = try from.nextData(from: position), data < size {
            let end = min(try from.endOfData(from: data, size), size)
            try copyRange(from, to, data..<end, to: data)
            position = end
        }
    }
    try to.truncate(to: size)
    return size
}

/// Makes a stretch of `from` a stretch of `to`, a file of our own in which nothing was written there yet; holes stay holes.
/// The blocks are shared where the file system can, and both lie at the edges of blocks.
/// - Returns: where in `to` the last data ends, which is `offset` if there is none.
package func copyContents(
    _ range: Range<UInt64>, from: borrowing Descriptor, to: borrowing Descriptor, at offset: UInt64
) throws(SystemError) -> UInt64 {
    var position = range.lowerBound
    var written = offset
    while position < range.upperBound, let data = try from.nextData(from: position), data < range.upperBound {
        let end = min(try from.endOfData(from: data, range.upperBound), range.upperBound)
        try copyRange(from, to, data..<end, to: offset + (data - range.lowerBound))
        position = end
        written = offset + (end - range.lowerBound)
    }
    return written
}

extension Descriptor {
    /// The bytes of content that the file has now.
    package func size() throws(SystemError) -> UInt64 { try status().stamp.metadata.size }

    // A file system that knows no holes has data to the end.
    fileprivate func endOfData(from offset: UInt64, _ size: UInt64) throws(SystemError) -> UInt64 {
        do throws(SystemError) {
            return try nextHole(from: offset)
        } catch  where error.code == EINVAL {
            return size
        }
    }
}

/// Makes the blocks of `from` those of `to` too, an empty file of our own, which is as long then.
/// - Returns: false where the file system cannot; then nothing was done.
package func shareContents(
    from: borrowing Descriptor, to: borrowing Descriptor
) throws(SystemError) -> Bool {
    let (source, target) = (from.raw, to.raw)
    do throws(SystemError) {
        try shim("ficlone") { linux_clone(source, target) }
        return true
    } catch  where error.code != EIO && !error.isFull {
        return false
    }
}

private func copyRange(
    _ from: borrowing Descriptor, _ to: borrowing Descriptor, _ range: Range<UInt64>, to start: UInt64
) throws(SystemError) {
    let (source, target) = (from.raw, to.raw)
    var position = range.lowerBound
    while position < range.upperBound {
        let offset = position
        let place = start + (position - range.lowerBound)
        let rest = Int(min(range.upperBound - position, 1 << 30))
        let count: Int
        do throws(SystemError) {
            count = try shim("copy_file_range") {
                linux_copy_range(source, Int64(offset), target, Int64(place), rest)
            }
        } catch  where error.code != EIO && !error.isFull {
            return try copyThroughMemory(from, to, position..<range.upperBound, to: place)
        }
        // The file was cut meanwhile, or the kernel's call gave up early on some file systems: reading tells.
        if count == 0 { return try copyThroughMemory(from, to, position..<range.upperBound, to: place) }
        position += UInt64(count)
    }
}

private func copyThroughMemory(
    _ from: borrowing Descriptor, _ to: borrowing Descriptor, _ range: Range<UInt64>, to start: UInt64
) throws(SystemError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { buffer.deallocate() }
    var position = range.lowerBound
    while position < range.upperBound {
        let wanted = min(buffer.count, Int(range.upperBound - position))
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        let count = try from.read(into: part, at: position)
        if count == 0 { return }
        let place = start + (position - range.lowerBound)
        try to.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: place)
        position += UInt64(count)
    }
}
