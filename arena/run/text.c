#include "arena/run/text.h"

#include <string.h>

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
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
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
        result = reader_add(r, &p, e);
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
