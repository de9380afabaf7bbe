import CLI
import Model
import Options
import Platform
import Storage

/// `enroll JAIL [KEYFILE]`: makes a jail's backupdir, and lets its key in.
enum Enroll {
    private static let initialize = Option(
        long: "init", help: "Make the data root, with the marker without which nothing is ever made in it")
    private static let install = Option(long: "install", help: "Add the line to ~/.ssh/authorized_keys")

    static let command = Command(
        name: "enroll", summary: "Make a jail's backupdir, and let its key in",
        description: [
            "Makes the backupdir unless it is there, and prints the line for the authorized_keys of the user that the"
                + " jail logs in as. The key can then do nothing but push this jail.",
            "Without KEYFILE the line ends where the public key belongs.",
        ],
        operands: "JAIL [KEYFILE]", options: [initialize, install],
        statuses: ExitCode.statuses([.done, .usage, .inputOutput, .tryLater, .notPermitted, .configuration]))

    static func run(_ site: Site, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 1 || words.count == 2 else {
            throw UsageError(reason: "give JAIL, and perhaps its public key's file", command: "nightjar-server enroll")
        }
        let jail = try site.jail(words[0])
        try checkPlain(words[0], "a jail's name")
        guard words[0].first != UInt8(ascii: ".") else {
            throw UsageError(subject: words[0], reason: "a jail's name does not begin with '.'")
        }
        try checkPlain(site.dataPath.bytes, "the data root")
        let key = try words.count == 2 ? publicKey(in: words[1]) : nil
        guard key != nil || !site.arguments.has(install) else {
            throw UsageError(reason: "--install needs the jail's public key", command: "nightjar-server enroll")
        }
        let options = "restrict,command=\"\(try receiver()) --data \(site.dataPath) \(jail)\""
        // Before anything is made.
        let isInstalled =
            try key.map { try site.arguments.has(install) && AuthorizedKeys().lets($0, in: options) } ?? false
        let root = try site.arguments.has(initialize) ? DataRoot.make(site.dataPath) : site.root()
        _ = try root.enroll(jail)
        let line = "\(options) \(key?.description ?? "PUBLIC-KEY")"
        if !site.arguments.has(install) {
            output.write(line + "\n")
        } else if !isInstalled {
            try AuthorizedKeys().add(line)
        }
        return .done
    }

    /// The line is read by sshd and by a shell; what either would take for more than a letter is not for it.
    private static func checkPlain(_ bytes: [UInt8], _ what: String) throws(UsageError) {
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/")].contains(byte)
            }
        }
        guard isPlain, bytes.first != UInt8(ascii: "-") else {
            throw UsageError(subject: bytes, reason: "\(what) has to be letters, digits, '.', '_' and '-'")
        }
    }

    /// `nightjar-receive` where this program lies.
    private static func receiver() throws -> String {
        let path = try neighbour("nightjar-receive")
        try checkPlain(path, "the folder of the programs")
        return String(decoding: path, as: UTF8.self)
    }

    /// The one key of a `.pub` file, without options of its own.
    private static func publicKey(in file: [UInt8]) throws(UsageError) -> PublicKey {
        let content: [UInt8]
        do throws(SystemError) {
            content = try openTrusted(file).readAll(atMost: 65_536)
        } catch {
            throw UsageError(subject: file, reason: error.reason, command: "nightjar-server enroll")
        }
        guard let key = PublicKey(file: content) else {
            throw UsageError(
                subject: file, reason: "not one public key (a line like 'ssh-ed25519 AAAA... root@jail')",
                command: "nightjar-server enroll")
        }
        return key
    }
}
