#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

_Static_assert(LINUX_O_PATH == O_PATH, "O_PATH");
_Static_assert(LINUX_O_NOATIME == O_NOATIME, "O_NOATIME");
_Static_assert(LINUX_O_TMPFILE == O_TMPFILE, "O_TMPFILE");
_Static_assert(LINUX_AT_EMPTY_PATH == AT_EMPTY_PATH, "AT_EMPTY_PATH");
_Static_assert(LINUX_RENAME_NOREPLACE == RENAME_NOREPLACE, "RENAME_NOREPLACE");
_Static_assert(LINUX_RENAME_EXCHANGE == RENAME_EXCHANGE, "RENAME_EXCHANGE");

int linux_status(int directory, const char *name, struct linux_status *status) {
    struct statx from;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name ? 0 : AT_EMPTY_PATH);
    if (statx(directory, name, flags, STATX_BASIC_STATS | STATX_BTIME, &from) != 0) return -errno;
    status->inode = from.stx_ino;
    status->size = from.stx_size;
    status->blocks = from.stx_blocks;
    status->device = makedev(from.stx_dev_major, from.stx_dev_minor);
    status->modified = from.stx_mtime.tv_sec;
    status->modified_ns = from.stx_mtime.tv_nsec;
    status->changed = from.stx_ctime.tv_sec;
    status->changed_ns = from.stx_ctime.tv_nsec;
    int born = (from.stx_mask & STATX_BTIME) != 0;
    status->born = born ? from.stx_btime.tv_sec : 0;
    status->born_ns = born ? from.stx_btime.tv_nsec : 0;
    status->mode = from.stx_mode;
    status->owner = from.stx_uid;
    status->group = from.stx_gid;
    status->links = from.stx_nlink;
    status->major = from.stx_rdev_major;
    status->minor = from.stx_rdev_minor;
    status->is_mount_root = (from.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    status->is_immutable = (from.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
    return 0;
}

uint32_t linux_major(uint64_t device) { return major(device); }

uint32_t linux_minor(uint64_t device) { return minor(device); }

long linux_getdents(int directory, void *buffer, size_t size) {
    ssize_t count = syscall(SYS_getdents64, directory, buffer, size);
    return count < 0 ? -errno : count;
}

int linux_open_beneath(int directory, const char *path, int flags) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (unsigned)(flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH;
    long descriptor = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (descriptor >= 0) return (int)descriptor;
    // A kernel before 5.6, or a container's filter that does not know the call.
    return errno == EPERM ? -ENOSYS : -errno;
}

int linux_open_directory(int directory, const char *name, int flags) {
    int descriptor = linux_open_beneath(directory, name, flags);
    if (descriptor != -ENOSYS) return descriptor;
    // For one name O_NOFOLLOW does the same.
    descriptor = openat(directory, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int linux_link_file(int file, int directory, const char *name) {
    if (linkat(file, "", directory, name, AT_EMPTY_PATH) == 0) return 0;
    // That is for those who may read any directory (ENOENT for others); by way of /proc anybody can, where it is mounted.
    if (errno != ENOENT) return -errno;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}

int linux_rename(int from, const char *name, int to, const char *other, unsigned flags) {
    return renameat2(from, name, to, other, flags) == 0 ? 0 : -errno;
}

int linux_make_node(int directory, const char *name, unsigned mode, unsigned major, unsigned minor) {
    return mknodat(directory, name, mode, makedev(major, minor)) == 0 ? 0 : -errno;
}

int64_t linux_file_system_magic(int descriptor) {
    struct statfs about;
    if (fstatfs(descriptor, &about) != 0) return -errno;
    return (int64_t)(uint32_t)about.f_type;
}

// As <xfs/xfs_fs.h> has it.
struct xfs_geometry {
    uint32_t before[8];
    uint64_t sizes[4];
    uint64_t uuid[2];
    uint32_t after[7];
};
#define XFS_GEOMETRY _IOR('X', 100, struct xfs_geometry)
_Static_assert(sizeof(struct xfs_geometry) == 112, "struct xfs_fsop_geom_v1");
_Static_assert(sizeof(((struct statfs *)0)->f_fsid) == sizeof(uint64_t), "f_fsid");

// There f_fsid is the device's number, which a reboot may change.
static int xfs_number(int descriptor, uint64_t *number) {
    struct xfs_geometry geometry;
    // What is open for searching only cannot be asked.
    if (ioctl(descriptor, XFS_GEOMETRY, &geometry) != 0) return errno == ENOTTY || errno == EBADF ? 0 : -errno;
    *number = geometry.uuid[0] ^ geometry.uuid[1];
    return 0;
}

int linux_file_system_number(int descriptor, uint64_t *number) {
    struct statfs about;
    if (fstatfs(descriptor, &about) != 0) return -errno;
    *number = 0;
    switch ((uint32_t)about.f_type) {
    case 0x58465342: return xfs_number(descriptor, number);
    case 0xEF53:      // ext2 to ext4: from the UUID
    case 0x9123683E:  // btrfs: from the UUID and the subvolume
    case 0x2FC12FC1:  // zfs: from the data set's identifier
        memcpy(number, &about.f_fsid, sizeof *number);
        return 0;
    default: return 0;  // tmpfs and others have a number a mount
    }
}
