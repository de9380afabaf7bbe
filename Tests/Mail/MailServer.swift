import Glibc
import Model
import Platform
import Support

@testable import Mail

/// The program that stands for sendmail.
func script(_ text: String) throws -> [[UInt8]] {
    let directory = try TemporaryDirectory.current
    try directory.write("sendmail", "#!/bin/sh\n\(text)\n", mode: 0o755)
    return [Array("\(directory.path)/sendmail".utf8), Array("-t".utf8)]
}

/// A mail as a real SMTP server got it from a real sendmail: the headers of its envelope too.
func delivered(_ mail: some TemplatedMail) throws -> String {
    let directory = try TemporaryDirectory.current
    let port = 20_000 + Int.random(in: 0..<20_000)
    let box = "\(directory.path)/box"
    let server = try ChildProcess.spawn(
        "/usr/bin/python3 -m aiosmtpd -n -l 127.0.0.1:\(port) -c aiosmtpd.handlers.Mailbox \(box)"
            .split(separator: " ").map { Array($0.utf8) })
    try directory.write(
        "msmtprc", "account default\nhost 127.0.0.1\nport \(port)\nfrom jail@localhost\n", mode: 0o600)
    let command = ["/usr/bin/msmtp", "-C", "\(directory.path)/msmtprc", "-t", "-oi"].map { Array($0.utf8) }
    var failure: MailError?
    // Until the server listens.
    for _ in 0..<50 {
        pause(seconds: 0.1)
        failure = nil
        do throws(MailError) {
            try mail.send(through: command, templates: nil, now: Timestamp(seconds: 1_763_692_419))
            break
        } catch {
            failure = error
        }
    }
    server.send(SIGTERM)
    _ = try server.wait()
    if let failure { throw failure }
    _ = try ChildProcess.spawn(script("cat \(box)/new/* > \(directory.path)/got")).wait()
    return String(decoding: try directory.read("got"), as: UTF8.self)
}

func hasMailServer() -> Bool {
    guard access("/usr/bin/msmtp", X_OK) == 0 else { return false }
    let probe = ["/usr/bin/python3", "-c", "import aiosmtpd"].map { Array($0.utf8) }
    guard let child = try? ChildProcess.spawn(probe), let status = try? child.wait() else { return false }
    return status == .exited(0)
}
