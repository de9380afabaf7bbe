#pragma once
#include <stddef.h>

/// A socket at `name` in `directory`, for the user alone, at which others may connect; -EADDRINUSE if the name is taken.
int linux_listen_at(int directory, const char *name);

/// Connects to the socket at `name` in `directory`; -ECONNREFUSED where nobody listens any more.
int linux_connect_at(int directory, const char *name);

/// Waits for one that connects. What is received from it later is waited for 10 s at most (-EAGAIN).
int linux_accept(int socket);

/// Sends a few bytes, and two open descriptors with them.
long linux_send_pair(int socket, const void *text, size_t size, const int pair[2]);

/// Receives as much; -EPROTO if it is not exactly `size` bytes with two descriptors. They are closed on exec.
long linux_receive_pair(int socket, void *text, size_t size, int pair[2]);
