/* palette: every action of the screen below by name, with its key.  Typing
 * narrows the list; Enter does the selected one. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "tui/widgets/ui.h"

#define WORDS_BYTES 128
#define KEYS_COLUMNS 14
#define BEST 3 /* of how well words fit */

struct entry {
    const struct binding *binding;
    bool works; /* now */
};

struct palette_screen {
    struct ui *ui;
    struct edit words;
    struct entry *all, *found; /* found: a choice out of all */
    size_t n_all, n_found, at, top;
    int n_shown;
};

static const struct binding bindings[] = {
    {ACT_PAGE_DOWN, "PgDn", BINDING_ALWAYS, NULL, "a page down"},
    {ACT_PAGE_UP, "PgUp", BINDING_ALWAYS, NULL, "a page up"},
    {.action = ACT_NONE},
};

/* --- choosing ---------------------------------------------------------- */

/* How well the letters of `words` fit a text: 2: they stand in it together; 1:
 * in this order, with others between; 0: not. */
static int fit(const char *text, const char *words)
{
    size_t n = strlen(words);
    for (const char *at = text; *at != '\0'; at++)
        if (strncasecmp(at, words, n) == 0)
            return 2;
    for (; *text != '\0' && *words != '\0'; text++)
        words += strncasecmp(text, words, 1) == 0;
    return *words == '\0';
}

/* A key's name fits best of all. */
static int fit_binding(const struct binding *b, const char *words)
{
    uint32_t code = keys_parse(words, strlen(words));
    return code != 0 && binding_row(b, b->states, code) == b
               ? BEST
               : fit(b->help, words);
}

/* The best fits first, and of these what works now. */
static void choose(struct palette_screen *p)
{
    p->n_found = p->at = p->top = 0;
    for (int best = BEST; best > 0; best--)
        for (int works = 1; works >= 0; works--)
            for (size_t i = 0; i < p->n_all; i++)
                if (p->all[i].works == works &&
                    fit_binding(p->all[i].binding, p->words.text.data) == best)
                    p->found[p->n_found++] = p->all[i];
}

/* Adds the rows of a table; an action that is there already once, if that works
 * or this does not. */
static void add_table(struct palette_screen *p, const struct binding *b,
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

static int palette_open(void **self, struct ui *ui, const void *arg,
                        struct err *e)
{
    (void)arg;
    (void)e;
    struct palette_screen *p = mem_calloc(1, sizeof(*p));
    /* We are not on the stack yet: its top screen is the one below us. */
    const struct ui_layer *below = &ui->stack[ui->n_stack - 1];
    const struct binding *theirs =
        keymap_table(&ui->keymap, below->screen->bindings);
    size_t most = count_rows(theirs) + count_rows(ui_bindings);
    p->ui = ui;
    p->n_shown = 1;
    p->all = mem_calloc(most, sizeof(*p->all));
    p->found = mem_calloc(most, sizeof(*p->found));
    add_table(p, theirs, below->screen->state(below->self));
    add_table(p, keymap_table(&ui->keymap, ui_bindings), BINDING_ALWAYS);
    edit_init(&p->words, true, WORDS_BYTES);
    p->words.choosing = true;
    choose(p);
    *self = p;
    return 0;
}

static void palette_close(void *self)
{
    struct palette_screen *p = self;
    edit_free(&p->words);
    free(p->all);
    free(p->found);
    free(p);
}

/* --- what the loop asks ------------------------------------------------ */

static unsigned palette_state(const void *self)
{
    (void)self;
    return BINDING_ALWAYS;
}

static void palette_head(void *self, struct heading *h)
{
    const struct palette_screen *p = self;
    buf_add_str(&h->left, "all actions");
    buf_addf(&h->right, "%zu of %zu", p->n_found, p->n_all);
}

static void draw_entry(struct draw *d, const struct area *a, int row,
                       const struct entry *entry, bool selected)
{
    enum style style = selected       ? STYLE_CURSOR
                       : entry->works ? STYLE_NORMAL
                                      : STYLE_FAINT;
    if (selected) {
        struct area line = {a->row + row, a->column, 1, a->columns};
        draw_fill(d, &line, style);
    }
    draw_fit(d, a, row, 1, KEYS_COLUMNS - 1,
             selected || !entry->works ? style : STYLE_KEY,
             entry->binding->keys);
    draw_fit(d, a, row, 1 + KEYS_COLUMNS, a->columns - KEYS_COLUMNS - 2, style,
             entry->binding->help);
}

static void palette_draw(void *self, struct draw *d, const struct area *a)
{
    struct palette_screen *p = self;
    struct area words = {a->row, a->column + 2, 1, a->columns - 3};
    struct area list = {a->row + 2, a->column, a->rows - 2, a->columns};
    size_t rows = (size_t)(list.rows > 0 ? list.rows : 1);
    draw_text(d, a, 0, 1, STYLE_KEY, ":");
    edit_draw(&p->words, d, &words);
    p->n_shown = (int)rows;
    if (p->at < p->top)
        p->top = p->at;
    if (p->at >= p->top + rows)
        p->top = p->at - rows + 1;
    for (size_t i = 0; i < rows && p->top + i < p->n_found; i++)
        draw_entry(d, &list, (int)i, &p->found[p->top + i],
                   p->top + i == p->at);
    if (p->n_found == 0)
        draw_text(d, &list, 0, 1, STYLE_FAINT, "No action has these letters.");
}

static void move_by(struct palette_screen *p, int64_t by)
{
    int64_t at = (int64_t)p->at + by, last = (int64_t)p->n_found - 1;
    at = at > last ? last : at;
    p->at = at < 0 ? 0 : (size_t)at;
}

static void run(struct palette_screen *p)
{
    struct ui *ui = p->ui;
    if (p->n_found == 0)
        return;
    struct entry chosen = p->found[p->at];
    ui_pop(ui); /* frees p */
    ui_run_binding(ui, chosen.binding);
}

static void palette_act(void *self, enum action action)
{
    struct palette_screen *p = self;
    switch (action) {
    case ACT_LINE_DOWN: move_by(p, 1); break;
    case ACT_LINE_UP: move_by(p, -1); break;
    case ACT_PAGE_DOWN: move_by(p, p->n_shown); break;
    case ACT_PAGE_UP: move_by(p, -p->n_shown); break;
    case ACT_SEND: run(p); break;
    case ACT_LEAVE: ui_pop(p->ui); break;
    default: break;
    }
}

static void palette_edited(void *self)
{
    choose(self);
}

static struct edit *palette_editor(void *self)
{
    struct palette_screen *p = self;
    return &p->words;
}

const struct screen screen_palette = {
    .name = "palette",
    .bindings = bindings,
    .open = palette_open,
    .close = palette_close,
    .state = palette_state,
    .head = palette_head,
    .draw = palette_draw,
    .act = palette_act,
    .editor = palette_editor,
    .edited = palette_edited,
};
