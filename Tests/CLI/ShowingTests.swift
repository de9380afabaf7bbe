import Glibc
import Model
import Options
import Platform
import Testing

@testable import CLI

/// What a closure writes to an `Output`.
private func written(_ body: (inout Output) -> Void) throws -> String {
    var pipe = try DescriptorPair.pipe()
    let reading = pipe.takeFirst()
    let writing = pipe.takeSecond()
    var output = Output(descriptor: writing.raw)
    body(&output)
    try output.flush()
    try writing.close()
    return String(decoding: try reading.readAll(atMost: 1 << 20), as: UTF8.self)
}

private let columns = [Column("night", right: true), Column("path"), Column("size", right: true)]
private let rows: [[Cell]] = [
    [.count(0), .bytes(Array("/a|b".utf8)), .size(1536)],
    [.count(1234), .bytes([0x2F, 0xE9, 0x0A]), .none],
]

private func table(_ style: TableStyle) throws -> String {
    try written { output in
        var table = Table(columns, style: style, names: 1)
        for row in rows { table.add(row, to: &output) }
        table.finish(&output)
    }
}

@Suite struct TableTests {
    @Test func `people get aligned columns`() throws {
        #expect(
            try table(.human) == """
                NIGHT  PATH        SIZE
                    0  /a|b     1.5 KiB
                1,234  /\\xE9\\n        -

                """)
    }

    @Test func `programs get columns that cannot be broken`() throws {
        #expect(try table(.separated(header: true)) == "night|path|size\n0|/a\\x7Cb|1536\n1234|/\\xE9\\n|\n")
        #expect(try table(.separated(header: false)) == "0|/a\\x7Cb|1536\n1234|/\\xE9\\n|\n")
    }

    @Test func `json has an object a line, and the bytes where text is not enough`() throws {
        let lines = try table(.json)
        #expect(
            lines == #"{"night":0,"path":"/a|b","size":1536}"# + "\n"
                + #"{"night":1234,"path":"/\\xE9\\n","path_hex":"2fe90a","size":null}"# + "\n")
    }

    @Test func `raw names end in a NUL`() throws {
        #expect(Array(try table(.names).utf8).count(where: { $0 == 0 }) == 2)
    }

    @Test func `a listing of any length keeps its columns`() throws {
        let text = try written { output in
            var table = Table([Column("n", right: true)], style: .human)
            for number in 0..<2500 as Range<UInt64> { table.add([.count(number)], to: &output) }
            table.finish(&output)
        }
        #expect(text.split(separator: "\n").count == 2501)
    }

    @Test func `json strings survive what they contain`() {
        let value = JSON.object([("a\"b", .list([.text("\u{1}\u{2028}\\"), .flag(true), .real(.nan), .none]))])
        #expect(value.line == #"{"a\"b":["\u0001\u2028\\",true,null,null]}"#)
    }
}

@Suite struct QuantityTests {
    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (10 << 10, "10 KiB"),
            (1_048_575, "1.0 MiB"), (1 << 40, "1.0 TiB"), (UInt64.max, "16 EiB"),
        ] as [(UInt64, String)])
    func `sizes`(bytes: UInt64, expected: String) { #expect(humanSize(bytes) == expected) }

    @Test func `durations, rates and counts`() {
        #expect(
            [0, 9.94, 12.4, 200, 18_420, 273_600, -1].map(humanDuration) == [
                "0.0 s", "9.9 s", "12 s", "3 min 20 s", "5 h 7 min", "3 d 4 h", "-",
            ])
        #expect(humanRate(1 << 21, seconds: 2) == "1.0 MiB/s")
        #expect(humanRate(1, seconds: 0) == "-")
        #expect([0, 999, 1000, 1_234_567].map(grouped) == ["0", "999", "1,000", "1,234,567"])
    }

    @Test func `dates are read as they are written`() throws {
        #expect(Timestamp(seconds: 1_763_692_419).utc == "2025-11-21T02:33:39Z")
        #expect(Timestamp(seconds: -1).utc == "1969-12-31T23:59:59Z")
        let now = Timestamp(seconds: 1_763_692_419)
        for text in [now.utc, now.local, "@1763692419"] { #expect(Timestamp(text: text) == now, "\(text)") }
        #expect(Timestamp(text: "2025-11-21T02:33Z")?.seconds == 1_763_692_380)
        for text in ["", "x", "2025-02-30", "2025-1", "2025-11-21 25:00", "2025-11-21T02:33:39Zx", "@", "2025-11-21 1"]
        {
            #expect(Timestamp(text: text) == nil, "\(text)")
        }
    }
}

@Suite struct ConsoleTests {
    private func said(_ body: (Console) -> Void) throws -> String {
        var pipe = try DescriptorPair.pipe()
        let reading = pipe.takeFirst()
        let writing = pipe.takeSecond()
        body(Console(program: "nightjar", descriptor: writing.raw))
        try writing.close()
        return String(decoding: try reading.readAll(atMost: 1 << 20), as: UTF8.self)
    }

    @Test func `each line has the program's name, and no escape gets through`() throws {
        #expect(try said { $0.error("a\nb\u{1B}[2J\u{9B}c") } == "nightjar: a\nnightjar: b[2Jc\n")
        let usage = UsageError(subject: [0x1B, 0x78], reason: "unknown option", command: "nightjar backup")
        #expect(
            try said { $0.error(usage) }
                == "nightjar: \\ex: unknown option\nnightjar: nightjar backup --help tells more\n")
    }

    @Test func `notes want -v`() throws {
        #expect(try said { $0.note("x") } == "")
        #expect(
            try said {
                $0.beVerbose(); $0.note("x")
            } == "nightjar: x\n")
    }

    @Test func `a full disk and a gone reader are errors`() throws {
        Signal.ignoreBrokenPipes()
        let full = Descriptor(owning: open("/dev/full", O_WRONLY))
        var output = Output(descriptor: full.raw)
        output.write("x")
        var code = ExitCode.done
        let said = try said { code = $0.finish(&output) }
        #expect(code == .inputOutput)
        #expect(said == "nightjar: write standard output: No space left on device\n")

        var pipe = try DescriptorPair.pipe()
        let reading = pipe.takeFirst()
        let writing = pipe.takeSecond()
        try reading.close()
        var broken = Output(descriptor: writing.raw)
        for _ in 0..<100 { broken.write([UInt8](repeating: 0, count: 4096)) }
        var failure: SystemError?
        do throws(SystemError) { try broken.flush() } catch { failure = error }
        #expect(failure?.code == EPIPE)
    }

    @Test func `what a program says does not mix with its progress`() throws {
        let text = try said { console in
            let progress = Progress(console: console, terminal: nil, title: nil)
            progress.report(at: 0) { ProgressState() }
            console.showProgress("1 files")
            console.error("x")
            console.clearProgress()
            console.clearProgress()
        }
        #expect(text == "\r1 files\u{1B}[K\r\u{1B}[Knightjar: x\n\r1 files\u{1B}[K\r\u{1B}[K")
    }

    @Test func `progress fits the terminal and keeps the end of the path`() {
        var state = ProgressState(files: 12_345, bytes: 1 << 30, seconds: 2, path: Array("/usr/home/\u{1B}x".utf8))
        #expect(state.line(columns: 79) == "12,345 files, 1.0 GiB, 512 MiB/s  /usr/home/\\ex")
        state.path = Array(("/" + String(repeating: "日本", count: 100) + "/end").utf8)
        for columns in 0..<120 { #expect(width(of: state.line(columns: columns)) <= columns) }
        #expect(state.line(columns: 79).hasSuffix("/end"))
    }

    @Test func `progress is asked for five times a second at most`() {
        let progress = Progress(console: Console(program: "x", descriptor: -1), terminal: nil, title: nil)
        var asked = 0
        for tick in 0..<1000 {
            progress.report(at: Double(tick) / 1000) {
                asked += 1
                return ProgressState()
            }
        }
        #expect(asked == 5)
    }
}
