import Model

/// The first bytes of each direction: who speaks, and in which version. They are read before anything else is believed.
package enum Preface {
    /// Raised whenever the format changes; the two sides have to agree.
    package static let version: UInt16 = 4

    private static let magic = Array("NIGHTJAR".utf8)

    /// The ten bytes with which a direction begins.
    package static var bytes: [UInt8] { magic + [UInt8(version & 0xFF), UInt8(version >> 8)] }

    /// Reads the other side's preface. A login shell that prints a greeting, or an error message in place of a server,
    /// ends up quoted in the error.
    static func read(from input: inout BufferedInput) throws(WireError) {
        var seen: [UInt8] = []
        while seen.count < magic.count + 2 {
            guard let byte = try input.next() else { throw .stranger(quote: escaped(seen)) }
            seen.append(byte)
            if seen.count <= magic.count, byte != magic[seen.count - 1] {
                throw .stranger(quote: escaped(seen + input.available(upTo: 200)))
            }
        }
        let version = UInt16(seen[magic.count]) | UInt16(seen[magic.count + 1]) << 8
        guard version == Self.version else { throw .version(theirs: version) }
    }
}
