/// What `/proc` says of mounts.
enum MountTable {
    /// The mount on which an open file lies, from its fdinfo: by number, as all subvolumes of a btrfs have devices of
    /// their own that no mount tells of.
    static func identity(in description: [UInt8]) -> [UInt8]? {
        let key = Array("mnt_id:".utf8)
        let line = description.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: key) }
        return line.map { $0.dropFirst(key.count).filter { $0 > 0x20 } }
    }

    /// What a mount was made from, as proc_pid_mountinfo(5) has it: behind a lone hyphen and the file system's kind.
    static func source(of mount: [UInt8], in table: [UInt8]) -> [UInt8]? {
        for line in table.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.first?.elementsEqual(mount) == true,
                let hyphen = words.dropFirst(6).firstIndex(of: [UInt8(ascii: "-")])
            else { continue }
            return words.count > hyphen + 2 ? Array(words[hyphen + 2]) : nil
        }
        return nil
    }
}
