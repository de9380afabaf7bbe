import Model
import Platform

/// Finds where a path with symlinks leads, for a message and for nothing else.
struct LinkResolver {
    let root: Directory
    /// As the kernel's own limit.
    static let most = 40

    /// The path without symlinks; nil if it leads nowhere or in circles.
    func resolve(_ path: Path) -> Path? {
        var rest = path.names.reversed().map { Step.down($0) }
        var way: [(name: Name, directory: Directory)] = []
        var reached: Path = Path()
        var links = 0
        while let step = rest.popLast() {
            switch step {
            case .start:
                way = []
                reached = Path()
            case .up:
                if way.isEmpty == false, way.count == reached.names.count { way.removeLast() }
                reached = reached.parent ?? Path()
            case .down(let name):
                guard way.count == reached.names.count else { return nil }
                let directory = way.last?.directory ?? root
                guard let status = try? directory.status(of: name) else { return nil }
                if status.kind == .symlink {
                    links += 1
                    guard links <= LinkResolver.most, let target = try? directory.readLink(name),
                        let steps = LinkResolver.steps(of: target)
                    else { return nil }
                    rest += steps.reversed()
                    continue
                }
                reached = reached.appending(name)
                if status.kind == .directory, let next = try? directory.openDirectory(name) { way.append((name, next)) }
            }
        }
        return reached
    }

    private enum Step {
        case start
        case up
        case down(Name)
    }

    private static func steps(of target: [UInt8]) -> [Step]? {
        var steps: [Step] = target.first == UInt8(ascii: "/") ? [.start] : []
        for part in target.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                steps.append(.up)
            } else if let name = Name(part) {
                steps.append(.down(name))
            } else {
                return nil
            }
        }
        return steps
    }
}
