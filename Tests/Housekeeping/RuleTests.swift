import Housekeeping
import Model
import Storage
import Testing

private let hour: Int64 = 3600

@Suite struct `When a night goes` {
    private func nights(_ generations: [Int64?]) -> [Night] {
        generations.enumerated().map { Night(number: $0, generation: $1.map { Generation($0) }) }
    }

    private func departures(
        _ generations: [Int64?], rotated: Int64? = 0, now: Int64 = 0, interval: Int64 = 20 * hour,
        isHeldBack: Bool = false
    ) -> [Int: Int64] {
        Housekeeping.departures(
            of: nights(generations), lastRotation: rotated.map { Timestamp(seconds: $0) }, interval: interval,
            now: Timestamp(seconds: now), isHeldBack: isHeldBack
        ).mapValues { $0.seconds / hour }
    }

    @Test func `the oldest goes with the next rotation, each other one an interval later`() {
        #expect(
            departures([9, 8, 7, 6, 5, 4, 3]) == [6: 20, 5: 40, 4: 60, 3: 80, 2: 100, 1: 120])
    }

    @Test func `the next rotation is never in the past`() {
        #expect(departures([3, 2, 1], now: 50 * hour) == [2: 50 + 80, 1: 50 + 100])
    }

    @Test func `of the newest it can be said only if 1 holds the same`() {
        #expect(departures([5, 5])[0] == 120)
        #expect(departures([5, 4])[0] == nil)
        #expect(departures([nil, nil])[0] == nil)
    }

    @Test func `none goes while the brake holds them back`() {
        #expect(departures([3, 2, 1], isHeldBack: true) == [:])
    }

    @Test func `nothing is said where no rotation is known of, or time ends`() {
        #expect(departures([2, 1], rotated: nil) == [:])
        #expect(departures([2, 1], rotated: .max) == [:])
        #expect(departures([2, 1], now: .max - 1) == [:])
    }
}

@Suite struct `A jail that does not push` {
    private func news(_ age: Int64?, told: Bool) -> StaleNews? {
        let now = Timestamp(seconds: 1_000 * hour)
        return staleNews(
            lastPush: age.map { Timestamp(seconds: now.seconds - $0) }, now: now, limit: 36 * hour, isTold: told)
    }

    @Test func `is told of once, and once when it is back`() {
        #expect(news(36 * hour, told: false) == nil)
        #expect(news(36 * hour + 1, told: false) == .stale)
        #expect(news(36 * hour + 1, told: true) == nil)
        #expect(news(0, told: true) == .back)
        #expect(news(0, told: false) == nil)
    }

    @Test func `is not waited for before its first push`() { #expect(news(nil, told: false) == nil) }

    @Test func `has a clock that may be wrong`() {
        let far = (Timestamp(seconds: .min), Timestamp(seconds: .max))
        #expect(staleNews(lastPush: far.0, now: far.1, limit: hour, isTold: false) == .stale)
        #expect(staleNews(lastPush: far.1, now: far.0, limit: hour, isTold: false) == nil)
    }
}
