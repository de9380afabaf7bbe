import Support
import Testing

private let top = #filePath.replacing("/EndToEnd/BenchTests.swift", with: "/Bench")

/// The programs that measure do run, and have a line for each tool. Of what they measure nothing is asserted.
@Suite(
    .enabled(
        if: ["python3", "rsync", "strace", "time", "pigz"].allSatisfy(isInstalled) && SSHServer.program != nil,
        "needs what deploy/debian-packages has for bench"),
    .tags(.slow)
)
struct `A benchmark` {
    @Test(arguments: [
        (["push.py", "--files", "60", "--nights", "first push"], ["| first push | nightjar |", "|  | rsync |"]),
        (
            ["push.py", "--large", "1", "--large-files", "2", "--round-trip", "5", "--no-count", "--no-trace"],
            ["2 x 1 MiB, 5 ms round trip", "| no change | "]
        ),
        (["grow.py", "--sizes", "60"], ["| 60 |"]),
        (["restore.py", "--files", "60"], ["| nightjar, zstd |", "| tar czf |"]),
        (["rotate.py", "--files", "60", "--no-trace"], ["| nightjar |", "| rm, mv, cp -al |"]),
    ])
    func `prints its table`(words: [String], lines: [String]) throws {
        let scratch = try Scratch("bench")
        let options = ["--programs", Programs.directory, "--runs", "1", "--folder", scratch.path]
        let outcome = try Command(["\(top)/\(words[0])"] + words.dropFirst() + options).check()
        for line in lines { #expect(outcome.text.contains(line), "no \(line): \(outcome)") }
        // What it made is gone.
        #expect(try Command("ls", scratch.path).check().text.isEmpty)
    }
}
