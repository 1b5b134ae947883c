/* Votes, skips and what takes them back. */
#include "tui/screens/battle_private.h"

#include <inttypes.h>

#include "base/clock.h"
#include "tui/print/reveal.h"
#include "tui/print/settled.h"

/* --- voting ------------------------------------------------------------ */

void battle_screen_forget_standing(struct battle_screen *s)
{
    buf_clear(&s->ranks);
    buf_clear(&s->versus);
}

/* A vote or skip failed.  Goes on if another session has ended the battle. */
static void refused(struct battle_screen *s, const struct err *e)
{
    if (battle_state(s->battle) == BATTLE_GONE)
        battle_screen_go_on(s);
    ui_say_error(s->ui, e);
}

static void tell_hook(struct battle_screen *s)
{
    struct err e;
    if (reveal_tell_hook(&s->hooks, s->ui->arena->config.vote_hook, s->battle,
                         s->verdict, &e) != 0)
        ui_say_error(s->ui, &e);
}

/* How the two stand: by the question that is asked, else by all votes. */
static void look_at_standing(struct battle_screen *s)
{
    const struct battle_reveal_side *sides = battle_reveal(s->battle);
    const char *names[SIDE_N] = {sides[SIDE_A].name, sides[SIDE_B].name};
    struct settled settled;
    struct err e;
    battle_screen_forget_standing(s);
    if (s->question == NULL) {
        past_versus(s->ui->arena, names, &s->ranks, &s->versus);
        return;
    }
    if (settled_load(&settled, s->ui->arena->store, s->question, &e) != 0) {
        ui_say_error(s->ui, &e);
        return;
    }
    settled_add_standing(&settled, s->question, &s->versus);
    s->is_settled = settled.result.verdict != SETTLE_UNDECIDED;
    if (s->is_settled)
        ui_say(s->ui, STYLE_STRONG, "%s. Enter ends.", s->versus.data);
}

void battle_screen_vote(struct battle_screen *s)
{
    struct err e;
    int64_t now_ms = clock_monotonic_ms();
    int64_t dwell_ms = s->readable_ms < 0 ? 0 : now_ms - s->readable_ms;
    s->confirming = false;
    if (battle_vote(s->battle, s->verdict, dwell_ms, &e) != 0) {
        refused(s, &e);
        return;
    }
    s->past.n[s->verdict]++;
    panes_end_search(&s->panes);
    look_at_standing(s);
    battle_screen_read_reason(s);
    tell_hook(s);
}

bool battle_screen_tie_same(struct battle_screen *s)
{
    struct err e;
    int tied = battle_tie_same(s->battle, &e);
    if (tied < 0)
        ui_say_error(s->ui, &e);
    if (tied != 1)
        return tied < 0 && battle_state(s->battle) == BATTLE_GONE;
    ui_say(s->ui, STYLE_NORMAL,
           "The same text on both sides: stored as a tie without asking.");
    s->verdict = RATING_TIE;
    s->past.n[RATING_TIE]++;
    if (s->question != NULL) /* else nobody looks: the next one is shown */
        look_at_standing(s);
    return !s->is_settled;
}

/* Before the very first vote a person may not know that a letter votes. */
static bool is_first_vote(struct battle_screen *s)
{
    struct store_totals t;
    return store_totals(s->ui->arena->store, &t, NULL) == 0 &&
           t.n_rated + t.n_seen + t.n_leak + t.n_withdrawn == 0;
}

void battle_screen_choose(struct battle_screen *s, enum rating_outcome verdict)
{
    int unseen = s->panes.seen[SIDE_A] ? SIDE_B : SIDE_A;
    if (!s->panes.seen[SIDE_A] || !s->panes.seen[SIDE_B]) {
        ui_say(s->ui, STYLE_NORMAL, "Look at %c first: Tab shows it.",
               'A' + unseen);
        return;
    }
    s->verdict = verdict;
    bool always = s->ui->arena->config.confirm_vote;
    s->is_first = !always && is_first_vote(s);
    s->confirming = always || s->is_first;
    if (!s->confirming)
        battle_screen_vote(s);
}

void battle_screen_skipped(struct battle_screen *s)
{
    battle_screen_go_on(s);
    ui_say(s->ui, STYLE_NORMAL, "Skipped: stored, not rated.");
}

void battle_screen_skip(struct battle_screen *s, enum action how, bool sure)
{
    struct err e;
    if (!sure && battle_state(s->battle) == BATTLE_STREAMING) {
        s->asked = how;
        ui_say(s->ui, STYLE_STRONG,
               "Answers are still coming: %c once more skips this battle.",
               how == ACT_SKIP ? 's' : 'S');
        return;
    }
    if (battle_skip(s->battle, &e) != 0) {
        refused(s, &e);
        return;
    }
    s->past.n_skipped++;
    if (how == ACT_SKIP || !battle_screen_tag_skip(s))
        battle_screen_skipped(s);
}

void battle_screen_undo(struct battle_screen *s)
{
    struct err e;
    int64_t id = 0;
    if (s->battle == NULL) {
        struct arena *a = s->ui->arena;
        if (store_undo(a->store, 0, a->voter, &id, &e) != 0) {
            ui_say_error(s->ui, &e);
            return;
        }
        past_load(&s->past, a, s->ui);
        ui_say(s->ui, STYLE_NORMAL, "Withdrew the vote on battle %" PRId64 ".",
               id);
    } else if (battle_undo(s->battle, &e) != 0) {
        ui_say_error(s->ui, &e);
    } else {
        s->past.n[s->verdict]--;
        s->is_settled = false;
        s->panes.pane[SIDE_A].tinted = s->panes.pane[SIDE_B].tinted = false;
        ui_say(s->ui, STYLE_NORMAL,
               "Withdrawn. A new vote is no longer "
               "blind: it will not be rated.");
    }
}
