import Glibc

// The machine's database of users and groups. Names are bytes.

/// The name of a user; nil where the number has none.
package func userName(_ number: UInt32) -> [UInt8]? {
    var entry = passwd()
    return withLookup { buffer, size in
        var found: UnsafeMutablePointer<passwd>?
        let code = getpwuid_r(number, &entry, buffer, size, &found)
        return (code, found.map { bytes($0.pointee.pw_name) })
    }
}

/// The number of the user that the process runs as: whose rights it has.
package func currentUser() -> UInt32 { geteuid() }

/// The home directory of the user that the process runs as.
package func homeDirectory() -> [UInt8]? {
    var entry = passwd()
    return withLookup { buffer, size in
        var found: UnsafeMutablePointer<passwd>?
        let code = getpwuid_r(currentUser(), &entry, buffer, size, &found)
        return (code, found.map { bytes($0.pointee.pw_dir) })
    }
}

/// The name of a group; nil where the number has none.
package func groupName(_ number: UInt32) -> [UInt8]? {
    var entry = group()
    return withLookup { buffer, size in
        var found: UnsafeMutablePointer<group>?
        let code = getgrgid_r(number, &entry, buffer, size, &found)
        return (code, found.map { bytes($0.pointee.gr_name) })
    }
}

private func bytes(_ text: UnsafeMutablePointer<CChar>?) -> [UInt8] {
    text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
}

// The entry's strings lie in a buffer of unknown size, which grows until they fit.
private func withLookup<Answer>(_ body: (UnsafeMutablePointer<CChar>, Int) -> (code: Int32, answer: Answer?)) -> Answer?
{
    var size = 1024
    while size <= 1 << 20 {
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        defer { buffer.deallocate() }
        let (code, answer) = body(buffer, size)
        if code != ERANGE { return answer }
        size *= 4
    }
    return nil
}
