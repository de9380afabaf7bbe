import Glibc
import Model
import Mustache
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

    /// The text as `findTemplate` finds it, else as it came with the program.
    ///
    /// - Parameter environment: what `$NIGHTJAR_TEMPLATES` says.
    /// - Throws: `MailError` for one that is broken, so that what the mail is to tell of need not be begun.
    package func text(environment: [UInt8]?) throws(MailError) -> String {
        guard let (bytes, place) = try findTemplate(name, environment: environment) else { return builtIn }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw MailError("the template \(escaped(place))/\(name): is not UTF-8")
        }
        do { _ = try MustacheTemplate(string: text) } catch {
            throw MailError("the template \(escaped(place))/\(name): \(escaped("\(error)"))")
        }
        return text
    }
}

/// A template from `$NIGHTJAR_TEMPLATES`, else from the usual places, and where it was; nil where nobody installed any.
///
/// - Parameter environment: what `$NIGHTJAR_TEMPLATES` says; if it says something, that must be a directory.
/// - Throws: `MailError` for a template that is there and cannot be read.
package func findTemplate(
    _ name: Name, environment: [UInt8]?
) throws(MailError) -> (bytes: [UInt8], place: [UInt8])? {
    let usual = ["/usr/local/share/nightjar/templates", "/usr/share/nightjar/templates"].map { Array($0.utf8) }
    for place in (environment.map { [$0] } ?? []) + usual {
        do throws(SystemError) {
            return (try Directory.open(place).openFile(name).readAll(atMost: 1 << 20), place)
        } catch  where error.isMissing && (place != environment || error.subject == name.bytes) {
            // A directory of one's own need not have every template, but it must be there.
            continue
        } catch {
            throw MailError("the template \(escaped(place))/\(name): \(error.reason)")
        }
    }
    return nil
}
