#include "tui/widgets/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/clean.h"

#define UI_NOTICE_BYTES 2048
#define UI_FRAME_MS 75 /* slower looks jerky; faster sends more bytes */
#define UI_LIVE_MS 14  /* if text is shown as it comes */
#define UI_HEADING_BYTES 1024
#define UI_WHEEL_LINES 3

const struct binding ui_bindings[] = {
    {ACT_HELP, "? F1", BINDING_ALWAYS, "help", "what the keys do here"},
    {ACT_QUIT, "q", BINDING_ALWAYS, NULL, "back; from the first screen, quit"},
    {ACT_PALETTE, ": ^K", BINDING_ALWAYS, NULL, "all actions by name"},
    {ACT_COMMAND, "@", BINDING_ALWAYS, NULL,
     "copy the command line that does the same"},
    {ACT_REDRAW, "^L", BINDING_ALWAYS, NULL, "draw the screen afresh"},
    {.action = ACT_NONE},
};

static struct ui_layer *top(struct ui *ui)
{
    return &ui->stack[ui->n_stack - 1];
}

static int open_screen(struct ui *ui, const struct screen *screen,
                       const void *arg, struct err *e)
{
    if (ui->n_stack == UI_DEPTH)
        return err_set(e, ERR_USAGE, "too many screens are open; q closes one");
    void *self;
    if (screen->open(&self, ui, arg, e) != 0)
        return -1;
    ui->stack[ui->n_stack++] = (struct ui_layer){screen, self};
    ui->dirty = true;
    return 0;
}

void ui_push(struct ui *ui, const struct screen *screen, const void *arg)
{
    struct err e;
    if (open_screen(ui, screen, arg, &e) != 0)
        ui_say_error(ui, &e);
}

void ui_pop(struct ui *ui)
{
    struct ui_layer *layer = top(ui);
    ui->n_stack--;
    layer->screen->close(layer->self);
    ui->quit = ui->n_stack == 0;
    ui->dirty = true;
}

void ui_say(struct ui *ui, enum style style, const char *fmt, ...)
{
    struct buf raw;
    va_list ap;
    buf_init(&raw, UI_NOTICE_BYTES);
    va_start(ap, fmt);
    buf_vaddf(&raw, fmt, ap);
    va_end(ap);
    buf_clear(&ui->notice);
    clean_text(raw.data, raw.len, true, &ui->notice);
    buf_free(&raw);
    ui->notice_style = style;
    ui->dirty = true;
}

void ui_say_error(struct ui *ui, const struct err *e)
{
    ui_say(ui, STYLE_BAD, "%s", e->text);
}

/* --- drawing ----------------------------------------------------------- */

static void draw_header(struct ui *ui, const struct area *a)
{
    struct draw *d = &ui->draw;
    struct ui_layer *layer = top(ui);
    buf_clear(&ui->heading.left);
    buf_clear(&ui->heading.right);
    layer->screen->head(layer->self, &ui->heading);
    int right = wrap_columns(ui->heading.right.data, ui->heading.right.len);
    draw_text(d, a, 0, 1, STYLE_BAR, "arena");
    draw_fit(d, a, 0, 8, a->columns - 8 - right - 3, STYLE_NORMAL,
             ui->heading.left.data);
    draw_right(d, a, 0, a->columns - 1, STYLE_FAINT, ui->heading.right.data);
}

/* Draws "key label" if it fits before `end`; returns the next column, or the
 * same one. */
static int draw_hint(struct draw *d, const struct area *a, int column, int end,
                     const struct binding *b)
{
    char key[KEYS_NAME_BYTES];
    binding_key(b, key);
    if (key[0] == '\0')
        return column;
    int width = wrap_columns(key, strlen(key)) + 1 +
                wrap_columns(b->label, strlen(b->label));
    if (column + width > end)
        return column;
    int next = draw_text(d, a, 0, column, STYLE_KEY, key);
    return draw_text(d, a, 0, next + 1, STYLE_FAINT, b->label) + 2;
}

/* The hints of all rows with a label in a state; returns the next column. */
static int draw_hints(struct draw *d, const struct area *a, int column,
                      int end, const struct binding *b, unsigned state)
{
    for (; b->action != ACT_NONE; b++)
        if ((b->states & state) != 0 && b->label != NULL)
            column = draw_hint(d, a, column, end, b);
    return column;
}

/* A notice takes the footer's row and as many rows above it as it needs,
 * because an error says at its end what to do. */
static void draw_notice(struct ui *ui, const struct area *all)
{
    struct wrap w;
    wrap_init(&w, all->columns - 2);
    wrap_add(&w, ui->notice.data, ui->notice.len);
    wrap_end(&w);
    int n = (int)w.n_lines < all->rows / 2 ? (int)w.n_lines : all->rows / 2;
    struct area a = {all->rows - n, 0, n, all->columns};
    draw_fill(&ui->draw, &a, STYLE_NORMAL);
    for (int i = 0; i < n; i++)
        draw_bytes(&ui->draw, &a, i, 1, ui->notice_style,
                   w.text.data + w.lines[i].start, w.lines[i].n);
    wrap_free(&w);
}

static void draw_footer(struct ui *ui, const struct area *a)
{
    struct draw *d = &ui->draw;
    struct ui_layer *layer = top(ui);
    const struct screen *s = layer->screen;
    const struct edit *editor = s->editor ? s->editor(layer->self) : NULL;
    int column = 1, end = a->columns - (editor ? 1 : 9);
    if (editor != NULL)
        column = draw_hints(d, a, column, end,
                            keymap_table(&ui->keymap, edit_bindings),
                            editor->use);
    draw_hints(d, a, column, end, keymap_table(&ui->keymap, s->bindings),
               s->state(layer->self));
    if (editor == NULL)
        draw_hint(d, a, a->columns - 7, a->columns,
                  keymap_table(&ui->keymap, ui_bindings));
}

static void draw_too_small(struct ui *ui, const struct area *a)
{
    char text[80];
    struct draw *d = &ui->draw;
    draw_text(d, a, 0, 0, STYLE_STRONG, "The terminal is too small");
    snprintf(text, sizeof(text), "%dx%d, and %dx%d is needed.", a->columns,
             a->rows, UI_MIN_COLUMNS, UI_MIN_ROWS);
    draw_text(d, a, 1, 0, STYLE_NORMAL, text);
    draw_text(d, a, 2, 0, STYLE_NORMAL, "Nothing is lost: make it larger.");
}

static void draw_all(struct ui *ui)
{
    int rows, columns;
    tty_size(ui->tty, &rows, &columns);
    draw_reset(&ui->draw, rows, columns);
    struct area all = {0, 0, rows, columns};
    if (rows < UI_MIN_ROWS || columns < UI_MIN_COLUMNS) {
        draw_too_small(ui, &all);
    } else {
        struct ui_layer *layer = top(ui);
        struct area head = {0, 0, 1, columns}, foot = {rows - 1, 0, 1, columns};
        struct area body = {1, 0, rows - 2, columns};
        draw_header(ui, &head);
        layer->screen->draw(layer->self, &ui->draw, &body);
        if (ui->notice.len > 0)
            draw_notice(ui, &all);
        else
            draw_footer(ui, &foot);
    }
    tty_show(ui->tty, &ui->draw, ui->afresh);
    ui->dirty = ui->afresh = ui->stale = false;
    ui->drawn_ms = clock_monotonic_ms();
}

/* --- keys -------------------------------------------------------------- */

static void act(struct ui *ui, enum action action)
{
    struct ui_layer *layer = top(ui);
    switch (action) {
    case ACT_NONE: break;
    case ACT_REDRAW: ui->afresh = true; break;
    case ACT_COMMAND: ui_copy_command(ui); break;
    case ACT_HELP:
        if (layer->screen != &screen_help)
            ui_push(ui, &screen_help, NULL);
        break;
    case ACT_PALETTE:
        if (layer->screen != &screen_help)
            palette_open(ui);
        break;
    case ACT_QUIT:
        if (layer->screen->may_leave == NULL ||
            layer->screen->may_leave(layer->self))
            ui_pop(ui);
        break;
    default: layer->screen->act(layer->self, action);
    }
}

static bool is_character(uint32_t code)
{
    return code == '\t' ||
           (code >= 0x20 && code < 0x110000 && code != KEYS_BACKSPACE);
}

static void paste(struct ui *ui, struct edit *e, const struct key *k)
{
    const struct ui_layer *layer = top(ui);
    if (!edit_insert(e, k->text, k->n))
        ui_say(ui, STYLE_BAD, "That is too long; nothing was inserted.");
    else if (layer->screen->edited != NULL)
        layer->screen->edited(layer->self);
}

static void edit_key(struct ui *ui, struct edit *e, const struct key *k,
                     enum action action)
{
    if (k->code == KEYS_PASTE) {
        paste(ui, e, k);
        return;
    }
    /* Enter with more characters behind it is from a paste on a terminal
     * without bracketed paste. */
    if (action == ACT_SEND && k->more && k->burst && e->use == EDIT_TEXT)
        action = ACT_NEWLINE;
    struct ui_layer *layer = top(ui);
    bool changed = true;
    if (action == ACT_SEND && k->burst &&
        (e->use & (EDIT_CHOICE | EDIT_MARKS)) != 0) { /* was pasted */
        ui_say(ui, STYLE_NORMAL, "What was pasted is ignored here.");
        return;
    }
    if (action != ACT_NONE) {
        changed = edit_act(e, action);
        if (!changed)
            act(ui, action);
    } else if (is_character(k->code) && !edit_type(e, k->code)) {
        ui_say(ui, STYLE_BAD, "That is as long as it can be.");
    }
    if (changed && layer->screen->edited != NULL)
        layer->screen->edited(layer->self);
}

/* Whether an action cannot be taken back.  Many characters at once are a paste
 * on a terminal without bracketed paste, and a paste must not do this. */
static bool is_final(enum action action)
{
    return action >= ACT_VOTE_A && action <= ACT_CONFIRM;
}

static enum action find_action(struct ui *ui, const struct edit *editor,
                               uint32_t code)
{
    const struct ui_layer *layer = top(ui);
    const struct screen *s = layer->screen;
    struct keymap *m = &ui->keymap;
    enum action action = ACT_NONE;
    if (editor != NULL && is_character(code))
        return ACT_NONE; /* it is text */
    if (editor != NULL)
        action = binding_find(keymap_table(m, edit_bindings),
                              editor->use, code);
    if (action == ACT_NONE)
        action = binding_find(keymap_table(m, s->bindings),
                              s->state(layer->self), code);
    if (action == ACT_NONE && (editor == NULL || code == KEYS_CTRL('L')))
        action = binding_find(keymap_table(m, ui_bindings), BINDING_ALWAYS,
                              code);
    return action;
}

/* Says of a key that does nothing here when it does something: by its row, or
 * NULL. */
static void explain(struct ui *ui, const struct binding *b, uint32_t code)
{
    const struct ui_layer *layer = top(ui);
    const struct screen *s = layer->screen;
    char key[KEYS_NAME_BYTES];
    struct buf text;
    buf_init(&text, UI_NOTICE_BYTES);
    if (b != NULL && s->explain != NULL)
        s->explain(layer->self, b, &text);
    else
        buf_add_str(&text, "does nothing here; ? shows the keys");
    keys_name(code, key);
    ui_say(ui, STYLE_NORMAL, "%s: %s.", key, text.data);
    buf_free(&text);
}

static void say_unbound(struct ui *ui, uint32_t code)
{
    if (code != 0 && code != KEYS_ESC)
        explain(ui, binding_row(keymap_table(&ui->keymap,
                                             top(ui)->screen->bindings),
                                ~0u, code),
                code);
}

void ui_run_binding(struct ui *ui, const struct binding *b)
{
    const struct ui_layer *layer = top(ui);
    unsigned state = layer->screen->state(layer->self);
    size_t n = strcspn(b->keys, " ");
    if ((b->states & state) != 0)
        act(ui, b->action);
    else
        explain(ui, b, keys_parse(b->keys, n));
}

static void take_key(struct ui *ui, const struct key *k)
{
    struct ui_layer *layer = top(ui);
    const struct screen *s = layer->screen;
    ui->dirty = true;
    buf_clear(&ui->notice);
    if (ui->draw.rows < UI_MIN_ROWS || ui->draw.columns < UI_MIN_COLUMNS) {
        if (k->code == 'q')
            act(ui, ACT_QUIT);
        return;
    }
    struct edit *e = s->editor ? s->editor(layer->self) : NULL;
    enum action action = find_action(ui, e, k->code);
    if (action == ACT_NONE && (k->code & KEYS_ALT) != 0) {
        struct key plain = *k; /* Esc, quickly followed by a key */
        plain.code = KEYS_ESC;
        take_key(ui, &plain);
        plain.code = k->code & ~(uint32_t)KEYS_ALT;
        if (!ui->quit)
            take_key(ui, &plain);
    } else if (e != NULL) {
        edit_key(ui, e, k, action);
    } else if (k->code == KEYS_PASTE || (k->burst && is_final(action))) {
        ui_say(ui, STYLE_NORMAL, "What was pasted is ignored here.");
    } else if (action == ACT_NONE) {
        say_unbound(ui, k->code);
    } else {
        act(ui, action);
    }
}

/* Scrolls, or goes through a list, where keys do that now.  Other buttons do
 * nothing. */
static void take_mouse(struct ui *ui, const struct key *k)
{
    struct ui_layer *layer = top(ui);
    const struct screen *s = layer->screen;
    enum action action = k->wheel < 0 ? ACT_UP : ACT_DOWN;
    if (k->wheel == 0 || ui->draw.rows < UI_MIN_ROWS ||
        ui->draw.columns < UI_MIN_COLUMNS)
        return;
    ui->dirty = true;
    if (s->wheel != NULL) {
        s->wheel(layer->self, k->row, k->column, action, UI_WHEEL_LINES);
        return;
    }
    for (int i = 0; i < UI_WHEEL_LINES; i++)
        if (binding_does(s->bindings, s->state(layer->self), action) &&
            (s->editor == NULL || s->editor(layer->self) == NULL))
            s->act(layer->self, action);
}

/* --- the loop ---------------------------------------------------------- */

static int step_all(struct ui *ui)
{
    int wait_ms = -1;
    int64_t now_ms = clock_monotonic_ms();
    for (int i = 0; i < ui->n_stack; i++) {
        const struct ui_layer *layer = &ui->stack[i];
        int wants_ms = -1;
        if (layer->screen->step == NULL)
            continue;
        if (layer->screen->step(layer->self, now_ms, &wants_ms))
            ui->stale = true;
        wait_ms = clock_sooner_ms(wait_ms, wants_ms);
    }
    return wait_ms;
}

/* What streams in is drawn in frames, keys at once.  Sets `dirty` if it is time
 * for one, else returns how long to wait. */
static int wait_for_frame(struct ui *ui)
{
    bool live = ui->arena->config.pace == PACE_LIVE;
    int64_t left_ms = ui->drawn_ms + (live ? UI_LIVE_MS : UI_FRAME_MS) -
                      clock_monotonic_ms();
    ui->dirty = ui->dirty || left_ms <= 0;
    return left_ms > 0 ? (int)left_ms : -1;
}

static int loop(struct ui *ui, struct err *e)
{
    struct key key;
    while (!ui->quit) {
        int wait_ms = step_all(ui);
        if (ui->stale)
            wait_ms = clock_sooner_ms(wait_ms, wait_for_frame(ui));
        if (ui->dirty || ui->afresh)
            draw_all(ui);
        /* News between two frames can wait for the second. */
        tty_wait(ui->tty, ui->stale ? -1 : ui->arena->wake[0], wait_ms);
        arena_drain_wake(ui->arena);
        switch (tty_event(ui->tty)) {
        case TTY_ENDED: return err_set(e, ERR_INTERRUPTED, "ended by a signal");
        case TTY_RESUMED: ui->afresh = true; break;
        case TTY_RESIZED: ui->dirty = true; break;
        case TTY_NOTHING: break;
        }
        /* Many keys must not delay a signal. */
        while (!ui->quit && !tty_has_ended(ui->tty) && tty_key(ui->tty, &key))
            (key.code == KEYS_MOUSE ? take_mouse : take_key)(ui, &key);
    }
    return 0;
}

/* --- where it was left --------------------------------------------------- */

/* Opens the screens over the first one that were open the last time. */
static void resume(struct ui *ui)
{
    const char *screen = ui->left.screen;
    if (strcmp(screen, screen_leaderboard.name) == 0)
        ui_push(ui, &screen_leaderboard, NULL);
    else if (strcmp(screen, screen_history.name) == 0 ||
             strcmp(screen, screen_view.name) == 0)
        ui_push(ui, &screen_history, &ui->left);
    if (strcmp(screen, screen_view.name) == 0 && ui->left.battle != 0)
        ui_push(ui, &screen_view, &ui->left.battle);
    left_set(&ui->left.screen, "");
}

static void note_screens(struct ui *ui)
{
    static const struct screen *const kept[] = {&screen_leaderboard,
                                                &screen_history, &screen_view};
    for (int i = 0; i < ui->n_stack; i++)
        for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++)
            if (ui->stack[i].screen == kept[k])
                left_set(&ui->left.screen, kept[k]->name);
}

/* Runs the loop; with db_path (or NULL) from where it was left, and keeps where
 * it is left now. */
static int run(struct ui *ui, const struct screen *first, const void *arg,
               const char *db_path, struct err *e)
{
    struct err why;
    bool damaged =
        db_path != NULL && left_load(&ui->left, db_path, &why) != 0;
    if (open_screen(ui, first, arg, e) != 0)
        return -1;
    if (damaged)
        ui_say_error(ui, &why);
    resume(ui);
    int result = loop(ui, e);
    note_screens(ui);
    while (ui->n_stack > 0)
        ui_pop(ui);
    if (db_path != NULL && left_save(&ui->left, db_path, &why) != 0)
        ui_say_error(ui, &why);
    return result;
}

/* Prints a notice that was set when the last screen closed. */
static void say_last(const struct ui *ui)
{
    if (ui->dirty && ui->notice.len > 0 && ui->in->verbose >= 0)
        fprintf(stderr, "%s\n", ui->notice.data);
}

int ui_run(const struct invocation *in, struct arena *a,
           const struct screen *first, const void *arg, struct err *e)
{
    struct ui ui = {.in = in, .arena = a, .dirty = true};
    const struct config *c = &a->config;
    struct tty_wishes wishes = {
        .color = c->theme == THEME_MONO && in->color < 0 ? 0 : in->color,
        .light = c->theme == THEME_DARK    ? 0
                 : c->theme == THEME_LIGHT ? 1
                                           : -1,
        .steady = c->motion == MOTION_REDUCED,
        .mouse = c->mouse,
    };
    if (keymap_init(&ui.keymap, &a->config, e) != 0 ||
        tty_open(&ui.tty, &wishes, e) != 0) {
        keymap_free(&ui.keymap);
        return -1;
    }
    draw_init(&ui.draw);
    ui.draw.ascii = tty_is_ascii(ui.tty);
    buf_init(&ui.notice, UI_NOTICE_BYTES);
    buf_init(&ui.heading.left, UI_HEADING_BYTES);
    buf_init(&ui.heading.right, UI_HEADING_BYTES);
    left_init(&ui.left);
    char *db_path = arg == NULL ? arena_db_path(&in->options) : NULL;
    int result = run(&ui, first, arg, db_path, e);
    tty_close(ui.tty);
    left_free(&ui.left);
    free(db_path);
    if (result == 0)
        say_last(&ui);
    draw_free(&ui.draw);
    keymap_free(&ui.keymap);
    buf_free(&ui.notice);
    buf_free(&ui.heading.left);
    buf_free(&ui.heading.right);
    return result;
}
