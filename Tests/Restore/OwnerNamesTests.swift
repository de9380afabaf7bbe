import Testing

@testable import Restore

/// Whose names an archive gives to owners.
@Suite struct `The names of owners` {
    private func files(_ users: String, _ groups: String = "") -> AccountFiles {
        AccountFiles(users: Array(users.utf8), groups: Array(groups.utf8))
    }

    private func name(_ number: UInt32, _ names: OwnerNames) -> String? {
        names.user(number).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `are those of the jail where there is no customer, the first of each number`() {
        let names = OwnerNames(
            jail: files("root:x:0:0:::\nbob:x:1000:1000\ntoor:x:0:0\n", "wheel:x:0:\n"), customer: nil)
        #expect(name(0, names) == "root" && name(1000, names) == "bob" && name(1, names) == nil)
        #expect(names.group(0).map { String(decoding: $0, as: UTF8.self) } == "wheel")
    }

    @Test func `are a customer's own, but for those that the jail has for another number`() {
        let jail = files("root:x:0:0\nbob:x:1000:1000\n")
        let names = OwnerNames(jail: jail, customer: files("root:x:1001:0\nbob:x:1000:1\neve:x:1002:2\nroot:x:0:0\n"))
        #expect(name(1001, names) == nil && name(1000, names) == "bob" && name(1002, names) == "eve")
        #expect(name(0, names) == "root")
    }

    @Test func `are none where nobody knows what the jail has`() {
        #expect(name(1000, OwnerNames(jail: nil, customer: files("bob:x:1000:1000\n"))) == nil)
    }

    @Test(arguments: [
        "", "root", "root:x", ":x:5:", "+:x:5:", "-bob:x:5:", "b b:x:5:", "b\u{1B}[31m:x:5:", "bob:x:-5:", "bob:x:5x:",
        "bob:x::", "bob:x:99999999999:", String(repeating: "b", count: 33) + ":x:5:",
    ])
    func `are not taken from what is no line of a passwd`(line: String) {
        #expect(name(5, OwnerNames(jail: files(line + "\n"), customer: nil)) == nil)
        #expect(name(6, OwnerNames(jail: files(line + "\nsix:x:6:\n"), customer: nil)) == "six")
    }
}
