#include "arena/votelog/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/container.h"
#include "base/gunzip.h"
#include "base/mem.h"

int window_open(struct window *w, int fd, off_t from, off_t stop,
                struct err *e)
{
    *w = (struct window){.fd = fd, .at = from, .stop = stop};
    w->cap = WINDOW_BYTES;
    w->data = mem_try(w->cap + 1, 1);
    if (w->data == NULL)
        return err_set(e, ERR_FAILURE, "not enough memory to read");
    return 0;
}

void window_close(struct window *w)
{
    gunzip_close(w->gunzip);
    w->gunzip = NULL;
    free(w->data);
    w->data = NULL;
}

static int grow(struct window *w, const char *path, struct err *e)
{
    if (w->cap >= WINDOW_MAX_BYTES)
        return err_set(e, ERR_FORMAT, "%s: a row is longer than %zu MiB; is a "
                       "quote never closed?", path, WINDOW_MAX_BYTES >> 20);
    char *data = realloc(w->data, 2 * w->cap + 1);
    if (data == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory to read", path);
    w->data = data;
    w->cap *= 2;
    return 0;
}

/* Reads from now on what the bytes in the window and behind it unpack to; the
 * file is then a pipe. */
static int unpack(struct window *w, const char *path, struct err *e)
{
    if (w->at >= 0 && lseek(w->fd, w->at, SEEK_SET) < 0)
        return err_set(e, ERR_FAILURE, "%s: cannot read: %s", path,
                       strerror(errno));
    if (gunzip_open(&w->gunzip, w->fd, w->data + w->begin, w->end - w->begin,
                    e) != 0)
        return err_wrap(e, "%s", path);
    w->at = -1;
    w->begin = w->end = 0;
    w->at_end = false;
    return 0;
}

int window_begin(struct window *w, const char *path, struct err *e)
{
    while (w->end - w->begin < CONTAINER_BYTES && !w->at_end)
        if (window_more(w, path, e) != 0)
            return -1;
    const char *s = w->data + w->begin;
    size_t n = w->end - w->begin;
    if (w->gunzip == NULL && gunzip_is(s, n))
        return unpack(w, path, e) == 0 ? window_begin(w, path, e) : -1;
    const char *problem = container_problem(s, n);
    if (problem != NULL)
        return err_set(e, ERR_FORMAT, "%s: the file is %s", path, problem);
    if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0)
        w->begin += 3;
    w->data[w->end] = '\0';
    return 0;
}

/* Reads up to n bytes behind those in the window.  How many; 0: the end; -1. */
static ssize_t read_some(struct window *w, size_t n, const char *path,
                         struct err *e)
{
    char *to = w->data + w->end;
    ssize_t got;
    if (w->gunzip != NULL) {
        got = gunzip_read(w->gunzip, to, n, e);
        return got < 0 ? err_wrap(e, "%s", path) : got;
    }
    do {
        got = w->at >= 0 ? pread(w->fd, to, n, w->at) : read(w->fd, to, n);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set(e, ERR_FAILURE, "%s: cannot read: %s", path,
                       strerror(errno));
    return got;
}

int window_more(struct window *w, const char *path, struct err *e)
{
    memmove(w->data, w->data + w->begin, w->end - w->begin);
    w->end -= w->begin;
    w->begin = 0;
    if (w->end == w->cap && grow(w, path, e) != 0)
        return -1;
    size_t room = w->cap - w->end;
    if (w->at >= 0 && (off_t)room > w->stop - w->at)
        room = (size_t)(w->stop - w->at);
    ssize_t n = read_some(w, room, path, e);
    if (n < 0)
        return -1;
    w->at_end = n == 0;
    w->end += (size_t)n;
    w->has_quote = memchr(w->data, '"', w->end) != NULL;
    if (w->at >= 0)
        w->at += n;
    return 0;
}

off_t window_position(const struct window *w)
{
    return w->at - (off_t)(w->end - w->begin);
}
