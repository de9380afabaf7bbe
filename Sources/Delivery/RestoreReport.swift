import CLI
import Mail
import Model
import Options
import Placing
import Platform

/// What is said of a restore once it is done: damage, what was left out, what could not be held, and the reply.
package struct RestoreReport {
    let jail: Name
    let order: RestoreOrder
    let reply: Reply
    let written: Destination.Written
    let hold: RestoreHold
    let root: Path?

    /// - Parameter root: what the customer who finds the archive there has for his `/`; nil if he has not come by it yet.
    package init(
        jail: Name, order: RestoreOrder, reply: Reply, written: Destination.Written, hold: RestoreHold, root: Path?
    ) {
        self.jail = jail
        self.order = order
        self.reply = reply
        self.written = written
        self.hold = hold
        self.root = root
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
        let mail = mail
        let text = arguments.has(ListingOption.json) ? json.line + "\n" : try mail.text(template: reply.template)
        if written.isOnStandardOutput {
            try Descriptor.duplicating(2).write(Array(text.utf8))
        } else {
            output.write(text)
        }
        if reply.recipient != nil {
            do throws(MailError) {
                try mail.send(through: sendmail, template: reply.template, now: wallClock())
            } catch {
                console.error("the reply was not mailed: \(error)")
                if code == .done { code = .leftOut }
            }
        }
        return code
    }

    private var mail: RestoreReadyMail {
        RestoreReadyMail(
            host: hostName(), jail: jail, recipient: reply.recipient ?? "", words: order.words,
            pushed: written.summary.pushed, path: written.path?.bytes, inside: inside?.bytes, format: order.format,
            size: written.size, sha256: written.sha256, summary: written.summary, held: hold.until)
    }

    /// The archive's path from the customer's root on.
    private var inside: Path? {
        guard let root, let path = written.path, root.contains(path) else { return nil }
        return Path(Array(path.names.dropFirst(root.names.count)))
    }

    private var json: JSON {
        RestoreRecord(
            jail: jail, path: written.path, size: written.size, sha256: written.sha256, summary: written.summary,
            hold: hold
        ).json
    }
}
