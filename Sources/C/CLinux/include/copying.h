#pragma once
#include <stdint.h>
#include <stddef.h>

/// Makes all of `to` share the blocks of `from`; fails where the file system cannot.
int linux_clone(int from, int to);

/// Copies inside the kernel, at most `length` bytes, and shares blocks where it can; 0 at the end of `from`.
long linux_copy_range(int from, int64_t source_offset, int to, int64_t target_offset, size_t length);

/// Where the next data, or the next hole, at or after `offset` begins; -ENXIO where there is none. Moves the offset.
int64_t linux_seek_data(int descriptor, int64_t offset);
int64_t linux_seek_hole(int descriptor, int64_t offset);

/// Writes out everything dirty of the file system that holds the descriptor.
int linux_sync_file_system(int descriptor);
