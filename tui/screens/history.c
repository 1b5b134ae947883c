/* history: all battles, newest first, with a search. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tui/print/entries.h"
#include "tui/shell.h"
#include "tui/widgets/list.h"
#include "tui/widgets/ui.h"

#define HISTORY_MANY 2000 /* rows at once; a search finds older ones */
#define HISTORY_WORDS 256
#define HISTORY_DATED 70 /* columns from which dates have room */

struct history_screen {
    struct ui *ui;
    struct store_entry *rows;
    struct list list;
    struct edit words;
    bool searching;
};

static const struct binding bindings[] = {
    {ACT_OPEN, "Enter", BINDING_ALWAYS, "open", "read this battle"},
    {ACT_SEARCH, "/", BINDING_ALWAYS, "search",
     "find words in prompts and answers"},
    {ACT_LEAVE, "Esc", BINDING_ALWAYS, "back", "all battles again; back"},
    {ACT_DOWN, "j Down", BINDING_ALWAYS, NULL, "the next"},
    {ACT_UP, "k Up", BINDING_ALWAYS, NULL, "the one before"},
    {ACT_PAGE_DOWN, "PgDn Space", BINDING_ALWAYS, NULL, "a page down"},
    {ACT_PAGE_UP, "PgUp", BINDING_ALWAYS, NULL, "a page up"},
    {ACT_TOP, "g Home", BINDING_ALWAYS, NULL, "the newest"},
    {ACT_END, "G End", BINDING_ALWAYS, NULL, "the oldest"},
    {.action = ACT_NONE},
};

static int load(struct history_screen *h, struct err *e)
{
    struct store_query q = {.limit = HISTORY_MANY};
    struct store_entry *rows;
    size_t n;
    if (h->words.text.len > 0)
        q.search = h->words.text.data;
    if (store_list_entries(h->ui->arena->store, &q, &rows, &n, e) != 0)
        return -1;
    store_free_entries(h->rows, h->list.n);
    h->rows = rows;
    list_init(&h->list, n);
    return 0;
}

/* For the next time. */
static void note(struct history_screen *h)
{
    struct left *left = &h->ui->left;
    bool any = h->list.at < h->list.n;
    left_set(&left->search, h->words.text.data);
    left->battle = any ? h->rows[h->list.at].battle_id : 0;
}

static void history_close(void *self)
{
    struct history_screen *h = self;
    note(h);
    store_free_entries(h->rows, h->list.n);
    edit_free(&h->words);
    free(h);
}

static int history_open(void **self, struct ui *ui, const void *arg,
                        struct err *e)
{
    const struct left *left = arg;
    struct history_screen *h = mem_calloc(1, sizeof(*h));
    h->ui = ui;
    edit_init(&h->words, EDIT_LINE, HISTORY_WORDS);
    if (left != NULL)
        edit_set(&h->words, left->search);
    if (load(h, e) != 0) {
        history_close(h);
        return -1;
    }
    for (size_t i = 0; left != NULL && i < h->list.n; i++)
        if (h->rows[i].battle_id == left->battle)
            list_select(&h->list, i);
    *self = h;
    return 0;
}

static unsigned history_state(const void *self)
{
    (void)self;
    return BINDING_ALWAYS;
}

static void history_head(void *self, struct heading *head)
{
    struct history_screen *h = self;
    buf_add_str(&head->left, "history");
    if (h->list.n > 0)
        buf_addf(&head->right, "%zu of %zu", h->list.at + 1, h->list.n);
}

static void draw_entry(const void *owner, size_t i, struct draw *d,
                       const struct area *line, bool selected)
{
    const struct history_screen *h = owner;
    struct area in = {line->row, line->column + 1, 1, line->columns - 2};
    entry_draw(d, &in, 0, selected ? STYLE_CURSOR : STYLE_NORMAL, &h->rows[i],
               line->columns >= HISTORY_DATED);
}

static void history_draw(void *self, struct draw *d, const struct area *a)
{
    struct history_screen *h = self;
    struct area rows = *a, line = {a->row, a->column, 1, a->columns};
    if (h->searching || h->words.text.len > 0) {
        int column = draw_text(d, &line, 0, 1, STYLE_KEY, "/");
        struct area words = {a->row, a->column + column, 1,
                             a->columns - column - 1};
        edit_draw(&h->words, d, &words);
        if (!h->searching)
            d->cursor_row = -1;
    }
    rows.row++;
    rows.rows--;
    if (h->list.n == 0)
        draw_text(d, &rows, 1, 2, STYLE_FAINT,
                  h->words.text.len > 0 ? "Nothing has these words."
                                        : "No battle yet.");
    list_draw(&h->list, d, &rows, draw_entry, h);
}

static void search(struct history_screen *h, enum action action)
{
    struct err e;
    if (action != ACT_SEND && action != ACT_LEAVE)
        return;
    h->searching = false;
    if (action == ACT_LEAVE)
        edit_set(&h->words, "");
    if (load(h, &e) != 0)
        ui_say_error(h->ui, &e);
}

static void history_act(void *self, enum action action)
{
    struct history_screen *h = self;
    if (h->searching) {
        search(h, action);
        return;
    }
    switch (action) {
    case ACT_SEARCH: h->searching = true; break;
    case ACT_OPEN:
        if (h->list.n > 0)
            ui_push(h->ui, &screen_view, &h->rows[h->list.at].battle_id);
        break;
    case ACT_LEAVE:
        if (h->words.text.len > 0)
            search(h, ACT_LEAVE);
        else
            ui_pop(h->ui);
        break;
    default: list_act(&h->list, action);
    }
}

static struct edit *history_editor(void *self)
{
    struct history_screen *h = self;
    return h->searching ? &h->words : NULL;
}

static void history_command(const void *self, struct buf *out)
{
    const struct history_screen *h = self;
    buf_add_str(out, "history");
    shell_add_option(out, "--search",
                     h->words.text.len > 0 ? h->words.text.data : NULL);
}

const struct screen screen_history = {
    .name = "history",
    .bindings = bindings,
    .open = history_open,
    .close = history_close,
    .state = history_state,
    .head = history_head,
    .draw = history_draw,
    .act = history_act,
    .command = history_command,
    .editor = history_editor,
};
