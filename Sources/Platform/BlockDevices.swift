import Glibc
import Model

/// What sysfs says of block devices.
struct BlockDevices {
    /// How many are looked at for one answer: more disks than these no array has.
    private static let most = 64

    private let root: String
    private var left = BlockDevices.most

    /// - Parameter root: where sysfs is mounted.
    init(root: String = "/sys") { self.root = root }

    /// What a device is, or what those are that it is put together from; `.unknown` where they are too many.
    /// - Throws: where sysfs does not tell.
    func medium(of device: DeviceNumber) throws(SystemError) -> Medium {
        var survey = self
        let link = try link("dev", "\(device.major):\(device.minor)")
        return try survey.medium(of: link)
    }

    /// - Parameter link: where the kernel has the device, from any of the directories that list them.
    private mutating func medium(of link: [UInt8]) throws(SystemError) -> Medium {
        guard left > 0 else { return .unknown }
        left -= 1
        let words = link.split(separator: UInt8(ascii: "/"))
        guard words.count > 2, let name = words.last else { return .unknown }
        let here = try Directory.open(Array("\(root)/class/block/".utf8) + name)
        guard try here.statusIfPresent(of: "queue") != nil else {
            // A partition: the queue is its disk's, in whose directory it lies.
            return try medium(of: Array(words.dropLast().joined(separator: [UInt8(ascii: "/")])))
        }
        if let parts = try here.parts(), !parts.isEmpty { return try medium(ofParts: parts) }
        let answer = try here.openDirectory("queue").openFile("rotational").readAll(atMost: 16)
        return Medium(rotates: answer.first == UInt8(ascii: "1"), link: link)
    }

    /// Of an array or a volume, the part that minds most: it has a share in most of what is read.
    private mutating func medium(ofParts parts: [Name]) throws(SystemError) -> Medium {
        var worst = Medium.solid
        for part in parts {
            worst = max(worst, try medium(of: try link("class", String(decoding: part.bytes, as: UTF8.self))))
        }
        return worst
    }

    private func link(_ list: String, _ name: String) throws(SystemError) -> [UInt8] {
        guard let name = Name(Array(name.utf8)) else { throw SystemError(operation: "readlinkat", code: EINVAL) }
        return try Directory.open(Array("\(root)/\(list)/block".utf8)).readLink(name)
    }
}

extension Directory {
    /// The devices from which this one is put together; nil where it is a disk.
    fileprivate func parts() throws(SystemError) -> [Name]? {
        do throws(SystemError) {
            return try openDirectory("slaves").entries()
        } catch  where error.isMissing {
            return nil
        }
    }
}
