import Model
import Options

/// What `restore` takes, on the server as on a jail.
package enum RestoreArguments {
    package static let output = Option(
        long: "output", argument: "FILE", help: "Write the archive there, never over a file; - is standard output")
    package static let form = Option(
        long: "format", argument: "FORM", help: "tar, tgz or tar.zst (default: as FILE ends, else tgz)")
    package static let dryRun = Option(long: "dry-run", help: "Only say how much it is")
    package static let list = Option(long: "list", help: "Only list what would be in the archive")
    package static let hold = Option(
        long: "hold", argument: "DAYS", help: "Keep the night for so long (default: \(RestoreOrder.usualHoldDays))")
    package static let noHold = Option(long: "no-hold", help: "Do not keep the night")
    package static let damaged = Option(long: "damaged", help: "Keep the archive even if files in it are damaged")
    package static let mail = Option(long: "mail", argument: "ADDRESS", help: "Mail the reply there as well")

    package static let all = [
        NightArguments.night, NightArguments.date, output, form, dryRun, list, hold, noHold, damaged, mail,
    ]

    /// What WHAT may be.
    ///
    /// - Parameters:
    ///   - machine: whose absolute paths are meant.
    ///   - config: the file that says where customers have their roots.
    package static func what(of machine: String, config: String) -> String {
        "WHAT is a customer (col00214), which is all of his; or a customer and, after him, paths in his root"
            + " (col00214 usr/home/bob etc/passwd); or absolute paths of \(machine), before the customers. The paths may"
            + " be patterns of a shell, quoted so that yours leaves them alone. A customer is known by the entries that"
            + " lie in his root; customer-roots in \(config) says where those are."
    }

    /// What can be relied on wherever the archive goes, and what is printed in the end.
    package static let promise =
        "Every file is compared with its digest: if one is damaged it is named, with the nights that have a good copy, and"
        + " no archive is left unless --damaged is given. The night is kept for \(RestoreOrder.usualHoldDays) days. Then"
        + " the reply is printed: where the archive lies, its SHA-256, and how to unpack it so that nothing is"
        + " overwritten."

    /// What exit status 1 says.
    package static let leftOut =
        "done, but the night is not kept, or the mail was not sent; or there is no such night or path"

    /// Refuses what would go unheard: how to show a list where there is none, and what becomes of an archive where there
    /// is none.
    ///
    /// - Parameter places: the options that say where.
    package static func refuseIdle(_ arguments: Arguments, places: [Option]) throws(UsageError) {
        if !arguments.has(list) {
            let columns = [ListingOption.machine, ListingOption.script, ListingOption.null]
            if let idle = columns.first(where: arguments.has) {
                throw UsageError(reason: "--\(idle.long) is for --list")
            }
        }
        let fate = places + [form, hold, noHold, damaged, mail]
        if arguments.has(list) || arguments.has(dryRun), let idle = fate.first(where: arguments.has) {
            throw UsageError(reason: "--\(idle.long) is not for --list and --dry-run, which make no archive")
        }
    }

    /// The form that is asked for, else the one that the output's name tells, else tgz.
    package static func format(_ arguments: Arguments) throws(UsageError) -> ArchiveFormat {
        if let given = arguments.value(of: form) {
            guard let format = ArchiveFormat(word: given) else {
                throw UsageError(subject: given, reason: "--format wants tar, tgz or tar.zst")
            }
            return format
        }
        let name = arguments.value(of: output) ?? []
        let told = ArchiveFormat.allCases.first {
            name.suffix($0.suffix.utf8.count + 1).elementsEqual(".\($0.suffix)".utf8)
        }
        return told ?? (name.suffix(4).elementsEqual(".tgz".utf8) ? .tgz : nil) ?? .tgz
    }

    /// For how many days the night is held; nil for not at all.
    package static func holdDays(_ arguments: Arguments) throws(UsageError) -> Int? {
        let days = try arguments.number(of: hold, in: 1...36500)
        if arguments.has(noHold) {
            if days != nil { throw UsageError(reason: "give --hold or --no-hold, not both") }
            return nil
        }
        return days ?? RestoreOrder.usualHoldDays
    }
}
