#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* The one piece of global state: a log is of the process.  Each line is one
 * write to a file opened for appending. */
static atomic_int log_fd = -1;

/* What waits; all under the lock. */
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static int n_holds;
static bool is_forgotten;
static char held[LOG_HELD_BYTES];
static size_t n_held;

static void write_out(const char *s, size_t n)
{
    int fd = atomic_load(&log_fd);
    ssize_t written = fd >= 0 ? write(fd, s, n) : 0;
    (void)written; /* there is nowhere to report it */
}

void log_hold(void)
{
    pthread_mutex_lock(&held_lock);
    n_holds++;
    pthread_mutex_unlock(&held_lock);
}

void log_release(bool forget)
{
    pthread_mutex_lock(&held_lock);
    is_forgotten = is_forgotten || forget;
    if (--n_holds == 0) {
        if (!is_forgotten)
            write_out(held, n_held);
        n_held = 0;
        is_forgotten = false;
    }
    pthread_mutex_unlock(&held_lock);
}

static void put_line(const char *line, size_t n)
{
    pthread_mutex_lock(&held_lock);
    if (n_holds == 0) {
        write_out(line, n);
    } else if (n <= sizeof(held) - n_held) {
        memcpy(held + n_held, line, n);
        n_held += n;
    }
    pthread_mutex_unlock(&held_lock);
}

void log_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int old = atomic_exchange(&log_fd, fd);
    if (old >= 0)
        close(old);
}

void log_line(const char *fmt, ...)
{
    if (atomic_load(&log_fd) < 0)
        return;
    char line[1024];
    char when[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), when);
    int head = snprintf(line, sizeof(line), "%s %d ", when, (int)getpid());
    va_list ap;
    va_start(ap, fmt);
    int body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt, ap);
    va_end(ap);
    size_t n = (size_t)head + (body > 0 ? (size_t)body : 0);
    if (n > sizeof(line) - 2)
        n = sizeof(line) - 2;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = '?';
    line[n++] = '\n';
    put_line(line, n);
}
