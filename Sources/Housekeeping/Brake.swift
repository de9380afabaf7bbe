package import Catalog
package import Model
package import Storage

/// How much of an entry may go or change from one night to the next, in percent.
package struct BrakeLimits: Hashable, Sendable {
    package var shrink: Int
    package var change: Int

    package init(shrink: Int, change: Int) {
        self.shrink = shrink
        self.change = change
    }
}

/// Fewer files than these may all change without a word.
private let fewFiles: UInt64 = 1000

/// Decides whether what a push left may become a night.
///
/// - Parameter entries: what became of each since the newest night that was rotated.
/// - Returns: every reason against it, in the order of the entries; none if the nights may move.
package func brake(_ entries: [EntryChange], _ limits: BrakeLimits) -> [BrakeReason] {
    entries.flatMap { entry in kinds(entry, limits).map { BrakeReason($0, entry) } }
}

/// Why what `0` holds may not become a night after the newest that is kept; nil if it may, or if it was accepted.
package func braked(_ nights: [Night], _ catalog: Catalog, _ limits: BrakeLimits) throws -> Braked? {
    guard let pushed = nights.first?.generation, try catalog.accepted() != pushed,
        let good = nights.dropFirst().lazy.compactMap(\.generation).first
    else { return nil }
    let reasons = brake(try catalog.entryChanges(from: good, to: pushed), limits)
    return reasons.isEmpty ? nil : Braked(good: good, pushed: pushed, reasons: reasons)
}

private func kinds(_ entry: EntryChange, _ limits: BrakeLimits) -> [BrakeReason.Kind] {
    let before = entry.before
    guard let after = entry.after else { return before.files > 0 ? [.gone] : [] }
    var kinds: [BrakeReason.Kind] = []
    if let was = before.fileSystem, let now = after.fileSystem, now.differs(from: was) { kinds.append(.fileSystem) }
    if before.files > 0, after.files == 0 { return kinds + [.empty] }
    if hasShrunk(before.files, after.files, limits.shrink) { kinds.append(.fewerFiles) }
    if hasShrunk(before.bytes, after.bytes, limits.shrink) { kinds.append(.fewerBytes) }
    if entry.altered > fewFiles, isOver(entry.altered, of: before.files, limits.change) { kinds.append(.altered) }
    return kinds
}

private func hasShrunk(_ before: UInt64, _ after: UInt64, _ percent: Int) -> Bool {
    after < before && isOver(before - after, of: before, percent)
}

private func isOver(_ part: UInt64, of whole: UInt64, _ percent: Int) -> Bool {
    Double(part) * 100 > Double(whole) * Double(percent)
}
