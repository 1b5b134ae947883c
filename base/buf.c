#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"

static char buf_nothing[1]; /* what an empty buffer points at; never written */

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.data = buf_nothing, .max = max_bytes};
}

void buf_free(struct buf *b)
{
    if (b->cap > 0)
        free(b->data);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    if (b->cap > 0)
        b->data[0] = '\0';
    b->len = 0;
    b->overflow = false;
}

void buf_cut(struct buf *b, size_t len)
{
    if (len >= b->len)
        return;
    b->len = len;
    b->data[len] = '\0';
}

void buf_shift(struct buf *b, size_t n)
{
    if (n == 0 || b->cap == 0)
        return;
    memmove(b->data, b->data + n, b->len - n + 1);
    b->len -= n;
}

bool buf_ends(const struct buf *b, const char *end)
{
    size_t n = strlen(end);
    return b->len >= n && memcmp(b->data + b->len - n, end, n) == 0;
}

/* Makes room for `want` more bytes and returns how many of them fit. */
static size_t buf_reserve(struct buf *b, size_t want)
{
    size_t room = b->max - b->len;
    if (want > room) {
        b->overflow = true;
        want = room;
    }
    size_t need = b->len + want + 1;
    if (want > 0 && need > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < need)
            cap += cap / 2 + 1;
        b->data = mem_realloc(b->cap ? b->data : NULL, cap, 1);
        b->cap = cap;
    }
    return want;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    n = buf_reserve(b, n);
    if (n == 0)
        return;
    memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_utf8(struct buf *b, unsigned codepoint)
{
    char s[UTF8_MAX_BYTES];
    buf_add(b, s, utf8_encode(codepoint, s));
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n <= 0)
        return;
    if ((size_t)n > b->max - b->len) {
        b->overflow = true;
        return;
    }
    buf_reserve(b, (size_t)n);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    b->len += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

char *buf_detach(struct buf *b)
{
    char *s = b->cap > 0 ? b->data : mem_strndup("", 0);
    buf_init(b, b->max);
    return s;
}

int buf_read_fd(struct buf *b, int fd)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        buf_add(b, chunk, (size_t)n);
        if (b->overflow) {
            errno = EFBIG;
            return -1;
        }
    }
}

int buf_read_file(struct buf *b, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int r = buf_read_fd(b, fd);
    int saved = errno;
    close(fd);
    errno = saved;
    return r;
}
