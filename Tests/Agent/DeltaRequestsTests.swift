import Delta
import Model
import Testing
import Wire

@testable import Agent

/// What a server tells of its copies, which may be anything.
struct DeltaRequestsTests {
    private static let place = Inquiry(directory: .root, ordinal: 1)
    private static let listed: UInt64 = 1_000_000

    private func part(
        of length: UInt64 = listed, seed: UInt64 = 1, first: UInt64 = 0, entries: Int, isLast: Bool,
        place: Inquiry = place
    ) -> SignaturePart {
        SignaturePart(
            place: place, seed: seed, length: length, first: first,
            entries: [UInt8](repeating: 1, count: entries * Blocks.entry), isLast: isLast)
    }

    private func asked() -> DeltaRequests<String> {
        var requests = DeltaRequests<String>()
        requests.ask(Self.place, listed: Self.listed, "a")
        return requests
    }

    @Test func `a signature in parts is whole with its last`() throws {
        var requests = asked()
        #expect(!requests.isEmpty)
        #expect(try requests.take(part(entries: 200, isLast: false)) == nil)
        let whole = try requests.take(part(first: 200, entries: 45, isLast: true))
        #expect(whole?.origin == "a")
        #expect(whole?.signature?.count == 245)
        #expect(requests.isEmpty)
    }

    @Test func `where there is no copy there is no signature`() throws {
        var requests = asked()
        let found = try #require(try requests.take(part(of: 0, entries: 0, isLast: true)))
        #expect(found.origin == "a" && found.signature == nil)
    }

    @Test func `what is out of order, of another file or too long is malformed`() {
        let bad = [
            part(first: 1, entries: 2, isLast: false), part(entries: 246, isLast: true),
            part(entries: 245, isLast: false), part(entries: 1, isLast: true),
            part(of: 9 * Self.listed, entries: 1, isLast: false), part(of: .max, entries: 1, isLast: false),
            part(of: 0, entries: 1, isLast: true), part(of: 0, entries: 0, isLast: false),
            part(entries: 245, isLast: true, place: Inquiry(directory: .root, ordinal: 2)),
        ]
        for part in bad {
            var requests = asked()
            #expect(throws: WireError.self, "\(part.length) \(part.first)") { _ = try requests.take(part) }
        }
    }

    @Test func `a later part of another copy is malformed`() throws {
        for other in [
            part(of: Self.listed + 1, first: 200, entries: 1, isLast: false),
            part(seed: 2, first: 200, entries: 1, isLast: false), part(of: 0, entries: 0, isLast: true),
            part(entries: 200, isLast: false),
        ] {
            var requests = asked()
            _ = try requests.take(part(entries: 200, isLast: false))
            #expect(throws: WireError.self) { _ = try requests.take(other) }
        }
    }

    @Test func `signatures are taken up to the budget, and further ones when files are taken up`() throws {
        var requests = DeltaRequests<Int>()
        let length: UInt64 = 100 << 30
        let blocks = try #require(Blocks(of: length))
        let most = Blocks.budget / blocks.weight
        var first: Signature?
        for number in 0...most {
            let place = Inquiry(directory: .root, ordinal: UInt64(number))
            requests.ask(place, listed: length, number)
            let part = part(of: length, entries: blocks.count, isLast: true, place: place)
            if number < most { first = try requests.take(part)?.signature }
        }
        let last = part(
            of: length, entries: blocks.count, isLast: true, place: Inquiry(directory: .root, ordinal: UInt64(most)))
        var full = requests
        #expect(throws: WireError.self) { _ = try full.take(last) }
        requests.begin(try #require(first))
        #expect(try requests.take(last) != nil)
    }

    @Test func `a verdict comes on what was answered, and once`() throws {
        var requests = asked()
        #expect(throws: WireError.self) { _ = try requests.judged(Self.place) }
        requests.awaitVerdict(Self.place, "a")
        #expect(try requests.judged(Self.place) == "a")
        #expect(throws: WireError.self) { _ = try requests.judged(Self.place) }
    }
}
