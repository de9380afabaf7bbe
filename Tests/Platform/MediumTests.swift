import Glibc
import Model
import Support
import Testing

@testable import Platform

/// What a file system lies on.
@Suite struct MediumTests {
    @Test(arguments: [
        ("../../devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda", Medium.rotating),
        ("../../devices/virtual/block/loop0", .rotating),
        ("../../devices/pci0000:00/0000:00:02.0/virtio1/block/vda", .unknown),
        ("../../devices/pci0000:00/0000:00:05.0/virtio2/host2/target2:0:0/2:0:0:0/block/sda", .unknown),
        ("../../devices/vbd-51712/block/xvda", .unknown),
        ("../../devices/LNXSYSTM:00/device:00/PNP0A03:00/device:07/VMBUS:01/a/host0/b/block/sda", .unknown),
    ])
    func `a disk that says that it turns is believed unless a virtual machine has it`(link: String, medium: Medium) {
        #expect(Medium(rotates: true, link: Array(link.utf8)) == medium)
        #expect(Medium(rotates: false, link: Array(link.utf8)) == .solid)
    }

    @Test(arguments: [
        (UInt64(0xFE00), UInt32(254), UInt32(0)), (0x10_0380, 3, 0x180), (0x801, 8, 1), (0x1200_34AB, 52, 0x1_20AB),
        (0xABCD_E000_1230_45FF, 0xABCD_E045, 0x1_23FF),
    ])
    func `a device's number is unpacked as the C library packs it`(packed: UInt64, major: UInt32, minor: UInt32) {
        #expect(DeviceNumber(packed: packed) == DeviceNumber(major: major, minor: minor))
    }

    @Test func `a mount is found by its number, whatever optional words its line has`() {
        let table = """
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            2 27 0:40 /sub /home/a\\040b rw shared:1 master:7 - btrfs /dev/mapper/pool rw,subvol=/sub
            9 27 0:41 / /merged rw - overlay overlay rw
            10 27 0:42 / /cut rw - tmpfs
            """
        func source(_ mount: String) -> String? {
            MountTable.source(of: Array(mount.utf8), in: Array(table.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(source("27") == "/dev/vda")
        #expect(source("2") == "/dev/mapper/pool")
        #expect(source("9") == "overlay")
        #expect(source("10") == nil && source("7") == nil && source("") == nil)
        #expect(
            MountTable.identity(in: Array("pos:\t0\nflags:\t0100000\nmnt_id:\t27\nino:\t5\n".utf8)) == Array("27".utf8))
        #expect(MountTable.identity(in: Array("pos:\t0\n".utf8)) == nil)
    }

    @Test func `memory is known, and what has no device is unknown`() throws {
        if let memory = Scratch.inMemory { #expect(try Directory.open(Array(memory.utf8)).medium() == .memory) }
        #expect(try Directory.open(Array("/proc".utf8)).medium() == .unknown)
    }
}

/// What sysfs says, as trees like those of machines that are not at hand.
@Suite struct `A survey of block devices` {
    /// A sysfs of disks, partitions and what is put together from them.
    private final class Devices {
        let scratch: Scratch
        private var count: UInt32 = 0

        init() throws {
            scratch = try Scratch("sysfs")
            for list in ["dev/block", "class/block"] { try scratch.directory(list) }
        }

        /// A device that says this of itself; nothing for a partition.
        @discardableResult
        func add(_ path: String, rotational: String?, parts: [String] = []) throws -> DeviceNumber {
            let name = String(path.split(separator: "/").last ?? "")
            try scratch.directory("devices/\(path)")
            if let rotational {
                try scratch.directory("devices/\(path)/queue")
                try scratch.directory("devices/\(path)/slaves")
                try scratch.write("devices/\(path)/queue/rotational", rotational)
            }
            let number = DeviceNumber(major: 8, minor: count)
            count += 1
            for link in ["dev/block/\(number.major):\(number.minor)", "class/block/\(name)"] {
                try Command("ln", "-s", "../../devices/\(path)", scratch[link]).check()
            }
            for part in parts { try Command("ln", "-s", "x", scratch["devices/\(path)/slaves/\(part)"]).check() }
            return number
        }

        func medium(of number: DeviceNumber) throws -> Medium {
            try BlockDevices(root: scratch.path).medium(of: number)
        }
    }

    @Test func `asks a partition's disk`() throws {
        let devices = try Devices()
        try devices.add("pci0/ata1/block/sda", rotational: "1\n")
        try devices.add("pci0/nvme/nvme0/nvme0n1", rotational: "0\n")
        #expect(try devices.medium(of: devices.add("pci0/ata1/block/sda/sda2", rotational: nil)) == .rotating)
        #expect(try devices.medium(of: devices.add("pci0/nvme/nvme0/nvme0n1/nvme0n1p1", rotational: nil)) == .solid)
    }

    @Test func `asks the disks of an array or a volume, and not the array`() throws {
        let devices = try Devices()
        for (name, rotational) in [("sda", "1\n"), ("sdb", "0\n"), ("sdc", "0\n")] {
            try devices.add("pci0/ata/block/\(name)", rotational: rotational)
        }
        try devices.add("pci0/virtio1/block/vda", rotational: "1\n")
        try devices.add("pci0/virtio1/block/vda/vda3", rotational: nil)
        let array = try devices.add("virtual/block/md0", rotational: "0\n", parts: ["sda", "sdb"])
        let volume = try devices.add("virtual/block/dm-0", rotational: "0\n", parts: ["md0"])
        let fast = try devices.add("virtual/block/dm-1", rotational: "1\n", parts: ["sdb", "sdc"])
        let virtual = try devices.add("virtual/block/dm-2", rotational: "1\n", parts: ["vda3"])
        #expect(try devices.medium(of: array) == .rotating)
        #expect(try devices.medium(of: volume) == .rotating)
        #expect(try devices.medium(of: fast) == .solid)
        #expect(try devices.medium(of: virtual) == .unknown)
    }

    @Test func `ends where devices are part of one another, or too many`() throws {
        let devices = try Devices()
        let circle = try devices.add("virtual/block/dm-0", rotational: "0\n", parts: ["dm-1", "dm-1x"])
        try devices.add("virtual/block/dm-1", rotational: "0\n", parts: ["dm-0"])
        try devices.add("virtual/block/dm-1x", rotational: "0\n", parts: ["dm-0", "dm-1"])
        #expect(try devices.medium(of: circle) == .unknown)
    }

    @Test func `fails where sysfs does not tell, or tells too much`() throws {
        let devices = try Devices()
        let odd = try devices.add("virtual/block/odd", rotational: String(repeating: "1", count: 5_000))
        #expect(throws: SystemError.self) { try devices.medium(of: odd) }
        #expect(throws: SystemError.self) { try devices.medium(of: DeviceNumber(major: 99, minor: 0)) }
    }
}

/// The devices of this machine: what the kernel says of a loop device can be set.
@Suite(
    .serialized,
    .enabled(if: LoopFileSystem.isPossible(.btrfs) && LoopFileSystem.mayTurn, "needs root and loop devices"))
struct `The medium of a real file system` {
    @Test(arguments: [LoopFileSystem.Kind.ext4, .btrfs])
    func `is that of its device, also below a subvolume`(kind: LoopFileSystem.Kind) throws {
        let disk = try LoopFileSystem(kind, size: "300M")
        var places = [disk.path]
        if kind == .btrfs {
            try Command("btrfs", "-q", "subvolume", "create", "\(disk.path)/below").check()
            places.append("\(disk.path)/below")
        }
        for (word, medium) in [("1", Medium.rotating), ("0", .solid)] {
            try disk.setRotational(word)
            for place in places { #expect(try Directory.open(Array(place.utf8)).medium() == medium, "\(place)") }
        }
    }
}
