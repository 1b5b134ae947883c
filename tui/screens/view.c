/* view: a battle of the past, read-only. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena/blind/blind.h"
#include "base/mem.h"
#include "tui/clean.h"
#include "tui/print/entries.h"
#include "tui/screens/chances.h"
#include "tui/screens/replay.h"
#include "tui/widgets/panes.h"
#include "tui/widgets/ui.h"

struct view_screen {
    struct ui *ui;
    struct blind_battle battle;
    struct panes panes;
    struct replay replay;
    struct buf title[2];
    const char *chances[2]; /* of the last answers, or "" */
};

/* The states of the bindings, as bits. */
enum {
    ON_REST = 1 << 0,
    ON_REPLAY = 1 << 1, /* answers come as they came then */
};

static const struct binding bindings[] = {
    {ACT_LEAVE, "Esc", ON_REST, "back", "back"},
    {ACT_STOP, "z Esc", ON_REPLAY, "to the end", "all of it at once"},
    {ACT_REPLAY, "r", ON_REST, "replay", "the answers again, as they came"},
    {ACT_REPLAY, "r", ON_REPLAY, "again", "from the start"},
    {ACT_CHANCES, "p", ON_REST, NULL,
     "tint the tokens that a model was less sure of"},
    PANES_BINDINGS(BINDING_ALWAYS),
    {.action = ACT_NONE},
};

static void view_close(void *self)
{
    struct view_screen *v = self;
    blind_free(&v->battle);
    panes_free(&v->panes);
    for (int i = 0; i < 2; i++)
        buf_free(&v->title[i]);
    free(v);
}

/* All of it, as it is in the end. */
static void show_whole(struct view_screen *v)
{
    const struct blind_battle *b = &v->battle;
    v->replay.turn = 0;
    panes_clear(&v->panes);
    for (size_t i = 0; i < b->n_answers; i++)
        if (replay_counts(b->answers, b->n_answers, i))
            replay_add_whole(&v->panes, &b->answers[i]);
}

static void begin_replay(struct view_screen *v)
{
    const struct blind_battle *b = &v->battle;
    if (b->hidden)
        ui_say(v->ui, STYLE_NORMAL,
               "Not before its vote: the pace would tell the models.");
    else if (!replay_is_known(b->answers, b->n_answers))
        ui_say(v->ui, STYLE_NORMAL,
               "When its pieces came was not recorded; this is all of it.");
    else
        replay_begin(&v->replay, b->answers, b->n_answers, &v->panes);
}

static int load(struct view_screen *v, int64_t id, struct err *e)
{
    struct arena *a = v->ui->arena;
    const struct blind_battle *b = &v->battle;
    if (blind_read(&v->battle, a->store, &a->config, id, e) != 0)
        return -1;
    for (size_t i = 0; i < b->n_answers; i++) {
        const struct store_answer_row *row = &b->answers[i];
        if (!replay_counts(b->answers, b->n_answers, i))
            continue;
        v->chances[row->side != 0] = row->chances;
    }
    show_whole(v);
    for (int side = 0; side < 2 && !b->hidden; side++) {
        const char *name = b->entry->model[side];
        clean_text(name, strlen(name), true, &v->title[side]);
    }
    return 0;
}

static int view_open(void **self, struct ui *ui, const void *arg,
                     struct err *e)
{
    const int64_t *id = arg;
    struct view_screen *v = mem_calloc(1, sizeof(*v));
    v->ui = ui;
    v->chances[0] = v->chances[1] = "";
    panes_init(&v->panes);
    v->panes.calm = ui->arena->config.motion == MOTION_REDUCED;
    for (int i = 0; i < 2; i++)
        buf_init(&v->title[i], 4096);
    if (load(v, *id, e) != 0) {
        view_close(v);
        return -1;
    }
    *self = v;
    return 0;
}

static unsigned view_state(const void *self)
{
    const struct view_screen *v = self;
    return v->replay.turn != 0 && !v->panes.searching ? ON_REPLAY : ON_REST;
}

static void view_head(void *self, struct heading *h)
{
    struct view_screen *v = self;
    buf_addf(&h->left, "battle %" PRId64 "  ", v->battle.entry->battle_id);
    const char *prompt = v->battle.entry->prompt;
    clean_text(prompt, strnlen(prompt, 400), true, &h->left);
}

/* Why it was decided so, in the same row. */
static void draw_reason(const struct reason *r, struct draw *d,
                        const struct area *a, int from)
{
    struct buf text;
    buf_init(&text, 4 * REASONS_MAX_BYTES);
    entry_reason(r, &text);
    if (text.len > 0) {
        from = draw_text(d, a, 0, from, STYLE_NORMAL, ": ");
        draw_fit(d, a, 0, from, a->columns - from - 1, STYLE_NORMAL, text.data);
    }
    buf_free(&text);
}

static void view_draw(void *self, struct draw *d, const struct area *a)
{
    struct view_screen *v = self;
    const struct store_entry *entry = v->battle.entry;
    struct panes_look look[2];
    struct area above = *a, below = *a;
    struct buf text;
    buf_init(&text, 4096);
    for (int i = 0; i < 2; i++)
        look[i] = (struct panes_look){
            .title = v->title[i].data,
            .waiting = v->replay.turn != 0 && v->replay.coming[i],
            .waited_s = v->replay.waited_s,
            .good = entry->vote_id != 0 && (int)entry->verdict == i,
        };
    above.rows--;
    below.row += above.rows;
    below.rows = 1;
    panes_draw(&v->panes, d, &above, look);
    if (v->panes.searching) {
        panes_draw_search(&v->panes, d, &below);
    } else {
        entry_result(entry, &text);
        int end = draw_fit(d, &below, 0, 1, a->columns - 2, STYLE_STRONG,
                           text.data);
        draw_reason(&v->battle.reason, d, &below, end);
    }
    buf_free(&text);
}

static void view_act(void *self, enum action action)
{
    struct view_screen *v = self;
    size_t n;
    const char *text = panes_answer(&v->panes, &n);
    if (action == ACT_COPY)
        ui_copy(v->ui, v->panes.focus == 0 ? "answer A" : "answer B", text, n);
    else if (action == ACT_REPLAY)
        begin_replay(v);
    else if (action == ACT_STOP)
        show_whole(v);
    else if (action == ACT_CHANCES)
        chances_toggle(v->ui, &v->panes, v->chances);
    else if (action == ACT_COPY_PROMPT)
        ui_copy(v->ui, "the prompt", v->battle.entry->prompt,
                strlen(v->battle.entry->prompt));
    else if (!panes_act(&v->panes, action) && action == ACT_LEAVE)
        ui_pop(v->ui);
    else if (v->panes.missed)
        ui_say(v->ui, STYLE_NORMAL, "Not in this answer: %s",
               v->panes.search.text.data);
}

static struct edit *view_editor(void *self)
{
    struct view_screen *v = self;
    return v->panes.searching ? &v->panes.search : NULL;
}

static bool view_step(void *self, int64_t now_ms, int *wait_ms)
{
    struct view_screen *v = self;
    if (v->replay.turn == 0)
        return false;
    return replay_step(&v->replay, &v->panes, now_ms, wait_ms);
}

static void view_wheel(void *self, int row, int column, enum action action,
                       int lines)
{
    struct view_screen *v = self;
    panes_scroll(&v->panes, row, column, action, lines);
}

static void view_command(const void *self, struct buf *out)
{
    const struct view_screen *v = self;
    buf_addf(out, "show %" PRId64, v->battle.entry->battle_id);
}

const struct screen screen_view = {
    .name = "view",
    .bindings = bindings,
    .open = view_open,
    .close = view_close,
    .state = view_state,
    .head = view_head,
    .draw = view_draw,
    .act = view_act,
    .wheel = view_wheel,
    .command = view_command,
    .editor = view_editor,
    .step = view_step,
};
