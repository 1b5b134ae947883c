#include "tui/screens/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/clean.h"
#include "tui/screens/chooser.h"

#define ROW_BYTES 1024 /* of a text, as far as a row shows it */

struct pick {
    const char *title;
    struct pick_list list;
    pick_take *take;
    void *owner;
};

void pick_list_add(struct pick_list *l, const char *text, const char *note)
{
    l->items = mem_grow(l->items, l->n, sizeof(*l->items));
    l->items[l->n++] = (struct pick_item){
        .text = mem_strdup(text),
        .note = note != NULL ? mem_strdup(note) : NULL,
    };
}

void pick_list_free(struct pick_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->items[i].text);
        free(l->items[i].note);
    }
    free(l->items);
    *l = (struct pick_list){NULL, 0};
}

void pick_draw_item(const struct pick_item *item, struct draw *d,
                    const struct area *line, bool selected)
{
    enum style style = selected ? STYLE_CURSOR : STYLE_NORMAL;
    int right = line->columns - 1;
    struct buf text, note;
    buf_init(&text, 4 * ROW_BYTES);
    buf_init(&note, 4 * ROW_BYTES);
    clean_text(item->text, strnlen(item->text, ROW_BYTES), true, &text);
    if (item->note != NULL)
        clean_text(item->note, strnlen(item->note, ROW_BYTES), true, &note);
    if (text.len == 0) {
        draw_fit(d, line, 0, 1, right - 1, style, note.data);
    } else {
        int columns = wrap_columns(note.data, note.len);
        if (columns > 0 && columns <= right / 3) {
            draw_right(d, line, 0, right, selected ? style : STYLE_FAINT,
                       note.data);
            right -= columns + 2;
        }
        draw_fit(d, line, 0, 1, right - 1, style, text.data);
    }
    buf_free(&text);
    buf_free(&note);
}

static size_t count(const void *owner)
{
    const struct pick *p = owner;
    return p->list.n;
}

static int fit(const void *owner, size_t i, const char *words)
{
    const struct pick *p = owner;
    return choice_fit_text(p->list.items[i].text, words);
}

static void draw_row(const void *owner, size_t i, struct draw *d,
                     const struct area *line, bool selected)
{
    const struct pick *p = owner;
    pick_draw_item(&p->list.items[i], d, line, selected);
}

static void head(const void *owner, size_t n_found, struct heading *h)
{
    const struct pick *p = owner;
    buf_add_str(&h->left, p->title);
    buf_addf(&h->right, "%zu of %zu", n_found, p->list.n);
}

static void closed(void *owner, struct ui *ui, size_t row, const char *words)
{
    struct pick *p = owner;
    (void)ui;
    if (row != CHOOSER_NONE)
        p->take(p->owner, row, p->list.items[row].text);
    else if (words[0] != '\0')
        p->take(p->owner, row, words);
}

static void free_pick(void *owner)
{
    struct pick *p = owner;
    pick_list_free(&p->list);
    free(p);
}

static const struct chooser_kind kind = {
    .use = EDIT_CHOICE,
    .none = "Nothing has these letters.",
    .count = count,
    .fit = fit,
    .draw_row = draw_row,
    .head = head,
    .closed = closed,
    .free = free_pick,
};

/* The same list, and words that fit no row. */
static const struct chooser_kind or_new = {
    .use = EDIT_CHOICE,
    .none = "Enter takes this as a new one.",
    .count = count,
    .fit = fit,
    .draw_row = draw_row,
    .head = head,
    .closed = closed,
    .takes_words = true,
    .free = free_pick,
};

static void open_list(struct ui *ui, const struct chooser_kind *k,
                      const char *title, struct pick_list *list,
                      pick_take *take, void *owner)
{
    struct pick *p = mem_calloc(1, sizeof(*p));
    *p = (struct pick){title, *list, take, owner};
    *list = (struct pick_list){NULL, 0};
    chooser_open(ui, k, p);
}

void pick_open(struct ui *ui, const char *title, struct pick_list *list,
               pick_take *take, void *owner)
{
    open_list(ui, &kind, title, list, take, owner);
}

void pick_open_or_new(struct ui *ui, const char *title, struct pick_list *list,
                      pick_take *take, void *owner)
{
    open_list(ui, &or_new, title, list, take, owner);
}
