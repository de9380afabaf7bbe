import Agent
import CLI
import Model
import Options
import Platform

/// The list of `--changed`.
enum ChangedPaths {
    /// Reads it to its end, before anybody is connected to: what makes it may take long.
    ///
    /// - Parameters:
    ///   - files: at most one; none where there is no list.
    ///   - entries: paths of the config, one of which the list has to lead to.
    /// - Returns: nil where everything has to be walked. A list that cannot be read, or understood, is complained of, and
    ///   no reason to let a night be.
    /// - Throws: `PushError.interrupted`: a stream may never end.
    static func read(
        _ files: [[UInt8]], leadingTo entries: [Path], _ console: Console, isInterrupted: () -> Bool
    ) throws -> HintTree? {
        guard let file = files.first else { return nil }
        guard files.count == 1 else {
            throw UsageError(reason: "give --changed once: put the lists into one", command: "nightjar backup")
        }
        let name = file.elementsEqual("-".utf8) ? "standard input" : escaped(file)
        let errand = try Errand("hints") { Result { () throws(SystemError) in try read(file) } }
        while true {
            switch errand.answer(within: 200) {
            case .success(let list): return tree(of: list, leadingTo: entries, name, console)
            case .failure(let error):
                console.warning("--changed: \(name): \(error.reason); everything is looked at")
                return nil
            case nil: if isInterrupted() { throw PushError.interrupted }
            }
        }
    }

    private static func read(_ file: [UInt8]) throws(SystemError) -> HintList {
        if file.elementsEqual("-".utf8) { return try HintList.read(Descriptor.duplicating(0)) }
        return try HintList.read(Descriptor.open(toRead: file))
    }

    /// A list that names nothing, or nothing that is backed up, is more likely to be of another machine, or the last words
    /// of a command that failed, than of a night on which nothing happened.
    private static func tree(
        of list: HintList, leadingTo entries: [Path], _ name: String, _ console: Console
    ) -> HintTree? {
        for problem in list.problems { console.warning("--changed: \(name), \(problem)") }
        if list.problemCount > 0 {
            let further = list.problemCount - list.problems.count
            let more = further > 0 ? "\(grouped(UInt64(further))) more such lines; " : ""
            console.warning("--changed: \(more)everything is looked at")
        } else if list.tree.isFull {
            console.note("--changed: \(name) names too many places; everything is looked at")
        } else if list.isEmpty {
            console.warning("--changed: \(name) is empty; everything is looked at")
        } else if !entries.contains(where: list.tree.leads) {
            console.warning("--changed: \(name) names nothing in any entry; everything is looked at")
            return nil
        }
        return list.isUsable ? list.tree : nil
    }
}
