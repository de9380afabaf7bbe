import Model
import Platform
import Storage
import Support
import Synchronization
import Testing

/// Who waits for the push, and who is told that one is under way.
@Suite struct LockTests {
    let jail: Jail
    let own: Directory

    init() throws {
        jail = try Jail()
        try jail.push()
        own = try jail.place.directory.openDirectory("data").openDirectory("jail").openDirectory(".nightjar")
    }

    @Test func `who finds a push under way is told whose it is, and does not wait for its end`() throws {
        let push = try Lock.acquire("pushing", in: own, holder: "nightjar-receive, process 12")
        let error = #expect(throws: StorageError.self) { try jail.backupdir.lockPush(holder: "another") }
        #expect(error?.problem == .busy)
        #expect(error?.description.contains("nightjar-receive, process 12") == true, "\(error.debugDescription)")
        push.release()
    }

    @Test func `who has just taken the push, still under the name of his predecessor, is not taken for him`() throws {
        let push = Mutex<Lock?>(try Lock.acquire("pushing", in: own, holder: "a push that ended, process 12"))
        let looks = Mutex(0)
        let path = jail.path
        _ = try jail.backupdir.lockPush(holder: "another") { phase, _, _ in
            guard phase == .waiting else { return }
            looks.withLock { $0 += 1 }
            switch looks.withLock({ $0 }) {
            case 1: try shell(#"printf "$2" > "$1/.nightjar/pushing""#, path, Backupdir.housekeeper)
            case 3: push.withLock { $0 = nil }
            default: break
            }
        }
        #expect(looks.withLock { $0 } == 3)
    }
}
