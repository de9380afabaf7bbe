import Glibc
import Platform
import Streams
import Synchronization
import Testing
import Wire

/// What a push travels over on one machine.
@Suite struct StreamTests {
    @Test func `a peer that takes nothing from a pipe is given up`() throws {
        var pipe = try DescriptorPair.pipe()
        var other = try DescriptorPair.pipe()
        let unread = pipe.takeFirst()
        let stream = DescriptorStream(input: other.takeFirst(), output: pipe.takeSecond(), patience: 0)
        #expect(throws: StreamError.timedOut("the other side took nothing for 0 seconds")) {
            try stream.send([UInt8](repeating: 1, count: 1 << 20))
        }
        #expect(try unread.readSome(atMost: 10).count == 10)
    }

    @Test(arguments: [true, false])
    func `closing lets go who waits for a peer to take something`(_ isSocket: Bool) throws {
        var pair = isSocket ? try DescriptorPair.sockets() : try DescriptorPair.pipe()
        let far = pair.takeFirst()
        let near = pair.takeSecond()
        let stream = DescriptorStream(input: try near.duplicate(), output: near)
        let failure = Mutex<StreamError?>(nil)
        let thread = try Thread.spawn("send") {
            do throws(StreamError) {
                try stream.send([UInt8](repeating: 1, count: 16 << 20))
            } catch {
                failure.withLock { $0 = error }
            }
        }
        usleep(50_000)
        stream.close()
        thread.join()
        #expect(failure.withLock { $0 } != nil)
        #expect(far.raw >= 0)
    }

    @Test(arguments: [true, false])
    func `all that is sent arrives in its order, and the descriptor stays as it was`(_ isSocket: Bool) throws {
        var pair = isSocket ? try DescriptorPair.sockets() : try DescriptorPair.pipe()
        let far = pair.takeFirst()
        let near = pair.takeSecond()
        let flags = fcntl(near.raw, F_GETFL)
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 / 3) }
        let thread = try Thread.spawn("send") { [copy = try near.duplicate().release()] in
            let output = Descriptor(owning: copy)
            guard let input = try? output.duplicate() else { return }
            let stream = DescriptorStream(input: input, output: output)
            try? stream.send(sent)
        }
        var received: [UInt8] = []
        while received.count < sent.count { received += try far.readSome(atMost: 1 << 20) }
        thread.join()
        #expect(received == sent)
        #expect(fcntl(near.raw, F_GETFL) == flags)
    }

    @Test func `a server on this machine answers over a socket, and its end is told`() throws {
        let server = try LocalServer([Array("/bin/cat".utf8)])
        try server.stream.send(Array("there and back".utf8))
        #expect(try server.stream.receive(atMost: 100) == Array("there and back".utf8))
        #expect(try server.end(within: 20_000) == .exited(0))
        #expect(try server.end(within: 20_000) == nil)
        #expect(throws: StreamError.self) { try server.stream.send([1]) }
    }

    @Test(.timeLimit(.minutes(1))) func `a server on this machine that does not end is left behind`() throws {
        let server = try LocalServer([Array("/bin/sleep".utf8), Array("90".utf8)])
        #expect(try server.end(within: 10) == nil)
    }

    @Test func `a server that is not there is an error that names it`() throws {
        let error = try #require(throws: SystemError.self) {
            _ = try LocalServer([Array("/nowhere/nightjar-receive".utf8)])
        }
        #expect(error.code == ENOENT)
        #expect(error.description.contains("/nowhere/nightjar-receive"))
    }
}
