/// A moment by the server's clock and, beside it, by how long the machine has been up: the first anybody can set, the
/// second nobody.
package struct Moment: Hashable, Sendable {
    /// How long a machine has been up, sleep included.
    package struct Uptime: Hashable, Sendable {
        /// Which start of the machine it is counted from.
        package var boot: String
        package var seconds: Int64

        package init(boot: String, seconds: Int64) {
            self.boot = boot
            self.seconds = seconds
        }
    }

    package var time: Timestamp
    /// Nil where a caller gave the time: then that alone counts.
    package var uptime: Uptime?

    package init(time: Timestamp, uptime: Uptime? = nil) {
        self.time = time
        self.uptime = uptime
    }

    /// How many seconds passed since another moment. Within one start of the machine no jump of its clock counts; across
    /// two the clock is all there is, and the answer is negative if it went back.
    package func seconds(since earlier: Moment) -> Int64 {
        if let uptime, let before = earlier.uptime, uptime.boot == before.boot {
            return uptime.seconds - before.seconds
        }
        return time.seconds - earlier.time.seconds
    }
}
