import CLI
import Mail
import Model
import Options
import Placing
import Platform

/// What is said of a restore once it is done: damage, what was left out, what could not be held, and the reply.
package struct RestoreReport {
    let jail: Name
    let words: [[UInt8]]
    let format: ArchiveFormat
    let written: Destination.Written
    let hold: RestoreHold

    /// - Parameter words: what was asked for.
    package init(
        jail: Name, words: [[UInt8]], format: ArchiveFormat, written: Destination.Written, hold: RestoreHold
    ) {
        self.jail = jail
        self.words = words
        self.format = format
        self.written = written
        self.hold = hold
    }

    /// Says all of it, and mails the reply where that was asked for.
    ///
    /// - Parameter sendmail: the command that takes the mail.
    /// - Returns: the exit status.
    package func tell(
        _ arguments: Arguments, sendmail: [[UInt8]], _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        console.tell(written.summary)
        console.tell(hold, of: jail)
        var code = ExitCode.done
        if case .failed = hold { code = .leftOut }
        if !written.summary.isSound { code = .damage }
        guard written.path != nil || written.isOnStandardOutput else {
            console.error("nothing is left of the archive; --damaged keeps one in which files are damaged")
            if arguments.has(ListingOption.json) { output.write(json.line + "\n") }
            return code
        }
        let reply = reply(to: arguments.value(of: RestoreArguments.mail) ?? [])
        let templates = environmentVariable("NIGHTJAR_TEMPLATES")
        let text = arguments.has(ListingOption.json) ? json.line + "\n" : try reply.text(templates: templates)
        if written.isOnStandardOutput {
            try Descriptor.duplicating(2).write(Array(text.utf8))
        } else {
            output.write(text)
        }
        if !reply.recipient.isEmpty {
            do throws(MailError) {
                try reply.send(through: sendmail, templates: templates, now: wallClock())
            } catch {
                console.error("the reply was not mailed: \(error)")
                if code == .done { code = .leftOut }
            }
        }
        return code
    }

    private func reply(to address: [UInt8]) -> RestoreReadyMail {
        RestoreReadyMail(
            host: hostName(), jail: jail, recipient: String(decoding: address, as: UTF8.self), words: words,
            pushed: written.summary.pushed, path: written.path?.bytes ?? Array("standard output".utf8),
            format: format, size: written.size, sha256: written.sha256, summary: written.summary,
            held: hold.until)
    }

    private var json: JSON {
        RestoreRecord(
            jail: jail, path: written.path, size: written.size, sha256: written.sha256, summary: written.summary,
            hold: hold
        ).json
    }
}
