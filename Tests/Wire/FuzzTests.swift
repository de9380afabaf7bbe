import Model
import Testing
import Wire

/// A generator that says the same each time.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct FuzzTests {
    /// A reader either reads or throws; it neither crashes nor goes on for ever.
    private func read(_ bytes: [UInt8]) {
        do throws(WireError) { _ = try fromAgent(bytes) } catch {}
        do throws(WireError) { _ = try fromServer(bytes) } catch {}
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `mutated bytes are read or refused`(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let compressor = try #require(Compressor(level: 1))
        let small = Samples.ofAgent.filter { if case .run = $0 { false } else { true } }
        let originals = [wire(small), wire(Samples.ofServer), wire(small, compressor: compressor)]
        for round in 0..<600 {
            var bytes = originals[round % originals.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 10..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: at)
                default: bytes.insert([0, 0x7F, 0x80, 0xFF].randomElement(using: &random)!, at: at)
                }
            }
            read(bytes)
        }
    }

    @Test(arguments: 100..<104 as Range<UInt64>)
    func `random bytes are read or refused`(_ seed: UInt64) {
        var random = Seeded(state: seed)
        for _ in 0..<500 {
            let body = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            read(body)
            read(Preface.bytes + body)
            read(raw(type: UInt8.random(in: 0...13, using: &random), body))
            read(raw(type: UInt8.random(in: 64...70, using: &random), body))
        }
    }
}
