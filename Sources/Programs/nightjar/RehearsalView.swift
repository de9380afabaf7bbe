import Agent
import CLI
import Model
import Platform

/// What a dry run shows of what a push would send and remove: a line for each name, as the server tells of it.
final class RehearsalView: Sendable {
    private struct State: ~Copyable {
        var output = Output()
        var names: UInt64 = 0
        var leaving: UInt64 = 0
        var bytes: UInt64 = 0
    }

    private let isJSON: Bool
    private let state = Monitor(State())

    init(isJSON: Bool) { self.isJSON = isJSON }

    func show(_ found: Rehearsed) {
        let line = (isJSON ? found.json.line : found.line) + "\n"
        state.with { state in
            state.output.write(line)
            switch found.deed {
            case .remove: state.leaving += 1
            case .send(let want):
                state.names += 1
                if want != .attributes { state.bytes += found.size }
            }
        }
    }

    /// Writes what is left.
    /// - Returns: what it all came to, in words.
    func finish() throws(SystemError) -> String {
        try state.with { state throws(SystemError) in
            try state.output.flush()
            return "\(grouped(state.names)) names would be looked at, with \(humanSize(state.bytes)) of content;"
                + " \(grouped(state.leaving)) would go, each with all below it"
        }
    }
}

extension Rehearsed {
    /// `send   1.2 MiB  /path`
    fileprivate var line: String {
        let (verb, amount) =
            switch deed {
            case .send(.content): ("send", humanSize(size))
            // The same size under another time: sent only if the content differs.
            case .send(.contentUnless), .send(.delta): ("compare", humanSize(size))
            case .send(.attributes): ("attributes", "-")
            case .remove: ("remove", "-")
            }
        return padded(verb, 10) + padded(amount, 10, isRight: true) + "  " + escaped(path)
    }

    fileprivate var json: JSON {
        let word =
            switch deed {
            case .send(.content): "content"
            case .send(.contentUnless), .send(.delta): "content_if_different"
            case .send(.attributes): "attributes"
            case .remove: "gone"
            }
        return .object([
            ("path", .bytes(path)), ("kind", .text(kind.word)), ("send", .text(word)), ("bytes", .unsigned(size)),
        ])
    }
}

extension FileKind {
    fileprivate var word: String {
        switch self {
        case .regular: "file"
        case .directory: "directory"
        case .symlink: "symlink"
        case .fifo: "fifo"
        case .socket: "socket"
        case .characterDevice: "character device"
        case .blockDevice: "block device"
        }
    }
}

private func padded(_ text: String, _ width: Int, isRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(width - text.count, 0))
    return isRight ? space + text : text + space
}
