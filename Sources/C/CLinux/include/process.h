#pragma once
#include <stddef.h>
#include <stdint.h>

/// Sets what `ps` shows as the command line; cut where the room that the kernel gave is used up.
void linux_set_title(const char *title);

/// Sets the calling thread's name; cut at 15 bytes.
void linux_set_thread_name(const char *name);

/// How many processors the process may use; at least 1.
int linux_processors(void);

/// Columns of the terminal; 0 where the descriptor is none.
int linux_terminal_columns(int descriptor);
int linux_terminal_rows(int descriptor);

/// A pair of connected stream sockets, closed on exec.
int linux_socket_pair(int pair[2]);

/// A pipe, both ends closed on exec; the first is to read from.
int linux_pipe(int pair[2]);

/// A descriptor that becomes readable when its counter is raised.
int linux_event(void);

/// Raises the number of descriptors that may be open to what the system allows; answers that number.
int64_t linux_raise_descriptor_limit(void);

/// Gives the calling thread the idle class of input/output and the last place at the processors, and with it every thread
/// and program that it starts. Does what it can even where the one or the other is refused.
int linux_yield_to_others(void);

/// Has SIGINT, SIGTERM and SIGHUP be noted instead of ending the process; those that are ignored stay so.
int linux_catch_termination(void);
/// The signal that came; 0 if none did.
int linux_termination(void);

/// The process's environment, as NAME=VALUE.
char **linux_environment(void);

/// Has all threads share two heaps, that grow in steps of a megabyte and keep what is freed for the next who asks:
/// with a heap for each thread, each keeps what it once needed. To be called before there are other threads.
void linux_bound_heap(void);

/// Microseconds for which a TCP socket has had bytes under way; negative where the kernel does not say.
long long linux_busy_microseconds(int socket);

/// Has a pipe hold that many bytes; EBADF for what is no pipe, EPERM where the user's pipes hold enough.
int linux_widen_pipe(int pipe, int bytes);

/// Sends one datagram to a Unix socket, or drops it if nobody reads there; a path that begins with '@' names an abstract one.
int linux_tell_socket(const unsigned char *path, size_t path_size, const void *text, size_t size);
