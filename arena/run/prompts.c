#include "arena/run/prompts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/run/prompts_private.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

int prompts_fail(const struct prompts_reader *r, struct err *e,
                 const char *fmt, ...)
{
    char text[ERR_TEXT_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set(e, ERR_FORMAT,
                   r->in_list ? "%s: object %zu: %s" : "%s:%zu: %s", r->name,
                   r->line, text);
}

void prompt_add_turn(struct prompt *p, const char *text, size_t n)
{
    p->turns = mem_realloc(p->turns, p->n_turns + 1, sizeof(*p->turns));
    p->turns[p->n_turns++] = mem_strndup(text, n);
}

void prompt_free(struct prompt *p)
{
    for (size_t i = 0; i < p->n_turns; i++)
        free(p->turns[i]);
    free(p->turns);
    free(p->id);
    free(p->category);
    free(p->system);
    *p = (struct prompt){0};
}

/* The place of an id that came before, or of a new one at the end. */
static int place_of(struct prompts_reader *r, const char *id, size_t *at,
                    struct err *e)
{
    size_t n_known = r->ids.n;
    uint32_t number = names_add(&r->ids, id, strlen(id));
    *at = r->out->n;
    if (number == NAMES_NONE)
        return prompts_fail(r, e, "too many prompts");
    if (number < n_known) {
        *at = r->id_at[number];
        return 0;
    }
    if (number >= r->cap_ids) {
        r->cap_ids = 2 * r->cap_ids + 64;
        r->id_at = mem_realloc(r->id_at, r->cap_ids, sizeof(*r->id_at));
    }
    r->id_at[number] = *at;
    return 0;
}

int prompts_add(struct prompts_reader *r, struct prompt *p, struct err *e)
{
    struct prompts *out = r->out;
    size_t at = out->n;
    bool blank = p->n_turns == 0;
    for (size_t i = 0; i < p->n_turns; i++)
        blank = blank || p->turns[i][strspn(p->turns[i], " \t\r\n")] == '\0';
    if (blank || out->n == PROMPTS_MAX) {
        prompt_free(p);
        return prompts_fail(r, e, out->n == PROMPTS_MAX
                            ? "more than %d prompts" : "the prompt is empty",
                            PROMPTS_MAX);
    }
    if (p->id != NULL && place_of(r, p->id, &at, e) != 0) {
        prompt_free(p);
        return -1;
    }
    if (p->category == NULL)
        p->category = mem_strdup("");
    if (at < out->n) {
        prompt_free(&out->list[at]);
        out->list[at] = *p;
        return 0;
    }
    if (out->n == r->cap) {
        r->cap = 2 * r->cap + 64;
        out->list = mem_realloc(out->list, r->cap, sizeof(*out->list));
    }
    out->list[out->n++] = *p;
    return 0;
}

void prompt_add_text(const struct prompt *p, struct buf *out)
{
    if (p->system != NULL)
        buf_addf(out, "System: %s\n\n", p->system);
    for (size_t i = 0; i < p->n_turns; i++) {
        buf_add_str(out, i > 0 ? "\n\n" : "");
        buf_add_str(out, p->turns[i]);
    }
}

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

/* --- text ---------------------------------------------------------------- */

/* The length of the line at s, without its end; *next is the next line. */
static size_t line_at(const char *s, const char *end, const char **next)
{
    const char *newline = memchr(s, '\n', (size_t)(end - s));
    size_t n = (size_t)((newline ? newline : end) - s);
    *next = newline ? newline + 1 : end;
    return n > 0 && s[n - 1] == '\r' ? n - 1 : n;
}

static bool is_ruler(const char *s, size_t n)
{
    return n == 3 && memcmp(s, "---", 3) == 0;
}

static bool is_blank(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] != ' ' && s[i] != '\t')
            return false;
    return true;
}

/* Adds the block of lines collected so far, without blank lines around it. */
static int end_block(struct prompts_reader *r, struct buf *block,
                     struct err *e)
{
    const char *s = block->data;
    size_t n = block->len;
    while (n > 0 && strchr(" \t\n", s[n - 1]) != NULL)
        n--;
    while (n > 0 && *s == '\n') {
        s++;
        n--;
    }
    struct prompt p = {0};
    int result = 0;
    if (n > 0) {
        prompt_add_turn(&p, s, n);
        result = prompts_add(r, &p, e);
    }
    buf_clear(block);
    return result;
}

int prompts_read_text(struct prompts_reader *r, const char *s, size_t n,
                      struct err *e)
{
    const char *end = s + n, *next;
    bool blocks = false;
    for (const char *p = s; p < end && !blocks; p = next)
        blocks = is_ruler(p, line_at(p, end, &next));
    struct buf block;
    buf_init(&block, PROMPTS_MAX_BYTES);
    int result = 0;
    for (r->line = 1; s < end && result == 0; s = next, r->line++) {
        size_t length = line_at(s, end, &next);
        if (blocks && !is_ruler(s, length)) {
            buf_add(&block, s, is_blank(s, length) ? 0 : length);
            buf_add_char(&block, '\n');
            continue;
        }
        if (!blocks)
            buf_add(&block, s, length);
        result = end_block(r, &block, e);
    }
    if (result == 0)
        result = end_block(r, &block, e);
    buf_free(&block);
    return result;
}

/* --- any form ------------------------------------------------------------ */

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
            return prompts_fail(r, e, "has a NUL byte; not a text file");
        if (cp == UTF8_REPLACEMENT && !utf8_valid(s + at, length))
            return prompts_fail(r, e, "not UTF-8; save the file as UTF-8");
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
    struct prompts_reader r = {.out = p, .name = name, .line = 1};
    if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    names_init(&r.ids, PROMPTS_MAX);
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
    names_free(&r.ids);
    free(r.id_at);
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

void prompts_free(struct prompts *p)
{
    for (size_t i = 0; i < p->n; i++)
        prompt_free(&p->list[i]);
    free(p->list);
    *p = (struct prompts){0};
}
