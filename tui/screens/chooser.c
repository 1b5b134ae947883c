#include "tui/screens/chooser.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct chooser_screen {
    struct ui *ui;
    struct choice choice;
    const struct chooser_kind *kind;
    void *owner; /* NULL: was handed back */
    bool typed;  /* there were words before the last change */
};

struct chooser_arg {
    const struct chooser_kind *kind;
    void *owner;
};

static const struct binding bindings[] = {
    CHOICE_BINDINGS,
    {.action = ACT_NONE},
};

/* No word begins with a space, which ticks boxes elsewhere. */
static bool take_space(struct chooser_screen *c)
{
    bool space = !c->typed && strcmp(c->choice.words.text.data, " ") == 0;
    if (c->kind->turn == NULL || !space ||
        choice_row(&c->choice) == CHOOSER_NONE)
        return false;
    edit_set(&c->choice.words, "");
    c->kind->turn(c->owner, choice_row(&c->choice), "");
    return true;
}

static void chooser_edited(void *self)
{
    struct chooser_screen *c = self;
    if (take_space(c))
        return; /* the same rows, the same one selected */
    c->typed = c->choice.words.text.len > 0;
    choice_narrow(&c->choice, c->kind->count(c->owner), c->kind->fit, c->owner);
}

static int open_screen(void **self, struct ui *ui, const void *arg,
                       struct err *e)
{
    const struct chooser_arg *with = arg;
    struct chooser_screen *c = mem_calloc(1, sizeof(*c));
    (void)e;
    c->ui = ui;
    c->kind = with->kind;
    c->owner = with->owner;
    choice_init(&c->choice, c->kind->use);
    chooser_edited(c);
    *self = c;
    return 0;
}

static void chooser_close(void *self)
{
    struct chooser_screen *c = self;
    choice_free(&c->choice);
    if (c->owner != NULL)
        c->kind->free(c->owner);
    free(c);
}

static unsigned chooser_state(const void *self)
{
    (void)self;
    return BINDING_ALWAYS;
}

static void chooser_head(void *self, struct heading *h)
{
    const struct chooser_screen *c = self;
    c->kind->head(c->owner, c->choice.list.n, h);
}

static void chooser_draw(void *self, struct draw *d, const struct area *a)
{
    struct chooser_screen *c = self;
    const struct chooser_kind *k = c->kind;
    choice_draw(&c->choice, d, a,
                k->sign != NULL ? k->sign : draw_sign(d, SIGN_PROMPT), k->none,
                k->draw_row, c->owner);
}

static void leave(struct chooser_screen *c, size_t row, const char *words)
{
    char *kept = mem_strdup(words);
    struct ui *ui = c->ui;
    const struct chooser_kind *kind = c->kind;
    void *owner = c->owner;
    c->owner = NULL;
    ui_pop(ui); /* frees c */
    kind->closed(owner, ui, row, kept);
    kind->free(owner);
    free(kept);
}

static void enter(struct chooser_screen *c)
{
    size_t row = choice_row(&c->choice);
    const char *words = c->choice.words.text.data;
    if (c->kind->turn == NULL) {
        if (row != CHOOSER_NONE)
            leave(c, row, "");
        else if (c->kind->takes_words)
            leave(c, row, words);
        return;
    }
    c->kind->turn(c->owner, row, words);
    if (c->choice.words.text.len == 0)
        return; /* the same rows, the same one selected */
    edit_set(&c->choice.words, "");
    chooser_edited(c);
}

static void chooser_act(void *self, enum action action)
{
    struct chooser_screen *c = self;
    if (action == ACT_SEND)
        enter(c);
    else if (action == ACT_LEAVE)
        leave(c, CHOOSER_NONE, "");
    else
        choice_act(&c->choice, action);
}

static struct edit *chooser_editor(void *self)
{
    struct chooser_screen *c = self;
    return &c->choice.words;
}

static const struct screen screen_chooser = {
    .name = "chooser",
    .bindings = bindings,
    .open = open_screen,
    .close = chooser_close,
    .state = chooser_state,
    .head = chooser_head,
    .draw = chooser_draw,
    .act = chooser_act,
    .editor = chooser_editor,
    .edited = chooser_edited,
};

void chooser_open(struct ui *ui, const struct chooser_kind *kind, void *owner)
{
    struct chooser_arg arg = {kind, owner};
    int n_before = ui->n_stack;
    ui_push(ui, &screen_chooser, &arg);
    if (ui->n_stack == n_before)
        kind->free(owner);
}
