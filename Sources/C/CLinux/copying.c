#define _GNU_SOURCE
#include "copying.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

int linux_clone(int from, int to) { return ioctl(to, FICLONE, from) == 0 ? 0 : -errno; }

long linux_copy_range(int from, int64_t source_offset, int to, int64_t target_offset, size_t length) {
    off64_t source = source_offset, target = target_offset;
    ssize_t count = copy_file_range(from, &source, to, &target, length, 0);
    return count < 0 ? -errno : count;
}

int64_t linux_seek_data(int descriptor, int64_t offset) {
    off64_t found = lseek64(descriptor, offset, SEEK_DATA);
    return found < 0 ? -errno : found;
}

int64_t linux_seek_hole(int descriptor, int64_t offset) {
    off64_t found = lseek64(descriptor, offset, SEEK_HOLE);
    return found < 0 ? -errno : found;
}

int linux_sync_file_system(int descriptor) { return syncfs(descriptor) == 0 ? 0 : -errno; }
