/* palette: every action of the screen below by name, with its key.  Typing
 * narrows the list; Enter does the selected one. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/screens/chooser.h"

#define KEYS_COLUMNS 14
#define KEY_FITS 4 /* better than any words do (choice_fit_text) */

struct entry {
    const struct binding *binding;
    bool works; /* now */
};

struct palette {
    struct entry *all;
    size_t n_all;
};

static size_t count(const void *owner)
{
    const struct palette *p = owner;
    return p->n_all;
}

/* A key's name fits best of all; of what fits alike, what works now. */
static int fit(const void *owner, size_t i, const char *words)
{
    const struct palette *p = owner;
    const struct binding *b = p->all[i].binding;
    uint32_t code = keys_parse(words, strlen(words));
    int how = code != 0 && binding_row(b, b->states, code) == b
                  ? KEY_FITS
                  : choice_fit_text(b->help, words);
    return how > 0 ? 2 * how + p->all[i].works : 0;
}

/* Adds the rows of a table; an action that is there already once, if that works
 * or this does not. */
static void add_table(struct palette *p, const struct binding *b,
                      unsigned state)
{
    for (; b->action != ACT_NONE; b++) {
        struct entry new = {b, (b->states & state) != 0};
        size_t same = 0;
        while (same < p->n_all && p->all[same].binding->action != b->action)
            same++;
        if (same == p->n_all)
            p->all[p->n_all++] = new;
        else if (!p->all[same].works && new.works)
            p->all[same] = new;
    }
}

static size_t count_rows(const struct binding *b)
{
    size_t n = 0;
    while (b[n].action != ACT_NONE)
        n++;
    return n;
}

static void head(const void *owner, size_t n_found, struct heading *h)
{
    const struct palette *p = owner;
    buf_add_str(&h->left, "all actions");
    buf_addf(&h->right, "%zu of %zu", n_found, p->n_all);
}

static void draw_entry(const void *owner, size_t i, struct draw *d,
                       const struct area *line, bool selected)
{
    const struct palette *p = owner;
    const struct entry *entry = &p->all[i];
    enum style style = selected       ? STYLE_CURSOR
                       : entry->works ? STYLE_NORMAL
                                      : STYLE_FAINT;
    draw_fit(d, line, 0, 1, KEYS_COLUMNS - 1,
             selected || !entry->works ? style : STYLE_KEY,
             entry->binding->keys);
    draw_fit(d, line, 0, 1 + KEYS_COLUMNS, line->columns - KEYS_COLUMNS - 2,
             style, entry->binding->help);
}

static void closed(void *owner, struct ui *ui, size_t row, const char *words)
{
    (void)words;
    struct palette *p = owner;
    if (row != CHOOSER_NONE)
        ui_run_binding(ui, p->all[row].binding);
}

static void free_palette(void *owner)
{
    struct palette *p = owner;
    free(p->all);
    free(p);
}

static const struct chooser_kind kind = {
    .use = EDIT_CHOICE,
    .sign = ":",
    .none = "No action has these letters.",
    .count = count,
    .fit = fit,
    .draw_row = draw_entry,
    .head = head,
    .closed = closed,
    .free = free_palette,
};


void palette_open(struct ui *ui)
{
    const struct ui_layer *top = &ui->stack[ui->n_stack - 1];
    const struct binding *own =
        keymap_table(&ui->keymap, top->screen->bindings);
    size_t most = count_rows(own) + count_rows(ui_bindings);
    struct palette *p = mem_calloc(1, sizeof(*p));
    p->all = mem_calloc(most, sizeof(*p->all));
    add_table(p, own, top->screen->state(top->self));
    add_table(p, keymap_table(&ui->keymap, ui_bindings), BINDING_ALWAYS);
    chooser_open(ui, &kind, p);
}
