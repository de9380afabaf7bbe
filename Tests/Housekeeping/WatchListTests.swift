import Housekeeping
import Model
import Testing

@Suite struct `A service looks at` {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    @Test func `a jail that was written to, once, and at every jail now and then`() {
        var list = WatchList(every: 600)
        #expect(list.take([("a", time(1)), ("b", nil)], at: 0) == ["a"])
        list.looked(at: "a", written: time(2), at: 1)
        #expect(list.take([("a", time(2)), ("b", nil)], at: 5) == [])
        #expect(list.take([("a", time(3)), ("b", time(3))], at: 10) == ["a", "b"])
        list.looked(at: "a", written: time(3), at: 10)
        list.looked(at: "b", written: time(3), at: 10)
        #expect(list.take([("a", time(3)), ("b", time(3))], at: 609) == [])
        #expect(list.take([("a", time(3)), ("b", time(3))], at: 610) == ["a", "b"])
    }

    @Test func `no jail twice at the same time, and again at one that a push had`() {
        var list = WatchList(every: 600)
        #expect(list.take([("a", time(1))], at: 0) == ["a"])
        #expect(list.take([("a", time(2))], at: 1) == [])
        #expect(!list.isIdle)
        list.gaveUp(on: "a")
        #expect(list.isIdle)
        #expect(list.take([("a", time(2))], at: 2) == ["a"])
    }
}
