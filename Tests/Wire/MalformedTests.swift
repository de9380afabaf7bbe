import Model
import Testing
import Wire

/// Bytes that no peer of ours sends, each with what has to be said of it.
@Suite struct MalformedTests {
    private func body(_ build: (inout Encoder) -> Void) -> [UInt8] {
        var encoder = Encoder()
        build(&encoder)
        return encoder.bytes
    }

    private func refusal(_ bytes: [UInt8], server: Bool = false) -> String {
        do throws(WireError) {
            if server { _ = try fromServer(bytes) } else { _ = try fromAgent(bytes) }
            return "accepted"
        } catch {
            if case .malformed(let detail) = error { return detail }
            return "\(error)"
        }
    }

    private func block(stored: [UInt8], plain: [UInt8], _ bytes: [UInt8] = []) -> [UInt8] {
        Preface.bytes + stored + plain + bytes
    }

    @Test func `lengths of blocks are held against the limit before anything is made of them`() {
        let cases: [(stored: [UInt8], plain: [UInt8])] = [
            ([0, 0, 0, 0], [0, 0, 0, 0]), ([1, 0, 0, 0], [0, 0, 0, 0]), ([2, 0, 0, 0], [1, 0, 0, 0]),
            ([1, 0, 4, 0], [1, 0, 4, 0]), ([255, 255, 255, 255], [255, 255, 255, 255]),
            ([1, 0, 0, 0], [0, 0, 0, 128]),
        ]
        for (stored, plain) in cases {
            #expect(refusal(block(stored: stored, plain: plain)).contains("the limit is 262144"))
        }
    }

    @Test func `a block that is no zstd frame is refused, and one that holds more than it declares`() throws {
        #expect(refusal(block(stored: [4, 0, 0, 0], plain: [9, 0, 0, 0], [1, 2, 3, 4])).contains("decompress"))
        let compressor = try #require(Compressor(level: 1))
        var bomb = Block.sealed([UInt8](repeating: 0, count: Limits.block), compressor: compressor)
        bomb[4...6] = [0, 16, 0]
        #expect(refusal(Preface.bytes + bomb).contains("decompress"))
    }

    @Test func `a stream that ends inside a block is cut`() {
        let whole = wire([.directoryKept(DirectoryNumber(1 << 20))])
        for count in Preface.bytes.count + 1..<whole.count {
            #expect(refusal(Array(whole.prefix(count))) == WireError.cut.description)
        }
    }

    @Test func `unknown messages, and those of the other side, are refused`() {
        for type in [0, 4, 17, 31, 63, 64, 255] as [UInt8] {
            #expect(refusal(raw(type: type, [])) == "unknown message \(type) of an agent")
        }
        for type in [0, 1, 63, 84] as [UInt8] {
            #expect(refusal(raw(type: type, []), server: true) == "unknown message \(type) of a server")
        }
    }

    @Test func `a message reaches neither beyond its block nor short of its end`() {
        #expect(refusal(Preface.bytes + Block.sealed([7, 2, 1], compressor: nil)).contains("beyond its block"))
        #expect(refusal(raw(type: 7, [1, 0])).contains("1 bytes too long"))
        #expect(refusal(raw(type: 7, [])).contains("too early"))
    }

    @Test func `numbers of more than 64 bits are refused`() {
        #expect(refusal(raw(type: 7, [UInt8](repeating: 0xFF, count: 10))).contains("64 bits"))
        #expect(refusal(raw(type: 7, [UInt8](repeating: 0x80, count: 40))).contains("64 bits"))
    }

    @Test func `a directory's number is neither 0 nor over the limit`() {
        #expect(refusal(raw(type: 7, [0])).contains("is 0"))
        #expect(refusal(raw(type: 7, body { $0.number(.max) })).contains("a directory's number"))
        for type in [7, 8] as [UInt8] {
            #expect(refusal(raw(type: type, body { $0.number(1 << 60) })) == "accepted")
            #expect(refusal(raw(type: type, body { $0.number(1 << 60 + 1) })).contains("a directory's number is"))
        }
    }

    @Test func `a welcome's generation and its next directory are not over the limit`() {
        func welcome(_ generation: UInt64, _ directory: UInt64, flags: UInt8 = 0) -> String {
            let welcome = body {
                $0.text("1.0".utf8)
                $0.number(generation)
                $0.number(directory)
                $0.fixed(UInt64(7))
                $0.number(1 << 30)
                $0.byte(flags)
            }
            return refusal(raw(type: 64, welcome), server: true)
        }
        #expect(welcome(1 << 60, 1 << 60) == "accepted")
        #expect(welcome(1, 2, flags: 3) == "accepted")
        #expect(welcome(1, 2, flags: 8).contains("unknown flags"))
        #expect(welcome(1 << 60 + 1, 2).contains("a generation of"))
        #expect(welcome(.max, 2).contains("a generation"))
        #expect(welcome(1, 1 << 60 + 1).contains("a directory's number is"))
    }

    @Test func `a hello's share is of 32 bits`() {
        func hello(_ share: UInt64, flags: UInt8 = 0) -> String {
            refusal(
                raw(
                    type: 1,
                    body {
                        $0.byte(1)
                        for _ in 0..<3 { $0.text([]) }
                        $0.number(share)
                        $0.byte(flags)
                    }))
        }
        #expect(hello(1 << 32 - 1) == "accepted")
        #expect(hello(1 << 32).contains("a share is"))
        #expect(hello(0, flags: 3) == "accepted")
        #expect(hello(0, flags: 4).contains("unknown flags"))
    }

    @Test func `a run lies within the attempt that it is of`() {
        func run(_ first: UInt64, _ next: UInt64) -> String {
            let run = body {
                $0.number(1)
                $0.number(1)
                $0.number(first)
                $0.number(next)
                $0.number(0)
                $0.text([1])
            }
            return refusal(raw(type: 3, run))
        }
        #expect(run(0, 1 << 60 - 1) == "accepted")
        #expect(run(3, 3) == "accepted")
        #expect(run(4, 3) == "a file whose runs begin at 4, of 3")
        #expect(run(0, 1 << 60).contains("runs begin"))
    }

    @Test func `what is copied is something, not too much, and within what a file can hold`() {
        func copied(_ offset: UInt64, _ source: UInt64, _ length: UInt64) -> String {
            let run = body {
                for number in [1, 1, 0, 0, offset, source, length] { $0.number(number) }
            }
            return refusal(raw(type: 16, run))
        }
        let farthest = UInt64(Int64.max) - Limits.copy
        #expect(copied(farthest, farthest, Limits.copy) == "accepted")
        #expect(copied(0, 0, 0) == "0 bytes copied from 0 to 0")
        #expect(copied(0, 0, Limits.copy + 1).contains("bytes copied"))
        #expect(copied(farthest + 1, 0, 1).contains("bytes copied"))
        #expect(copied(0, .max, 1).contains("bytes copied"))
    }

    @Test func `a part of a signature is no longer than the limit, and a verdict is one of two`() {
        func part(_ count: Int) -> String {
            let part = body {
                $0.number(1)
                $0.number(1)
                $0.fixed(UInt64(7))
                $0.number(1 << 20)
                $0.number(0)
                $0.text([UInt8](repeating: 0, count: count))
                $0.flags(true)
            }
            return refusal(raw(type: 81, part), server: true)
        }
        #expect(part(Limits.signatures) == "accepted")
        #expect(part(Limits.signatures + 1).contains("over the limit"))
        for code in [0, 3] as [UInt8] {
            #expect(refusal(raw(type: 82, [1, 1, code]), server: true) == "unknown verdict \(code)")
        }
    }

    @Test func `an owner or group that says to leave a file as it is, is none`() {
        for (owner, group) in [(UInt32.max, 0), (0, UInt32.max)] as [(UInt32, UInt32)] {
            var stamp = Samples.stamp(.regular, size: 1)
            stamp.metadata.owner = owner
            stamp.metadata.group = group
            #expect(
                listing {
                    $0.name("a"); $0.stamp(stamp)
                }.contains("an owner that no file has"))
        }
    }

    private func listing(_ entries: (inout Encoder) -> Void, count: UInt64 = 1, flags: UInt8 = 0) -> String {
        refusal(
            raw(
                type: 2,
                body {
                    $0.number(1)
                    $0.byte(flags)
                    $0.number(count)
                    entries(&$0)
                }))
    }

    @Test func `an entry's path is absolute, and has neither dots nor more bytes than a text`() {
        for path in ["", "etc", "/a/../b", "/a/.", "/\0"] {
            let told = refusal(
                raw(
                    type: 13,
                    body {
                        $0.text(Array(path.utf8))
                        $0.number(1)
                        $0.fixed(1)
                    }))
            #expect(told.contains("is no path of an entry"), "\(path): \(told)")
        }
        let long = body { $0.number(UInt64(Limits.text) + 1) }
        #expect(refusal(raw(type: 13, long)).contains("an entry's path"))
    }

    @Test func `what is no name is refused`() {
        let names: [[UInt8]] = [[], [0x2E], [0x2E, 0x2E], Array("a/b".utf8), [0x61, 0], Array("/".utf8)]
        for name in names {
            let told = listing {
                $0.text(name)
                $0.byte(0)
            }
            #expect(told.contains("is not a name"), "\(name)")
        }
    }

    @Test func `listings out of order, with a name twice or too many names are refused`() {
        for (first, second) in [("b", "a"), ("a", "a")] as [(Name, Name)] {
            let told = listing(
                {
                    for name in [first, second] {
                        $0.name(name)
                        $0.byte(0)
                    }
                }, count: 2)
            #expect(told.contains("out of order"))
        }
        #expect(listing({ _ in }, count: 2_049).contains("over the limit of 2048"))
        #expect(listing({ _ in }, count: 1 << 63).contains("over the limit"))
    }

    @Test func `flags that are not defined or contradict are refused`() {
        #expect(listing({ _ in }, count: 0, flags: 32).contains("unknown flags"))
        #expect(listing({ _ in }, count: 0, flags: 16).contains("contradict"))
        #expect(listing({ _ in }, count: 0, flags: 4).contains("contradict"))
        #expect(listing({ _ in }, count: 0, flags: 8).contains("contradict"))
    }

    @Test func `stamps outside their ranges are refused`() {
        func told(_ stamp: (inout Encoder) -> Void) -> String {
            listing {
                $0.name("a")
                stamp(&$0)
            }
        }
        #expect(told { $0.byte(8) }.contains("unknown kind"))
        #expect(
            told {
                $0.byte(1)
                $0.number(0o10000)
            }.contains("a mode"))
        #expect(
            told {
                $0.byte(1)
                $0.number(0)
                $0.number(1 << 32)
            }.contains("an owner"))
        #expect(
            told {
                $0.byte(1)
                for _ in 0..<3 { $0.number(0) }
                $0.signed(0)
                $0.number(1_000_000_000)
            }.contains("nanoseconds"))
        var link = Samples.stamp(.symlink, size: 4_097)
        #expect(told { $0.stamp(link) }.contains("a size"))
        link.metadata = Samples.stamp(.regular, size: 1 << 63).metadata
        #expect(told { $0.stamp(link) }.contains("a size"))
    }

    @Test func `an answer's body fits its kind of file`() {
        let bodies: [(FileKind, Answer.Body)] = [
            (.regular, .none), (.regular, .target([1])), (.symlink, .none), (.symlink, .target([])),
            (.symlink, .target([0])), (.fifo, .known(Samples.digest)), (.directory, .target([1])),
        ]
        for (kind, body) in bodies {
            let answer = Answer(
                place: Samples.place, stamp: Samples.stamp(kind, size: 1), attributes: .none, body: body,
                isUnsettled: false)
            #expect(refusal(wire([.answer(answer)])).contains("body does not fit"), "\(kind) \(body)")
        }
        for (offset, rest) in [(3, []), (2, [1]), (.max, [1])] as [(UInt64, [UInt8])] {
            let answer = Answer(
                place: Samples.place, stamp: Samples.stamp(.regular, size: 2), attributes: .none,
                body: .content(Samples.digest, offset: offset, rest: rest), isUnsettled: false)
            #expect(refusal(wire([.answer(answer)])).contains("beyond the end"))
        }
    }

    @Test func `extended attributes are named, in order, and no ACLs in disguise`() {
        func told(_ names: [String]) -> String {
            let attributes = Attributes(extended: names.map { ExtendedAttribute(name: Array($0.utf8), value: []) })
            return refusal(
                wire([
                    .answer(
                        Answer(
                            place: Samples.place, stamp: Samples.stamp(.fifo), attributes: attributes, body: .none,
                            isUnsettled: false))
                ]))
        }
        #expect(told([""]).contains("not an extended attribute"))
        #expect(told(["system.posix_acl_access"]).contains("not an extended attribute"))
        #expect(told(["user.b", "user.a"]).contains("out of order"))
        #expect(told(["user.a", "user.a"]).contains("out of order"))
    }

    @Test func `requests rise, and are no more than there are names`() {
        func told(_ build: (inout Encoder) -> Void) -> String { refusal(raw(type: 66, body(build)), server: true) }
        #expect(
            told {
                for number in [1, 2, 5, 1, 0, 1] as [UInt64] { $0.number(number) }
            }.contains("out of order"))
        #expect(
            told {
                $0.number(1)
                $0.number(2_050)
            }.contains("over the limit"))
        #expect(told { for number in [1, 1, 1, 9] as [UInt64] { $0.number(number) } }.contains("unknown request"))
    }

    @Test func `a question names a night that there may be, a path that is one, and no endless pattern`() {
        func told(_ build: (inout Encoder) -> Void) -> String { refusal(raw(type: 14, body(build))) }
        func listing(_ choice: [UInt8], _ path: String) -> String {
            told {
                $0.byte(2)
                for byte in choice { $0.byte(byte) }
                $0.text(path)
            }
        }
        #expect(listing([1, 6], "/etc") == "accepted")
        #expect(listing([1, 7], "/etc").contains("no night 7"))
        #expect(listing([2, 0], "/etc").contains("a generation of 0"))
        #expect(listing([4], "/etc").contains("unknown choice"))
        for path in ["", "etc", "/a/../b", "/\0"] {
            #expect(listing([1, 0], path).contains("no absolute path"), "\(path)")
        }
        func search(_ pattern: [UInt8]) -> String {
            told {
                $0.byte(4)
                $0.text(pattern)
                $0.flags(false)
            }
        }
        #expect(search([UInt8](repeating: 0x2A, count: FindPattern.longest)) == "accepted")
        #expect(search([UInt8](repeating: 0x2A, count: FindPattern.longest + 1)).contains("over the limit"))
        #expect(search(Array("a/../b".utf8)).contains("no pattern") && search([]).contains("no pattern"))
        #expect(told { $0.byte(5) }.contains("unknown question"))
    }

    @Test func `an order has parts, not too many, and asks for what there is`() {
        func told(deed: UInt8 = 3, form: UInt8 = 2, days: UInt64 = 0, parts: Int, base: String = "/mnt") -> String {
            let order = body {
                $0.byte(deed)
                $0.byte(1)
                $0.byte(0)
                $0.byte(form)
                $0.number(days)
                $0.number(UInt64(parts))
                for _ in 0..<min(parts, 1_000) {
                    $0.text("col00214")
                    $0.text(base)
                    $0.text("usr/home")
                }
            }
            return refusal(raw(type: 15, order))
        }
        #expect(told(parts: 1) == "accepted" && told(parts: Limits.parts) == "accepted")
        #expect(told(parts: 0).contains("of nothing"))
        #expect(told(parts: Limits.parts + 1).contains("over the limit"))
        #expect(told(deed: 4, parts: 1).contains("unknown deed"))
        #expect(told(form: 9, parts: 1).contains("unknown format"))
        #expect(told(days: UInt64(Limits.holdDays) + 1, parts: 1).contains("over the limit"))
        #expect(told(parts: 1, base: "mnt").contains("no absolute path"))
        // Each of them is within its own limits, all of them together are not.
        let long = "/" + [String](repeating: String(repeating: "n", count: 200), count: 20).joined(separator: "/")
        #expect(told(parts: 32, base: long) == "accepted" && told(parts: 33, base: long).contains("over the limit"))
    }

    @Test func `a server's answers are held against their limits, and what it says to people against escapes`() throws {
        func told(_ type: UInt8, _ build: (inout Encoder) -> Void) -> String {
            refusal(raw(type: type, body(build)), server: true)
        }
        func found(nights: UInt64, _ night: UInt8 = 0) -> String {
            told(72) {
                $0.byte(6)
                $0.text("/a")
                $0.number(nights)
                for _ in 0..<min(nights, 9) { $0.byte(night) }
                $0.number(0)
            }
        }
        #expect(found(nights: 7) == "accepted")
        #expect(found(nights: 8).contains("over the limit"))
        #expect(found(nights: 1, 7).contains("no night 7"))
        #expect(told(72) { $0.byte(8) }.contains("unknown finding"))
        #expect(told(73) { $0.byte(3) }.contains("unknown outcome"))
        #expect(told(74) { $0.number(UInt64(Limits.run) + 1) }.contains("over the limit"))
        #expect(told(78) { $0.byte(0) }.contains("unknown reason"))
        let declined = body {
            $0.byte(3)
            $0.text("\u{1B}[2Jgone\n\u{202E}f\u{2028}ar\r")
        }
        guard case .declined(let refusal)? = try fromServer(raw(type: 78, declined)).first else {
            Testing.Issue.record("no refusal")
            return
        }
        #expect(refusal.description == "[2Jgone\nfar")
    }

    @Test func `another version is told by its number`() {
        var bytes = Preface.bytes
        bytes[8] = 9
        #expect(throws: WireError.version(theirs: 9)) { try fromAgent(bytes) }
        let words = WireError.version(theirs: 9).description
        #expect(words.contains("speaks version 9") && words.contains("this one version \(Preface.version)"))
    }

    @Test func `what is no Nightjar is quoted, without its escapes`() {
        let greeting = "bash: nightjar-receive: \u{1B}[1mcommand not found\n"
        let expected = WireError.stranger(quote: "bash: nightjar-receive: \\e[1mcommand not found\\n")
        #expect(throws: expected) { try fromAgent(Array(greeting.utf8)) }
        #expect(throws: WireError.stranger(quote: "")) { try fromAgent([]) }
        #expect(throws: WireError.stranger(quote: "NIGHT")) { try fromAgent(Array("NIGHT".utf8)) }
    }
}
