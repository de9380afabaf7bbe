#define _GNU_SOURCE
#include "confinement.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Rights that came after the headers we may be built with.
#define RIGHT_REFER (1ULL << 13)      // ABI 2
#define RIGHT_TRUNCATE (1ULL << 14)   // ABI 3
#define RIGHT_IOCTL_DEV (1ULL << 15)  // ABI 5

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ABI_1 ((1ULL << 13) - 1)

static int allow(int ruleset, const int *directories, size_t count, uint64_t rights) {
    for (size_t i = 0; i < count; i++) {
        struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = directories[i]};
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) return -errno;
    }
    return 0;
}

int linux_confine(const int *writing, size_t writing_count, const int *reading, size_t reading_count) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 0) return -errno;
    uint64_t handled = ABI_1;
    if (abi >= 2) handled |= RIGHT_REFER;
    if (abi >= 3) handled |= RIGHT_TRUNCATE;
    if (abi >= 5) handled |= RIGHT_IOCTL_DEV;

    // The first field alone is the structure of ABI 1, which every later kernel takes.
    struct { uint64_t handled_access_fs; } attributes = {handled};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0) return -errno;
    int result = allow(ruleset, writing, writing_count, handled & ~LANDLOCK_ACCESS_FS_EXECUTE);
    if (result == 0) result = allow(ruleset, reading, reading_count, READING);
    if (result == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) result = -errno;
    if (result == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) result = -errno;
    close(ruleset);
    return result;
}
