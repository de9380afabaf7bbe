import CLinux
import Glibc
import Model

/// What a file system keeps its data on, in the order of how much it minds to be read at many places at once.
package enum Medium: Hashable, Comparable, Sendable {
    /// Memory: nothing is waited for.
    case memory
    /// A disk without a head to move, which answers many at once.
    case solid
    /// A network, a virtual machine's disk, or what the system does not tell of.
    case unknown
    /// A disk that turns, and moves its head for each who reads.
    case rotating

    /// What a disk says of itself.
    ///
    /// - Parameter link: where the kernel has it: `../../devices/pci0000:00/0000:00:02.0/virtio1/block/vda`.
    init(rotates: Bool, link: [UInt8]) {
        guard rotates else {
            self = .solid
            return
        }
        // A kernel takes a disk to turn whose driver does not say that it does not, and those of virtual machines do not
        // know what lies behind them.
        let isVirtual = link.split(separator: UInt8(ascii: "/")).contains { part in
            Medium.virtualBuses.contains { part.starts(with: $0.utf8) }
        }
        self = isVirtual ? .unknown : .rotating
    }

    /// How their devices' names begin: of KVM, Xen and Hyper-V.
    private static let virtualBuses = ["virtio", "vbd-", "VMBUS:"]
}

extension Directory {
    /// What the directory's file system lies on; `.unknown` where that cannot be found out, whatever the reason. For how
    /// fast something is done, never for what is done.
    package func medium() -> Medium {
        do throws(SystemError) {
            if try fileSystem().isInMemory { return .memory }
            guard let device = try blockDevice() else { return .unknown }
            return try BlockDevices().medium(of: device)
        } catch {
            return .unknown
        }
    }

    /// The block device below the file system; nil where there is none, or none is known.
    private func blockDevice() throws(SystemError) -> DeviceNumber? {
        let own = DeviceNumber(packed: try status().device)
        // What has more than one disk, or none, has a number that is no device's: btrfs, overlayfs, zfs, nfs.
        if own.major != 0 { return own }
        let mount = MountTable.identity(in: try readSmall("/proc/self/fdinfo/\(raw)", atMost: 4 << 10))
        let table = try readSmall("/proc/self/mountinfo", atMost: 4 << 20)
        // Nothing else is looked at: what is not there may be a path on a file system that hangs.
        guard let mount, let source = MountTable.source(of: mount, in: table), source.starts(with: "/dev/".utf8)
        else { return nil }
        let flags = LINUX_O_PATH | O_CLOEXEC
        let found = Descriptor(
            owning: try system("open", source) { withCString(source) { Glibc.open($0, flags) } }, isHandle: true)
        let metadata = try found.status().stamp.metadata
        return metadata.kind == .blockDevice ? metadata.device : nil
    }
}

private func readSmall(_ path: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
    try openTrusted(Array(path.utf8)).readAll(atMost: limit)
}

extension DeviceNumber {
    /// As `st_dev` has it.
    init(packed: UInt64) {
        self.init(major: linux_major(packed), minor: linux_minor(packed))
    }
}
