internal import Catalog
package import Model
package import Storage

/// The hold of what is restored, tried for until it is had.
package struct RestoreKeeping {
    /// What the names of such holds begin with.
    package static let stem: Name = "restore"

    private let restoration: Restoration
    private let now: Timestamp
    private let date: String
    private let limit: Int?
    private var holds: [Hold]?
    private var trouble = ""

    /// - Parameters:
    ///   - date: of the night, for the hold's name; digits and dashes.
    ///   - limit: how many such holds of the jail there may be; nil for any number.
    package init(_ restoration: Restoration, at now: Timestamp, date: String, limit: Int? = nil) {
        self.restoration = restoration
        self.now = now
        self.date = date
        self.limit = limit
    }

    /// That the night cannot be held at the moment, as for want of room, keeps nobody from his files.
    package mutating func tryToKeep(progress: Storage.Progress? = nil) {
        guard holds == nil else { return }
        do {
            holds = try restoration.keep(at: now, date: date, limit: limit, progress: progress)
        } catch {
            trouble = "\(error)"
        }
    }

    /// How it stands.
    package var hold: RestoreHold {
        guard let holds else { return .failed(trouble, night: restoration.night) }
        guard let until = holds.compactMap(\.until).min() else {
            // Staff hold it already, without end.
            return holds.isEmpty ? .unwanted : .held(holds.map(\.name), until: nil)
        }
        return .held(holds.map(\.name), until: until)
    }
}
