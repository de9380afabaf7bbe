#pragma once
#include <stddef.h>

/// Lets this thread, and those it will start, read below `reading` and change only what lies below `writing`.
/// The descriptors are directories. -ENOSYS or -EOPNOTSUPP where the kernel has no Landlock.
int linux_confine(const int *writing, size_t writing_count, const int *reading, size_t reading_count);
