import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct ConfinementTests {
    // Confinement is for good, but only for the thread that asked: a thread of its own may ask for it here.
    @Test func `a confined thread changes and reads files only where it may`() throws {
        let top = try TemporaryDirectory.current.directory
        for name: Name in ["own", "read", "other"] {
            try top.makeDirectory(name)
            try top.openDirectory(name).createFile("file").write(Array("x".utf8))
        }
        let answers = Monitor<[String: Int32]>([:])
        let thread = try Thread.spawn("confined") {
            let answered = confinedAnswers(top)
            answers.with { $0 = answered }
        }
        thread.join()
        let found = answers.with { $0 }
        if found["none"] != nil { return }
        #expect(
            found == [
                "write own": 0, "write read": EACCES, "write other": EACCES, "read own": 0, "read read": 0,
                "read other": EACCES, "move out": EACCES,
            ])
        try top.openDirectory("other").makeNode("free", kind: .regular)
    }
}

private func confinedAnswers(_ top: Directory) -> [String: Int32] {
    do throws(SystemError) {
        let own = try top.openDirectory("own")
        let read = try top.openDirectory("read")
        let other = try top.openDirectory("other")
        guard try confine(toWriting: [own], reading: [read]) else { return ["none": 0] }
        return [
            "write own": code { () throws(SystemError) in _ = try own.createFile("new") },
            "write read": code { () throws(SystemError) in _ = try read.createFile("new") },
            "write other": code { () throws(SystemError) in _ = try other.createFile("new") },
            "read own": code { () throws(SystemError) in _ = try own.openFile("file") },
            "read read": code { () throws(SystemError) in _ = try read.openFile("file") },
            "read other": code { () throws(SystemError) in _ = try other.openFile("file") },
            "move out": code { () throws(SystemError) in try own.rename("new", to: other, as: "moved") },
        ]
    } catch {
        return [error.description: error.code]
    }
}

private func code(_ body: () throws(SystemError) -> Void) -> Int32 {
    do throws(SystemError) {
        try body()
        return 0
    } catch {
        return error.code
    }
}
