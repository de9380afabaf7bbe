import Glibc
import Model
import Platform

/// Finds the host and connects to the first of its addresses that answers.
/// - Throws: `.unreachable` or `.timedOut`, with what the system said of each address.
func connectSocket(toHost host: String, port: UInt16, limits: SSHLimits) throws(SSHError) -> Descriptor {
    let addresses = try Addresses(of: host, port: port)
    var refusals: [String] = []
    var timedOut = true
    var next = addresses.first
    while let address = next {
        do throws(SystemError) {
            return try connectSocket(to: address, limits: limits)
        } catch {
            refusals.append("\(numeric(address)): \(error.reason)")
            timedOut = timedOut && error.code == ETIMEDOUT
        }
        next = UnsafePointer(address.pointee.ai_next)
    }
    throw SSHError(
        timedOut ? .timedOut : .unreachable,
        "cannot connect to \(place(host, port)): \(refusals.joined(separator: "; "))",
        remedy: "Is the host up, does sshd listen on this port, and does a firewall let this machine in?")
}

/// `backup1` or `backup1 port 2222`, as messages say it.
func place(_ host: String, _ port: UInt16) -> String { port == 22 ? escaped(host) : "\(escaped(host)) port \(port)" }

/// What the resolver found.
private struct Addresses: ~Copyable {
    private let list: UnsafeMutablePointer<addrinfo>

    init(of host: String, port: UInt16) throws(SSHError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let found else {
            let reason = gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
            throw SSHError(
                .unreachable, "cannot find the host \(escaped(host)): \(reason)",
                remedy: "Check the name in backup.config, and this machine's resolver.")
        }
        list = found
    }

    deinit { freeaddrinfo(list) }

    var first: UnsafePointer<addrinfo>? { UnsafePointer(list) }
}

private func numeric(_ address: UnsafePointer<addrinfo>) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { room in
        guard
            getnameinfo(
                address.pointee.ai_addr, address.pointee.ai_addrlen, room.baseAddress, socklen_t(room.count), nil, 0,
                NI_NUMERICHOST) == 0, let text = room.baseAddress
        else { return "an address" }
        return String(cString: text)
    }
}
