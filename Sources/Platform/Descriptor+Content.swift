import CLinux
import Glibc

// Reading and writing: always all that was asked for, unless the file or the stream ends first.

extension Descriptor {
    /// Reads at a position until `buffer` is full or the file ends.
    /// - Returns: the bytes read; fewer than asked only at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try system("pread") { pread(raw, rest.baseAddress, rest.count, off_t(offset) + done) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of `bytes` at a position.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try system("pwrite") { pwrite(raw, rest.baseAddress, rest.count, off_t(offset) + done) }
        }
    }

    /// Writes all of `bytes` at a position.
    package func write(_ bytes: [UInt8], at offset: UInt64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try system("pwrite") {
                bytes.withUnsafeBytes {
                    pwrite(raw, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset) + done)
                }
            }
        }
    }

    /// Writes all of `bytes` where the last write ended, to a file or a stream.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try system("write") { Glibc.write(raw, rest.baseAddress, rest.count) }
        }
    }

    /// Writes all of `bytes` where the last write ended.
    package func write(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try system("write") {
                bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            }
        }
    }

    /// Gives a stream as many of `bytes` as it takes without waiting. For streams on which no other thread writes.
    ///
    /// The descriptor may be shared with other programs and stays in the mode that it is in, so that none of them is
    /// surprised: a socket is asked not to wait for this once; a pipe that is ready takes a page without waiting.
    /// - Returns: how many; 0 if it takes none now.
    package func writeSome(_ bytes: UnsafeRawBufferPointer, isSocket: Bool) throws(SystemError) -> Int {
        do throws(SystemError) {
            if isSocket {
                let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
                return try system("send") { Glibc.send(raw, bytes.baseAddress, bytes.count, flags) }
            }
            guard try waitUntilWritable(milliseconds: 0) else { return 0 }
            return try system("write") { Glibc.write(raw, bytes.baseAddress, min(bytes.count, Int(PIPE_BUF))) }
        } catch  where error.code == EAGAIN {
            return 0
        }
    }

    /// Whether it is a socket.
    package var isSocket: Bool {
        var about = stat()
        return fstat(raw, &about) == 0 && about.st_mode & S_IFMT == S_IFSOCK
    }

    /// Lets a pipe hold that many bytes, where the kernel allows it; who writes to it waits, and is woken, the less often.
    /// Nothing happens to what is no pipe.
    package func widenPipe(to bytes: Int32) { _ = linux_widen_pipe(raw, bytes) }

    /// For how many microseconds a TCP socket has had bytes under way; nil where the kernel does not say.
    package var busyMicroseconds: UInt64? { UInt64(exactly: linux_busy_microseconds(raw)) }

    /// Waits for bytes of a stream and takes what is there, at most `buffer.count`; 0 is the end of the stream.
    package func readSome(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try system("read") { Glibc.read(raw, buffer.baseAddress, buffer.count) }
    }

    /// Waits for bytes of a stream; at most `limit` of them. Empty at the end of the stream.
    package func readSome(atMost limit: Int) throws(SystemError) -> [UInt8] {
        var code: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(SystemError) {
                count = try readSome(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                code = error
            }
        }
        if let code { throw code }
        return bytes
    }

    /// Everything up to the end of the file or stream.
    /// - Throws: EFBIG if that is more than `limit` bytes.
    package func readAll(atMost limit: Int) throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try readSome(atMost: 64 << 10)
            if part.isEmpty { return all }
            all += part
            if all.count > limit { throw SystemError(operation: "read", code: EFBIG) }
        }
    }

    /// Sets the length; what is added reads as zeros and takes no room.
    package func truncate(to length: UInt64) throws(SystemError) {
        try system("ftruncate") { ftruncate(raw, off_t(length)) }
    }

    /// Where the next data at or after `offset` begins; nil if there is only a hole up to the end.
    package func nextData(from offset: UInt64) throws(SystemError) -> UInt64? {
        let found = linux_seek_data(raw, Int64(offset))
        if found == -Int64(ENXIO) { return nil }
        // A file system that knows no holes: all of it is data.
        if found == -Int64(EINVAL) { return offset }
        return UInt64(try shim("lseek") { found })
    }

    /// Where the next hole at or after `offset` begins, which is the end of the file if there is none before.
    package func nextHole(from offset: UInt64) throws(SystemError) -> UInt64 {
        UInt64(try shim("lseek") { linux_seek_hole(raw, Int64(offset)) })
    }

    /// Waits until the file's content is on the disk.
    package func sync() throws(SystemError) { try system("fsync") { fsync(raw) } }

    /// Tells the system that the content will be read once, from front to end.
    package func expectSequentialReading() { _ = posix_fadvise(raw, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Waits until there is something to read, or the other side hung up.
    /// - Returns: false if `milliseconds` went by first; a negative number waits for ever.
    package func waitUntilReadable(milliseconds: Int32) throws(SystemError) -> Bool {
        try wait(for: Int16(POLLIN), milliseconds)
    }

    /// Waits until something can be written, or the other side hung up.
    /// - Returns: false if `milliseconds` went by first; a negative number waits for ever.
    package func waitUntilWritable(milliseconds: Int32) throws(SystemError) -> Bool {
        try wait(for: Int16(POLLOUT), milliseconds)
    }

    private func wait(for events: Int16, _ milliseconds: Int32) throws(SystemError) -> Bool {
        var polled = pollfd(fd: raw, events: events, revents: 0)
        return try system("poll") { poll(&polled, 1, milliseconds) } > 0
    }
}
