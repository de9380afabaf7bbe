import Model
import Platform
import Support
import Testing

/// Runs a script with `$1` … and gives what it prints; for what tests do to trees, and for the judge of trees.
@discardableResult
func shell(_ script: String, _ arguments: String...) throws -> String {
    let words = ["/bin/bash", "-ec", script, "bash"] + arguments
    let scratch = try TemporaryDirectory()
    let output = try scratch.directory.createFile("output")
    let child = try ChildProcess.spawn(words.map { Array($0.utf8) }, output: output.raw, errors: output.raw)
    let status = try child.wait()
    let text = String(decoding: try scratch.read("output"), as: UTF8.self)
    try #require(status == .exited(0), "\(script)\n\(text)")
    return text
}

/// What stock rsync would still have to do to make `copy` what `source` is; nothing if they are alike.
func differences(_ source: String, _ copy: String) throws -> String {
    try shell(#"rsync -aAXHn --delete --checksum --itemize-changes "$1/" "$2/""#, source, copy)
}
