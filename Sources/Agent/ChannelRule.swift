/// When further channels are opened, and how many.
///
/// A channel moves at most one window a round trip. So where every channel waits for its window while the wire is free,
/// there are to be twice as many; and if that did not bring more, it was not the window, and there will be no others.
struct ChannelRule {
    /// Channels that there are at most, the first among them.
    static let most = 8
    /// Seconds over which a rate is taken.
    static let interval = 0.25
    /// The part of them for which each channel has to wait.
    static let share = 0.5
    /// How much faster it has to be with further channels.
    static let gain = 1.1

    /// What is known at one time.
    struct Sample {
        /// In steady seconds.
        var time: Double
        /// Bytes handed to all channels so far.
        var sent: UInt64
        /// Seconds so far, of each channel, for which it waited for its window although the wire was free.
        var heldBack: [Double]
        /// Whether content waits for a channel.
        var isWaiting: Bool
    }

    private var last: Sample?
    /// Bytes a second before the channels came that were opened last.
    private var rateBefore: Double?
    /// Whether no more will be opened.
    private(set) var isOver = false

    /// How many to open now. To be asked again and again, but not while any is being opened.
    mutating func further(_ sample: Sample) -> Int {
        guard !isOver, let before = last, before.heldBack.count == sample.heldBack.count else {
            last = sample
            return 0
        }
        let seconds = sample.time - before.time
        guard seconds >= ChannelRule.interval else { return 0 }
        last = sample
        guard sample.isWaiting else { return 0 }
        let rate = Double(sample.sent - before.sent) / seconds
        if let slower = rateBefore, rate < slower * ChannelRule.gain {
            isOver = true
            return 0
        }
        rateBefore = nil
        let shortest = zip(sample.heldBack, before.heldBack).map { $0 - $1 }.min() ?? 0
        guard shortest >= seconds * ChannelRule.share else { return 0 }
        rateBefore = rate
        return min(sample.heldBack.count, ChannelRule.most - sample.heldBack.count)
    }

    /// The server takes no more of them.
    mutating func refused() { isOver = true }
}
