import Glibc
import Model

/// Rounds of random changes to a tree, as a customer makes them in a year and a fuzzer in a second.
///
/// The seed is printed, and decides everything but the clock's part in it. A change that the tree does not allow at
/// that moment (its parent is gone, a name is taken, a file of another is not ours) is passed over.
package struct RandomChanges {
    package let seed: UInt64
    /// Whether what only root can do or read is left out; so it is where root does not run the tests.
    package var keepsToUser = !testsRunAsRoot
    var random: RandomSource
    let root: [UInt8]
    private var round = 0

    package init(seed: UInt64, in root: String) {
        self.seed = seed
        self.root = Array(root.utf8)
        random = RandomSource(seed: seed)
        print("random changes: seed \(seed) in \(root)")
    }

    /// What stands in the tree when a round begins: paths, directories apart.
    struct Inventory {
        var directories: [[UInt8]] = []
        var files: [[UInt8]] = []
        var others: [[UInt8]] = []

        var all: [[UInt8]] { directories.dropFirst() + files + others }
    }

    /// Makes a round of changes, and answers how many were made.
    @discardableResult
    package mutating func makeRound(of count: Int = 60) throws -> Int {
        round += 1
        let inventory = try inventory()
        var made = 0
        for _ in 0..<count {
            do {
                try changeOne(inventory)
                made += 1
            } catch let error as FixtureError where Self.passedOver.contains(error.code) {
                continue
            }
        }
        return made
    }

    private static let passedOver: Set<Int32> = [
        ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EACCES, EPERM, EINVAL, ELOOP, EMLINK, ENXIO, EXDEV, ENAMETOOLONG,
    ]

    private mutating func changeOne(_ inventory: Inventory) throws {
        let directory = pick(inventory.directories) ?? root
        let file = pick(inventory.files)
        let any = pick(inventory.all)
        switch random.below(20) {
        case 0: try create(directory.appending(freshName()))
        case 1: try makeDirectories(below: directory)
        case 2: if let file { try rewriteSameSize(file, keepTime: false) }
        case 3: if let file { try rewriteSameSize(file, keepTime: true) }
        case 4: if let file { try append(file) }
        case 5: if let file { try truncateOrSpread(file) }
        case 6: if let any { try changeMode(any) }
        case 7: if let any { try changeOwner(any) }
        case 8: if let file = file ?? any { try changeAttributes(file) }
        case 9: if let any { try changeAccess(any) }
        case 10, 11: if let any { try rename(any, to: directory.appending(freshName())) }
        case 12: if let any, let other = pick(inventory.all) { try rename(any, to: other) }
        case 13: if let any { try link(any, as: directory.appending(freshName())) }
        case 14: if let file { try breakLink(file) }
        case 15: try makeSymlink(pick(inventory.others) ?? directory.appending(freshName()))
        case 16: if let any { try changeKind(any) }
        case 17: if random.below(3) == 0, let any { try removeAll(any) } else if let file { try remove(file) }
        case 18: if let any { try touch(any) }
        default: try makeNode(directory.appending(freshName()))
        }
    }

    mutating func pick(_ paths: [[UInt8]]) -> [UInt8]? { paths.randomElement(using: &random) }

    /// A short name that may well have been used before; now and then one of strange bytes.
    mutating func freshName() -> [UInt8] {
        if random.below(12) == 0 {
            return random.bytes(1 + random.below(20)).map { $0 == 0 || $0 == UInt8(ascii: "/") ? 0xFF : $0 } + [0x78]
        }
        return Array("n\(random.below(400))".utf8)
    }

    private func inventory() throws -> Inventory {
        var inventory = Inventory()
        var pending = [root]
        while let path = pending.popLast() {
            inventory.directories.append(path)
            guard let directory = try? Handle(directory: path) else { continue }
            for name in try directory.names() {
                let place = path.appending(name)
                switch try directory.status(name).kind {
                case S_IFDIR: pending.append(place)
                case S_IFREG: inventory.files.append(place)
                default: inventory.others.append(place)
                }
            }
        }
        return inventory
    }
}
