import Model

/// A mode as `ls -l` shows it: `drwxr-sr-x+`, with a `+` where there is an ACL.
package func modeText(_ metadata: Metadata, hasList: Bool) -> String {
    let kind =
        switch metadata.kind {
        case .regular: "-"
        case .directory: "d"
        case .symlink: "l"
        case .fifo: "p"
        case .socket: "s"
        case .characterDevice: "c"
        case .blockDevice: "b"
        }
    let special = [(0o4000, "s", "S"), (0o2000, "s", "S"), (0o1000, "t", "T")]
    var text = kind
    for (shift, (bit, set, bare)) in zip([6, 3, 0], special) {
        let bits = Int(metadata.mode) >> shift
        let executes = bits & 1 != 0
        text += bits & 4 != 0 ? "r" : "-"
        text += bits & 2 != 0 ? "w" : "-"
        text += Int(metadata.mode) & bit != 0 ? (executes ? set : bare) : (executes ? "x" : "-")
    }
    return text + (hasList ? "+" : "")
}
