import Model

extension Issue {
    /// As every record shows it, the agent's and the server's.
    package var json: JSON {
        .object([
            ("path", .bytes(path)), ("reason", .text(reason.description)), ("detail", .text(detail)),
            ("left_out", .flag(reason.leavesOut)), ("line", line.map { .number(Int64($0)) } ?? .none),
        ])
    }
}
