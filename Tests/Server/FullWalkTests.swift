import Catalog
import Model
import Testing

@testable import Server

@Suite struct `A full walk` {
    private let rule = FullWalkRule(every: 100)

    private func isDue(
        last: Int64? = 1_000, _ outcome: PushRecord.Outcome? = .complete, continues: Bool = false, now: Int64 = 1_050
    ) -> Bool {
        rule.isDue(
            last: last.map { Timestamp(seconds: $0) }, outcome: outcome, continues: continues,
            now: Timestamp(seconds: now))
    }

    @Test func `is due when the time is over, and not before`() {
        #expect(!isDue(now: 1_000))
        #expect(!isDue(now: 1_099))
        #expect(isDue(now: 1_100))
    }

    @Test func `is due where there was none, or the clock says that it is yet to come`() {
        #expect(isDue(last: nil))
        #expect(isDue(last: 1_001, now: 1_000))
    }

    @Test func `is due after a push that did not end well, or of which nothing is known`() {
        #expect(isDue(.failed))
        #expect(isDue(.running))
        #expect(isDue(nil))
        #expect(isDue(continues: true))
    }
}
