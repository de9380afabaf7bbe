import CLI
import Catalog
import Model
import Options
import Storage

/// `hold JAIL [PATH]`: keeps a night, or a part of one, from housekeeping.
enum Keep {
    private static let night = Option(long: "night", argument: "N", help: "Of this night, 0 to 6 (default: 0)")
    private static let until = Option(
        long: "until", argument: "DATE", help: "Housekeeping lets it go then (default: never)")
    private static let name = Option(long: "name", argument: "NAME", help: "What to call it (default: after the night)")

    static let command = Command(
        name: "hold", summary: "Keep a night, or what lies at a path in it, from housekeeping",
        description: [
            "Makes holds/NAME beside the nights, a tree of hard links that is what the night is: at PATH, or all of it."
                + " It costs a link for each name that is held. Prints its name; nightjar-server nights lists it."
        ],
        operands: "JAIL [PATH]", options: [night, until, name, NightjarServer.now],
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .cannotCreate, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: "there is no such night, or no such path in it"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard (1...2).contains(words.count) else {
            throw UsageError(reason: "give JAIL, and perhaps a path in it", command: "nightjar-server hold")
        }
        let number = try site.arguments.number(of: night, in: 0...(Backupdir.mostNights - 1)) ?? 0
        let path = try words.count == 2 ? QueryArguments.path(words[1]) : Path()
        let now = try site.now()
        let end = try end(site, after: now)
        let given = try site.arguments.value(of: name).map(holdName)
        let jail = try site.root().backupdir(try site.jail(words[0]))
            .lock(holder: "\(Backupdir.housekeeper): hold")
        do {
            let hold = try jail.hold(
                night: number, path: path, as: given ?? freeName(number, jail), until: end, at: now)
            output.show(hold.name.bytes)
            return .done
        } catch let error as StorageError where error.problem == .refused {
            console.error("\(error)")
            return .cannotCreate
        } catch let error as StorageError where error.problem == .missing {
            console.error(
                "\(error)", hint: "nightjar-server nights \(escaped(words[0])) lists what there is")
            return .leftOut
        }
    }

    private static func end(_ site: Site, after now: Timestamp) throws(UsageError) -> Timestamp? {
        guard let given = site.arguments.value(of: until) else { return nil }
        guard let end = Timestamp(text: String(decoding: given, as: UTF8.self)), end > now else {
            throw UsageError(subject: given, reason: "--until wants a date to come, as 2026-12-24 or @1766534400")
        }
        return end
    }

    /// One that stands for itself in a list, before a `:PATH` and on a screen.
    private static func holdName(_ bytes: [UInt8]) throws(UsageError) -> Name {
        guard let name = Name(bytes) else { throw UsageError(subject: bytes, reason: "not a name for a directory") }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ":") })
        else { throw UsageError(subject: bytes, reason: "a hold's name has no comma, colon or control character") }
        return name
    }

    /// `generation-12`, or `generation-12.2` if that is taken.
    private static func freeName(_ number: Int, _ jail: LockedBackupdir) throws -> Name {
        let generation = try jail.nights().first { $0.number == number }?.generation
        return try jail.freeName(Name(Array("generation-\(generation?.rawValue ?? 0)".utf8)) ?? "generation")
    }
}
