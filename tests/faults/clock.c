/* A clock of one's own for a process tree: LD_PRELOAD it, and the file named by FAULTS_CLOCK says what time it is.

   The file holds two settings of four 64-bit numbers and the number of the one that counts: since `base` (real
   nanoseconds since 1970) the time runs `rate` times as fast, and the time of day is `shift` nanoseconds off besides.
   Monotonic clocks, and so all time-outs, stay real; CLOCK_BOOTTIME runs as fast as the time of day. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <dlfcn.h>

#define SECOND 1000000000LL

struct setting { int64_t base, boot, rate, shift; };
static volatile struct { struct setting settings[2]; int64_t current; } *book;

__attribute__((constructor)) static void open_book(void)
{
    const char *path = getenv("FAULTS_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *book, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (found != MAP_FAILED) book = found;
}

static int64_t told(clockid_t clock, int64_t real)
{
    const volatile struct setting *now = &book->settings[book->current & 1];
    int64_t base = clock == CLOCK_BOOTTIME ? now->boot : now->base;
    return base + (real - base) * now->rate + (clock == CLOCK_BOOTTIME ? 0 : now->shift);
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int failed = syscall(SYS_clock_gettime, clock, at);
    if (!failed && book && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_BOOTTIME)) {
        int64_t time = told(clock == CLOCK_BOOTTIME ? clock : CLOCK_REALTIME, at->tv_sec * SECOND + at->tv_nsec);
        at->tv_sec = time / SECOND;
        at->tv_nsec = time % SECOND;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec found;
    (void)zone;
    int failed = clock_gettime(CLOCK_REALTIME, &found);
    at->tv_sec = found.tv_sec;
    at->tv_usec = found.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *at)
{
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (at) *at = found.tv_sec;
    return found.tv_sec;
}

/* Waits until a time of day: the kernel's clock is the real one. */
int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until)
{
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec mine, kernels, wanted;
    clock_gettime(CLOCK_REALTIME, &mine);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &kernels);
    int64_t time = (until->tv_sec - mine.tv_sec + kernels.tv_sec) * SECOND + until->tv_nsec - mine.tv_nsec + kernels.tv_nsec;
    wanted.tv_sec = time / SECOND;
    wanted.tv_nsec = time % SECOND;
    return real(sem, &wanted);
}
