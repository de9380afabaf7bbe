/// What ends a session, seen from one side of the wire.
package enum WireError: Error, Hashable, Sendable {
    /// The stream gave out.
    case stream(StreamError)
    /// The stream ended where more was due.
    case cut
    /// The first bytes are not those of Nightjar; they are quoted, because they often say what is wrong.
    case stranger(quote: String)
    /// The other side speaks another version.
    case version(theirs: UInt16)
    /// Bytes that the format does not allow, and where.
    case malformed(String)
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .stream(let error): error.description
        case .cut: "the connection ended in the middle of a session"
        case .stranger(let quote):
            quote.isEmpty ? "the other side closed without a word" : "the other side is not Nightjar; it said: \(quote)"
        case .version(let theirs):
            "the other side speaks version \(theirs) of the protocol, this one version \(Preface.version)"
                + ": install the same release of Nightjar on both"
        case .malformed(let detail): "the other side broke the protocol: \(detail)"
        }
    }
}
