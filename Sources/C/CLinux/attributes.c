#define _GNU_SOURCE
#include "attributes.h"

#include <errno.h>
#include <sys/xattr.h>

#define ANSWER(call)            \
    ssize_t result = (call);    \
    return result < 0 ? -errno : result

long linux_list_attributes(int descriptor, char *list, size_t size) { ANSWER(flistxattr(descriptor, list, size)); }

long linux_get_attribute(int descriptor, const char *name, void *value, size_t size) {
    ANSWER(fgetxattr(descriptor, name, value, size));
}

int linux_set_attribute(int descriptor, const char *name, const void *value, size_t size) {
    ANSWER(fsetxattr(descriptor, name, value, size, 0));
}

int linux_remove_attribute(int descriptor, const char *name) { ANSWER(fremovexattr(descriptor, name)); }

long linux_list_attributes_at(const char *path, char *list, size_t size) { ANSWER(listxattr(path, list, size)); }

long linux_get_attribute_at(const char *path, const char *name, void *value, size_t size) {
    ANSWER(getxattr(path, name, value, size));
}

int linux_set_attribute_at(const char *path, const char *name, const void *value, size_t size) {
    ANSWER(setxattr(path, name, value, size, 0));
}

int linux_remove_attribute_at(const char *path, const char *name) { ANSWER(removexattr(path, name)); }
