import Model

/// Where the backup server is, as `server=` says: `host`, `user@host`, `host:port`, `[v6]:port`, or `local`.
package enum ServerAddress: Hashable, Sendable {
    /// On this machine: no ssh, the receiver over a socket pair.
    case local
    /// Nil is left to ssh's defaults.
    case remote(host: String, user: String?, port: UInt16?)

    /// - Throws: why it is no address.
    package init(_ bytes: [UInt8]) throws(Refusal) {
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw Refusal(reason: "not a host: \(escaped(bytes))") }
        if text == "local" {
            self = .local
            return
        }
        var rest = text[...]
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        var port: UInt16?
        let host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw Refusal(reason: "the [ is not closed: \(text)") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else { throw Refusal(reason: "not a host: \(text)") }
            if !tail.isEmpty { port = try ServerAddress.port(tail.dropFirst()) }
        } else if rest.count(where: { $0 == ":" }) == 1, let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            port = try ServerAddress.port(rest[rest.index(after: colon)...])
        } else {
            // A bare IPv6 address has several colons and no port.
            host = rest
        }
        guard let first = host.utf8.first, first != UInt8(ascii: "-"), host.utf8.allSatisfy(isHostByte),
            user.map({ !$0.isEmpty && $0.first != "-" && !$0.contains("@") && !$0.contains("/") }) ?? true
        else { throw Refusal(reason: "not a host: \(escaped(text))") }
        self = .remote(host: String(host), user: user, port: port)
    }

    /// Text that is no address, and why; fit to be shown.
    package struct Refusal: Error { let reason: String }

    static func port(_ text: some StringProtocol) throws(Refusal) -> UInt16 {
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(text), port > 0 else {
            throw Refusal(reason: "a port is a number from 1 to 65535, not \(escaped(String(text)))")
        }
        return port
    }
}

private func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
    default: false
    }
}

extension ServerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .local: return "local"
        case .remote(let host, let user, let port):
            let name = host.contains(":") && port != nil ? "[\(host)]" : host
            return (user.map { "\($0)@" } ?? "") + name + (port.map { ":\($0)" } ?? "")
        }
    }
}
