/// How much may be done by when: so many bytes a second, and after a rest at most so many at once.
///
/// Pure: it is told the time. Whoever takes owes at once, and waits until what he took is there, so that those who take
/// meanwhile wait behind him.
struct TokenBucket {
    /// Bytes a second.
    let rate: Double
    /// Bytes that gather while nothing is taken.
    let capacity: Double
    /// What is there; negative while takers wait.
    private var level: Double
    /// When the level was that.
    private var time: Double

    /// A full one.
    init(rate: UInt64, capacity: Int, at now: Double) {
        self.rate = Double(rate)
        self.capacity = Double(capacity)
        level = Double(capacity)
        time = now
    }

    /// Takes so many bytes.
    /// - Returns: when they may be used, which is now or later; never before what was taken earlier.
    mutating func take(_ bytes: Int, at now: Double) -> Double {
        level = min(capacity, level + max(0, now - time) * rate) - Double(bytes)
        time = max(time, now)
        return time + max(0, -level) / rate
    }
}
