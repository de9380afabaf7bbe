// To be preloaded into a program: its wall clock goes three seconds ahead, and nothing else of it.
#define _GNU_SOURCE
#include "clock.h"

#include <sys/syscall.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += 3;
    return result;
}
