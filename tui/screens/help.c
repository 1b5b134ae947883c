/* help: the keys of the screen below in its current state, read from the tables
 * that dispatch them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/widgets/pane.h"
#include "tui/widgets/ui.h"
#include "tui/wrap.h"

#define HELP_KEYS_COLUMN 18

struct help_screen {
    struct ui *ui;
    struct pane pane;
};

static const struct binding bindings[] = {
    {ACT_LEAVE, "Esc q Enter", BINDING_ALWAYS, "back", "back"},
    {ACT_DOWN, "j Down", BINDING_ALWAYS, NULL, "scroll down"},
    {ACT_UP, "k Up", BINDING_ALWAYS, NULL, "scroll up"},
    {ACT_PAGE_DOWN, "PgDn Space", BINDING_ALWAYS, NULL, "a page down"},
    {ACT_PAGE_UP, "PgUp", BINDING_ALWAYS, NULL, "a page up"},
    {ACT_TOP, "g Home", BINDING_ALWAYS, NULL, "to the top"},
    {ACT_END, "G End", BINDING_ALWAYS, NULL, "to the end"},
    {.action = ACT_NONE},
};

/* Whether a table (may be NULL) has the key of a row of another table. */
static bool is_bound(const struct binding *table, unsigned state,
                     const struct binding *b)
{
    size_t n = strcspn(b->keys, " ");
    return table != NULL &&
           binding_find(table, state, keys_parse(b->keys, n)) != ACT_NONE;
}

/* Keys of the config may be letters of any script: bytes are no columns. */
static void add_keys(const char *keys, struct buf *out)
{
    buf_add_str(out, keys);
    for (int n = wrap_columns(keys, strlen(keys)); n < HELP_KEYS_COLUMN; n++)
        buf_add_char(out, ' ');
    buf_add_char(out, ' ');
}

/* Adds the rows of a table, but those that `first` has (NULL: none). */
static void add_table(struct pane *p, const struct binding *b, unsigned state,
                      const struct binding *first)
{
    struct buf line;
    buf_init(&line, 512);
    for (; b->action != ACT_NONE; b++) {
        if ((b->states & state) == 0 || is_bound(first, state, b))
            continue;
        buf_clear(&line);
        add_keys(b->keys, &line);
        buf_addf(&line, "%s\n", b->help);
        pane_add_hanging(p, STYLE_NORMAL, HELP_KEYS_COLUMN + 1, line.data,
                         line.len);
    }
    buf_free(&line);
}

static int help_open(void **self, struct ui *ui, const void *arg,
                     struct err *e)
{
    (void)arg;
    (void)e;
    struct help_screen *h = mem_calloc(1, sizeof(*h));
    /* We are not on the stack yet: the help is about its top screen. */
    const struct ui_layer *about = &ui->stack[ui->n_stack - 1];
    const struct screen *s = about->screen;
    const struct edit *editor = s->editor ? s->editor(about->self) : NULL;
    h->ui = ui;
    pane_init(&h->pane);
    if (editor != NULL)
        add_table(&h->pane, keymap_table(&ui->keymap, edit_bindings),
                  editor->use, NULL);
    unsigned state = s->state(about->self);
    const struct binding *own = keymap_table(&ui->keymap, s->bindings);
    add_table(&h->pane, own, state, NULL);
    if (editor == NULL)
        add_table(&h->pane, keymap_table(&ui->keymap, ui_bindings), state, own);
    pane_end(&h->pane);
    *self = h;
    return 0;
}

static void help_close(void *self)
{
    struct help_screen *h = self;
    pane_free(&h->pane);
    free(h);
}

static unsigned help_state(const void *self)
{
    (void)self;
    return BINDING_ALWAYS;
}

static void help_head(void *self, struct heading *head)
{
    (void)self;
    buf_add_str(&head->left, "help");
    buf_add_str(&head->right, "what the keys do now");
}

static void help_draw(void *self, struct draw *d, const struct area *a)
{
    struct help_screen *h = self;
    struct area in = {a->row + 1, a->column + 2, a->rows - 1, a->columns - 4};
    bool fits = h->pane.text.n_lines <= (size_t)in.rows;
    in.rows -= !fits; /* the last row says how much is below */
    pane_draw(&h->pane, d, &in);
    struct buf place;
    buf_init(&place, 64);
    pane_place(&h->pane, &place);
    draw_right(d, a, a->rows - 1, a->columns - 1, STYLE_KEY, place.data);
    buf_free(&place);
}

static void help_act(void *self, enum action action)
{
    struct help_screen *h = self;
    if (!pane_act(&h->pane, action))
        ui_pop(h->ui);
}

const struct screen screen_help = {
    .name = "help",
    .bindings = bindings,
    .open = help_open,
    .close = help_close,
    .state = help_state,
    .head = help_head,
    .draw = help_draw,
    .act = help_act,
};
