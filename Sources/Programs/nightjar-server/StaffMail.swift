import Configuration
import Housekeeping
import Mail
import Model
import Platform

/// Tells staff by mail what housekeeping noticed.
struct StaffMail: Sendable {
    let config: ServerConfig

    /// - Throws: `MailError`, naming who was to be told, if it could not be handed over.
    func send(_ notice: Notice, of jail: Name) throws(MailError) {
        do throws(MailError) {
            switch notice {
            case .braked(let braked):
                try send(
                    BrakeMail(
                        host: hostName(), jail: jail, recipient: config.mailto, good: braked.good,
                        pushed: braked.pushed, reasons: braked.reasons))
            case .stale(let silence): try send(mail(silence, of: jail, isBack: false))
            case .back(let silence): try send(mail(silence, of: jail, isBack: true))
            }
        } catch {
            throw MailError("the mail to \(escaped(config.mailto)) was not handed over: \(error)")
        }
    }

    private func mail(_ silence: Silence, of jail: Name, isBack: Bool) -> StaleMail {
        StaleMail(
            host: hostName(), jail: jail, recipient: config.mailto, pushed: silence.pushed, limit: silence.limit,
            failure: silence.failure, isBack: isBack)
    }

    private func send(_ mail: some TemplatedMail) throws(MailError) {
        try mail.send(
            through: config.sendmail, templates: environmentVariable("NIGHTJAR_TEMPLATES"), now: wallClock())
    }
}
