import Model

/// The one mail of a run: every entry that could not be read, and why.
package struct MissingEntriesMail: TemplatedMail {
    /// The jail's.
    package var host: String
    /// The path of the config.
    package var config: [UInt8]
    package var recipient: String
    /// Those that are missing, and why; not empty.
    package var entries: [Issue]

    package let template = MailTemplate.missingEntries
    /// The same for every mail: nothing of a path comes into a header.
    package let subject = "Nightjar: entries missing from the backup"

    package init(host: String, config: [UInt8], recipient: String, entries: [Issue]) {
        self.host = host
        self.config = config
        self.recipient = recipient
        self.entries = entries
    }

    package struct Values {
        struct Entry {
            let path: String
            let reason: String
            let detail: String
            let line: String
        }

        let host: String
        let config: String
        let count: Int
        let entries: [Entry]
    }

    package func values() -> Values {
        Values(
            host: escaped(host), config: escaped(config), count: entries.count,
            entries: entries.map {
                Values.Entry(
                    path: escaped($0.path), reason: $0.reason.description, detail: shown($0.detail),
                    line: $0.line.map(String.init) ?? "?")
            })
    }
}
