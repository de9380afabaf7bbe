import Glibc
import Model
import Support
import Testing

/// `nightjar-server housekeep --watch`, with a test in the place of systemd.
@Suite struct `Housekeeping as a service` {
    @Test func `says that it is ready, does what was committed, and ends when it is told to`() throws {
        let jail = try Jail(on: BackupServer())
        let nights = "\(jail.server.data)/\(jail.name)"
        let config = try jail.server.scratch.write("server.conf", "rotate-interval=0s\n")
        let notices = try Notices(at: jail.server.scratch["notify"])
        var command = jail.server.server(["housekeep", "--watch"])
        command.environment = [
            "NIGHTJAR_SERVER_CONFIG": config, "NOTIFY_SOCKET": jail.server.scratch["notify"],
            "WATCHDOG_USEC": "900000",
        ]
        let service = try command.start()
        #expect(notices.next() == "READY=1")
        #expect(notices.next() == "WATCHDOG=1")
        for number in 1...2 {
            try Command("sh", "-c", "echo \(number) > '\(jail.source)/file'").check()
            try jail.push()
            let isThere = eventually {
                notices.drop()
                return access("\(nights)/\(number)", F_OK) == 0
            }
            #expect(isThere)
            try expectSameTree(jail.source, "\(nights)/1\(jail.source)")
        }
        service.send(SIGTERM)
        let outcome = try service.wait(limit: 30)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.complaint.split(separator: "\n")
        #expect(
            lines.count == 2 && lines.allSatisfy { $0.hasPrefix("<6>nightjar-server: \(jail.name): rotated") },
            "\(outcome)")
        while let notice = notices.next(), notice != "STOPPING=1" { #expect(notice == "WATCHDOG=1") }
    }
}

/// Where a service tells how it is, as systemd would listen.
private final class Notices {
    private let descriptor: Int32

    init(at path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    /// Forgets what came so far.
    func drop() {
        var buffer = [UInt8](repeating: 0, count: 512)
        while recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
    }

    /// Nil if none came for a long time.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
