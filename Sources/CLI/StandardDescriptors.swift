import Glibc

/// Opens `/dev/null` in the place of closed standard descriptors, the wrong way round: so using them fails as before.
func claimClosedDescriptors() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
        // The lowest free number is the closed one, since those below it are open.
        _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
}
