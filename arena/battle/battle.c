#include "arena/battle/battle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/battle/turn.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define STORE_AGAIN_MS 1000

/* --- going on ------------------------------------------------------------ */

/* In passing: a person who presses a key must not wait for another program that
 * holds the database. */
static int store_aside(struct battle *b, enum store_battle_state state)
{
    store_hurry(b->arena->store, true);
    int result = turn_store(b, state, &b->unstored);
    store_hurry(b->arena->store, false);
    return result;
}

/* If this fails it is tried again a little later, and with the vote. */
static void store_ready(struct battle *b, int64_t now_ms, int *wait_ms)
{
    if (!b->stored && now_ms >= b->store_again_ms &&
        store_aside(b, STORE_READY) != 0)
        b->store_again_ms = now_ms + STORE_AGAIN_MS;
    int left_ms = (int)(b->store_again_ms - now_ms);
    if (!b->stored && wait_ms != NULL)
        *wait_ms = clock_sooner_ms(*wait_ms, left_ms);
}

bool battle_is_answered(const struct battle *b)
{
    return answer_done(&b->side[SIDE_A].answer) &&
           answer_done(&b->side[SIDE_B].answer);
}

static void drop_answers(struct battle *b)
{
    for (int i = 0; i < SIDE_N; i++) {
        answer_drop(&b->side[i].answer);
        turn_scan(b, &b->side[i]);
    }
}

/* If a name was hidden, what is shown is not what the tokens wrote. */
static const char *chances_of(const struct side *s)
{
    const struct answer *x = &s->answer;
    bool same = x->chances.len > 0 && s->display.len == x->text.len &&
                memcmp(s->display.data, x->text.data, x->text.len) == 0;
    return same ? x->chances.data : "";
}

/* From here on the names are open. */
static void open_names(struct battle *b, const struct store_vote_result *r)
{
    if (b->names == NAMES_HIDDEN)
        log_release(false);
    if (b->names != NAMES_COMPARE)
        b->names = NAMES_OPEN;
    for (int i = 0; i < SIDE_N; i++)
        b->reveal[i] = (struct battle_reveal_side){
            .name = b->side[i].name,
            .before = r ? r->before[i] : NAN,
            .after = r ? r->after[i] : NAN,
            .end = &b->side[i].answer.end,
            .thinking = b->side[i].answer.thinking.data,
            .chances = chances_of(&b->side[i]),
            .empty = b->side[i].answer.end.finish < FINISH_CANCEL &&
                     !answer_usable(&b->side[i].answer),
        };
}

/* Neither what failed is told, nor which side: void is void for both.  While
 * the pair may be asked again the battle is open in the store, for there the
 * names of a void one are open. */
static void make_void(struct battle *b)
{
    drop_answers(b);
    b->state = BATTLE_VOID;
    if (b->names == NAMES_COMPARE)
        open_names(b, NULL);
    store_aside(b, b->names == NAMES_COMPARE ? STORE_VOID : STORE_OPEN);
}

int battle_settle(struct battle *b, struct err *e)
{
    if (b->stored)
        return 0;
    if (b->state == BATTLE_VOTING ||
        (b->state == BATTLE_STREAMING && battle_is_answered(b)))
        return turn_store(b, STORE_READY, e);
    if (b->state == BATTLE_VOID)
        return turn_store(b, b->names == NAMES_HIDDEN ? STORE_OPEN : STORE_VOID,
                          e);
    return 0;
}

static void describe_sides(const struct battle *b,
                           struct pace_side sides[SIDE_N])
{
    for (int i = 0; i < SIDE_N; i++) {
        const struct side *s = &b->side[i];
        sides[i] = (struct pace_side){s->display.data, s->display.len,
                                      answer_done(&s->answer)};
    }
}

/* Lets the pace show more.  Returns whether it did; *all: nothing is left. */
static bool release(struct battle *b, int64_t now_ms, bool *all, int *wait_ms)
{
    struct pace_side sides[SIDE_N];
    size_t shown[SIDE_N] = {b->side[SIDE_A].shown, b->side[SIDE_B].shown};
    describe_sides(b, sides);
    *all = pace_step(&b->pace, now_ms, sides, shown);
    bool more = false;
    for (int i = 0; i < SIDE_N; i++) {
        more = more || shown[i] != b->side[i].shown;
        b->side[i].shown = shown[i];
    }
    if (wait_ms != NULL)
        *wait_ms = *all ? -1 : pace_wait_ms(&b->pace, sides);
    return more;
}

bool battle_step(struct battle *b, int64_t now_ms, int *wait_ms)
{
    bool all;
    if (wait_ms != NULL)
        *wait_ms = -1;
    if (b->state == BATTLE_VOTING)
        store_ready(b, now_ms, wait_ms);
    if (b->state != BATTLE_STREAMING)
        return false;
    for (int i = 0; i < SIDE_N; i++)
        if (answer_step(&b->side[i].answer) && !b->ahead)
            turn_scan(b, &b->side[i]);
    if (b->ahead)
        return false;
    for (int i = 0; i < SIDE_N; i++) {
        const struct answer *x = &b->side[i].answer;
        if (answer_done(x) && !answer_usable(x)) {
            make_void(b);
            return true;
        }
    }
    bool changed = release(b, now_ms, &all, wait_ms);
    if (battle_is_answered(b))
        store_ready(b, now_ms, wait_ms);
    if (!all)
        return changed;
    b->state = BATTLE_VOTING;
    if (b->names == NAMES_COMPARE)
        open_names(b, NULL);
    return true;
}

enum battle_state battle_state(const struct battle *b)
{
    return b->state;
}

int64_t battle_id(const struct battle *b)
{
    return b->id;
}

const struct err *battle_unstored(const struct battle *b)
{
    return b->stored || b->unstored.code == ERR_NONE ? NULL : &b->unstored;
}

const char *battle_prompt(const struct battle *b)
{
    return b->prompt;
}

const char *battle_category(const struct battle *b)
{
    return b->category;
}

int battle_turn(const struct battle *b)
{
    return b->n_past + 1;
}

const char *battle_past_prompt(const struct battle *b, int turn)
{
    return turn >= 1 && turn <= b->n_past ? b->past[turn - 1].prompt : NULL;
}

const char *battle_past_text(const struct battle *b, int turn,
                             enum battle_side side)
{
    return turn >= 1 && turn <= b->n_past ? b->past[turn - 1].display[side]
                                           : NULL;
}

const char *battle_text(const struct battle *b, enum battle_side side,
                        size_t *n)
{
    *n = b->side[side].shown;
    return b->side[side].display.data;
}

bool battle_has_leak(const struct battle *b)
{
    return b->had_leak || b->side[SIDE_A].scan.found ||
           b->side[SIDE_B].scan.found;
}

bool battle_is_seen(const struct battle *b)
{
    return b->names == NAMES_OPEN || b->names == NAMES_SEEN;
}

bool battle_voted_seen(const struct battle *b)
{
    return b->voted_seen;
}

/* --- the vote and what else a person may do ------------------------------ */

unsigned battle_text_version(const struct battle *b, enum battle_side side)
{
    return b->side[side].version;
}

bool battle_may_vote(const struct battle *b)
{
    if (b->names == NAMES_COMPARE)
        return false;
    if (b->state == BATTLE_VOTING)
        return true;
    return b->state == BATTLE_STREAMING && b->arena->config.vote_early &&
           b->side[SIDE_A].shown > 0 && b->side[SIDE_B].shown > 0;
}

static bool both_usable(const struct battle *b)
{
    return answer_usable(&b->side[SIDE_A].answer) &&
           answer_usable(&b->side[SIDE_B].answer);
}

/* The store refused.  If that was no trouble of its own, another session has
 * ended this battle.  Returns -1. */
static int fail_gone(struct battle *b, const struct err *e)
{
    if (e->code == ERR_USAGE)
        b->state = BATTLE_GONE;
    return -1;
}

int battle_vote(struct battle *b, enum rating_outcome verdict,
                int64_t dwell_ms, struct err *e)
{
    if (!battle_may_vote(b))
        return err_set(e, ERR_USAGE, "battle %lld takes no vote now",
                       (long long)b->id);
    bool early = b->state == BATTLE_STREAMING;
    if (early) {
        drop_answers(b);
        b->pace.hurry = true;
    }
    if (!both_usable(b)) { /* it failed after what was seen of it */
        make_void(b);
        return err_set(e, ERR_USAGE, "a side has failed, so battle %lld is "
                       "void", (long long)b->id);
    }
    if (!b->stored && turn_store(b, STORE_READY, e) != 0)
        return fail_gone(b, e);
    struct store_vote vote = {
        .battle_id = b->id,
        .n_answers = b->n_stored,
        .verdict = verdict,
        .voter = b->arena->voter,
        .dwell_ms = dwell_ms,
        .seen = b->names != NAMES_HIDDEN,
        .early = early,
        .leak = battle_has_leak(b),
    };
    struct store_vote_result result;
    if (store_vote(b->arena->store, &vote, &result, e) != 0)
        return fail_gone(b, e);
    if (result.duplicate) {
        err_set(e, ERR_USAGE, "battle %lld has your vote already",
                (long long)b->id);
        return fail_gone(b, e);
    }
    b->vote_id = result.vote_id;
    b->voted_seen = result.seen;
    b->state = BATTLE_VOTED;
    open_names(b, &result);
    return 0;
}

static bool says_same(const struct battle *b)
{
    const struct side *x = &b->side[SIDE_A], *y = &b->side[SIDE_B];
    bool same = strcmp(x->answer.text.data, y->answer.text.data) == 0;
    for (int k = 0; k < b->n_past && same; k++)
        same = strcmp(b->past[k].text[SIDE_A], b->past[k].text[SIDE_B]) == 0;
    return same;
}

int battle_tie_same(struct battle *b, struct err *e)
{
    if (!b->reopened || b->state != BATTLE_VOTING || !says_same(b))
        return 0;
    return battle_vote(b, RATING_TIE, -1, e) == 0 ? 1 : -1;
}

int battle_skip(struct battle *b, struct err *e)
{
    if (b->state != BATTLE_STREAMING && b->state != BATTLE_VOTING)
        return err_set(e, ERR_USAGE, "there is nothing to skip");
    drop_answers(b);
    if (turn_store(b, STORE_SKIPPED, e) != 0)
        return fail_gone(b, e);
    b->state = BATTLE_SKIPPED;
    return 0;
}

void battle_stop(struct battle *b)
{
    if (b->state != BATTLE_STREAMING)
        return;
    b->pace.hurry = true;
    drop_answers(b);
}

bool battle_may_ask(const struct battle *b)
{
    return !b->reopened && !battle_is_seen(b);
}

int battle_regenerate(struct battle *b, struct err *e)
{
    if (b->state != BATTLE_VOTING && b->state != BATTLE_VOID)
        return err_set(e, ERR_USAGE, "nothing to regenerate yet");
    if (!battle_may_ask(b))
        return err_set(e, ERR_USAGE, "a battle whose names are known, or of an "
                       "earlier session, is not regenerated");
    if (turn_store(b, STORE_OPEN, e) != 0)
        return -1;
    for (int i = 0; i < SIDE_N; i++)
        answer_free(&b->side[i].answer);
    b->round++;
    return turn_start(b, e);
}

int battle_follow_up(struct battle *b, const char *prompt, struct err *e)
{
    if (b->state != BATTLE_VOTING || !battle_may_ask(b))
        return err_set(e, ERR_USAGE, "a further turn is for two whole answers "
                       "before the vote");
    if (prompt[strspn(prompt, " \t\r\n")] == '\0')
        return err_set(e, ERR_USAGE, "the prompt is empty");
    if (turn_store(b, STORE_OPEN, e) != 0)
        return -1;
    turn_end(b);
    b->prompt = mem_strdup(prompt);
    b->round = 1;
    return turn_start(b, e);
}

int battle_undo(struct battle *b, struct err *e)
{
    if (b->state != BATTLE_VOTED)
        return err_set(e, ERR_USAGE, "there is no vote to undo");
    if (store_undo(b->arena->store, b->vote_id, b->arena->voter, NULL, e) != 0)
        return -1;
    b->vote_id = 0;
    b->names = NAMES_SEEN;
    b->state = BATTLE_VOTING;
    return 0;
}

/* --- what may be known --------------------------------------------------- */

const struct battle_reveal_side *battle_reveal(const struct battle *b)
{
    bool open = b->names == NAMES_OPEN ||
                (b->names == NAMES_COMPARE && (b->state == BATTLE_VOTING ||
                                               b->state == BATTLE_VOID));
    return open ? b->reveal : NULL;
}

const struct battle_reveal_side *battle_reveal_void(struct battle *b)
{
    if (b->state != BATTLE_VOID)
        return NULL;
    turn_end_void(b);
    open_names(b, NULL);
    return b->reveal;
}

const char *battle_compare_name(const struct battle *b, enum battle_side side)
{
    return b->names == NAMES_COMPARE ? b->side[side].name : NULL;
}
