import Model
import Platform

// How commands that list files show what they carry.

/// A name for people, else the number.
func ownerCell(_ metadata: Metadata, _ style: TableStyle) -> Cell {
    style == .human ? .bytes(userName(metadata.owner) ?? digits(metadata.owner)) : .count(UInt64(metadata.owner))
}

/// A name for people, else the number.
func groupCell(_ metadata: Metadata, _ style: TableStyle) -> Cell {
    style == .human ? .bytes(groupName(metadata.group) ?? digits(metadata.group)) : .count(UInt64(metadata.group))
}

/// The size of what has one; a device's number in its place.
package func sizeCell(_ metadata: Metadata) -> Cell {
    switch metadata.kind {
    case .regular, .symlink: .size(metadata.size)
    case .characterDevice, .blockDevice: .text("\(metadata.device.major), \(metadata.device.minor)")
    case .directory, .fifo, .socket: .none
    }
}

private func digits(_ number: UInt32) -> [UInt8] { Array(String(number).utf8) }
