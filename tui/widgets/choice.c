#include "tui/widgets/choice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define WORDS_BYTES 128

int choice_fit_text(const char *text, const char *words)
{
    size_t n = strlen(words);
    if (n == 0)
        return 2;
    for (const char *at = text; *at != '\0'; at++)
        if (strncasecmp(at, words, n) == 0)
            return 2;
    for (; *text != '\0' && *words != '\0'; text++)
        words += strncasecmp(text, words, 1) == 0;
    return *words == '\0';
}

void choice_init(struct choice *c)
{
    *c = (struct choice){.n_shown = 1};
    edit_init(&c->words, true, WORDS_BYTES);
    c->words.choosing = true;
}

void choice_free(struct choice *c)
{
    edit_free(&c->words);
    free(c->found);
}

static int by_fit(const void *a, const void *b)
{
    const struct choice_found *x = a, *y = b;
    if (x->fit != y->fit)
        return x->fit > y->fit ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

void choice_narrow(struct choice *c, size_t n, choice_fit *fit,
                   const void *owner)
{
    c->n_found = c->at = c->top = 0;
    c->found = mem_realloc(c->found, n + 1, sizeof(*c->found));
    for (size_t i = 0; i < n; i++) {
        int how = fit(owner, i, c->words.text.data);
        if (how > 0)
            c->found[c->n_found++] = (struct choice_found){i, how};
    }
    qsort(c->found, c->n_found, sizeof(*c->found), by_fit);
}

static void move_by(struct choice *c, int64_t by)
{
    int64_t at = (int64_t)c->at + by, last = (int64_t)c->n_found - 1;
    at = at > last ? last : at;
    c->at = at < 0 ? 0 : (size_t)at;
}

bool choice_act(struct choice *c, enum action action)
{
    switch (action) {
    case ACT_LINE_DOWN: move_by(c, 1); return true;
    case ACT_LINE_UP: move_by(c, -1); return true;
    case ACT_PAGE_DOWN: move_by(c, c->n_shown); return true;
    case ACT_PAGE_UP: move_by(c, -c->n_shown); return true;
    default: return false;
    }
}

size_t choice_row(const struct choice *c)
{
    return c->n_found > 0 ? c->found[c->at].row : SIZE_MAX;
}

void choice_draw(struct choice *c, struct draw *d, const struct area *a,
                 const char *sign, const char *none, choice_draw_row *draw_row,
                 const void *owner)
{
    struct area words = {a->row, a->column + 2, 1, a->columns - 3};
    struct area list = {a->row + 2, a->column, a->rows - 2, a->columns};
    size_t rows = (size_t)(list.rows > 0 ? list.rows : 1);
    draw_text(d, a, 0, 1, STYLE_KEY, sign);
    edit_draw(&c->words, d, &words);
    c->n_shown = (int)rows;
    if (c->at < c->top)
        c->top = c->at;
    if (c->at >= c->top + rows)
        c->top = c->at - rows + 1;
    for (size_t i = 0; i < rows && c->top + i < c->n_found; i++) {
        struct area line = {list.row + (int)i, list.column, 1, list.columns};
        bool selected = c->top + i == c->at;
        if (selected)
            draw_fill(d, &line, STYLE_CURSOR);
        draw_row(owner, c->found[c->top + i].row, d, &line, selected);
    }
    if (c->n_found == 0)
        draw_text(d, &list, 0, 1, STYLE_FAINT, none);
}
