internal import Model
package import Platform

/// Where the channels of a push meet: in the jail's own directory, which nobody else enters.
extension PushingBackupdir {
    /// Lets further channels come to the push that this is.
    package func meetingPoint() throws(SystemError) -> MeetingPoint {
        try MeetingPoint(in: opened.own, Layout.channels)
    }
}

extension Backupdir {
    /// Goes to the push that is under way. Throws where there is none.
    package func joinPush() throws(SystemError) -> Descriptor {
        try MeetingPoint.join(in: try directory.openDirectory(Layout.own), Layout.channels)
    }
}
