#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

/* The one piece of global state: a log is of the process.  Each line is one
 * write to a file opened for appending, so threads need no lock. */
static atomic_int log_fd = -1;

void log_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int old = atomic_exchange(&log_fd, fd);
    if (old >= 0)
        close(old);
}

void log_line(const char *fmt, ...)
{
    int fd = atomic_load(&log_fd);
    if (fd < 0)
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
    ssize_t written = write(fd, line, n);
    (void)written; /* there is nowhere to report it */
}
