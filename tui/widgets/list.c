#include "tui/widgets/list.h"

#include <stdint.h>

void list_init(struct list *l, size_t n)
{
    *l = (struct list){.n = n, .n_shown = 1};
}

void list_select(struct list *l, size_t row)
{
    size_t last = l->n > 0 ? l->n - 1 : 0;
    l->at = row < last ? row : last;
}

static void move_by(struct list *l, int64_t by)
{
    int64_t at = (int64_t)l->at + by;
    list_select(l, at < 0 ? 0 : (size_t)at);
}

bool list_act(struct list *l, enum action action)
{
    switch (action) {
    case ACT_DOWN:
    case ACT_LINE_DOWN: move_by(l, 1); return true;
    case ACT_UP:
    case ACT_LINE_UP: move_by(l, -1); return true;
    case ACT_PAGE_DOWN: move_by(l, l->n_shown); return true;
    case ACT_PAGE_UP: move_by(l, -l->n_shown); return true;
    case ACT_TOP: list_select(l, 0); return true;
    case ACT_END: list_select(l, l->n); return true;
    default: return false;
    }
}

void list_fit(struct list *l, int rows)
{
    size_t shown = (size_t)(rows > 0 ? rows : 1);
    l->n_shown = (int)shown;
    if (l->at < l->top)
        l->top = l->at;
    if (l->at >= l->top + shown)
        l->top = l->at - shown + 1;
}

void list_draw(struct list *l, struct draw *d, const struct area *a,
               list_draw_row *draw_row, const void *owner)
{
    list_fit(l, a->rows);
    for (int i = 0; i < l->n_shown && l->top + (size_t)i < l->n; i++) {
        struct area line = {a->row + i, a->column, 1, a->columns};
        size_t row = l->top + (size_t)i;
        bool selected = row == l->at;
        if (selected)
            draw_fill(d, &line, STYLE_CURSOR);
        draw_row(owner, row, d, &line, selected);
    }
}
