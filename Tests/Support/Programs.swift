import Glibc
import Model

/// The programs as they were built, for tests that run them.
package enum Programs {
    /// Where they lie: `$NIGHTJAR_PROGRAMS`, else beside the running test bundle.
    package static let directory = getenv("NIGHTJAR_PROGRAMS").map { String(cString: $0) } ?? bundle

    /// Where the running test bundle lies.
    private static let bundle: String = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = buffer.prefix(max(count, 0))
        return String(decoding: own.prefix(upTo: own.lastIndex(of: UInt8(ascii: "/")) ?? own.startIndex), as: UTF8.self)
    }()

    package static let names = ["nightjar", "nightjar-receive", "nightjar-server"]

    /// What a program is preloaded with so that its wall clock goes three seconds ahead; nil where it was not built.
    package static func clockAhead(for account: Account = .current) -> String? {
        let path = "\(account.prefix.isEmpty ? bundle : shared?.path ?? bundle)/\(clock)"
        return access(path, R_OK) == 0 ? path : nil
    }

    private static let clock = "libClockAhead.so"

    /// A copy that every account of this machine may run; made once, and removed when the tests end.
    private static let shared: Scratch? = {
        guard let scratch = try? Scratch("programs") else { return nil }
        for file in names.map({ "\(directory)/\($0)" }) + ["\(bundle)/\(clock)"] {
            _ = try? Command("cp", "--reflink=auto", file, scratch.path).run()
        }
        _ = try? Command("chmod", "-R", "a+rX", scratch.path).run()
        atexit { Programs.removeShared() }
        return scratch
    }()

    private static func removeShared() {
        if let shared { _ = try? Command("rm", "-rf", shared.path).run() }
    }

    package static func path(_ name: String, for account: Account = .current) -> String {
        if account.prefix.isEmpty { return "\(directory)/\(name)" }
        return shared?[name] ?? "\(directory)/\(name)"
    }
}

/// Who runs the programs.
package struct Account: Sendable, CustomStringConvertible {
    /// What a command is put behind.
    package var prefix: [String]
    package var identifier: UInt32
    package var description: String

    /// Whoever runs the tests.
    package static let current = Account(
        prefix: [], identifier: getuid(), description: testsRunAsRoot ? "root" : "an ordinary user")
    /// An ordinary user, put on by root.
    package static let nobody = Account(
        prefix: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"],
        identifier: 65_534, description: "an ordinary user")

    /// Those that this machine lets the tests be: with root both of them.
    package static let available: [Account] = canBeNobody ? [.current, .nobody] : [.current]
    /// Another than the one that runs the tests.
    package static let other: Account? = available.first { !$0.prefix.isEmpty }
    /// One that is not root.
    package static let ordinary: Account? = available.first { $0.identifier != 0 }

    private static let canBeNobody: Bool = {
        guard testsRunAsRoot, isInstalled("setpriv") else { return false }
        // The Swift runtime may lie where only root may look.
        let outcome = try? Command(nobody.prefix + [Programs.path("nightjar", for: .nobody), "--version"]).run()
        if outcome?.status == 0 { return true }
        print("left out: tests as an ordinary user, who cannot run the programs: \(outcome?.complaint ?? "")")
        return false
    }()

    /// Gives the account all below a path, the path too.
    package func own(_ path: String) throws {
        if !prefix.isEmpty { try Command("chown", "-Rh", "\(identifier):\(identifier)", path).check() }
    }
}
