import CLI
import Configuration
import Model
import Options

/// What the options of one run say in the place of the config.
struct Overrides {
    private static let bandwidth = Option(
        long: "bwlimit", argument: "RATE",
        help:
            "Read no more of files than this in a second (64K, 10M, 1G; 0: no limit), whatever bwlimit of the config says"
    )
    private static let compress = Option(
        long: "compress", argument: "LEVEL",
        help: "Compress so hard what is sent (auto, off, 1 to 19), whatever compress of the config says")
    private static let checksum = Option(
        long: "checksum", help: "Read every file and compare it by digest, though nothing says that it changed")
    static let options = [bandwidth, compress, checksum]

    let checksAll: Bool
    private let rate: ReadRate?
    private let compression: Compression?

    init(_ arguments: Arguments) throws(UsageError) {
        checksAll = arguments.has(Overrides.checksum)
        rate = try arguments.value(of: Overrides.bandwidth).map { value throws(UsageError) in
            if let rate = ReadRate(value) { return rate }
            throw Overrides.refusal(value, "--bwlimit wants \(ReadRate.wanted): \(ReadRate.remedy)")
        }
        compression = try arguments.value(of: Overrides.compress).map { value throws(UsageError) in
            if let compression = Compression(value) { return compression }
            throw Overrides.refusal(value, "--compress wants \(Compression.wanted): \(Compression.remedy)")
        }
    }

    private static func refusal(_ value: [UInt8], _ reason: String) -> UsageError {
        UsageError(subject: value, reason: reason, command: "nightjar backup")
    }

    func apply(to config: inout BackupConfig) {
        if let rate { config.readRate = rate.bytes }
        if let compression { config.compression = compression }
        if checksAll { config.verifyShare = .all }
    }
}
