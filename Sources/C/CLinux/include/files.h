#pragma once
#include <stdint.h>
#include <stddef.h>

// Flags that need _GNU_SOURCE; files.c asserts that they are the system's.
#define LINUX_O_PATH 010000000
#define LINUX_O_NOATIME 01000000
#define LINUX_O_TMPFILE 020200000
#define LINUX_AT_EMPTY_PATH 0x1000
#define LINUX_RENAME_NOREPLACE 1
#define LINUX_RENAME_EXCHANGE 2

/// What statx says, without what no one asks for.
struct linux_status {
    uint64_t inode;
    uint64_t size;
    uint64_t blocks;
    uint64_t device;
    int64_t modified;
    int64_t changed;
    int64_t born;
    uint32_t modified_ns;
    uint32_t changed_ns;
    uint32_t born_ns;
    uint32_t mode;
    uint32_t owner;
    uint32_t group;
    uint32_t links;
    uint32_t major;
    uint32_t minor;
    uint8_t is_mount_root;
    uint8_t is_immutable;
};

/// Never follows a symlink, never triggers an automount. An empty name is the descriptor itself.
int linux_status(int directory, const char *name, struct linux_status *status);

/// The two numbers of a `device`.
uint32_t linux_major(uint64_t device);
uint32_t linux_minor(uint64_t device);

/// Fills `buffer` with struct linux_dirent64 records; 0 at the end.
long linux_getdents(int directory, void *buffer, size_t size);

/// Opens the directory at the relative `path` below `directory`; never through a symlink, never by `..`. -ENOSYS where the
/// kernel cannot promise that.
int linux_open_beneath(int directory, const char *path, int flags);

/// Opens the directory `name`, a single component, below `directory`; never through a symlink.
int linux_open_directory(int directory, const char *name, int flags);

/// Gives an open file a name in `directory`; -EEXIST if that is taken, by whatever.
int linux_link_file(int file, int directory, const char *name);

int linux_rename(int from, const char *name, int to, const char *other, unsigned flags);

int linux_make_node(int directory, const char *name, unsigned mode, unsigned major, unsigned minor);

/// The magic number of the file system that holds the descriptor.
int64_t linux_file_system_magic(int descriptor);

/// Which file system of its kind it is, from what is written on it: the same after a reboot, and under a later kernel.
/// 0 where nothing such is known.
int linux_file_system_number(int descriptor, uint64_t *number);
