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

    /// Refuses what would go unheard: how to show a list where there is none, and where an archive goes where there is none.
    ///
    /// - Parameter places: the options that say where.
    package static func refuseIdle(_ arguments: Arguments, places: [Option]) throws(UsageError) {
        if !arguments.has(list) {
            let columns = [ListingOption.machine, ListingOption.script, ListingOption.null]
            if let idle = columns.first(where: arguments.has) {
                throw UsageError(reason: "--\(idle.long) is for --list")
            }
        }
        if arguments.has(list) || arguments.has(dryRun), let idle = (places + [mail]).first(where: arguments.has) {
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
