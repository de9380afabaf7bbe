import Catalog
import Model
import Platform
import Storage
import Support
import Testing

@Suite struct CommitTests {
    private static let everyKind = """
        mkdir -p a/b/c deep empty
        echo one > a/one; echo two > a/b/two; printf 'x%.0s' {1..200000} > a/b/c/large
        ln a/one a/b/linked; ln a/one deep/linked; ln -s ../nowhere a/symlink; ln -s "$(printf 'y%.0s' {1..300})" long
        mkfifo a/fifo; chmod 4755 a/b/two; chmod 1777 deep; touch "a/$(printf '\\xff\\n')" a/-n
        truncate -s 8M a/sparse; echo end >> a/small; truncate -s 1M a/small
        touch -h -d '1960-01-01 00:00:00.123456789' a/symlink; touch -d '2001-02-03 04:05:06.789' a/b/c a/b/two
        setfattr -n user.color -v blue a/one; setfacl -m u:1234:r a/b/two; setfacl -d -m g:99:rwx deep
        chmod 0700 a/b/c
        """

    private static let asRoot = """
        mknod a/null c 1 3; mknod a/block b 259 4000; chown 1001:1002 a/one; chown -h 7:8 a/symlink
        setfattr -n trusted.t -v 1 a/b; chown 33:33 a/b/two; chmod 6755 a/b/two
        python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("a/socket")'
        """

    private static let changes: [String] = [
        "echo other > a/one", "chmod 600 a/one", "setfattr -n user.color -v red a/one", "setfattr -x user.color a/one",
        "setfacl -m u:77:rw a/b/two", "touch -d 2020-01-01 a/b/two", "touch -h -d 2020-01-01 a/symlink",
        "rm a/b/two; mkdir a/b/two; echo in > a/b/two/in", "rm -r a/b; echo file > a/b", "rm -r a/b; ln -s x a/b",
        "mv a/b c", "mv a z", "rm -r a", "rm a/b/linked", "ln a/b/two deep/joined",
        "cp --remove-destination a/one deep/linked",
        "cp -p a/one t; rm a/one; mv t a/one", "setfacl -k deep", "setfacl -m d:u:5:rwx a", "chmod 2770 empty",
        "mkdir -p empty/n/m; mkfifo empty/n/m/f", "touch -d 2011-01-01 empty",
        "mv a/one t; mv a/b/two a/one; mv t a/b/two",
        "echo more >> a/b/c/large", "truncate -s 10 a/sparse", "rmdir empty; mkdir empty",
        "mv a/b t; mv deep a/b; mv t deep",
        "find . -mindepth 1 -delete",
    ]

    @Test func `the first push makes 0, and all in it is as in the jail`() throws {
        let jail = try Jail()
        try jail.change(CommitTests.everyKind + "\n" + (isRoot() ? CommitTests.asRoot : ""))
        let record = try jail.push()
        #expect(record.number == Generation(1))
        #expect(try jail.lacking() == "")
    }

    @Test func `a push without any change leaves the trees alone`() throws {
        let jail = try Jail()
        try jail.change(CommitTests.everyKind)
        try jail.push()
        let before = try shell(#"stat -c %i "$1""#, jail.newest)
        let record = try jail.push()
        #expect(record.number == Generation(2))
        #expect(record.changed == 0)
        #expect(try shell(#"stat -c %i "$1""#, jail.newest) == before)
        let catalog = try #require(try jail.backupdir.catalogForReading())
        #expect(try jail.backupdir.nights(in: catalog) == [Night(number: 0, generation: Generation(2))])
        #expect(try jail.lacking() == "")
    }

    @Test(arguments: CommitTests.changes)
    func `what a past night shares stays as it was`(change: String) throws {
        let jail = try Jail()
        try jail.change(CommitTests.everyKind)
        try jail.push()
        try jail.remember()
        // Three pushes, so that a spare that is one generation behind has to be brought along too.
        for script in [change, "echo again > again; touch deep", "echo thrice > again"] {
            try jail.change(script)
            try jail.push()
            #expect(try jail.lacking() == "", "\(script)")
            try jail.remember()
        }
        #expect(try jail.altered() == "")
    }

    @Test func `a changed file breaks its hard link to the night before`() throws {
        let jail = try Jail()
        try jail.change("echo one > one; echo two > two")
        try jail.push()
        try jail.remember()
        try jail.change("chmod 600 one")
        try jail.push()
        let links = try shell(#"stat -c '%n %h' one two"#, in: jail.newest)
        #expect(links == "one 1\ntwo 3\n")
    }

    @Test func `without its spare tree the next push makes a new one`() throws {
        let jail = try Jail()
        try jail.change(CommitTests.everyKind)
        try jail.push()
        try jail.change("echo 2 > two")
        try jail.push()
        try shell(#"rm -rf "$1/.nightjar/spare""#, "\(jail.backupdir.path)")
        try jail.change("echo 3 > a/b/three; rm two")
        try jail.push()
        #expect(try jail.lacking() == "")
        try jail.change("rm -r a/b")
        try jail.push()
        #expect(try jail.lacking() == "")
    }

    @Test func `a tree that the catalog does not know is not used`() throws {
        let jail = try Jail()
        try jail.change("echo 1 > one")
        try jail.push()
        try shell(#"mkdir "$1/.nightjar/spare"; echo stray > "$1/.nightjar/spare/stray""#, "\(jail.backupdir.path)")
        try jail.change("echo 2 > two")
        try jail.push()
        #expect(try jail.lacking() == "")
    }

    @Test func `paths far longer than PATH_MAX`() throws {
        let jail = try Jail()
        try jail.change(
            """
            python3 - <<'END'
            import os
            for level in range(700):
                os.mkdir('d' * 20); os.chdir('d' * 20); open('f', 'w').write(str(level))
            END
            """)
        try jail.push()
        try jail.change("cd dddddddddddddddddddd/dddddddddddddddddddd; echo x > y")
        try jail.push()
        try jail.change("rm -r dddddddddddddddddddd/dddddddddddddddddddd/dddddddddddddddddddd")
        try jail.push()
        #expect(try jail.lacking() == "")
    }

    @Test func `an inode with too many names is copied once, and all names in the tree are of the copy`() throws {
        let jail = try Jail()
        try jail.change("mkdir a b; echo x > a/1; for i in 2 3 4; do ln a/1 a/$i; ln a/1 b/$i; done; echo y > other")
        // What the copy is made in has an ACL to hand down; the file has none.
        try jail.change("setfacl -d -m u:9:rwx a b")
        try jail.push()
        try jail.remember()
        try jail.change("echo z > other")
        // The first linkat that makes the hard-link copy's names.
        try FaultPlan("linkat", call: 3, .fail(31)).during { _ = try jail.push() }
        #expect(try jail.lacking() == "")
        #expect(try shell("stat -c %h a/1", in: jail.newest) == "7\n")
        #expect(try shell("[[ data/jail/0/a/1 -ef links/1/a/1 ]] || echo another", in: jail.place.path) == "another\n")
        #expect(try jail.altered() == "")
        // The other tree, which has the first inode still, gets a further name of it.
        for change in ["ln a/1 further; echo u > other", "ln a/1 a/yet; rm b/3", "rm a/2"] {
            try jail.change(change)
            try jail.push()
            #expect(try jail.lacking() == "", "\(change)")
        }
    }

    @Test(arguments: [1, 2, 3])
    func `an inode that takes no further name while it is staged stays one inode`(call: Int) throws {
        let jail = try Jail()
        try jail.change("mkdir a b; echo x > a/1; ln a/1 a/2; ln a/1 b/3; echo y > other")
        try jail.push()
        try jail.remember()
        // Of the inode that `0` has, and of one that is staged itself.
        try jail.change("for i in 4 5 6; do ln a/1 b/$i; done; echo z > new; ln new b/new; ln new a/new; ln new a/last")
        do {
            let locked = try Push.lockPush(jail.backupdir)
            var push = try Push(of: try jail.open(), to: locked)
            try FaultPlan("linkat", call: call, .fail(31)).during { try push.send() }
            try locked.commit(push.staging, at: Timestamp(seconds: 2))
        }
        #expect(try jail.lacking() == "")
        #expect(try jail.altered() == "")
        try jail.change("ln a/1 more; ln new more2; rm other")
        try jail.push()
        #expect(try jail.lacking() == "")
    }

    @Test func `a night whose catalog went away is no first push, and loses nothing`() throws {
        let jail = try Jail()
        try jail.change("echo x > kept; echo y > gone")
        try jail.push()
        try jail.remember()
        try shell(#"mkdir "$1/.nightjar/aside"; mv "$1"/.nightjar/catalog.sqlite* "$1/.nightjar/aside""#, jail.path)
        try jail.change("rm gone")
        let error = #expect(throws: StorageError.self) { try jail.push() }
        #expect(error?.problem == .damaged)
        #expect(error?.description.contains("its catalog knows of no push") == true, "\(error.debugDescription)")
        #expect(throws: StorageError.self) { try Push.lockPush(jail.backupdir).check(reserve: 0) }
        #expect(try differences("\(jail.place.path)/copies/1", jail.newest) == "")
        // Once the catalog is back, it goes on.
        try shell(#"rm "$1"/.nightjar/catalog.sqlite*; mv "$1"/.nightjar/aside/* "$1/.nightjar""#, jail.path)
        try jail.push()
        #expect(try jail.lacking() == "")
    }

    @Test func `room for a push is what is free beside the reserve, and a check asks for the same reserve`() throws {
        let jail = try Jail()
        let all = try jail.backupdir.room(beside: 0)
        let less = try jail.backupdir.room(beside: all / 2)
        #expect(0 < less && less < all)
        #expect(try jail.backupdir.room(beside: .max) == 0)
        let locked = try jail.backupdir.lockPush(holder: "a test")
        try locked.check(reserve: all / 2)
        let error = #expect(throws: StorageError.self) { try locked.check(reserve: .max) }
        #expect(error?.problem == .noSpace)
    }
}

func shell(_ script: String, in place: String) throws -> String { try shell("cd \"$1\"; " + script, place) }
