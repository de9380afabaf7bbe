/// Whether the night that was restored from is held for whoever asked.
package enum RestoreHold: Hashable, Sendable {
    /// It was not to be.
    case unwanted
    /// By these holds, until the first of them ends; nil where none does.
    case held([Name], until: Timestamp?)
    /// It could not be; why, fit to be shown, and which night it is, if it is in one.
    case failed(String, night: Int?)

    /// The names of the holds.
    package var names: [Name] { if case .held(let names, _) = self { names } else { [] } }

    /// Nil where nothing is held.
    package var until: Timestamp? { if case .held(_, let until) = self { until } else { nil } }
}
