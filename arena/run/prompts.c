#include "arena/run/prompts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arena/run/csv.h"
#include "arena/run/jsonl.h"
#include "arena/run/reader.h"
#include "arena/run/text.h"
#include "base/buf.h"
#include "base/utf8.h"

/* Leaves out what was there before, word for word. */
static void drop_repeated(struct prompts *p)
{
    struct names seen;
    struct buf text;
    size_t n = 0;
    names_init(&seen, PROMPTS_MAX);
    buf_init(&text, 2 * PROMPTS_MAX_BYTES);
    for (size_t i = 0; i < p->n; i++) {
        size_t n_seen = seen.n;
        buf_clear(&text);
        buf_add_str(&text, p->list[i].category);
        buf_add(&text, "", 1); /* the NUL keeps the two apart */
        prompt_add_text(&p->list[i], &text);
        names_add(&seen, text.data, text.len);
        if (seen.n > n_seen) {
            p->list[n++] = p->list[i];
        } else {
            prompt_free(&p->list[i]);
            p->n_repeated++;
        }
    }
    p->n = n;
    buf_free(&text);
    names_free(&seen);
}

/* The first byte of content tells the form. */
static enum prompts_format detect(const char *s, size_t n)
{
    size_t at = 0;
    while (at < n && strchr(" \t\r\n", s[at]) != NULL)
        at++;
    if (at < n && s[at] == '{')
        return PROMPTS_JSONL;
    /* A prompt may begin with "[" too; a list of objects begins "[{". */
    if (at < n && s[at] == '[') {
        at++;
        while (at < n && strchr(" \t\r\n", s[at]) != NULL)
            at++;
        if (at < n && s[at] == '{')
            return PROMPTS_JSONL;
    }
    return prompts_is_csv(s, n) ? PROMPTS_CSV : PROMPTS_TEXT;
}

/* All forms are UTF-8 text; a binary file is told by its first wrong byte. */
static int check_bytes(struct prompts_reader *r, const char *s, size_t n,
                       struct err *e)
{
    r->line = 1;
    for (size_t at = 0; at < n;) {
        uint32_t cp;
        size_t length = utf8_decode(s + at, n - at, &cp);
        if (cp == 0)
            return reader_fail(r, e, "has a NUL byte; not a text file");
        if (cp == UTF8_REPLACEMENT && !utf8_valid(s + at, length))
            return reader_fail(r, e, "not UTF-8; save the file as UTF-8");
        r->line += cp == '\n';
        at += length;
    }
    return 0;
}

/* FNV-1a (Fowler, Noll, Vo). */
static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 1099511628211u;
    return h;
}

int prompts_parse(struct prompts *p, const char *bytes, size_t n,
                  const char *name, enum prompts_format format, struct err *e)
{
    *p = (struct prompts){.hash = hash_bytes(bytes, n)};
    struct prompts_reader r;
    reader_init(&r, p, name);
    if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    int result = check_bytes(&r, bytes, n, e);
    if (result == 0) {
        p->format = format != PROMPTS_AUTO ? format : detect(bytes, n);
        r.line = 1;
        if (p->format == PROMPTS_JSONL)
            result = prompts_read_jsonl(&r, bytes, n, e);
        else if (p->format == PROMPTS_CSV)
            result = prompts_read_csv(&r, bytes, n, e);
        else
            result = prompts_read_text(&r, bytes, n, e);
    }
    if (result == 0 && p->n == 0)
        result = err_set(e, ERR_FORMAT, "%s: no prompts in it", name);
    reader_free(&r);
    if (result == 0)
        drop_repeated(p);
    else
        prompts_free(p);
    return result;
}

int prompts_read(struct prompts *p, const char *path,
                 enum prompts_format format, struct err *e)
{
    struct buf bytes;
    buf_init(&bytes, PROMPTS_MAX_BYTES);
    bool is_stdin = strcmp(path, "-") == 0;
    int result = is_stdin ? buf_read_fd(&bytes, STDIN_FILENO)
                          : buf_read_file(&bytes, path);
    if (result != 0 && errno == EFBIG)
        err_set(e, ERR_FORMAT, "%s: larger than %u MB", path,
                PROMPTS_MAX_BYTES >> 20);
    else if (result != 0)
        err_set(e, ERR_FAILURE, "%s: cannot read: %s", path, strerror(errno));
    else
        result = prompts_parse(p, bytes.data, bytes.len,
                               is_stdin ? "stdin" : path, format, e);
    buf_free(&bytes);
    return result;
}
