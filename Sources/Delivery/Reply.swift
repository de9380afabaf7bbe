import CLI
import Mail
import Model
import Options
import Platform

/// In what words the reply to a restore is written, and whom it goes to: all that can be wrong with it is found before
/// anything is done that it would tell of.
package struct Reply: Sendable {
    /// The text of the template.
    let template: String
    /// Nil where it is only printed.
    let recipient: String?

    /// Throws `UsageError` where `--mail` has no address, `MailError` for a template that cannot be used.
    package init(_ arguments: Arguments) throws {
        if let address = arguments.value(of: RestoreArguments.mail) {
            guard isMailAddress(address), !address.contains(UInt8(ascii: " ")) else {
                throw UsageError(subject: address, reason: "--mail wants a mail address")
            }
            recipient = String(decoding: address, as: UTF8.self)
        } else {
            recipient = nil
        }
        template = try MailTemplate.restoreReady.text(environment: environmentVariable("NIGHTJAR_TEMPLATES"))
    }
}
