package import Model
package import Storage

/// When the trees of the nights can go at the earliest: each rotation takes the oldest and moves the others down, and
/// there is at most one in `interval`. They stay longer if the jail does not push, or rotation is stopped.
///
/// - Parameters:
///   - lastRotation: nil if there was none that is known of: then nothing can be said.
///   - interval: in seconds.
///   - isHeldBack: whether the brake has stopped rotation, so that none can go.
/// - Returns: by the night's number. Of `0` only where `1` holds the same: else the next push may replace it.
package func departures(
    of nights: [Night], lastRotation: Timestamp?, interval: Int64, now: Timestamp, isHeldBack: Bool
) -> [Int: Timestamp] {
    guard !isHeldBack, let lastRotation else { return [:] }
    let (due, overflow) = lastRotation.seconds.addingReportingOverflow(interval)
    guard !overflow else { return [:] }
    let next = max(due, now.seconds)
    var departures: [Int: Timestamp] = [:]
    for night in nights where night.number > 0 {
        let (wait, isLate) = Int64(Night.oldest - night.number).multipliedReportingOverflow(by: interval)
        let (moment, isBeyond) = next.addingReportingOverflow(wait)
        if !isLate, !isBeyond { departures[night.number] = Timestamp(seconds: moment) }
    }
    let generations = Dictionary(uniqueKeysWithValues: nights.map { ($0.number, $0.generation) })
    if let newest = generations[0], newest != nil, newest == generations[1] { departures[0] = departures[1] }
    return departures
}
