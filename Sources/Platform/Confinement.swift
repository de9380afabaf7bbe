import CLinux
import Glibc

/// Lets the calling thread, and those it starts from now on, change files only below `writing` and read them only below
/// those and `reading`, for good. To be called before any thread is started. A second wall: it does not keep anyone from
/// changing modes, owners, attributes and times.
/// - Returns: false where the kernel cannot.
package func confine(toWriting writing: [Directory], reading: [Directory] = []) throws(SystemError) -> Bool {
    let (changeable, readable) = (writing.map(\.raw), reading.map(\.raw))
    do throws(SystemError) {
        try shim("landlock") { linux_confine(changeable, changeable.count, readable, readable.count) }
        return true
    } catch  where error.code == ENOSYS || error.code == EOPNOTSUPP {
        return false
    }
}
