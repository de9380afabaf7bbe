internal import Model

/// The names of users and groups as the jail has them in the night that is restored: never this machine's own.
struct OwnerNames: Sendable {
    private var users: [UInt32: [UInt8]] = [:]
    private var groups: [UInt32: [UInt8]] = [:]

    /// Nobody has a name: owners are numbers, as they always are beside the names.
    static let none = OwnerNames()

    private init() {}

    /// - Parameters:
    ///   - jail: its `passwd` and `group`.
    ///   - customer: those in the root of the customer to whom all belongs; nil where there are none.
    ///
    /// Whoever unpacks an archive as root in the jail gives files to whom the names say. A customer writes his own
    /// `passwd`, and could call the owner of a setuid file `root`: so his names count only where the jail does not have
    /// them for another number, and not at all where nobody knows what the jail has.
    init(jail: AccountFiles?, customer: AccountFiles?) {
        guard let jail else { return }
        users = OwnerNames.names(jail.users, customer?.users)
        groups = OwnerNames.names(jail.groups, customer?.groups)
    }

    func user(_ number: UInt32) -> [UInt8]? { users[number] }

    func group(_ number: UInt32) -> [UInt8]? { groups[number] }

    private static func names(_ jail: [UInt8]?, _ customer: [UInt8]?) -> [UInt32: [UInt8]] {
        let own = accounts(jail ?? [])
        guard let customer else { return Dictionary(own.map { ($0.number, $0.name) }) { first, _ in first } }
        let numbers = Dictionary(own.map { ($0.name, $0.number) }) { first, _ in first }
        let his = accounts(customer).filter { numbers[$0.name].map { [number = $0.number] in $0 == number } ?? true }
        return Dictionary(his.map { ($0.number, $0.name) }) { first, _ in first }
    }

    /// The lines of a `passwd` or a `group`, in which the first is a name and the third a number. What is none of both is
    /// passed over.
    private static func accounts(_ file: [UInt8]) -> [(name: [UInt8], number: UInt32)] {
        file.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count >= 3, let first = fields[0].first, first != UInt8(ascii: "+"),
                first != UInt8(ascii: "-"),
                fields[0].count <= 32, fields[0].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                let number = UInt32(String(decoding: fields[2], as: UTF8.self))
            else { return nil }
            return (Array(fields[0]), number)
        }
    }
}

/// `etc/passwd` and `etc/group` of one root, as they were.
struct AccountFiles: Sendable {
    let users: [UInt8]?
    let groups: [UInt8]?
}
