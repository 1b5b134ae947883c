#include "arena/battle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/answer.h"
#include "arena/pace.h"
#include "arena/pairing.h"
#include "base/clock.h"
#include "base/mem.h"

struct side {
    size_t model;        /* of the config; unused in a reopened battle */
    char *name;          /* sealed: only reveal() and named battles give it */
    struct answer answer;
    size_t shown;        /* bytes of its text that may be shown */
};

struct turn { /* of the conversation, one that is over */
    char *prompt;
    char *text[SIDE_N];
};

struct battle {
    struct arena *arena;
    int64_t id, vote_id;
    enum battle_state state;
    struct side side[SIDE_N];
    struct pace_clock pace;
    char *prompt;          /* of the current turn */
    struct turn *past;
    int n_past;
    int round;             /* of regeneration in this turn, from 1 */
    bool named;            /* compare */
    bool reopened;         /* taken up from the store */
    bool stored;           /* the current answers are in the store */
    bool unsealed;         /* the names were known once */
    struct battle_reveal_side reveal[SIDE_N];
};

/* --- beginning ----------------------------------------------------------- */

static int draw_pair(struct arena *a, const struct battle_spec *spec,
                     struct pairing *pair, struct err *e)
{
    size_t n = a->config.n_models;
    if (spec->model[SIDE_A] >= 0 && spec->model[SIDE_B] >= 0) {
        for (int i = 0; i < SIDE_N; i++)
            pair->side[i] = (size_t)spec->model[i];
        pair->probability = NAN;
        if (pair->side[0] >= n || pair->side[1] >= n ||
            pair->side[0] == pair->side[1])
            return err_set(e, ERR_USAGE, "a battle needs two different models");
        return 0;
    }
    double *weights = mem_calloc(n, sizeof(*weights));
    for (size_t i = 0; i < n; i++)
        weights[i] = a->config.models[i].weight;
    int result = pairing_draw(weights, n, &a->rng, pair, e);
    free(weights);
    return result;
}

static int store_new_battle(struct battle *b, const struct battle_spec *spec,
                            double probability, struct err *e)
{
    struct arena *a = b->arena;
    struct store_battle row = {
        .prompt_id = spec->prompt_id,
        .run_id = spec->run_id,
        .model_id = {a->model_ids[b->side[SIDE_A].model],
                     a->model_ids[b->side[SIDE_B].model]},
        .state = STORE_OPEN,
        .probability = probability,
        .named = b->named,
        .pace = pace_name(b->pace.mode),
        .created_ms = clock_wall_ms(),
    };
    if (row.prompt_id == 0 &&
        store_put_prompt(a->store, spec->prompt,
                         spec->category ? spec->category : "", NULL,
                         &row.prompt_id, e) != 0)
        return -1;
    return store_add_battle(a->store, &row, &b->id, e);
}

/* Asks one side, with its own view of the conversation. */
static int start_side(struct battle *b, enum battle_side side, uint64_t seed,
                      struct err *e)
{
    size_t n = 0;
    struct message *turns =
        mem_calloc(2 * (size_t)b->n_past + 1, sizeof(*turns));
    for (int i = 0; i < b->n_past; i++) {
        turns[n++] = (struct message){"user", b->past[i].prompt};
        turns[n++] = (struct message){"assistant", b->past[i].text[side]};
    }
    turns[n++] = (struct message){"user", b->prompt};
    struct side *s = &b->side[side];
    int result = answer_start(&s->answer, b->arena, s->model, turns, n, seed,
                              e);
    free(turns);
    return result;
}

/* Both sides, with the same seed. */
static int start_answers(struct battle *b, struct err *e)
{
    uint64_t seed = rng_next(&b->arena->rng) >> 11; /* exact as a double */
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].shown = 0;
    if (start_side(b, SIDE_A, seed, e) != 0)
        return -1;
    if (start_side(b, SIDE_B, seed, e) != 0) {
        answer_free(&b->side[SIDE_A].answer);
        return -1;
    }
    enum pace mode = b->named ? PACE_LIVE : b->arena->config.pace;
    pace_init(&b->pace, mode);
    b->state = BATTLE_STREAMING;
    b->stored = false;
    return 0;
}

static bool is_blank(const char *s)
{
    return s == NULL || s[strspn(s, " \t\r\n")] == '\0';
}

int battle_open(struct battle **out, struct arena *a,
                const struct battle_spec *spec, struct err *e)
{
    struct pairing pair;
    if (is_blank(spec->prompt))
        return err_set(e, ERR_USAGE, "the prompt is empty");
    if (draw_pair(a, spec, &pair, e) != 0)
        return -1;
    /* Settings that cannot work are told before anything is at stake. */
    for (int i = 0; i < SIDE_N; i++)
        if (arena_backend(a, pair.side[i], e) == NULL)
            return -1;
    struct battle *b = mem_calloc(1, sizeof(*b));
    b->arena = a;
    b->named = b->unsealed = spec->named;
    b->prompt = mem_strdup(spec->prompt);
    b->round = 1;
    for (int i = 0; i < SIDE_N; i++) {
        b->side[i].model = pair.side[i];
        b->side[i].name = mem_strdup(a->config.models[pair.side[i]].name);
    }
    pace_init(&b->pace, b->named ? PACE_LIVE : a->config.pace);
    if (store_new_battle(b, spec, pair.probability, e) != 0 ||
        start_answers(b, e) != 0) {
        battle_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

void battle_close(struct battle *b)
{
    if (b == NULL)
        return;
    for (int i = 0; i < SIDE_N; i++) {
        answer_free(&b->side[i].answer);
        free(b->side[i].name);
    }
    for (int i = 0; i < b->n_past; i++) {
        free(b->past[i].prompt);
        free(b->past[i].text[SIDE_A]);
        free(b->past[i].text[SIDE_B]);
    }
    free(b->past);
    free(b->prompt);
    free(b);
}

/* --- taking up a stored one ---------------------------------------------- */

static void add_past(struct battle *b, const char *prompt, const char *text_a,
                     const char *text_b)
{
    b->past = mem_realloc(b->past, (size_t)b->n_past + 1, sizeof(*b->past));
    b->past[b->n_past++] = (struct turn){
        .prompt = mem_strdup(prompt),
        .text = {mem_strdup(text_a), mem_strdup(text_b)},
    };
}

static void take_row(struct side *s, const struct store_answer_row *row)
{
    struct answer *x = &s->answer;
    buf_init(&x->text, 2 * STREAM_MAX_BYTES);
    buf_init(&x->thinking, 2 * STREAM_MAX_BYTES);
    buf_add_str(&x->text, row->text);
    buf_add_str(&x->thinking, row->thinking);
    x->end = row->end;
    s->shown = x->text.len;
}

/* Rows come by turn, round and side.  Of each turn the last round with both
 * sides counts; the last turn is the current one. */
static int take_rows(struct battle *b, const struct store_answer_row *rows,
                     size_t n, struct err *e)
{
    const struct store_answer_row *found = NULL;
    for (size_t i = 0; i + 1 < n; i++) {
        const struct store_answer_row *x = &rows[i], *y = &rows[i + 1];
        if (x->side != 0 || y->side != 1 || x->turn != y->turn ||
            x->round != y->round)
            continue;
        if (found != NULL && found->turn != x->turn)
            add_past(b, found->prompt, found[0].text, found[1].text);
        found = x;
    }
    if (found == NULL)
        return err_set(e, ERR_USAGE, "battle %lld has no two answers to vote "
                       "on", (long long)b->id);
    b->prompt = mem_strdup(found->prompt);
    take_row(&b->side[SIDE_A], &found[0]);
    take_row(&b->side[SIDE_B], &found[1]);
    return 0;
}

int battle_reopen(struct battle **out, struct arena *a, int64_t battle_id,
                  struct err *e)
{
    struct store_battle_row row;
    struct store_answer_row *answers = NULL;
    size_t n = 0;
    if (store_get_battle(a->store, battle_id, &row, e) != 0)
        return -1;
    struct battle *b = mem_calloc(1, sizeof(*b));
    b->arena = a;
    b->id = battle_id;
    b->state = BATTLE_VOTING;
    b->reopened = b->stored = true;
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].name = mem_strdup(row.model[i]);
    int result = -1;
    if (row.battle.state != STORE_READY || row.battle.named)
        err_set(e, ERR_USAGE, "battle %lld takes no vote", (long long)b->id);
    else if (store_list_answers(a->store, battle_id, &answers, &n, e) == 0)
        result = take_rows(b, answers, n, e);
    store_free_answers(answers, n);
    store_free_battle(&row);
    if (result != 0) {
        battle_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

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

static bool both_done(const struct battle *b)
{
    return answer_done(&b->side[SIDE_A].answer) &&
           answer_done(&b->side[SIDE_B].answer);
}

static void drop_answers(struct battle *b)
{
    for (int i = 0; i < SIDE_N; i++)
        answer_drop(&b->side[i].answer);
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
        };
}

/* What failed is not told, nor which side: void is void for both. */
static void make_void(struct battle *b)
{
    drop_answers(b);
    b->state = BATTLE_VOID;
    if (b->named)
        unseal(b, NULL);
    /* Where the store fails now, the battle stays open in it, which is as
     * unrated as void. */
    store_answers(b, STORE_VOID, NULL);
}

static void describe_sides(const struct battle *b,
                           struct pace_side sides[SIDE_N])
{
    for (int i = 0; i < SIDE_N; i++) {
        const struct answer *x = &b->side[i].answer;
        sides[i] = (struct pace_side){x->text.data, x->text.len,
                                      answer_done(x)};
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
    if (b->state != BATTLE_STREAMING)
        return false;
    for (int i = 0; i < SIDE_N; i++)
        answer_step(&b->side[i].answer);
    for (int i = 0; i < SIDE_N; i++) {
        const struct answer *x = &b->side[i].answer;
        if (answer_done(x) && !answer_usable(x)) {
            make_void(b);
            return true;
        }
    }
    bool changed = release(b, now_ms, &all, wait_ms);
    if (both_done(b) && !b->stored)
        store_answers(b, STORE_READY, NULL); /* battle_vote tries again */
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
    return turn >= 1 && turn <= b->n_past ? b->past[turn - 1].text[side] : NULL;
}

const char *battle_text(const struct battle *b, enum battle_side side,
                        size_t *n)
{
    *n = b->side[side].shown;
    return b->side[side].answer.text.data;
}

/* --- the vote and what else a person may do ------------------------------ */

bool battle_may_vote(const struct battle *b)
{
    if (b->named)
        return false;
    if (b->state == BATTLE_VOTING)
        return true;
    return b->state == BATTLE_STREAMING && b->arena->config.vote_early &&
           b->side[SIDE_A].shown > 0 && b->side[SIDE_B].shown > 0;
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
    if (!b->stored && store_answers(b, STORE_READY, e) != 0)
        return -1;
    struct store_vote vote = {
        .battle_id = b->id,
        .verdict = verdict,
        .voter = b->arena->voter,
        .dwell_ms = dwell_ms,
        .corrected = b->unsealed,
        .early = early,
    };
    struct store_vote_result result;
    if (store_vote(b->arena->store, &vote, &result, e) != 0)
        return -1;
    if (result.duplicate)
        return err_set(e, ERR_USAGE, "battle %lld has your vote already",
                       (long long)b->id);
    b->vote_id = result.vote_id;
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
        return -1;
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
    if (b->reopened || (b->unsealed && !b->named))
        return err_set(e, ERR_USAGE, "a battle whose names are known, or of an "
                       "earlier session, is not regenerated");
    if (store_answers(b, STORE_OPEN, e) != 0)
        return -1;
    for (int i = 0; i < SIDE_N; i++)
        answer_free(&b->side[i].answer);
    b->round++;
    return start_answers(b, e);
}

int battle_follow_up(struct battle *b, const char *prompt, struct err *e)
{
    if (b->state != BATTLE_VOTING || b->reopened ||
        (b->unsealed && !b->named))
        return err_set(e, ERR_USAGE, "a further turn is for two whole answers "
                       "before the vote");
    if (is_blank(prompt))
        return err_set(e, ERR_USAGE, "the prompt is empty");
    if (store_answers(b, STORE_OPEN, e) != 0)
        return -1;
    add_past(b, b->prompt, b->side[SIDE_A].answer.text.data,
             b->side[SIDE_B].answer.text.data);
    for (int i = 0; i < SIDE_N; i++)
        answer_free(&b->side[i].answer);
    free(b->prompt);
    b->prompt = mem_strdup(prompt);
    b->round = 1;
    return start_answers(b, e);
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
    unseal(b, NULL);
    return b->reveal;
}

const char *battle_known_name(const struct battle *b, enum battle_side side)
{
    return b->named ? b->side[side].name : NULL;
}
