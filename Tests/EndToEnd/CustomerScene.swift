import Glibc
import Support

/// A jail with customers, whose agent comes in over a real sshd.
final class CustomerScene {
    let jail: Jail
    private let scene: SecureScene

    init() throws {
        scene = try SecureScene()
        jail = scene.jail
        jail.entries = []
        jail.settings["customer-roots"] = "\(jail.scratch.path)/mnt/data*/*-DIR"
    }

    /// The directory that is a customer's root.
    func root(_ customer: String) -> String { jail.scratch["mnt/data1/69.55.238.98-\(customer)-DIR"] }

    /// Makes an entry in a customer's root, with files in it.
    func makeEntry(_ path: String, of customer: String, _ script: String) throws {
        let place = "\(root(customer))/\(path)"
        try Command("mkdir", "-p", place).check()
        try Command("sh", "-ec", "cd '\(place)'; \(script)").check()
        jail.entries.append(place)
    }

    /// A shell in a customer's root.
    @discardableResult
    func sh(_ customer: String, _ script: String) throws -> String {
        try Command("sh", "-ec", "cd '\(root(customer))'; \(script)").check().text
    }

    /// Rotates, so many days before the second 1,000,000,000, and pushes.
    func live(daysBefore days: Int) throws {
        // Whoever served the push before may still be tidying up.
        _ = try jail.waitUntilUnserved()
        try jail.server.server(["housekeep", jail.name, "--now", "@\(1_000_000_000 - days * 86_400)"]).check()
        try jail.push()
    }

    func nightjar(_ words: [String]) throws -> Command {
        try jail.scratch.write("backup.config", jail.configText)
        return jail.agent([words[0], "--config", jail.config] + words.dropFirst())
    }

    func restore(_ words: String...) throws -> Command.Outcome { try nightjar(["restore"] + words).run() }

    /// Names, inodes, times and contents of all in a customer's root.
    func state(_ customer: String) throws -> String {
        try sh(
            customer,
            "find . -printf '%p %i %s %m %U %n %T@ %C@ %l\\n' | sort; find . -type f | sort | xargs -d '\\n' -r sha256sum"
        )
    }

    /// What lies right in a customer's root.
    func names(_ customer: String) throws -> [Substring] { try Command("ls", "-A", root(customer)).check().lines }

    /// The archives that were placed in a customer's root.
    func archives(_ customer: String) throws -> [Substring] { try names(customer).filter { $0.hasPrefix("restore-") } }

    /// Whether a process holds a file without a name below a path.
    static func holdsUnnamed(_ process: Int32, below path: String) throws -> Bool {
        try Command("sh", "-c", "ls -l /proc/\(process)/fd 2>/dev/null").run().text.split(separator: "\n")
            .contains { $0.contains("\(path)/#") && $0.hasSuffix("(deleted)") }
    }
}
