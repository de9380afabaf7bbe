import CLI
import Catalog
import Configuration
import Mail
import Model
import Options
import Platform
import Restore

/// What is said of a restore once it is done: damage, what was left out, what could not be held, and the reply.
struct RestoreReport {
    let jail: Name
    let words: [[UInt8]]
    let restoration: Restoration
    let written: RestoreDestination.Written
    let keeping: RestoreKeeping

    /// More lines of a kind than these are only counted.
    private static let mostLines = 100

    /// Says all of it, and mails the reply where that was asked for.
    /// - Returns: the exit status.
    func tell(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        var code = ExitCode.done
        tellLeftOut(console)
        if keeping.holds == nil {
            console.warning("\(keeping.trouble)\nthe night is not held: \(holdCommand) holds it")
            code = .leftOut
        }
        if !written.summary.isSound {
            tellDamage(console)
            code = .damage
        }
        let isStandardOutput = site.arguments.value(of: RestoreArguments.output) == [UInt8(ascii: "-")]
        guard written.path != nil || isStandardOutput else {
            console.error("nothing is left of the archive; --damaged keeps one in which files are damaged")
            if site.arguments.has(ListingOption.json) { output.write(json.line + "\n") }
            return code
        }
        let reply = reply(to: site.arguments.value(of: RestoreArguments.mail) ?? [])
        let templates = environmentVariable("NIGHTJAR_TEMPLATES")
        let text = site.arguments.has(ListingOption.json) ? json.line + "\n" : try reply.text(templates: templates)
        if isStandardOutput { try Descriptor.duplicating(2).write(Array(text.utf8)) } else { output.write(text) }
        if !reply.recipient.isEmpty {
            do throws(MailError) {
                try reply.send(through: site.config.sendmail, templates: templates, now: wallClock())
            } catch {
                console.error("the reply was not mailed: \(error)")
                if code == .done { code = .leftOut }
            }
        }
        return code
    }

    private func tellLeftOut(_ console: Console) {
        let paths = written.summary.leftOut.prefix(RestoreReport.mostLines)
        for path in paths {
            console.warning(
                "\(path) is left out: an archive has no place for a socket, nor for an ACL of numbers beyond 2^31")
        }
        let more = written.summary.leftOutCount - UInt64(paths.count)
        if more > 0 { console.warning("and \(grouped(more)) more like it") }
    }

    private func tellDamage(_ console: Console) {
        let damaged = written.summary.damaged.prefix(RestoreReport.mostLines)
        for damage in damaged {
            let nights = damage.goodNights.map(String.init).joined(separator: ", ")
            let hint =
                nights.isEmpty ? "no other night has a good copy" : "a good copy is to be had with --night: \(nights)"
            console.error("\(damage.path): damaged: \(damage.reason); \(hint)")
        }
        let more = written.summary.damagedCount - UInt64(damaged.count)
        if more > 0 { console.error("and \(grouped(more)) more are damaged") }
    }

    /// What would hold the night when it can be held.
    private var holdCommand: String {
        let night = restoration.night.map { " --night \($0)" } ?? ""
        return "nightjar-server hold \(jail)\(night)"
    }

    private func reply(to address: [UInt8]) -> RestoreReadyMail {
        RestoreReadyMail(
            host: hostName(), jail: jail, recipient: String(decoding: address, as: UTF8.self), words: words,
            pushed: written.summary.pushed, path: written.path?.bytes ?? Array("standard output".utf8),
            format: restoration.order.format, size: written.size, sha256: written.sha256, summary: written.summary,
            held: keeping.holds?.compactMap(\.until).min())
    }

    private var json: JSON {
        let summary = written.summary
        return .object([
            ("jail", .bytes(jail.bytes)), ("path", written.path.map { .bytes($0.bytes) } ?? .none),
            ("size", .unsigned(written.size)), ("sha256", .text(written.sha256)),
            ("generation", .number(summary.generation.rawValue)), ("pushed", .time(summary.pushed)),
            ("members", .unsigned(summary.members)), ("bytes", .unsigned(summary.bytes)),
            ("left_out", .list(summary.leftOut.map { .bytes($0.bytes) })),
            ("left_out_count", .unsigned(summary.leftOutCount)),
            (
                "damaged",
                .list(
                    summary.damaged.map { damage in
                        .object([
                            ("path", .bytes(damage.path.bytes)), ("reason", .text(damage.reason)),
                            ("good_nights", .list(damage.goodNights.map { .number(Int64($0)) })),
                        ])
                    })
            ), ("damaged_count", .unsigned(summary.damagedCount)),
            ("holds", .list((keeping.holds ?? []).map { .bytes($0.name.bytes) })),
        ])
    }
}
