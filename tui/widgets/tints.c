#include "tui/widgets/tints.h"

#include <stdlib.h>

#include "backends/chances.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "tui/clean.h"

/* From the least probable on. */
static const struct {
    double below;
    enum style style;
} levels[] = {
    {0.2, STYLE_WILD},
    {0.5, STYLE_GUESS},
    {0.9, STYLE_UNSURE},
    {2, STYLE_NORMAL},
};

void tints_free(struct tints *t)
{
    free(t->list);
    *t = (struct tints){.list = NULL};
}

void tints_clear(struct tints *t)
{
    t->n = 0;
}

static void push(struct tints *t, size_t start, enum style style)
{
    if (t->n > 0 && t->list[t->n - 1].style == style)
        return;
    t->list = mem_grow(t->list, t->n, sizeof(*t->list));
    t->list[t->n++] = (struct tint){start, style};
}

static enum style style_of(double p)
{
    size_t i = 0;
    while (p >= levels[i].below)
        i++;
    return levels[i].style;
}

void tints_add(struct tints *t, size_t start, const char *bytes, size_t n,
               size_t skip, const char *line)
{
    struct clean clean;
    struct buf shown; /* the text so far, cleaned as the pane's is */
    size_t at = 0, n_token;
    double p;
    clean_init(&clean);
    clean.drop_colors = true;
    buf_init(&shown, SIZE_MAX / 2);
    while (at < n && chances_next(&line, &n_token, &p)) {
        size_t end = n_token < n - at ? at + n_token : n;
        size_t from = at > skip ? at : skip;
        if (from < end) {
            push(t, start + shown.len, style_of(p));
            clean_add(&clean, bytes + from, end - from, &shown);
        }
        at = end;
    }
    clean_end(&clean, &shown);
    push(t, start + shown.len, STYLE_NORMAL);
    buf_free(&shown);
}

enum style tints_at(const struct tints *t, size_t source)
{
    if (t->n == 0 || source < t->list[0].start)
        return STYLE_NORMAL;
    return t->list[sorted_find_last(&t->list->start, t->n, sizeof(*t->list),
                                    source)].style;
}
