import Support
import Testing

/// A restore that takes long, and what goes on meanwhile.
@Suite struct `A restore under way` {
    @Test(arguments: [["--no-hold"], []])
    func `gets what the night held, whatever is pushed and rotated meanwhile`(options: [String]) throws {
        let scene = try RestoreScene()
        let jail = scene.jail
        // More than the blocks that are under way at once.
        let script = """
            mkdir -p a b; seq 300 | split -l 1 -a 3 - a/; head -c 30000000 /dev/urandom > b/large; seq 300 | split -l 1 -a 3 - b/
            for d in $(seq 30); do mkdir -p z/$d; echo $d > z/$d/f; done
            """
        try Command("sh", "-ec", "cd '\(jail.source)'; \(script)").check()
        try scene.live(daysBefore: 100)
        let then = try jail.remember("then")
        let archive = jail.scratch["slow.tar"]
        let command = scene.restore([jail.source, "--night", "0", "--format", "tar", "--output", "-"] + options)
        let words = command.arguments.map { "'\(String(decoding: $0, as: UTF8.self))'" }.joined(separator: " ")
        // Reads nothing but the first bytes until it is told to.
        let slow = """
            \(words) | { head -c 1000 > '\(archive)'; touch '\(jail.scratch["begun"])'
            while ! [ -e '\(jail.scratch["go on"])' ]; do sleep 0.1; done; cat >> '\(archive)'; }
            """
        var shell = Command("bash", "-o", "pipefail", "-c", slow)
        shell.environment = command.environment
        let restore = try shell.start()
        try #require(try eventually { try Command("test", "-e", jail.scratch["begun"]).run().status == 0 })
        for day in 0..<9 {
            let change =
                "rm -rf a z; mkdir -p a c; echo \(day) > a/new; echo \(day) > c/\(day); rm -f b/*; echo \(day) > b/large"
            try Command("sh", "-ec", "cd '\(jail.source)'; \(change)").check()
            try scene.live(daysBefore: 50 - day)
        }
        try Command("touch", jail.scratch["go on"]).check()
        let outcome = try restore.wait(limit: 60)
        #expect(outcome.status == 0, "\(outcome)")
        let copy = try scene.unpack(archive) + jail.source
        try expectSameTree(then, copy)
    }
}
