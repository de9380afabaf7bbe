import Glibc
import Model
import Platform
import Support
import Synchronization
import Testing
import Wire

@testable import Agent

@Suite struct `A bucket of tokens` {
    @Test func `gives at once what has gathered, and then no more than its rate`() {
        var bucket = TokenBucket(rate: 100, capacity: 50, at: 7)
        #expect(bucket.take(50, at: 7) == 7)
        #expect(bucket.take(100, at: 7) == 8)
        #expect(bucket.take(100, at: 7) == 9)
        #expect(bucket.take(50, at: 8.5) == 9.5)
    }

    @Test func `gathers while nothing is taken, up to what it holds and no further`() {
        var bucket = TokenBucket(rate: 100, capacity: 50, at: 0)
        _ = bucket.take(50, at: 0)
        #expect(bucket.take(50, at: 0.5) == 0.5)
        _ = bucket.take(0, at: 1_000_000)
        #expect(bucket.take(60, at: 1_000_000) == 1_000_000.1)
    }

    @Test func `gives nothing for a clock that goes back`() {
        var bucket = TokenBucket(rate: 100, capacity: 100, at: 10)
        #expect(bucket.take(100, at: 10) == 10)
        #expect(bucket.take(100, at: 5) == 11)
        #expect(bucket.take(100, at: 10) == 12)
    }

    /// What was promised, for any takers at any times.
    @Test(arguments: 0..<50)
    func `never lets more through than its rate and one burst`(_ seed: UInt64) {
        var random = RandomSource(seed: seed)
        let (rate, capacity) = (UInt64.random(in: 1...5_000, using: &random), Int.random(in: 1...3_000, using: &random))
        var bucket = TokenBucket(rate: rate, capacity: capacity, at: 0)
        var (now, last, taken) = (0.0, 0.0, 0)
        for _ in 0..<500 {
            now += Bool.random(using: &random) ? 0 : Double.random(in: 0...2, using: &random)
            let bytes = Int.random(in: 0...2_000, using: &random)
            let due = bucket.take(bytes, at: now)
            taken += bytes
            #expect(due >= max(now, last), "seed \(seed)")
            #expect(Double(taken) <= Double(capacity) + Double(rate) * due + 0.001, "seed \(seed)")
            last = due
        }
        // And not less, while there are takers.
        #expect(last <= now + Double(taken) / Double(rate), "seed \(seed)")
    }
}

@Suite(.temporaryDirectory) struct `A push whose reading is slowed down` {
    private let place: TemporaryDirectory
    private let peer = Peer()

    init() throws { place = try TemporaryDirectory.current }

    @Test func `brings all of it, is never faster than its rate, and hangs on no file system`() throws {
        let content = [UInt8](repeating: 7, count: Throttle.burst + 192_000)
        try place.directory.createFile("large").write(content)
        let (report, transcript) = try push([entry(place.path)], to: peer) { settings in
            settings.readRate = 64_000
            // Shorter than the wait for one run.
            settings.fileSystemPatience = 0.5
        }
        #expect(report.outcome == .committed(Generation(1)), "\(report.outcome)")
        #expect(transcript.contents["\(place.path)/large"] == content)
        // 192,000 bytes beyond the burst: not a matter of how fast the machine is.
        #expect(report.duration >= .seconds(3), "\(report.duration)")
    }

    @Test func `counts every byte that any of its threads reads`() throws {
        for number in 0..<8 {
            let name = try #require(Name(Array("file-\(number)".utf8)))
            try place.directory.createFile(name).write([UInt8](repeating: 1, count: Throttle.burst / 8 + 16_000))
        }
        let (report, _) = try push([entry(place.path)], to: peer) { $0.readRate = 64_000 }
        #expect(report.outcome == .committed(Generation(1)))
        #expect(report.duration >= .seconds(2), "\(report.duration)")
    }

    @Test(.timeLimit(.minutes(1))) func `lets those who wait go when it fails`() throws {
        let throttle = Throttle(rate: 1)
        let ended = Mutex(false)
        let activity = Watchdog(patience: 60).newActivity()
        try throttle.admit(Throttle.burst, activity)
        let thread = try Thread.spawn("wait") {
            do throws(PushEnded) {
                try throttle.admit(1_000_000_000, activity)
            } catch {
                ended.withLock { $0 = true }
            }
        }
        throttle.fail()
        thread.join()
        #expect(ended.withLock { $0 })
    }
}
