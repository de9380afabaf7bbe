import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct ProcessTests {
    private func words(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }

    @Test func `a program gets its arguments as bytes and its input, and its output and status come back`() throws {
        var input = try DescriptorPair.pipe()
        var output = try DescriptorPair.pipe()
        let childInput = input.takeFirst()
        let toChild = input.takeSecond()
        let fromChild = output.takeFirst()
        let childOutput = output.takeSecond()
        let script = words("sh", "-c", "printf '%s|' \"$@\"; cat; exit 7", "sh", "a b", "$HOME")
        let child = try ChildProcess.spawn(
            script + [[0xFF, 0xFE]], input: childInput.raw, output: childOutput.raw)
        try childOutput.close()
        try toChild.write(Array("in".utf8))
        try toChild.close()
        let all = try fromChild.readAll(atMost: 1000)
        #expect(all == Array("a b|$HOME|".utf8) + [0xFF, 0xFE] + Array("|in".utf8))
        #expect(try child.wait() == .exited(7))
    }

    @Test func `a missing program is an error, and a killed one tells the signal`() throws {
        let error = #expect(throws: SystemError.self) {
            _ = try ChildProcess.spawn(words("/no-such-program")).wait()
        }
        #expect(error?.code == ENOENT)
        #expect(try ChildProcess.spawn(words("sh", "-c", "kill -9 $$")).wait() == .signalled(9))
    }

    @Test func `a command is split at blanks and never by a shell`() {
        #expect(splitCommand(Array(" /usr/sbin/sendmail  -t\t-oi ".utf8)) == words("/usr/sbin/sendmail", "-t", "-oi"))
        #expect(splitCommand([]) == [])
    }

    @Test func `a lock is had once, and who has it is told`() throws {
        let directory = try TemporaryDirectory.current.directory
        let first = try Lock.acquire("lock", in: directory, holder: "process 12")
        #expect(throws: LockError.held(by: "process 12")) {
            _ = try Lock.acquire("lock", in: directory, holder: "process 13")
        }
        first.release()
        _ = try Lock.acquire("lock", in: directory, holder: "process 13")
    }

    @Test func `the machine and its accounts have names`() throws {
        #expect(userName(0) == Array("root".utf8))
        #expect(groupName(0) == Array("root".utf8))
        #expect(userName(3_999_999_999) == nil)
        #expect(try bootIdentity().count == 36)
        #expect(!hostName().isEmpty)
        #expect(try randomBytes(1000) != randomBytes(1000))
    }

    @Test func `a connected pair of sockets carries bytes`() throws {
        var pair = try DescriptorPair.sockets()
        let first = pair.takeFirst()
        let second = pair.takeSecond()
        try first.write(Array("hello".utf8))
        #expect(try second.waitUntilReadable(milliseconds: 1000))
        #expect(try second.readSome(atMost: 100) == Array("hello".utf8))
        #expect(try !second.waitUntilReadable(milliseconds: 1))
    }
}
