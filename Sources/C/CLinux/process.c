#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

// The kernel lays the arguments and then the environment out in one stretch, and shows what stands there. glibc hands
// both to constructors, which run before main and before any thread.
static char *area;
static size_t area_size;
static int argument_count;
static char **arguments;

__attribute__((constructor)) static void remember(int count, char **values, char **environment) {
    if (count < 1) return;
    char *end = values[0];
    for (int i = 0; i < count; i++)
        if (values[i] == end) end += strlen(values[i]) + 1;
    for (int i = 0; environment[i] != NULL; i++)
        if (environment[i] == end) end += strlen(environment[i]) + 1;
    area = values[0];
    area_size = (size_t)(end - area);
    argument_count = count;
    arguments = values;
}

static int in_area(const char *text) { return text >= area && text < area + area_size; }

// Whoever holds argv or environ shall find the same strings after the stretch is written over.
static int move_out(char **strings, int limit) {
    for (int i = 0; strings[i] != NULL && i != limit; i++) {
        if (!in_area(strings[i])) continue;
        char *copy = strdup(strings[i]);
        if (copy == NULL) return 0;
        strings[i] = copy;
    }
    return 1;
}

void linux_set_title(const char *title) {
    static int moved;
    if (area == NULL || area_size < 2) return;
    if (!moved) {
        if (!move_out(arguments, argument_count) || !move_out(environ, -1)) return;
        moved = 1;
    }
    size_t length = strlen(title);
    if (length > area_size - 1) length = area_size - 1;
    memcpy(area, title, length);
    memset(area + length, 0, area_size - length);
}

void linux_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int linux_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int linux_terminal_rows(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

int linux_socket_pair(int pair[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? 0 : -errno;
}

int linux_pipe(int pair[2]) { return pipe2(pair, O_CLOEXEC) == 0 ? 0 : -errno; }

int linux_event(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int64_t linux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    return (int64_t)limit.rlim_cur;
}

// glibc has no function for it, and not every system its header.
enum { io_who_process = 1, io_class_idle = 3, io_class_shift = 13 };

int linux_yield_to_others(void) {
    int error = syscall(SYS_ioprio_set, io_who_process, 0, io_class_idle << io_class_shift) == 0 ? 0 : errno;
    if (setpriority(PRIO_PROCESS, 0, 19) != 0) error = errno;
    return -error;
}

static volatile sig_atomic_t caught;

static void note(int number) { caught = number; }

int linux_catch_termination(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (sigaction(numbers[i], NULL, &before) != 0) return -errno;
        // What nohup, or a shell that runs us in the background, has us ignore stays ignored.
        if (before.sa_handler == SIG_IGN) continue;
        if (sigaction(numbers[i], &action, NULL) != 0) return -errno;
    }
    return 0;
}

int linux_termination(void) { return caught; }

char **linux_environment(void) { return environ; }

void linux_bound_heap(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
}

long long linux_busy_microseconds(int socket) {
    struct tcp_info about;
    socklen_t size = sizeof about;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &about, &size) != 0) return -errno;
    if (size < offsetof(struct tcp_info, tcpi_busy_time) + sizeof about.tcpi_busy_time) return -ENOSYS;
    return (long long)about.tcpi_busy_time;
}

int linux_widen_pipe(int pipe, int bytes) { return fcntl(pipe, F_SETPIPE_SZ, bytes) < 0 ? -errno : 0; }

int linux_tell_socket(const unsigned char *path, size_t path_size, const void *text, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path_size == 0 || path_size >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, path, path_size);
    if (address.sun_path[0] == '@') address.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_size);
    int error = sendto(descriptor, text, size, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, length) < 0 ? errno : 0;
    close(descriptor);
    return -error;
}

int linux_processors(void) {
    cpu_set_t allowed;
    // Fails where there are more than 1,024.
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1024;
    int count = CPU_COUNT(&allowed);
    return count > 0 ? count : 1;
}
