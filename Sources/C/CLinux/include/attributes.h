#pragma once
#include <stddef.h>

// Extended attributes of an open descriptor.
long linux_list_attributes(int descriptor, char *list, size_t size);
long linux_get_attribute(int descriptor, const char *name, void *value, size_t size);
int linux_set_attribute(int descriptor, const char *name, const void *value, size_t size);
int linux_remove_attribute(int descriptor, const char *name);

// The same by a path that is /proc/self/fd/N, for descriptors opened with O_PATH.
long linux_list_attributes_at(const char *path, char *list, size_t size);
long linux_get_attribute_at(const char *path, const char *name, void *value, size_t size);
int linux_set_attribute_at(const char *path, const char *name, const void *value, size_t size);
int linux_remove_attribute_at(const char *path, const char *name);
