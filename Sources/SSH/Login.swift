import CLibSSH
import Model

/// Offers the keys one after the other, and nothing but keys.
/// - Throws: `.identityUnusable` if none of the keys can be used; `.loginRefused` if the server wants none of them.
func logIn(_ session: SSHSession, with identities: [[UInt8]], mustExist: Bool, to place: String) throws(SSHError) {
    let user = session.text(of: SSH_OPTIONS_USER).map { escaped($0) } ?? "?"
    var refused: [String] = []
    var useless: [SSHError] = []
    for path in identities {
        do throws(SSHError) {
            let identity = try Identity(path)
            if try offer(identity, on: session, to: place) { return }
            refused.append(identity.description)
        } catch {
            guard error.reason == .identityUnusable else { throw error }
            useless.append(error)
        }
    }
    throw refusal(refused, useless, mustExist: mustExist, user: user, place: place)
}

private func offer(_ identity: borrowing Identity, on session: SSHSession, to place: String) throws(SSHError) -> Bool {
    switch ssh_userauth_publickey(session.raw, nil, identity.key.raw) {
    case SSH_AUTH_SUCCESS.rawValue: return true
    case SSH_AUTH_DENIED.rawValue: return false
    case SSH_AUTH_AGAIN.rawValue: throw SSHError(.timedOut, "\(place) takes too long to judge a key")
    case SSH_AUTH_PARTIAL.rawValue:
        throw SSHError(
            .loginRefused, "\(place) accepts the key \(escaped(identity.path)) but wants a second proof",
            remedy: "Allow this user to log in with the key alone (AuthenticationMethods publickey).")
    default:
        throw SSHError(.loginRefused, "\(place) broke off while judging a key: \(session.complaint)")
    }
}

private func refusal(
    _ refused: [String], _ useless: [SSHError], mustExist: Bool, user: String, place: String
) -> SSHError {
    guard !refused.isEmpty else {
        if useless.count == 1 || mustExist, let first = useless.first { return first }
        return SSHError(
            .identityUnusable, "no usable key: " + useless.map(\.summary).joined(separator: "; "),
            remedy: "Make one with: ssh-keygen -t ed25519 -N '' -f ~/.ssh/id_ed25519")
    }
    let others = mustExist ? useless.map { "; \($0.summary)" }.joined() : ""
    return SSHError(
        .loginRefused, "\(place) refuses user \(user) with \(refused.joined(separator: ", "))\(others)",
        remedy: """
            Is the public half of the key in authorized_keys there? On the server:
              nightjar-server enroll JAIL KEYFILE.pub --install
            """)
}
