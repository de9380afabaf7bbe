import Glibc
import Model
import Platform

/// A template that an admin may change, and its text as it came with the program.
package struct MailTemplate: Sendable {
    let name: Name
    let builtIn: String

    /// For the mail about entries that could not be opened.
    package static let missingEntries = MailTemplate(name: "missing-dir.mustache", builtIn: missingEntriesTemplate)
    package static let brake = MailTemplate(name: "brake.mustache", builtIn: brakeTemplate)
    /// For the reply to whoever asked for a restore.
    package static let restoreReady = MailTemplate(
        name: "restore-ready.mustache", builtIn: restoreReadyTemplate)
    package static let stale = MailTemplate(name: "stale.mustache", builtIn: staleTemplate)

    static let places = ["/usr/local/share/nightjar/templates", "/usr/share/nightjar/templates"]

    /// The text from `$NIGHTJAR_TEMPLATES`, else from the usual places, else as it came with the program.
    ///
    /// - Parameter environment: what `$NIGHTJAR_TEMPLATES` says; if it says something, the template must be there.
    /// - Throws: `MailError` for a template that is there and cannot be read.
    func text(environment: [UInt8]?) throws(MailError) -> String {
        let places = environment.map { [$0] } ?? MailTemplate.places.map { Array($0.utf8) }
        for place in places {
            do throws(SystemError) {
                let bytes = try Directory.open(place).openFile(name).readAll(atMost: 1 << 20)
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw SystemError(operation: "read", code: EILSEQ, subject: name.bytes)
                }
                return text
            } catch  where error.isMissing && environment == nil {
                continue
            } catch {
                throw MailError("the template \(escaped(place))/\(name): \(error.reason)")
            }
        }
        return builtIn
    }
}
