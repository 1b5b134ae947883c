/* buf: a string that grows, up to a maximum it is born with.
 *
 * Appending never fails at the call: what does not fit is dropped and
 * `overflow` is set, so a caller builds the whole string and checks once.
 * data is always NUL-terminated (one byte beyond len), may hold NUL bytes, and
 * is never NULL after buf_init.  The owner of the struct owns the bytes.
 * One thread at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data;
    size_t len;    /* bytes in use, without the final NUL */
    size_t cap;    /* bytes allocated; 0 while data is the shared "" */
    size_t max;    /* len never exceeds it */
    bool overflow; /* something was dropped */
};

/* Makes an empty buffer that holds at most max_bytes. */
void buf_init(struct buf *b, size_t max_bytes);

/* Releases the bytes; the struct can be initialised again. */
void buf_free(struct buf *b);

/* Empties it and clears overflow; keeps the memory. */
void buf_clear(struct buf *b);

/* Drops everything beyond len bytes; len may not exceed b->len. */
void buf_cut(struct buf *b, size_t len);

/* Drops the first n bytes (n <= b->len). */
void buf_shift(struct buf *b, size_t n);

/* Whether its last bytes are this text. */
bool buf_ends(const struct buf *b, const char *end);

/* Appends n bytes; as many as fit. */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);

/* Appends the UTF-8 form of a code point (U+FFFD for one that has none). */
void buf_add_utf8(struct buf *b, unsigned codepoint);

/* Appends formatted text; the whole or nothing (then overflow is set). */
void buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Hands the bytes to the caller, who frees them; the buffer is empty after. */
char *buf_detach(struct buf *b);

/* Reads a whole file descriptor to its end.  Returns 0, or -1 with errno set
 * (EFBIG if the buffer's maximum was reached before the end). */
int buf_read_fd(struct buf *b, int fd);

/* The same for a file by path. */
int buf_read_file(struct buf *b, const char *path);

#endif
