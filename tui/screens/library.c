#include "tui/screens/library.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/prompts.h"
#include "arena/run/sets.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/path.h"
#include "base/plural.h"
#include "tui/screens/chooser.h"
#include "tui/screens/pick.h"

#define LIBRARY_MANY 50000 /* prompts; more are slow to look through */
#define LIBRARY_PAST 2000  /* battles to look at for past ones */

struct more { /* of a prompt */
    char *category;
    char *left_out; /* a sentence on what of it is not taken, or NULL */
};

struct library {
    struct ui *ui;
    struct pick_list list; /* the prompts, with category and source as notes */
    struct more *more;     /* [list.n] */
    struct names seen;
    bool cut; /* there are more than LIBRARY_MANY */
    library_take *take;
    void *owner;
};

/* --- gathering ----------------------------------------------------------- */

/* Adds a prompt from `source` ("mini") unless it is there. */
static void add(struct library *l, const char *prompt, const char *category,
                const char *source, const char *left_out)
{
    size_t n = l->list.n;
    if (n == LIBRARY_MANY) {
        l->cut = true;
        return;
    }
    if (names_add(&l->seen, prompt, strlen(prompt)) != n)
        return;
    struct buf note;
    buf_init(&note, 4096);
    buf_addf(&note, "%s%s%s", category, category[0] != '\0' ? "  " : "",
             source);
    l->more = mem_grow(l->more, n, sizeof(*l->more));
    l->more[n] = (struct more){mem_strdup(category), mem_strdup(left_out)};
    pick_list_add(&l->list, prompt, note.data);
    buf_free(&note);
}

/* Says what of a prompt does not fit into the editor. */
static void say_left_out(const struct prompt *p, struct buf *out)
{
    if (p->n_given > 0)
        buf_addf(out, "Without the %zu turn%s before it. ", p->n_given,
                 plural_s(p->n_given));
    if (p->system != NULL)
        buf_add_str(out, "Without its system prompt. ");
    if (p->n_turns > 1)
        buf_addf(out, "The first of its %zu turns. ", p->n_turns);
}

static void add_file(struct library *l, const struct prompts *p,
                     const char *source)
{
    struct buf left_out;
    buf_init(&left_out, 200);
    for (size_t i = 0; i < p->n; i++) {
        buf_clear(&left_out);
        say_left_out(&p->list[i], &left_out);
        add(l, p->list[i].turns[0], p->list[i].category, source,
            left_out.len > 0 ? left_out.data : NULL);
    }
    buf_free(&left_out);
}

static void add_past(struct library *l)
{
    struct store_query q = {.limit = LIBRARY_PAST};
    struct store_entry *rows;
    struct err e;
    size_t n;
    if (store_list_entries(l->ui->arena->store, &q, &rows, &n, &e) != 0) {
        ui_say_error(l->ui, &e);
        return;
    }
    for (size_t i = 0; i < n; i++)
        add(l, rows[i].prompt, rows[i].category, "past", NULL);
    store_free_entries(rows, n);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void add_own(struct library *l)
{
    struct dirent **entries;
    char *folder = path_of(PATH_DATA, "prompts");
    int n = scandir(folder, &entries, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        struct prompts p;
        struct err e;
        char *path = path_join(folder, entries[i]->d_name);
        if (prompts_read(&p, path, PROMPTS_AUTO, &e) == 0) {
            add_file(l, &p, entries[i]->d_name);
            prompts_free(&p);
        } else {
            ui_say_error(l->ui, &e);
        }
        free(path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    free(folder);
}

static void add_set(void *arg, const char *name)
{
    struct library *l = arg;
    struct prompts p;
    struct err e;
    if (prompt_set_read(name, &p, &e) != 0) {
        ui_say_error(l->ui, &e);
        return;
    }
    add_file(l, &p, name);
    prompts_free(&p);
}

/* --- the list ------------------------------------------------------------ */

static size_t count(const void *owner)
{
    const struct library *l = owner;
    return l->list.n;
}

static int fit(const void *owner, size_t i, const char *words)
{
    const struct library *l = owner;
    const struct pick_item *item = &l->list.items[i];
    int by_note = choice_fit_text(item->note, words);
    int by_text = choice_fit_text(item->text, words);
    return by_note > by_text ? by_note : by_text;
}

static void draw_row(const void *owner, size_t i, struct draw *d,
                     const struct area *line, bool selected)
{
    const struct library *l = owner;
    pick_draw_item(&l->list.items[i], d, line, selected);
}

static void head(const void *owner, size_t n_found, struct heading *h)
{
    const struct library *l = owner;
    buf_add_str(&h->left, "prompts");
    buf_addf(&h->right, "%zu of %s%zu", n_found, l->cut ? "the first " : "",
             l->list.n);
}

static void closed(void *owner, struct ui *ui, size_t row, const char *words)
{
    (void)words;
    struct library *l = owner;
    if (row == CHOOSER_NONE)
        return;
    l->take(l->owner, l->list.items[row].text, l->more[row].category);
    if (l->more[row].left_out != NULL)
        ui_say(ui, STYLE_NORMAL, "%s", l->more[row].left_out);
}

static void free_library(void *owner)
{
    struct library *l = owner;
    for (size_t i = 0; i < l->list.n; i++) {
        free(l->more[i].category);
        free(l->more[i].left_out);
    }
    free(l->more);
    pick_list_free(&l->list);
    names_free(&l->seen);
    free(l);
}

static const struct chooser_kind kind = {
    .use = EDIT_CHOICE,
    .none = "No prompt has these letters.",
    .count = count,
    .fit = fit,
    .draw_row = draw_row,
    .head = head,
    .closed = closed,
    .free = free_library,
};

void library_open(struct ui *ui, library_take *take, void *owner)
{
    struct library *l = mem_calloc(1, sizeof(*l));
    *l = (struct library){.ui = ui, .take = take, .owner = owner};
    names_init(&l->seen, LIBRARY_MANY);
    add_past(l);
    add_own(l);
    prompt_sets_each(add_set, l);
    chooser_open(ui, &kind, l);
}
