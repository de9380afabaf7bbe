import Glibc
import Support

/// A jail with customers on two disks, and what a restore of them is unpacked with.
final class RestoreScene {
    let jail: Jail
    let staff: StaffBox

    init(_ server: BackupServer? = nil) throws {
        jail = try Jail("restore", on: try server ?? BackupServer())
        staff = try StaffBox(
            "customer-roots=\(jail.scratch.path)/mnt/data*/*-DIR\nbrake-shrink=100%\nbrake-change=100%")
    }

    /// The directory that is a customer's root.
    func root(_ customer: String, disk: Int = 1, address: String = "69.55.238.98") -> String {
        jail.scratch["mnt/data\(disk)/\(address)-\(customer)-DIR"]
    }

    /// Makes an entry in a customer's root, with files in it.
    func makeEntry(_ path: String, of customer: String, disk: Int = 1, _ script: String) throws {
        let place = "\(root(customer, disk: disk))/\(path)"
        try Command("mkdir", "-p", place).check()
        try Command("sh", "-ec", "cd '\(place)'; \(script)").check()
        if !jail.entries.contains(place) { jail.entries.append(place) }
    }

    func restore(_ words: String...) -> Command { restore(words) }

    func restore(_ words: [String]) -> Command {
        var command = jail.server.server(["restore", jail.name] + words)
        command.environment["NIGHTJAR_SERVER_CONFIG"] = staff.config
        return command
    }

    /// Pushes, and makes a night of it, so many days before the second 1,000,000,000: by the catalog, too.
    func live(daysBefore days: Int) throws {
        try jail.push()
        let time = 1_000_000_000 - days * 86_400
        var housekeep = jail.server.server(["housekeep", jail.name, "--now", "@\(time)"])
        housekeep.environment["NIGHTJAR_SERVER_CONFIG"] = staff.config
        try housekeep.check()
        try Command(
            "sqlite3", "-cmd", ".timeout 5000", "\(jail.server.data)/\(jail.name)/.nightjar/catalog.sqlite",
            "UPDATE generation SET committed_s = \(time), committed_ns = 0 WHERE number = (SELECT max(number) FROM generation)"
        ).check()
    }

    /// An archive in a new directory.
    func archive(_ words: [String], format: String = "tgz", name: String = "archive") throws -> String {
        let path = jail.scratch["\(name).\(format)"]
        try Command("rm", "-f", path).check()
        try restore(words + ["--output", path, "--format", format]).check()
        return path
    }

    /// What a reader makes of an archive, in a new directory.
    func unpack(_ archive: String, with reader: ArchiveReader = .gnu, as name: String = "unpacked") throws -> String {
        let place = jail.scratch[name]
        try Command("rm", "-rf", place).check()
        try Command("mkdir", place).check()
        var command = Command(reader.command + ["-f", archive, "-C", place])
        command.limit = 300
        let outcome = try command.check()
        // GNU tar does not know the word that says names are bytes, and tells so of each that are not ASCII; and it finds
        // times before 1970 implausible.
        let complaints = outcome.complaint.split(separator: "\n").filter {
            !$0.contains("hdrcharset") && !$0.contains("SCHILY.dev") && !$0.contains("implausibly old")
        }
        if reader != .gnu, !complaints.isEmpty { throw FixtureError("\(reader): \(complaints)") }
        return place
    }

    /// The names in an archive, in its order.
    func names(_ archive: String) throws -> [String] {
        try Command("tar", "-tf", archive).check().lines.map(String.init)
    }
}

/// What people unpack archives with.
enum ArchiveReader: String, CaseIterable, Sendable, CustomStringConvertible {
    case gnu, bsd, busybox

    var description: String { rawValue }

    fileprivate var command: [String] {
        switch self {
        case .gnu: ["tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls", "-xp"]
        case .bsd: ["bsdtar", "--numeric-owner", "--xattrs", "--acls", "-xp"]
        case .busybox: ["busybox", "tar", "-xzp"]
        }
    }
}
