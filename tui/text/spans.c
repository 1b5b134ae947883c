#include "tui/text/spans.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sorted.h"
#include "tui/wrap.h"

void spans_init(struct spans *s, size_t max_bytes)
{
    *s = (struct spans){.n = 0};
    buf_init(&s->text, max_bytes);
}

void spans_free(struct spans *s)
{
    buf_free(&s->text);
    free(s->list);
    s->list = NULL;
    s->n = s->cap = 0;
}

void spans_clear(struct spans *s)
{
    spans_cut(s, 0, 0);
}

void spans_cut(struct spans *s, size_t len, size_t n)
{
    buf_cut(&s->text, len);
    s->n = n;
}

static void push(struct spans *s, enum style style, size_t source)
{
    const struct span *last = s->n > 0 ? &s->list[s->n - 1] : NULL;
    if (last != NULL && last->style == style &&
        last->source + (s->text.len - last->start) == source)
        return;
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 32;
        s->list = mem_realloc(s->list, s->cap, sizeof(*s->list));
    }
    s->list[s->n++] = (struct span){s->text.len, source, style};
}

void spans_add(struct spans *s, enum style style, const char *bytes, size_t n,
               size_t source)
{
    while (n > 0) {
        const char *tab = memchr(bytes, '\t', n);
        size_t len = tab ? (size_t)(tab - bytes) : n;
        if (len > 0) {
            push(s, style, source);
            buf_add(&s->text, bytes, len);
        }
        if (tab == NULL)
            return;
        int column = wrap_columns(s->text.data, s->text.len);
        for (int i = WRAP_TAB - column % WRAP_TAB; i > 0; i--) {
            push(s, style, source + len); /* all come from the tab */
            buf_add_char(&s->text, ' ');
        }
        bytes += len + 1;
        source += len + 1;
        n -= len + 1;
    }
}

/* The span that holds a byte of the text; the list is not empty. */
static size_t find(const struct spans *s, size_t at)
{
    return sorted_find_last(&s->list->start, s->n, sizeof(*s->list), at);
}

void spans_copy(struct spans *s, const struct spans *from, size_t start,
                size_t n)
{
    size_t end = start + n;
    for (size_t i = n > 0 ? find(from, start) : from->n; i < from->n; i++) {
        const struct span *span = &from->list[i];
        size_t at = span->start > start ? span->start : start;
        size_t to = i + 1 < from->n ? from->list[i + 1].start : from->text.len;
        if (at >= end)
            break;
        to = to < end ? to : end;
        push(s, span->style, span->source + (at - span->start));
        buf_add(&s->text, from->text.data + at, to - at);
    }
}

size_t spans_source(const struct spans *s, size_t at)
{
    if (s->n == 0)
        return 0;
    const struct span *span = &s->list[find(s, at)];
    return span->source + (at - span->start);
}
