/* battle: write a prompt, watch two answers, vote blind, learn the names. */
#include "tui/screens/battle_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tui/session.h"
#include "tui/screens/chances.h"
#include "tui/shell.h"

#define NOTES_BYTES 2000 /* what a notice may say at once */

/* --- the battle at hand ------------------------------------------------ */

void battle_screen_forget_reading(struct battle_screen *s)
{
    s->panes.seen[SIDE_A] = s->panes.seen[SIDE_B] = false;
    s->panes.pane[SIDE_A].tinted = s->panes.pane[SIDE_B].tinted = false;
    panes_end_search(&s->panes);
    s->readable_ms = s->began_ms = -1;
    s->waited_s = 0;
    s->asked = ACT_NONE;
    s->confirming = s->told_unstored = s->noting = false;
}

/* Shows the arena's new notes. */
static void say_notes(struct battle_screen *s)
{
    struct buf all;
    const char *note;
    buf_init(&all, NOTES_BYTES);
    while ((note = arena_next_note(s->ui->arena)) != NULL)
        buf_addf(&all, "%s%s", all.len > 0 ? "; " : "", note);
    if (all.len > 0)
        ui_say(s->ui, STYLE_STRONG, "%s", all.data);
    buf_free(&all);
}

/* At the start: can at least two models answer? */
static void look_over(struct battle_screen *s)
{
    struct arena *a = s->ui->arena;
    struct err e;
    double *weights = mem_calloc(a->config.n_models, sizeof(*weights));
    bool enough = arena_weigh(a, weights, &e) == 0;
    free(weights);
    say_notes(s);
    if (!enough)
        ui_say_error(s->ui, &e);
}

void battle_screen_show(struct battle_screen *s, struct battle *b)
{
    battle_close(s->battle);
    s->battle = b;
    s->panes.focus = SIDE_A;
    s->panes.zoomed = s->thinking = s->whole_prompt = false;
    battle_screen_forget_reading(s);
    if (b != NULL)
        battle_screen_fill(s);
}

void battle_screen_compose(struct battle_screen *s)
{
    battle_screen_show(s, NULL);
    past_load(&s->past, s->ui->arena, s->ui);
    bool suggest = s->at_suggestion < s->n_suggestions;
    edit_set(&s->editor, suggest ? s->suggestions[s->at_suggestion++] : "");
    s->editing = true;
    s->following = false;
    free(s->picked);
    s->picked = NULL;
}

/* Back to the first screen, with the keys for it. */
static void go_home(struct battle_screen *s)
{
    battle_screen_compose(s);
    s->editing = false;
}

bool battle_screen_begin(struct battle_screen *s,
                         const struct battle_spec *spec)
{
    struct battle *b;
    struct err e;
    if (battle_open(&b, s->ui->arena, spec, &e) != 0) {
        ui_say_error(s->ui, &e);
        return false;
    }
    battle_screen_show(s, b);
    say_notes(s);
    return true;
}

static bool reopen(struct battle_screen *s, int64_t id)
{
    struct battle *b;
    struct err e;
    if (battle_reopen(&b, s->ui->arena, id, &e) != 0) {
        ui_say_error(s->ui, &e);
        return false;
    }
    s->editing = false;
    battle_screen_show(s, b);
    return true;
}

/* Shows the next stored battle; closes the screen after the last one. */
static void next_of_queue(struct battle_screen *s)
{
    while (s->at_queue < s->n_queue) {
        struct err e;
        int64_t id = s->queue[s->at_queue++];
        if (s->telling != NULL && telling_next(s->telling, &id, &e) < 0)
            ui_say_error(s->ui, &e);
        else if (reopen(s, id) && !battle_screen_tie_same(s))
            return;
    }
    s->ui->quit = true;
}

/* The battle on the next prompt of the file; closes the screen after the last
 * one. */
static void next_of_prompts(struct battle_screen *s)
{
    if (s->ahead.at == s->ahead.n) {
        s->ui->quit = true;
        return;
    }
    struct battle *b = battle_screen_take_ahead(s);
    if (b == NULL)
        return;
    battle_screen_show(s, b);
    say_notes(s);
}

void battle_screen_go_on(struct battle_screen *s)
{
    if (s->is_settled)
        s->ui->quit = true;
    else if (s->queue != NULL)
        next_of_queue(s);
    else if (s->ahead.n > 0)
        next_of_prompts(s);
    else
        battle_screen_compose(s);
}

/* --- the keys -------------------------------------------------------- */

void battle_screen_look(struct battle_screen *s, enum action action)
{
    panes_act(&s->panes, action);
    if (s->panes.missed)
        ui_say(s->ui, STYLE_NORMAL, "Not in this answer: %s",
               s->panes.search.text.data);
}

static struct edit *battle_editor(void *self)
{
    struct battle_screen *s = self;
    if (s->panes.searching)
        return &s->panes.search;
    if (s->noting)
        return &s->note;
    return s->editing ? &s->editor : NULL;
}

static void regenerate(struct battle_screen *s)
{
    struct err e;
    if (battle_regenerate(s->battle, &e) != 0) {
        ui_say_error(s->ui, &e);
        return;
    }
    battle_screen_fill(s);
    battle_screen_forget_reading(s);
}

static void tell_details(struct battle_screen *s)
{
    struct buf why;
    buf_init(&why, NOTES_BYTES);
    battle_screen_forget_standing(s);
    battle_screen_add_failures(battle_reveal_void(s->battle), &why);
    ui_say(s->ui, STYLE_BAD, "%s", why.data);
    buf_free(&why);
}

static void take_up_waiting(struct battle_screen *s)
{
    if (s->past.waiting == 0)
        ui_say(s->ui, STYLE_NORMAL, "No battle waits for a vote.");
    else
        reopen(s, s->past.waiting);
}

static void copy_answer(struct battle_screen *s)
{
    size_t n;
    const char *text = panes_answer(&s->panes, &n);
    ui_copy(s->ui, s->panes.focus == SIDE_A ? "answer A" : "answer B", text, n);
}

static void show_chances(struct battle_screen *s)
{
    const struct battle_reveal_side *sides = battle_reveal(s->battle);
    const char *const lines[] = {sides[SIDE_A].chances, sides[SIDE_B].chances};
    battle_screen_tint(s);
    chances_toggle(s->ui, &s->panes, lines);
}

static void act_around(struct battle_screen *s, enum action action)
{
    switch (action) {
    case ACT_PROMPT: s->whole_prompt = !s->whole_prompt; break;
    case ACT_COPY: copy_answer(s); break;
    case ACT_COPY_PROMPT: {
        const char *prompt = battle_prompt(s->battle);
        ui_copy(s->ui, "the prompt", prompt, strlen(prompt));
        break;
    }
    case ACT_HISTORY: ui_push(s->ui, &screen_history, NULL); break;
    case ACT_LEADERBOARD: ui_push(s->ui, &screen_leaderboard, NULL); break;
    case ACT_THINKING: s->thinking = !s->thinking; battle_screen_fill(s); break;
    case ACT_CHANCES: show_chances(s); break;
    default: battle_screen_look(s, action);
    }
}

/* While an editor has the keys. */
static void act_editing(struct battle_screen *s, enum action action)
{
    if (s->panes.searching)
        battle_screen_look(s, action);
    else if (s->noting)
        battle_screen_note(s, action);
    else
        battle_screen_write(s, action);
}

static void battle_act(void *self, enum action action)
{
    struct battle_screen *s = self;
    bool sure = s->asked == action;
    s->asked = ACT_NONE;
    if (battle_editor(s) != NULL) {
        act_editing(s, action);
        return;
    }
    switch (action) {
    case ACT_VOTE_A: battle_screen_choose(s, RATING_FIRST); break;
    case ACT_VOTE_B: battle_screen_choose(s, RATING_SECOND); break;
    case ACT_TIE: battle_screen_choose(s, RATING_TIE); break;
    case ACT_BAD: battle_screen_choose(s, RATING_BAD); break;
    case ACT_CONFIRM: battle_screen_vote(s); break;
    case ACT_LEAVE: s->confirming = false; break;
    case ACT_SKIP:
    case ACT_SKIP_WHY: battle_screen_skip(s, action, sure); break;
    case ACT_TAGS: battle_screen_tag(s); break;
    case ACT_COMMENT: battle_screen_comment(s); break;
    case ACT_UNDO: battle_screen_undo(s); break;
    case ACT_STOP: battle_stop(s->battle); break;
    case ACT_REGENERATE: regenerate(s); break;
    case ACT_DETAILS: tell_details(s); break;
    case ACT_NEXT: battle_screen_go_on(s); break;
    case ACT_WRITE: s->editing = true; break;
    case ACT_EDITOR: battle_screen_write_outside(s); break;
    case ACT_LIBRARY: battle_screen_pick_prompt(s); break;
    case ACT_CATEGORY: battle_screen_pick_category(s); break;
    case ACT_WAITING: take_up_waiting(s); break;
    case ACT_FOLLOW_UP: battle_screen_follow(s); break;
    default: act_around(s, action);
    }
}

/* --- what the loop asks ------------------------------------------------ */

static unsigned battle_state_bits(const void *self)
{
    return battle_screen_state(self);
}

/* Whether the answers do not start with the text of the panes any more. */
static bool is_outdated(const struct battle_screen *s)
{
    return s->version[SIDE_A] != battle_text_version(s->battle, SIDE_A) ||
           s->version[SIDE_B] != battle_text_version(s->battle, SIDE_B);
}

/* Says once that the answers are not stored, and once that they are. */
static void tell_unstored(struct battle_screen *s)
{
    const struct err *why = battle_unstored(s->battle);
    if ((why != NULL) == s->told_unstored)
        return;
    s->told_unstored = why != NULL;
    if (why != NULL)
        ui_say(s->ui, STYLE_BAD, "Will be tried again: %s", why->text);
    else if (battle_state(s->battle) == BATTLE_VOTING)
        ui_say(s->ui, STYLE_NORMAL, "The answers are stored now.");
}

/* While answers come: the seconds that both sides show, alike. */
static bool count_seconds(struct battle_screen *s, int64_t now_ms,
                          int *wait_ms)
{
    if (battle_state(s->battle) != BATTLE_STREAMING || s->panes.calm)
        return false;
    if (s->began_ms < 0)
        s->began_ms = now_ms;
    int64_t waited_ms = now_ms - s->began_ms, before_s = s->waited_s;
    *wait_ms = clock_sooner_ms(*wait_ms, (int)(1000 - waited_ms % 1000));
    s->waited_s = waited_ms / 1000;
    return s->waited_s != before_s;
}

static bool battle_steps(void *self, int64_t now_ms, int *wait_ms)
{
    struct battle_screen *s = self;
    if (s->battle == NULL)
        return false;
    bool changed = battle_step(s->battle, now_ms, wait_ms);
    battle_screen_step_ahead(s, now_ms);
    changed = count_seconds(s, now_ms, wait_ms) || changed;
    tell_unstored(s);
    if (is_outdated(s)) {
        battle_screen_fill(s);
        changed = true;
    }
    for (int i = 0; changed && i < SIDE_N; i++) {
        size_t n;
        const char *text = battle_text(s->battle, i, &n);
        pane_take(&s->panes.pane[i], text, n);
        if (battle_state(s->battle) != BATTLE_STREAMING)
            pane_end(&s->panes.pane[i]);
    }
    if (s->readable_ms < 0 && s->panes.seen[SIDE_A] && s->panes.seen[SIDE_B] &&
        battle_may_vote(s->battle))
        s->readable_ms = now_ms;
    return changed;
}

static bool battle_may_leave(void *self)
{
    struct battle_screen *s = self;
    unsigned state = battle_screen_state(s);
    const char *lost = NULL;
    if ((state & (ON_STREAM | ON_EARLY | ON_ANSWERED | ON_CONFIRM)) != 0)
        lost = "No vote on this battle yet";
    else if (state == ON_NAMED)
        lost = "Answers are still coming";
    else if (state == ON_HOME && s->editor.text.len > 0)
        lost = "The prompt is not sent";
    if (lost != NULL && s->asked != ACT_QUIT) {
        s->asked = ACT_QUIT;
        ui_say(s->ui, STYLE_STRONG, "%s: q once more leaves it so.", lost);
        return false;
    }
    if (s->battle == NULL || s->is_alone)
        return true;
    go_home(s);
    return false;
}

static void battle_close_screen(void *self)
{
    struct battle_screen *s = self;
    struct err e;
    battle_screen_note_left(s);
    if (hooks_finish(&s->hooks, &e) != 0)
        ui_say_error(s->ui, &e);
    battle_close(s->battle);
    battle_close(s->ahead.next);
    past_free(&s->past);
    edit_free(&s->editor);
    edit_free(&s->note);
    free(s->category);
    free(s->picked);
    reason_free(&s->reason);
    panes_free(&s->panes);
    buf_free(&s->ranks);
    buf_free(&s->versus);
    free(s->queue);
    free(s);
}

static int battle_open_screen(void **self, struct ui *ui, const void *arg,
                              struct err *e)
{
    const struct battle_screen_arg *with = arg;
    struct battle_screen *s = mem_calloc(1, sizeof(*s));
    s->ui = ui;
    edit_init(&s->editor, EDIT_TEXT, SESSION_MAX_PROMPT);
    edit_init(&s->note, EDIT_NOTE, REASONS_MAX_BYTES);
    reason_init(&s->reason);
    s->category = mem_strdup("");
    buf_init(&s->ranks, 256);
    buf_init(&s->versus, 256);
    panes_init(&s->panes);
    s->panes.calm = ui->arena->config.motion == MOTION_REDUCED;
    *self = s;
    if (with != NULL) {
        s->suggestions = with->suggestions;
        s->n_suggestions = with->n_suggestions;
        s->ahead = (struct ahead){.prompts = with->prompts,
                                  .categories = with->categories,
                                  .n = with->n_prompts,
                                  .fought = with->fought};
        s->question = with->question;
        s->is_alone = with->n_queue > 0 || with->spec != NULL ||
                      with->n_prompts > 0;
    }
    if (with != NULL && with->n_queue > 0) {
        s->n_queue = with->n_queue;
        s->telling = with->telling;
        s->queue = mem_calloc(s->n_queue, sizeof(*s->queue));
        memcpy(s->queue, with->queue, s->n_queue * sizeof(*s->queue));
        next_of_queue(s);
    } else if (with != NULL && with->spec != NULL) {
        struct battle *b;
        if (battle_open(&b, ui->arena, with->spec, e) != 0) {
            battle_close_screen(s);
            return -1;
        }
        battle_screen_show(s, b);
    } else if (s->ahead.n > 0) {
        look_over(s);
        next_of_prompts(s);
    } else {
        battle_screen_compose(s);
        battle_screen_resume(s);
        look_over(s);
        if (ui->left.voting != 0)
            reopen(s, ui->left.voting);
    }
    return 0;
}

static void battle_draw(void *self, struct draw *d, const struct area *a)
{
    battle_screen_draw(self, d, a);
}

static void battle_head(void *self, struct heading *h)
{
    battle_screen_head(self, h);
}

static void battle_wheel(void *self, int row, int column, enum action action,
                         int lines)
{
    struct battle_screen *s = self;
    if (s->battle != NULL)
        panes_scroll(&s->panes, row, column, action, lines);
}

/* A blind battle that asks for its vote, of the same voter on a prompt of the
 * same category.  It asks one question: nothing does what several turns did, so
 * nothing what goes on by name. */
static void battle_command(const void *self, struct buf *out)
{
    const struct battle_screen *s = self;
    const char *voter = s->ui->in->options.voter;
    if (s->battle == NULL) {
        buf_add_str(out, "tui");
        shell_add_option(out, "--voter", voter);
        return;
    }
    const char *category = battle_category(s->battle);
    const char *prompt = battle_prompt(s->battle);
    if (battle_turn(s->battle) > 1)
        return;
    buf_add_str(out, "battle");
    shell_add_option(out, "--category", *category ? category : NULL);
    shell_add_option(out, "--voter", voter);
    buf_add_str(out, prompt[0] == '-' ? " -- " : " ");
    shell_add_word(out, prompt);
}

const struct screen screen_battle = {
    .name = "battle",
    .bindings = battle_screen_bindings,
    .open = battle_open_screen,
    .close = battle_close_screen,
    .state = battle_state_bits,
    .head = battle_head,
    .draw = battle_draw,
    .act = battle_act,
    .explain = battle_screen_explain,
    .wheel = battle_wheel,
    .command = battle_command,
    .editor = battle_editor,
    .step = battle_steps,
    .may_leave = battle_may_leave,
};
