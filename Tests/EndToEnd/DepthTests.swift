import Support
import Testing

/// What it costs that a customer may lay directories into one another as deep as he likes.
@Suite(.enabled(if: isInstalled("strace") && testsRunAsRoot, "needs strace and root"))
struct `A tree of many levels` {
    @Test func `is not gone through from its root for each directory in it`() throws {
        let server = try BackupServer()
        let trace = try Scratch("trace")
        // Names longer than these are cut short.
        let wrapper = ["/usr/bin/strace", "-f", "-qq", "-s", "8192", "-o", trace["calls"], "-e", "trace=openat2"]
        let jail = try Jail(on: server, wrapper: wrapper)
        let levels = 400
        let script = """
            cd '\(jail.source)'
            for level in $(seq \(levels)); do mkdir d s; touch s/file; cd -P d; done
            """
        try Command("bash", "-ec", script).check()
        try jail.push()
        // The second push makes the second tree, of all there is.
        try Command("touch", "\(jail.source)/new").check()
        try jail.push()
        try expectSameByDescriptor(jail.source, jail.copy)
        let names = try Command("cat", trace["calls"]).check().lines.reduce(0) { sum, line in
            sum + line.count { $0 == "/" }
        }
        #expect((levels..<levels * 64).contains(names), "\(names) names were gone")
    }
}
