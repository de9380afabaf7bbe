import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

/// A jail that is pushed and rotated, and of each push a copy of the source by `cp -a`, made then.
final class Week {
    let jail: Jail
    /// The copies that `0`, `1` … are to be the same as.
    private(set) var then: [String] = []
    private var made = 0
    private var clock: Int64 = 1_000_000

    /// - Parameter file: the file system; one without a disk where there is one.
    init(in file: String? = Scratch.inMemory) throws { jail = try Jail(in: file) }

    /// A push, and a copy of what it found.
    func push(after script: String? = nil) throws {
        if let script { try jail.change(script) }
        try jail.push()
        try rememberPush()
    }

    /// A copy of what a push found that has just been committed.
    func rememberPush() throws {
        made += 1
        let copy = "\(jail.place.path)/copies/then-\(made)"
        try shell(#"cp -a "$1" "$2""#, jail.source, copy)
        if then.isEmpty { then = [copy] } else { then[0] = copy }
    }

    /// The last that was asked for.
    var lastMoment: Moment { Moment(time: Timestamp(seconds: clock)) }

    /// A day later.
    var moment: Moment {
        clock += 86_400
        return Moment(time: Timestamp(seconds: clock))
    }

    @discardableResult
    func rotate(comparing: Bool = false) throws -> RotationReport {
        let report = try Push.lock(jail.backupdir).rotate(at: moment, comparing: comparing)
        haveMovedDown()
        return report
    }

    /// The nights are to be one further down from now on.
    func haveMovedDown() { then = Array(([then[0]] + then).prefix(7)) }

    /// Seven nights of what the scripts make, one after the other; then the last again and again.
    func fill(_ scripts: [String]) throws {
        for number in 0..<7 {
            try push(after: scripts[min(number, scripts.count - 1)])
            try rotate()
        }
    }

    func night(_ number: Int) -> String { "\(jail.backupdir.path)/\(number)" }

    /// Nothing, if every night is what was pushed then, and there are no others: by rsync, and name by name for which are
    /// links of one another.
    /// - Parameter chosen: the nights that are looked into; nil for all.
    func wrong(in chosen: Set<Int>? = nil) throws -> String {
        var wrong = ""
        let looked = then.indices.filter { chosen?.contains($0) ?? true }
        let judged = try judge(looked.map { (original: then[$0], copy: night($0)) })
        for (number, lines) in zip(looked, judged) {
            for line in try lines + TreeComparison(then[number], night(number)).differences {
                wrong += "\(number): \(line)\n"
            }
        }
        let names = try shell(#"ls -A "$1""#, "\(jail.backupdir.path)").split(separator: "\n").map(String.init)
        let expected = [".nightjar"] + then.indices.map(String.init)
        if Set(names) != Set(expected) { wrong += "there are \(names.sorted())\n" }
        return wrong
    }

    /// Nothing, if every night that is there is a whole one, as some push left it, and none is gone but the oldest.
    func torn() throws -> String {
        var torn = ""
        var found: Set<String> = []
        for number in 0...6 where access(night(number), F_OK) == 0 {
            // Most are where they were, or have moved down.
            let candidates = [number, number - 1].filter(then.indices.contains).map { then[$0] } + then
            if let copy = try candidates.first(where: { try TreeComparison($0, night(number)).differences.isEmpty }) {
                found.insert(copy)
            } else {
                torn += "night \(number) is none that there ever was\n"
            }
        }
        for copy in then.prefix(6) where !found.contains(copy) { torn += "\(copy) is lost\n" }
        return torn
    }

    /// What the catalog says of each night that is there.
    func generations() throws -> [Int64?] {
        let catalog = try #require(try jail.backupdir.catalogForReading())
        return try jail.backupdir.nights(in: catalog).map { $0.generation?.rawValue }
    }
}
