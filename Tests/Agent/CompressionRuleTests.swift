import Model
import Testing
import Wire

@testable import Agent

/// At which level blocks are compressed.
struct CompressionRuleTests {
    private static let pile = CompressionRule.pile

    /// Blocks of a rule with a slow wire, one after the other, each before as many waiting bytes; answers their levels.
    private func levels(_ rule: inout CompressionRule, blocks: Int, waiting: Int) -> [Int32?] {
        (0..<blocks).map { _ in
            let level = rule.level(waiting: waiting, isSlow: true)
            if let level { rule.handedOver(at: level, waiting: waiting) }
            return level
        }
    }

    /// A rule that has come up to a level.
    private func rule(at level: Int32) -> CompressionRule {
        var rule = CompressionRule(.auto)
        while rule.level(waiting: Self.pile, isSlow: true) != level {
            _ = levels(&rule, blocks: 1, waiting: Self.pile)
        }
        return rule
    }

    @Test(arguments: [0, 1 << 20, CompressionRule.pile], [true, false])
    func `off and a number stay what they are, whatever the link does`(waiting: Int, isSlow: Bool) {
        for (wanted, expected) in [(.off, nil), (.level(7), 7), (.level(19), 19)] as [(Compression, Int32?)] {
            var rule = CompressionRule(wanted)
            for _ in 0..<100 {
                #expect(rule.level(waiting: waiting, isSlow: isSlow) == expected)
                if let expected { rule.handedOver(at: expected, waiting: waiting) }
            }
        }
    }

    @Test func `a fast wire has nothing compressed, however much waits`() {
        var rule = CompressionRule(.auto)
        for _ in 0..<100 { #expect(rule.level(waiting: 8 << 20, isSlow: false) == nil) }
    }

    @Test func `a slow wire has nothing compressed before two runs wait for it`() {
        var rule = CompressionRule(.auto)
        #expect(rule.level(waiting: CompressionRule.backlog - 1, isSlow: true) == nil)
        #expect(rule.level(waiting: CompressionRule.backlog, isSlow: true) == 1)
    }

    @Test func `while blocks pile up the level rises step by step, up to 12`() {
        var rule = CompressionRule(.auto)
        let found = levels(&rule, blocks: 200, waiting: Self.pile)
        let steps = found.indices.filter { $0 == 0 || found[$0] != found[$0 - 1] }
        #expect(steps.map { found[$0] } == [1, 3, 6, 9, 12])
        #expect(steps == (0..<5).map { $0 * CompressionRule.patience })
    }

    @Test func `the level stays while what waits is neither much nor nothing`() {
        var rule = rule(at: 6)
        #expect(levels(&rule, blocks: 100, waiting: Self.pile - 1) == Array(repeating: 6, count: 100))
        #expect(levels(&rule, blocks: 100, waiting: 1) == Array(repeating: 6, count: 100))
    }

    @Test func `a pile that shrinks now and then is none`() {
        var rule = rule(at: 3)
        for _ in 0..<20 {
            _ = levels(&rule, blocks: CompressionRule.patience - 1, waiting: Self.pile)
            #expect(levels(&rule, blocks: 1, waiting: Self.pile - 1) == [3])
        }
    }

    @Test func `each block that finds nothing waiting takes the level one step down, to off`() {
        var rule = rule(at: 12)
        #expect(levels(&rule, blocks: 7, waiting: 0) == [12, 9, 6, 3, 1, nil, nil])
    }

    @Test func `blocks of another level say nothing of this one`() {
        var rule = rule(at: 9)
        for _ in 0..<100 { rule.handedOver(at: 12, waiting: 0) }
        for _ in 0..<100 { rule.handedOver(at: 6, waiting: Self.pile) }
        #expect(rule.level(waiting: 0, isSlow: true) == 9)
    }

    @Test func `a wire that is fast again begins anew`() {
        var rule = rule(at: 12)
        #expect(rule.level(waiting: Self.pile, isSlow: false) == nil)
        #expect(rule.level(waiting: 0, isSlow: true) == nil)
        #expect(rule.level(waiting: Self.pile, isSlow: true) == 1)
    }
}
