#include "arena/battle/battle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/battle/private.h"
#include "base/clock.h"
#include "base/mem.h"

#define STORE_AGAIN_MS 1000

/* --- going on ------------------------------------------------------------ */

static int store_answers(struct battle *b, enum store_battle_state state,
                         struct err *e)
{
    struct store_answer rows[SIDE_N];
    if (b->stored)
        return store_set_battle_state(b->arena->store, b->id, state, e);
    for (int i = 0; i < SIDE_N; i++)
        answer_store_row(&b->side[i].answer, b->id, i, b->n_past + 1, b->round,
                         b->prompt, &rows[i]);
    if (store_put_answers(b->arena->store, rows, state, e) != 0)
        return -1;
    b->stored = true;
    return 0;
}

/* Beside what the person does: one who waits for a key to work must not wait
 * for another program that holds the database. */
static int store_aside(struct battle *b, enum store_battle_state state)
{
    store_hurry(b->arena->store, true);
    int result = store_answers(b, state, &b->unstored);
    store_hurry(b->arena->store, false);
    return result;
}

/* Where this fails it is tried again a little later, and with the vote. */
static void store_ready(struct battle *b, int64_t now_ms, int *wait_ms)
{
    if (!b->stored && now_ms >= b->store_again_ms &&
        store_aside(b, STORE_READY) != 0)
        b->store_again_ms = now_ms + STORE_AGAIN_MS;
    int left_ms = (int)(b->store_again_ms - now_ms);
    if (!b->stored && wait_ms != NULL)
        *wait_ms = clock_sooner_ms(*wait_ms, left_ms);
}

static bool both_done(const struct battle *b)
{
    return answer_done(&b->side[SIDE_A].answer) &&
           answer_done(&b->side[SIDE_B].answer);
}

static void drop_answers(struct battle *b)
{
    for (int i = 0; i < SIDE_N; i++) {
        answer_drop(&b->side[i].answer);
        battle_scan_answer(b, &b->side[i]);
    }
}

/* From here on the names are known. */
static void unseal(struct battle *b, const struct store_vote_result *r)
{
    b->unsealed = true;
    for (int i = 0; i < SIDE_N; i++)
        b->reveal[i] = (struct battle_reveal_side){
            .name = b->side[i].name,
            .before = r ? r->before[i] : NAN,
            .after = r ? r->after[i] : NAN,
            .end = &b->side[i].answer.end,
            .thinking = b->side[i].answer.thinking.data,
            .empty = b->side[i].answer.end.finish < FINISH_CANCEL &&
                     !answer_usable(&b->side[i].answer),
        };
}

/* What failed is not told, nor which side: void is void for both.  As long as
 * the pair may be asked again the battle is open in the store, for looking back
 * names what is void. */
static void make_void(struct battle *b)
{
    drop_answers(b);
    b->state = BATTLE_VOID;
    if (b->named)
        unseal(b, NULL);
    store_aside(b, b->named ? STORE_VOID : STORE_OPEN);
}

void battle_end_void(struct battle *b)
{
    if (b->state != BATTLE_VOID || b->named)
        return;
    /* Where the store fails now, the battle stays open in it, which is as
     * unrated as void. */
    store_answers(b, STORE_VOID, NULL);
}

int battle_settle(struct battle *b, struct err *e)
{
    if (b->stored)
        return 0;
    if (b->state == BATTLE_VOTING ||
        (b->state == BATTLE_STREAMING && both_done(b)))
        return store_answers(b, STORE_READY, e);
    if (b->state == BATTLE_VOID)
        return store_answers(b, b->unsealed ? STORE_VOID : STORE_OPEN, e);
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
        if (answer_step(&b->side[i].answer))
            battle_scan_answer(b, &b->side[i]);
    for (int i = 0; i < SIDE_N; i++) {
        const struct answer *x = &b->side[i].answer;
        if (answer_done(x) && !answer_usable(x)) {
            make_void(b);
            return true;
        }
    }
    bool changed = release(b, now_ms, &all, wait_ms);
    if (both_done(b))
        store_ready(b, now_ms, wait_ms);
    if (!all)
        return changed;
    b->state = BATTLE_VOTING;
    if (b->named)
        unseal(b, NULL);
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

bool battle_leaked(const struct battle *b)
{
    return b->leaked || b->side[SIDE_A].scan.found ||
           b->side[SIDE_B].scan.found;
}

bool battle_is_seen(const struct battle *b)
{
    return b->unsealed && !b->named;
}

bool battle_corrected(const struct battle *b)
{
    return b->corrected;
}

/* --- the vote and what else a person may do ------------------------------ */

unsigned battle_text_version(const struct battle *b, enum battle_side side)
{
    return b->side[side].version;
}

bool battle_may_vote(const struct battle *b)
{
    if (b->named)
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

/* The store refused.  Where that is not for trouble of its own, another session
 * has ended this battle.  Returns -1. */
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
    if (!b->stored && store_answers(b, STORE_READY, e) != 0)
        return fail_gone(b, e);
    struct store_vote vote = {
        .battle_id = b->id,
        .n_answers = b->n_stored,
        .verdict = verdict,
        .voter = b->arena->voter,
        .dwell_ms = dwell_ms,
        .corrected = b->unsealed,
        .early = early,
        .leak = battle_leaked(b),
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
    b->corrected = result.corrected;
    b->state = BATTLE_REVEALED;
    unseal(b, &result);
    return 0;
}

int battle_skip(struct battle *b, struct err *e)
{
    if (b->state != BATTLE_STREAMING && b->state != BATTLE_VOTING)
        return err_set(e, ERR_USAGE, "there is nothing to skip");
    drop_answers(b);
    if (store_answers(b, STORE_SKIPPED, e) != 0)
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

int battle_regenerate(struct battle *b, struct err *e)
{
    if (b->state != BATTLE_VOTING && b->state != BATTLE_VOID)
        return err_set(e, ERR_USAGE, "nothing to regenerate yet");
    if (b->reopened || battle_is_seen(b))
        return err_set(e, ERR_USAGE, "a battle whose names are known, or of an "
                       "earlier session, is not regenerated");
    if (store_answers(b, STORE_OPEN, e) != 0)
        return -1;
    for (int i = 0; i < SIDE_N; i++)
        answer_free(&b->side[i].answer);
    b->round++;
    return battle_start_answers(b, e);
}

int battle_follow_up(struct battle *b, const char *prompt, struct err *e)
{
    if (b->state != BATTLE_VOTING || b->reopened || battle_is_seen(b))
        return err_set(e, ERR_USAGE, "a further turn is for two whole answers "
                       "before the vote");
    if (prompt[strspn(prompt, " \t\r\n")] == '\0')
        return err_set(e, ERR_USAGE, "the prompt is empty");
    if (store_answers(b, STORE_OPEN, e) != 0)
        return -1;
    battle_end_turn(b);
    b->prompt = mem_strdup(prompt);
    b->round = 1;
    return battle_start_answers(b, e);
}

int battle_undo(struct battle *b, struct err *e)
{
    if (b->state != BATTLE_REVEALED)
        return err_set(e, ERR_USAGE, "there is no vote to undo");
    if (store_undo(b->arena->store, b->vote_id, b->arena->voter, NULL, e) != 0)
        return -1;
    b->vote_id = 0;
    b->state = BATTLE_VOTING;
    return 0;
}

/* --- what may be known --------------------------------------------------- */

const struct battle_reveal_side *battle_reveal(const struct battle *b)
{
    bool open = b->state == BATTLE_REVEALED ||
                (b->named && b->state == BATTLE_VOTING) ||
                (b->unsealed && b->state == BATTLE_VOID);
    return open ? b->reveal : NULL;
}

const struct battle_reveal_side *battle_reveal_void(struct battle *b)
{
    if (b->state != BATTLE_VOID)
        return NULL;
    battle_end_void(b);
    unseal(b, NULL);
    return b->reveal;
}

const char *battle_known_name(const struct battle *b, enum battle_side side)
{
    return b->named ? b->side[side].name : NULL;
}
