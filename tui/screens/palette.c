/* palette: every action of the screen below by name, with its key.  Typing
 * narrows the list; Enter does the selected one. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/widgets/choice.h"
#include "tui/widgets/ui.h"

#define KEYS_COLUMNS 14
#define KEY_FITS 3 /* better than any words do (choice_fit_text) */

struct entry {
    const struct binding *binding;
    bool works; /* now */
};

struct palette_screen {
    struct ui *ui;
    struct choice choice;
    struct entry *all;
    size_t n_all;
};

static const struct binding bindings[] = {
    CHOICE_BINDINGS,
    {.action = ACT_NONE},
};

/* --- choosing ---------------------------------------------------------- */

/* A key's name fits best of all; of what fits alike, what works now. */
static int fit(const void *owner, size_t i, const char *words)
{
    const struct palette_screen *p = owner;
    const struct binding *b = p->all[i].binding;
    uint32_t code = keys_parse(words, strlen(words));
    int how = code != 0 && binding_row(b, b->states, code) == b
                  ? KEY_FITS
                  : choice_fit_text(b->help, words);
    return how > 0 ? 2 * how + p->all[i].works : 0;
}

static void palette_edited(void *self)
{
    struct palette_screen *p = self;
    choice_narrow(&p->choice, p->n_all, fit, p);
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
    p->all = mem_calloc(most, sizeof(*p->all));
    add_table(p, theirs, below->screen->state(below->self));
    add_table(p, keymap_table(&ui->keymap, ui_bindings), BINDING_ALWAYS);
    choice_init(&p->choice);
    palette_edited(p);
    *self = p;
    return 0;
}

static void palette_close(void *self)
{
    struct palette_screen *p = self;
    choice_free(&p->choice);
    free(p->all);
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
    buf_addf(&h->right, "%zu of %zu", p->choice.n_found, p->n_all);
}

static void draw_entry(const void *owner, size_t i, struct draw *d,
                       const struct area *line, bool selected)
{
    const struct palette_screen *p = owner;
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

static void palette_draw(void *self, struct draw *d, const struct area *a)
{
    struct palette_screen *p = self;
    choice_draw(&p->choice, d, a, ":", "No action has these letters.",
                draw_entry, p);
}

static void run(struct palette_screen *p)
{
    struct ui *ui = p->ui;
    size_t row = choice_row(&p->choice);
    if (row >= p->n_all)
        return;
    const struct binding *chosen = p->all[row].binding;
    ui_pop(ui); /* frees p */
    ui_run_binding(ui, chosen);
}

static void palette_act(void *self, enum action action)
{
    struct palette_screen *p = self;
    if (action == ACT_SEND)
        run(p);
    else if (action == ACT_LEAVE)
        ui_pop(p->ui);
    else
        choice_act(&p->choice, action);
}

static struct edit *palette_editor(void *self)
{
    struct palette_screen *p = self;
    return &p->choice.words;
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
