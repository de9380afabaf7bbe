import Glibc
internal import Catalog
internal import Model
internal import Platform
import Synchronization

/// `incoming/G`: for each directory of the jail in which something is staged one directory, named by its number.
final class Incoming: Sendable {
    let top: Directory
    let title: String
    private let state = Mutex(State())

    private struct State {
        var open: [DirectoryNumber: Directory] = [:]
        var order: [DirectoryNumber] = []
    }

    /// More directories than these are not kept open.
    private static let mostOpen = 256

    init(top: Directory, title: String) {
        self.top = top
        self.title = title
    }

    static func name(of number: DirectoryNumber) -> Name { digits(number.rawValue) }
    static func name(of generation: Generation) -> Name { digits(generation.rawValue) }

    static func digits(_ number: some BinaryInteger) -> Name {
        guard let name = Name(Array(String(number).utf8)) else { preconditionFailure("digits are a name") }
        return name
    }

    /// Nil unless the name is exactly what a number is called.
    static func number(of name: Name) -> DirectoryNumber? {
        guard let value = Int64(String(decoding: name.bytes, as: UTF8.self)) else { return nil }
        let number = DirectoryNumber(value)
        return Incoming.name(of: number) == name ? number : nil
    }

    /// The directory, made if it is missing.
    func make(_ number: DirectoryNumber) throws(SystemError) -> Directory {
        if let known = known(number) { return known }
        return keep(try top.openOrMakeDirectory(Incoming.name(of: number)), number)
    }

    /// Nil if nothing is staged there.
    func find(_ number: DirectoryNumber) throws(SystemError) -> Directory? {
        if let known = known(number) { return known }
        do throws(SystemError) {
            return keep(try top.openDirectory(Incoming.name(of: number)), number)
        } catch  where error.code == ENOENT {
            return nil
        }
    }

    /// Lets go of all that is open.
    func close() { state.withLock { $0 = State() } }

    private func known(_ number: DirectoryNumber) -> Directory? { state.withLock { $0.open[number] } }

    /// Opened outside the lock: two threads may both have come so far, with the same directory.
    private func keep(_ directory: Directory, _ number: DirectoryNumber) -> Directory {
        state.withLock { state in
            if let known = state.open[number] { return known }
            if state.order.count >= Incoming.mostOpen {
                // The longest open half goes: staging comes directory by directory.
                for old in state.order.prefix(Incoming.mostOpen / 2) { state.open[old] = nil }
                state.order.removeFirst(Incoming.mostOpen / 2)
            }
            state.open[number] = directory
            state.order.append(number)
            return directory
        }
    }
}
