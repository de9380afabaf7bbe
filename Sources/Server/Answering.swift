import Model
import Queries
import Storage
import Wire

/// A session of questions: what is kept of the agent's jail, and archives of it. Nothing is changed but that a night may be
/// held, and no lock is taken for longer than that; a push goes on beside it.
extension Session {
    /// Answers until the agent closes.
    func answer(_ reader: inout MessageReader) throws {
        let life = try SignsOfLife(voice, every: settings.signsEvery)
        defer { life.end() }
        var asked = 0
        while let message = try reader.nextFromAgent() {
            asked += 1
            guard asked <= Limits.questions else {
                throw WireError.malformed("more than \(Limits.questions) questions")
            }
            switch message {
            case .question(let query): try answer(query)
            case .order(let order): try serve(order, life)
            default: throw WireError.malformed("a message out of turn")
            }
            try voice.flush()
        }
    }

    private func answer(_ query: Query) throws {
        let records = JailRecords(
            backupdir, rotateInterval: settings.rotateInterval, brake: settings.brake, now: settings.now())
        let outcome = try records.answer(query) { finding in
            guard finding.weight <= Limits.finding else { throw tooLong }
            try voice.say(.finding(finding))
        }
        try voice.say(.answered(outcome))
    }

    /// Of paths and lists that no message can carry.
    var tooLong: Refusal {
        Refusal(
            code: .inputOutput,
            text: "a line of the answer is longer than a message may be: ask nightjar-server, on the server")
    }
}
