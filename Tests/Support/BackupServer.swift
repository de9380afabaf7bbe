/// A data root of its own, and the programs that serve it.
package final class BackupServer {
    package let scratch: Scratch
    package let account: Account

    /// - Parameters:
    ///   - account: who runs the server's programs and owns the data.
    ///   - place: on which file system the data lie.
    package init(as account: Account = .current, in place: String = "/tmp") throws {
        scratch = try Scratch("server", in: place)
        self.account = account
        try account.own(scratch.path)
        print("\(scratch.path): a server as \(account)")
    }

    package var data: String { scratch["data"] }

    /// Makes the backupdir of a jail, and the data root if it is not there; answers what `enroll` prints.
    @discardableResult
    package func enroll(_ jail: String, key: String? = nil) throws -> String {
        if !isMade { try Command(account.prefix + ["mkdir", "-m", "0700", data]).check() }
        let made = try server(["enroll", jail] + (key.map { [$0] } ?? []) + (isMade ? [] : ["--init"])).check()
        isMade = true
        return made.text
    }

    private var isMade = false

    /// A command of `nightjar-server`.
    package func server(_ arguments: [String]) -> Command {
        Command(account.prefix + [Programs.path("nightjar-server", for: account), "--data", data] + arguments)
    }

    /// What serves one session of a jail.
    package func receive(_ jail: String) -> [String] {
        [Programs.path("nightjar-receive", for: account), "--data", data, jail]
    }

    /// The newest night of a jail.
    package func newest(_ jail: String) -> String { "\(data)/\(jail)/0" }
}
