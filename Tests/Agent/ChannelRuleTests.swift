import Testing

@testable import Agent

/// When further channels are opened.
struct ChannelRuleTests {
    /// A link, second by second: how many channels there are, and what each second brings.
    private struct Link {
        var rule = ChannelRule()
        var time = 100.0
        var sent: UInt64 = 0
        var heldBack = [0.0]
        var isWaiting = true

        /// A second in which so many bytes went, and each channel waited for such a part of it.
        mutating func second(_ bytes: UInt64, waiting part: Double) -> Int {
            time += 1
            sent += bytes
            for index in heldBack.indices { heldBack[index] += part }
            let count = rule.further(
                ChannelRule.Sample(time: time, sent: sent, heldBack: heldBack, isWaiting: isWaiting))
            heldBack += [Double](repeating: 0, count: count)
            return count
        }
    }

    @Test func `their number doubles up to eight, while each doubling pays and all wait for their windows`() {
        var link = Link()
        #expect(link.second(0, waiting: 1) == 0, "the first look has nothing to compare with")
        #expect(link.second(50_000_000, waiting: 0.9) == 1)
        #expect(link.second(0, waiting: 0.9) == 0, "nor has the first after some were opened")
        #expect(link.second(100_000_000, waiting: 0.9) == 2)
        _ = link.second(0, waiting: 0.9)
        #expect(link.second(200_000_000, waiting: 0.9) == 4)
        _ = link.second(0, waiting: 0.9)
        #expect(link.second(400_000_000, waiting: 0.9) == 0)
        #expect(link.heldBack.count == ChannelRule.most)
    }

    @Test func `none is opened after some that brought less than a tenth more`() {
        var link = Link()
        _ = link.second(0, waiting: 1)
        #expect(link.second(50_000_000, waiting: 0.9) == 1)
        _ = link.second(0, waiting: 0.9)
        #expect(link.second(54_000_000, waiting: 0.9) == 0)
        #expect(link.rule.isOver)
        #expect(link.second(50_000_000, waiting: 1) == 0)
    }

    @Test(arguments: [0, 0.2, 0.49]) func `none is opened where the windows are open for half of the time`(part: Double)
    {
        var link = Link()
        _ = link.second(0, waiting: 1)
        #expect(link.second(50_000_000, waiting: part) == 0)
        #expect(!link.rule.isOver)
    }

    @Test func `none is opened while one channel still takes more`() {
        var link = Link()
        link.heldBack = [0, 0]
        _ = link.second(0, waiting: 1)
        link.heldBack[1] -= 1
        #expect(link.second(50_000_000, waiting: 1) == 0)
    }

    @Test func `none is opened where there is nothing to send, and what is slow then is no measure`() {
        var link = Link()
        _ = link.second(0, waiting: 1)
        #expect(link.second(50_000_000, waiting: 1) == 1)
        _ = link.second(0, waiting: 1)
        link.isWaiting = false
        #expect(link.second(0, waiting: 1) == 0)
        link.isWaiting = true
        #expect(link.second(100_000_000, waiting: 1) == 2)
    }

    @Test func `none is opened after the server has refused one`() {
        var link = Link()
        link.rule.refused()
        for _ in 0..<5 { #expect(link.second(50_000_000, waiting: 1) == 0) }
    }
}
