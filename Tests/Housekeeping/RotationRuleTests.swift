import Catalog
import Housekeeping
import Model
import Storage
import Testing

@Suite struct `Rotation is due` {
    private let rule = RotationRule(interval: 20 * 3600, fullEvery: 7 * 86_400)
    private let start: Int64 = 1_000_000

    private func nights(_ generations: Int64?...) -> [Night] {
        generations.enumerated().map { Night(number: $0, generation: $1.map(Generation.init(_:))) }
    }

    private func moment(hours: Int64, up: Int64? = nil, boot: String = "a") -> Moment {
        Moment(
            time: Timestamp(seconds: start + hours * 3600),
            uptime: up.map { Moment.Uptime(boot: boot, seconds: $0 * 3600) })
    }

    private func last(_ moment: Moment?) -> LastRotation {
        LastRotation(rotated: moment, compared: Timestamp(seconds: start))
    }

    @Test func `when 0 is newer than 1 and the interval has passed`() {
        let rotated = last(moment(hours: 0))
        #expect(rule.decide(nights(5, 4), rotated, at: moment(hours: 20)) == .rotate(comparing: false))
        #expect(rule.decide(nights(5, 4), rotated, at: moment(hours: 19)) == .tooSoon(19 * 3600))
        #expect(rule.decide(nights(5), last(nil), at: moment(hours: 0)) == .rotate(comparing: false))
        #expect(rule.decide(nights(5, nil), rotated, at: moment(hours: 20)) == .rotate(comparing: false))
    }

    @Test func `never because a night failed to come`() {
        for hours in [20, 24 * 7, 24 * 365] as [Int64] {
            let decision = rule.decide(nights(5, 5, 4, 3), last(moment(hours: 0)), at: moment(hours: hours))
            #expect(decision == .nothingNew(Generation(5)))
        }
        #expect(rule.decide([], last(nil), at: moment(hours: 0)) == .nothingPushed)
        #expect(rule.decide(nights(nil, 4), last(nil), at: moment(hours: 0)) == .inDoubt)
    }

    @Test func `once a night, whatever the clock does while the machine is up`() {
        let rotated = last(moment(hours: 0, up: 100))
        #expect(rule.decide(nights(5, 4), rotated, at: moment(hours: 48, up: 101)) == .tooSoon(3600))
        #expect(rule.decide(nights(5, 4), rotated, at: moment(hours: -48, up: 119)) == .tooSoon(19 * 3600))
        #expect(rule.decide(nights(5, 4), rotated, at: moment(hours: -48, up: 120)) == .rotate(comparing: false))
    }

    @Test func `after an interval at most where the clock went back with a restart`() {
        let rotated = last(moment(hours: 0, up: 100))
        let now = moment(hours: -1, up: 0, boot: "b")
        #expect(rule.decide(nights(5, 4), rotated, at: now) == .clockWentBack)
        let later = rule.decide(nights(5, 4), last(now), at: moment(hours: -1, up: 20, boot: "b"))
        #expect(later == .rotate(comparing: false))
    }

    @Test func `at once where somebody asks, and compares when a week has passed or somebody asks`() {
        let rotated = last(moment(hours: 24 * 6))
        var asked = rule
        asked.isForced = true
        #expect(asked.decide(nights(5, 5), rotated, at: moment(hours: 24 * 6)) == .rotate(comparing: false))
        #expect(asked.decide([], rotated, at: moment(hours: 0)) == .nothingPushed)
        asked.isFull = true
        #expect(asked.decide(nights(5, 4), rotated, at: moment(hours: 24 * 6)) == .rotate(comparing: true))
        #expect(rule.decide(nights(5, 4), rotated, at: moment(hours: 24 * 7)) == .rotate(comparing: true))
    }

    @Test func `and holds end at their time, those without one never`() {
        func hold(_ name: Name, until: Int64?) -> Hold {
            Hold(
                name: name, generation: Generation(1), path: Path(), made: Timestamp(seconds: 0),
                until: until.map { Timestamp(seconds: $0) })
        }
        let holds = [hold("a", until: 9), hold("b", until: 10), hold("c", until: 11), hold("d", until: nil)]
        #expect(expired(holds, at: Timestamp(seconds: 10)).map(\.name) == ["a", "b"])
    }
}
