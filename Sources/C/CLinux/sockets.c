#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

// An address has room for 107 bytes, and a backupdir may lie deeper: the way is by the descriptor.
static int address_at(struct sockaddr_un *address, int directory, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int size = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", directory, name);
    return size < 0 || (size_t)size >= sizeof address->sun_path ? -ENAMETOOLONG : 0;
}

// Closes what did not come so far.
static int answered(int descriptor, int result) {
    int error = result < 0 ? -errno : 0;
    if (error != 0) close(descriptor);
    return error != 0 ? error : descriptor;
}

int linux_listen_at(int directory, const char *name) {
    struct sockaddr_un address;
    int error = address_at(&address, directory, name);
    if (error != 0) return error;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int result = bind(descriptor, (struct sockaddr *)&address, sizeof address);
    if (result == 0) result = fchmodat(directory, name, 0600, 0);
    if (result == 0) result = listen(descriptor, 16);
    return answered(descriptor, result);
}

int linux_connect_at(int directory, const char *name) {
    struct sockaddr_un address;
    int error = address_at(&address, directory, name);
    if (error != 0) return error;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    return answered(descriptor, connect(descriptor, (struct sockaddr *)&address, sizeof address));
}

int linux_accept(int socket) {
    int descriptor = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
    if (descriptor < 0) return -errno;
    struct timeval patience = {.tv_sec = 10};
    return answered(descriptor, setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
}

union control {
    char room[CMSG_SPACE(2 * sizeof(int))];
    struct cmsghdr aligned;
};

long linux_send_pair(int socket, const void *text, size_t size, const int pair[2]) {
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec part = {.iov_base = (void *)text, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(2 * sizeof(int));
    memcpy(CMSG_DATA(head), pair, 2 * sizeof(int));
    long count = sendmsg(socket, &message, MSG_NOSIGNAL);
    return count < 0 ? -errno : count;
}

long linux_receive_pair(int socket, void *text, size_t size, int pair[2]) {
    union control control;
    struct iovec part = {.iov_base = text, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
    long count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    if (count < 0) return -errno;
    // There is room for two: what was sent beyond them the kernel has closed.
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    size_t found = 0;
    if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        found = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (found > 0) memcpy(pair, CMSG_DATA(head), found * sizeof(int));
    if (found == 2 && (size_t)count == size && (message.msg_flags & MSG_CTRUNC) == 0) return count;
    for (size_t i = 0; i < found; i++) close(pair[i]);
    return -EPROTO;
}
