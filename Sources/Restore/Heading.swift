/// Puts the bits of the mode into the ustar header with which a member's heading ends.
///
/// libarchive has one place for the bits of the mode's group and for those that an ACL gives the owning group. Where there
/// is a mask the mode has the mask's: whoever unpacked without ACLs would give the group what the mask kept from it.
func setMode(_ mode: UInt16, inHeading heading: inout [UInt8]) {
    let start = heading.count - 512
    guard start >= 0 else { return }
    put(UInt32(mode) & 0o7777, digits: 6, at: start + 100, in: &heading)
    let sum = (start + 148)..<(start + 156)
    // The sum is that of a header with spaces in its place.
    let others = heading[start...].indices.lazy.filter { !sum.contains($0) }
    put(others.reduce(8 * 0x20) { $0 + UInt32(heading[$1]) }, digits: 6, at: sum.lowerBound, in: &heading)
}

private func put(_ number: UInt32, digits: Int, at start: Int, in bytes: inout [UInt8]) {
    for place in 0..<digits {
        bytes[start + place] = UInt8(ascii: "0") + UInt8(number >> (3 * (digits - 1 - place)) & 7)
    }
}
