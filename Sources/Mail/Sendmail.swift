import Glibc
import Model
import Platform

/// Gives a message to the `sendmail` command: no shell, the message as its standard input.
///
/// Returns when the command said 0. One that takes too long is killed.
///
/// - Throws: `MailError` with what the command answered.
func handOver(_ message: [UInt8], to command: [[UInt8]], seconds: Double = 60) throws(MailError) {
    let name = escaped(command.first ?? [])
    let ended: Ended
    do throws(SystemError) {
        ended = try run(command, with: message, until: steadySeconds() + seconds)
    } catch {
        throw MailError("sendmail: \(error)")
    }
    let answer = ended.answer.isEmpty ? "" : ": \(ended.answer)"
    if ended.isLate { throw MailError("sendmail: \(name) took more than \(Int(seconds)) s and was ended\(answer)") }
    switch ended.status {
    case .exited(0):
        if !ended.isRead { throw MailError("sendmail: \(name) did not read the mail\(answer)") }
    case .exited(let code): throw MailError("sendmail: \(name) ended with status \(code)\(answer)")
    case .signalled(let signal): throw MailError("sendmail: \(name) was ended by signal \(signal)\(answer)")
    }
}

/// How the command ended, and what it said.
private struct Ended {
    var status: ExitStatus
    var isLate = false
    /// Whether it took the whole message.
    var isRead: Bool
    /// The last of what it printed, on one line.
    var answer: String
}

/// Feeds the command, and waits for its end; the watch ends it at the deadline, whatever it holds up.
private func run(_ command: [[UInt8]], with message: [UInt8], until deadline: Double) throws(SystemError) -> Ended {
    // One that ends without reading makes the write fail, not us.
    Signal.ignoreBrokenPipes()
    var input = try DescriptorPair.pipe()
    var output = try DescriptorPair.pipe()
    let reading = input.takeFirst()
    let writing = input.takeSecond()
    let answers = output.takeFirst()
    let answering = output.takeSecond()
    let child = try ChildProcess.spawn(command, input: reading.raw, output: answering.raw, errors: answering.raw)
    try reading.close()
    try answering.close()
    let isDone = try Signal()
    let isLate = Monitor(false)
    let identifier = child.identifier
    let watch = try Thread.spawn("sendmail watch") {
        let left = max(0, deadline - steadySeconds())
        guard (try? isDone.wait(milliseconds: Int32(left * 1000))) == false else { return }
        isLate.with { $0 = true }
        sendSignal(SIGKILL, to: identifier)
    }
    var isRead = true
    do throws(SystemError) { try writing.write(message) } catch { isRead = false }
    try writing.close()
    let status = try child.wait()
    isDone.raise()
    watch.join()
    return Ended(status: status, isLate: isLate.with { $0 }, isRead: isRead, answer: lastWords(answers))
}

/// What is there to read; not to the end, which a program left behind in the background may hold open.
private func lastWords(_ answers: borrowing Descriptor) -> String {
    var bytes: [UInt8] = []
    while bytes.count < 64 << 10, (try? answers.waitUntilReadable(milliseconds: 0)) == true,
        let part = try? answers.readSome(atMost: 4096), !part.isEmpty
    {
        bytes += part
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).suffix(3)
    return lines.map { escaped($0.prefix(500)) }.joined(separator: "; ")
}
