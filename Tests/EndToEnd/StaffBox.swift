import Glibc
import Support

/// What keeps the mails to staff, in place of a sendmail; and the `server.conf` that names it.
final class StaffBox {
    private let scratch: Scratch
    let config: String

    /// - Parameter settings: more lines of `server.conf`.
    init(_ settings: String = "") throws {
        scratch = try Scratch("staff")
        let box = try scratch.directory("box")
        let program = try scratch.write(
            "sendmail",
            """
            #!/bin/sh
            [ -e '\(scratch["refuses"])' ] && { echo not today; exit 75; }
            while [ -e '\(scratch["delays"])' ]; do touch '\(scratch["delayed"])'; sleep 0.05; done
            cat > '\(box)'/$$

            """,
            mode: 0o755)
        config = try scratch.write(
            "server.conf", "mailto=staff@example.net\nsendmail=\(program) -t -oi\n\(settings)\n")
    }

    func refuse(_ refuses: Bool) throws {
        try Command(refuses ? "touch" : "rm", scratch["refuses"]).check()
    }

    /// Keeps each mail waiting until this is called with false.
    func delay(_ delays: Bool) throws { try Command(delays ? "touch" : "rm", scratch["delays"]).check() }
    var isDelaying: Bool { access(scratch["delayed"], F_OK) == 0 }

    /// The mails that came since the last time, decoded.
    func take() throws -> [String] {
        let box = scratch["box"]
        let mails = try Command("ls", "-tr", box).check().lines.map { name in
            let text = try Command("cat", "\(box)/\(name)").check().text
            return text.replacing("=\n", with: "").replacing("=3D", with: "=")
        }
        try Command("find", box, "-type", "f", "-delete").check()
        return mails
    }
}
