import Glibc
import Platform
import Support
import Testing

/// A server far away: content travels on several channels of the one SSH session, as many as that calls for.
@Suite(.enabled(if: SSHServer.program != nil, "needs an sshd"), .serialized) struct `A server far away` {
    /// What a channel may have under way: sshd's window.
    private static let window = 2 << 20

    /// A jail with one large file of so many windows and some small ones, far away.
    private func scene(
        _ settings: [String] = [], windows: Int = 30
    ) throws -> (scene: SecureScene, relay: DelayRelay) {
        let scene = try SecureScene(settings: settings)
        let make = """
            cd '\(scene.jail.source)'; head -c \(windows * Self.window) /dev/urandom > large
            for i in $(seq 200); do head -c 20000 large > f$i; done
            """
        try Command("sh", "-ec", make).check()
        scene.jail.settle()
        return (scene, try scene.moveAway(milliseconds: 100))
    }

    /// The most receivers that served the jail at one time, until the push ends.
    private func receivers(of jail: Jail, during push: Errand<Command.Outcome?>) throws -> Int {
        var most = 0
        while push.answer(within: 20) == nil { most = max(most, try jail.receivers().count) }
        return most
    }

    @Test func `is reached on several channels, each a process there, with more under way than one can have`() throws {
        let (scene, relay) = try scene()
        let command = try scene.jail.command(["-v", "--json"])
        let push = try Errand("push") { try? command.check() }
        let most = try receivers(of: scene.jail, during: push)
        let outcome = try #require(push.answer(within: 1_000) ?? nil)
        #expect(most >= 2)
        let channels = try #require(PushRecord(outcome)["channels"])
        #expect(channels >= 2 && outcome.complaint.contains("on \(channels) channels"), "\(outcome)")
        #expect(try scene.jail.waitUntilUnserved())
        let record = try scene.jail.server.server(["nights", "--pushes", "--json", scene.jail.name]).check()
        // A channel that came too late is no push.
        #expect(record.lines.count == 1 && PushRecord(record)["channels"] == channels, "\(record)")
        // One channel has its window under way, and what frames it.
        #expect(relay.mostUnderWay > Self.window * 3 / 2, "\(relay.mostUnderWay) bytes")
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `that lets nobody open a second channel is reached on one`() throws {
        let (scene, _) = try scene(["MaxSessions 1"], windows: 12)
        let outcome = try scene.jail.push("-v")
        #expect(outcome.complaint.contains("no further channel"), "\(outcome)")
        #expect(!outcome.complaint.contains(" channels"), "\(outcome)")
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `may lose a channel: the push breaks off, and the next one goes on`() throws {
        let (scene, _) = try scene()
        let command = try scene.jail.command()
        let push = try Errand("push") { try? command.run() }
        var first: Set<Int32> = []
        var sightings: [Int32: Int] = [:]
        var killed: Int32?
        while push.answer(within: 20) == nil {
            let found = Set(try scene.jail.receivers())
            if first.isEmpty { first = found }
            for other in found.subtracting(first) { sightings[other, default: 0] += 1 }
            // It has been let in by then.
            if killed == nil, let other = sightings.first(where: { $0.value > 15 })?.key {
                killed = other
                kill(other, SIGKILL)
            }
        }
        let outcome = try #require(push.answer(within: 1_000) ?? nil)
        #expect(killed != nil)
        #expect(outcome.status != 0, "\(outcome)")
        #expect(try scene.jail.waitUntilUnserved())
        #expect(access(scene.jail.newest, F_OK) != 0)
        try scene.jail.push()
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `that is near is reached on one channel`() throws {
        let scene = try SecureScene()
        try Command("sh", "-c", "head -c 60000000 /dev/urandom > \(scene.jail.source)/large").check()
        scene.jail.settle()
        let outcome = try scene.jail.push("-v")
        #expect(!outcome.complaint.contains(" channels"), "\(outcome)")
    }
}
