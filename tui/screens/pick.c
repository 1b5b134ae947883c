#include "tui/screens/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/clean.h"
#include "tui/widgets/choice.h"

#define ROW_BYTES 1024 /* of a text, as far as a row shows it */

struct pick_screen {
    struct ui *ui;
    struct choice choice;
    struct pick_list list;
    struct pick_arg arg;
};

static const struct binding bindings[] = {
    CHOICE_BINDINGS,
    {.action = ACT_NONE},
};

void pick_list_add(struct pick_list *l, const char *text, const char *note)
{
    l->items = mem_grow(l->items, l->n, sizeof(*l->items));
    l->items[l->n++] = (struct pick_item){mem_strdup(text), note};
}

void pick_list_free(struct pick_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->items[i].text);
    free(l->items);
    *l = (struct pick_list){NULL, 0};
}

static int fit(const void *owner, size_t i, const char *words)
{
    const struct pick_screen *p = owner;
    return choice_fit_text(p->list.items[i].text, words);
}

static void pick_edited(void *self)
{
    struct pick_screen *p = self;
    choice_narrow(&p->choice, p->list.n, fit, p);
}

static int pick_open(void **self, struct ui *ui, const void *arg,
                     struct err *e)
{
    struct pick_screen *p = mem_calloc(1, sizeof(*p));
    (void)e;
    p->ui = ui;
    p->arg = *(const struct pick_arg *)arg;
    p->list = *p->arg.list;
    *p->arg.list = (struct pick_list){NULL, 0};
    choice_init(&p->choice);
    pick_edited(p);
    *self = p;
    return 0;
}

static void pick_close(void *self)
{
    struct pick_screen *p = self;
    choice_free(&p->choice);
    pick_list_free(&p->list);
    free(p);
}

static unsigned pick_state(const void *self)
{
    (void)self;
    return BINDING_ALWAYS;
}

static void pick_head(void *self, struct heading *h)
{
    const struct pick_screen *p = self;
    buf_add_str(&h->left, p->arg.title);
    buf_addf(&h->right, "%zu of %zu", p->choice.n_found, p->list.n);
}

static void draw_item(const void *owner, size_t i, struct draw *d,
                      const struct area *line, bool selected)
{
    const struct pick_screen *p = owner;
    const struct pick_item *item = &p->list.items[i];
    enum style style = selected ? STYLE_CURSOR : STYLE_NORMAL;
    int right = line->columns - 1;
    struct buf text;
    buf_init(&text, 4 * ROW_BYTES);
    clean_text(item->text, strnlen(item->text, ROW_BYTES), true, &text);
    if (item->note != NULL && text.len == 0) {
        draw_fit(d, line, 0, 1, right - 1, style, item->note);
    } else if (item->note != NULL) {
        draw_right(d, line, 0, right, selected ? style : STYLE_FAINT,
                   item->note);
        right -= (int)strlen(item->note) + 2;
    }
    draw_fit(d, line, 0, 1, right - 1, style, text.data);
    buf_free(&text);
}

static void pick_draw(void *self, struct draw *d, const struct area *a)
{
    struct pick_screen *p = self;
    choice_draw(&p->choice, d, a, draw_sign(d, SIGN_PROMPT),
                "Nothing has these letters.", draw_item, p);
}

static void take(struct pick_screen *p)
{
    size_t row = choice_row(&p->choice);
    if (row >= p->list.n)
        return;
    struct pick_list list = p->list;
    struct pick_arg arg = p->arg;
    p->list = (struct pick_list){NULL, 0};
    ui_pop(p->ui); /* frees p */
    arg.take(arg.owner, row, list.items[row].text);
    pick_list_free(&list);
}

static void pick_act(void *self, enum action action)
{
    struct pick_screen *p = self;
    if (action == ACT_SEND)
        take(p);
    else if (action == ACT_LEAVE)
        ui_pop(p->ui);
    else
        choice_act(&p->choice, action);
}

static struct edit *pick_editor(void *self)
{
    struct pick_screen *p = self;
    return &p->choice.words;
}

const struct screen screen_pick = {
    .name = "pick",
    .bindings = bindings,
    .open = pick_open,
    .close = pick_close,
    .state = pick_state,
    .head = pick_head,
    .draw = pick_draw,
    .act = pick_act,
    .editor = pick_editor,
    .edited = pick_edited,
};
