import Synchronization
internal import Platform

/// Has the file system write out what was staged while more comes in. A commit that found all of it unwritten would wait
/// for the disk while the processors are idle; left to itself, the kernel does not begin for half a minute.
///
/// Nothing depends on it: the commit syncs all the same. An error that it meets is the push's.
final class WriteBehind: Sendable {
    private struct Run {
        var isUnderWay = false
        var failure: SystemError?
    }

    /// Bytes from one time to the next.
    private static let stride = 128 << 20
    /// As many bytes as take the file system as long as a small file's inode, name and block.
    private static let least = 8 << 10

    private let directory: Directory
    private let unwritten = Atomic<Int>(0)
    private let run = Monitor(Run())

    /// - Parameter directory: any on the file system.
    init(_ directory: Directory) { self.directory = directory }

    /// So many bytes more were staged. Never waits.
    func note(_ count: Int) {
        let total = unwritten.add(max(count, WriteBehind.least), ordering: .relaxed).newValue
        guard total >= WriteBehind.stride, start() else { return }
        unwritten.store(0, ordering: .relaxed)
        do throws(SystemError) {
            _ = try Thread.spawn("write-behind") { [self] in
                do throws(SystemError) {
                    try directory.syncFileSystem()
                    end(nil)
                } catch {
                    end(error)
                }
            }
        } catch {
            // Without a thread all is written at the commit.
            end(nil)
        }
    }

    /// Waits until nothing is under way. Throws the first error that was met.
    func finish() throws(SystemError) {
        let failure: SystemError? = run.wait { run in run.isUnderWay ? nil : .some(run.failure) }
        if let failure { throw failure }
    }

    /// False if one is under way already.
    private func start() -> Bool {
        run.with { run in
            defer { run.isUnderWay = true }
            return !run.isUnderWay
        }
    }

    private func end(_ failure: SystemError?) {
        run.with { run in
            run.isUnderWay = false
            run.failure = run.failure ?? failure
        }
    }
}
