import Glibc

/// A file system that answers nothing: whoever looks at it waits until the last reference to this goes.
///
/// A FUSE mount whose daemon never says a word. A real hang in the kernel, which SIGKILL can end and nothing else.
package final class HungMount {
    package let path: String
    private let daemon: Running

    /// Whether one can be made here.
    package static let isPossible: Bool = {
        guard testsRunAsRoot, isInstalled("python3"), access("/dev/fuse", R_OK | W_OK) == 0 else { return false }
        guard let scratch = try? Scratch("hung") else { return false }
        return (try? HungMount(on: scratch.path)) != nil
    }()

    /// Mounts it on a directory.
    package init(on path: String) throws {
        self.path = path
        let program = """
            import ctypes, os, sys, time
            device = os.open("/dev/fuse", os.O_RDWR)
            options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.mount(b"hung", sys.argv[1].encode(), b"fuse", 0, options.encode()) != 0:
                sys.exit(os.strerror(ctypes.get_errno()))
            print("mounted", flush=True)
            time.sleep(600)
            """
        daemon = try Command("python3", "-c", program, path).start()
        while try daemon.outputSoFar().isEmpty {
            guard daemon.isRunning() else { throw FixtureError("cannot mount: \(try daemon.wait(limit: 1))") }
            usleep(10_000)
        }
    }

    deinit {
        // With the daemon the connection ends, and who hangs is told so.
        daemon.send(SIGKILL)
        _ = try? daemon.wait(limit: 10)
        _ = try? Command("umount", path).run()
    }
}
