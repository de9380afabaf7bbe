package import Model

/// What staff is to be told of a jail's pushes.
package enum StaleNews: Hashable, Sendable {
    /// The last good push is too long ago.
    case stale
    /// It was, and there is a good one again.
    case back
}

/// Decides whether there is anything to tell: each turn is told once.
///
/// - Parameters:
///   - lastPush: the last one that was committed; nil if there never was one, and then nobody waits for the next.
///   - limit: in seconds.
///   - isTold: whether `.stale` was told last.
package func staleNews(lastPush: Timestamp?, now: Timestamp, limit: Int64, isTold: Bool) -> StaleNews? {
    guard let lastPush else { return nil }
    let (age, overflow) = now.seconds.subtractingReportingOverflow(lastPush.seconds)
    let isStale = overflow ? now > lastPush : age > limit
    if isStale == isTold { return nil }
    return isStale ? .stale : .back
}
