/* How a battle begins (a pair drawn, or a stored one taken up) and ends. */
#include "arena/battle/turn.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/blind/words.h"
#include "arena/pairing.h"
#include "arena/store/answers.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

static int draw_pair(struct arena *a, const struct battle_spec *spec,
                     struct pairing *pair, struct err *e)
{
    size_t n = a->config.n_models;
    if (spec->model[SIDE_A] >= 0 && spec->model[SIDE_B] >= 0) {
        bool turned = spec->any_side && rng_below(&a->rng, 2) == 1;
        for (int i = 0; i < SIDE_N; i++)
            pair->side[i] = (size_t)spec->model[turned ? 1 - i : i];
        pair->probability = NAN;
        if (pair->side[0] >= n || pair->side[1] >= n ||
            pair->side[0] == pair->side[1])
            return err_set(e, ERR_USAGE, "a battle needs two different models");
        return 0;
    }
    double *weights = mem_calloc(n, sizeof(*weights));
    int result = arena_weigh(a, weights, e);
    if (result == 0)
        result = pairing_draw_stored(a->store, a->config.pairing, a->model_ids,
                                     weights, n, &a->rng, pair, e);
    free(weights);
    return result;
}

static int store_new_battle(struct battle *b, struct err *e)
{
    struct arena *a = b->arena;
    struct store_battle row = b->row;
    row.pace = pace_name(b->pace.mode);
    row.created_ms = clock_wall_ms();
    const char *first = b->n_past > 0 ? b->past[0].prompt : b->prompt;
    if (row.prompt_id == 0 &&
        store_put_prompt(a->store, first, b->category, NULL, &row.prompt_id,
                         e) != 0)
        return -1;
    return store_add_battle(a->store, &row, &b->id, e);
}

static void describe(struct battle *b, const struct battle_spec *spec,
                     double probability)
{
    struct arena *a = b->arena;
    b->prompt = mem_strdup(spec->prompt);
    b->category = mem_strdup(spec->category ? spec->category : "");
    b->row = (struct store_battle){
        .prompt_id = spec->prompt_id,
        .run_id = spec->run_id,
        .model_id = {a->model_ids[b->side[SIDE_A].model],
                     a->model_ids[b->side[SIDE_B].model]},
        .state = STORE_OPEN,
        .probability = probability,
        .compare = spec->compare,
    };
}

static bool is_blank(const char *s)
{
    return s == NULL || s[strspn(s, " \t\r\n")] == '\0';
}

/* A battle with nothing in it yet. */
static struct battle *make_battle(struct arena *a, const char *const names[2],
                                  bool compare)
{
    struct battle *b = mem_calloc(1, sizeof(*b));
    b->arena = a;
    b->names = compare ? NAMES_COMPARE : NAMES_HIDDEN;
    if (!compare)
        log_hold(); /* until the names are open */
    b->round = 1;
    pace_init(&b->pace, compare ? PACE_LIVE : a->config.pace);
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].name = mem_strdup(names[i]);
    if (!compare) {
        blind_words_init(&b->words, &a->config);
        for (int i = 0; i < SIDE_N; i++)
            leak_words_add_name(&b->words, names[i]);
    }
    for (int i = 0; i < SIDE_N; i++) {
        buf_init(&b->side[i].display, BLIND_MAX_BYTES);
        turn_clear(b, &b->side[i]);
    }
    return b;
}

int battle_open(struct battle **out, struct arena *a,
                const struct battle_spec *spec, struct err *e)
{
    struct pairing pair;
    if (is_blank(spec->prompt))
        return err_set(e, ERR_USAGE, "the prompt is empty");
    if (draw_pair(a, spec, &pair, e) != 0)
        return -1;
    /* Settings that cannot work are reported before anything is stored. */
    for (int i = 0; i < SIDE_N; i++)
        if (arena_backend(a, pair.side[i], e) == NULL)
            return -1;
    const char *names[SIDE_N] = {a->config.models[pair.side[SIDE_A]].name,
                                 a->config.models[pair.side[SIDE_B]].name};
    struct battle *b = make_battle(a, names, spec->compare);
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].model = pair.side[i];
    describe(b, spec, pair.probability);
    b->ahead = spec->ahead;
    if ((!b->ahead && store_new_battle(b, e) != 0) || turn_start(b, e) != 0) {
        battle_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

int battle_show(struct battle *b, struct err *e)
{
    assert(b->ahead);
    if (store_new_battle(b, e) != 0)
        return -1;
    b->ahead = false;
    for (int i = 0; i < SIDE_N; i++)
        turn_scan(b, &b->side[i]);
    return 0;
}

void battle_close(struct battle *b)
{
    if (b == NULL)
        return;
    if (!b->ahead) {
        turn_end_void(b);
        battle_settle(b, NULL);
    }
    if (b->names == NAMES_HIDDEN)
        log_release(true);
    for (int i = 0; i < SIDE_N; i++) {
        answer_free(&b->side[i].answer);
        buf_free(&b->side[i].display);
        free(b->side[i].name);
    }
    for (int i = 0; i < b->n_past; i++) {
        free(b->past[i].prompt);
        for (int side = 0; side < SIDE_N; side++) {
            free(b->past[i].text[side]);
            free(b->past[i].display[side]);
        }
    }
    free(b->past);
    free(b->category);
    leak_words_free(&b->words);
    free(b->prompt);
    free(b);
}

/* --- going on after the vote --------------------------------------------- */

#define SAID_BEFORE "said before the names were known, in a battle of its own"

static void copy_past(struct battle *b, const struct battle *from)
{
    b->n_past = from->n_past + 1;
    b->past = mem_calloc((size_t)b->n_past, sizeof(*b->past));
    for (int k = 0; k < b->n_past; k++) {
        const struct turn *old = k < from->n_past ? &from->past[k] : NULL;
        struct turn *turn = &b->past[k];
        turn->prompt = mem_strdup(old ? old->prompt : from->prompt);
        for (int i = 0; i < SIDE_N; i++) {
            const struct answer *last = &from->side[i].answer;
            turn->text[i] = mem_strdup(old ? old->text[i] : last->text.data);
            turn->display[i] = mem_strdup(turn->text[i]);
            turn->finish[i] = old ? old->finish[i] : last->end.finish;
        }
    }
}

/* The words alone: what they took and cost counts once, where they were said.
 */
static int store_past(const struct battle *b, struct err *e)
{
    int result = 0;
    for (int k = 0; k < b->n_past && result == 0; k++) {
        struct store_answer rows[SIDE_N];
        for (int i = 0; i < SIDE_N; i++) {
            rows[i] = (struct store_answer){.battle_id = b->id,
                                            .side = i,
                                            .turn = k + 1,
                                            .round = 1,
                                            .prompt = b->past[k].prompt,
                                            .text = b->past[k].text[i]};
            answer_end_init(&rows[i].end);
            rows[i].end.finish = b->past[k].finish[i];
            snprintf(rows[i].end.note, sizeof(rows[i].end.note), SAID_BEFORE);
        }
        result = store_put_answers(b->arena->store, rows, STORE_OPEN, e);
    }
    return result;
}

static int store_with_past(struct battle *b, struct err *e)
{
    struct store *s = b->arena->store;
    if (store_begin_group(s, e) != 0)
        return -1;
    int result = store_new_battle(b, e);
    if (result == 0)
        result = store_past(b, e);
    return store_end_group(s, result, e);
}

static int find_both(const struct battle *from, size_t model[SIDE_N],
                     struct err *e)
{
    if (from->state != BATTLE_VOTED)
        return err_set(e, ERR_USAGE, "a conversation goes on by name after "
                       "its vote");
    for (int i = 0; i < SIDE_N; i++)
        if (arena_find_model(from->arena, from->side[i].name, &model[i], e) !=
            0)
            return -1;
    return 0;
}

int battle_may_go_on(const struct battle *from, struct err *e)
{
    size_t model[SIDE_N];
    return find_both(from, model, e);
}

int battle_go_on(struct battle **out, const struct battle *from,
                 const char *prompt, struct err *e)
{
    struct arena *a = from->arena;
    const char *names[SIDE_N] = {from->side[SIDE_A].name,
                                 from->side[SIDE_B].name};
    size_t model[SIDE_N];
    if (find_both(from, model, e) != 0)
        return -1;
    if (is_blank(prompt))
        return err_set(e, ERR_USAGE, "the prompt is empty");
    for (int i = 0; i < SIDE_N; i++)
        if (arena_backend(a, model[i], e) == NULL)
            return -1;
    struct battle *b = make_battle(a, names, true);
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].model = model[i];
    copy_past(b, from);
    const struct battle_spec spec = {
        .prompt = prompt, .category = from->category, .compare = true};
    describe(b, &spec, NAN);
    if (store_with_past(b, e) != 0 || turn_start(b, e) != 0) {
        battle_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

/* --- taking up a stored one ---------------------------------------------- */

static void take_row(struct battle *b, struct side *s,
                     const struct store_answer_row *row)
{
    struct answer *x = &s->answer;
    reply_init(x, NULL);
    buf_add_str(&x->text, row->text);
    buf_add_str(&x->thinking, row->thinking);
    buf_add_str(&x->chances, row->chances);
    x->end = row->end;
    turn_scan(b, s);
    s->shown = s->display.len;
}

static void take_turn(struct battle *b, const struct store_answer_row rows[2])
{
    b->prompt = mem_strdup(rows[0].prompt);
    for (int i = 0; i < SIDE_N; i++)
        take_row(b, &b->side[i], &rows[i]);
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
        if (found != NULL && found->turn != x->turn) {
            take_turn(b, found);
            turn_end(b);
        }
        found = x;
    }
    if (found == NULL)
        return err_set(e, ERR_USAGE, "battle %lld has no two answers to vote "
                       "on", (long long)b->id);
    take_turn(b, found);
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
    const char *names[SIDE_N] = {row.model[SIDE_A], row.model[SIDE_B]};
    struct battle *b = make_battle(a, names, false);
    b->id = battle_id;
    b->state = BATTLE_VOTING;
    b->reopened = b->stored = true;
    b->category = mem_strdup(row.category);
    int result = -1;
    if (row.battle.state != STORE_READY || row.battle.compare)
        err_set(e, ERR_USAGE, "battle %lld takes no vote", (long long)b->id);
    else if (store_list_answers(a->store, battle_id, &answers, &n, e) == 0)
        result = take_rows(b, answers, n, e);
    b->n_stored = n;
    store_free_answers(answers, n);
    store_free_battle(&row);
    if (result != 0) {
        battle_close(b);
        return -1;
    }
    *out = b;
    return 0;
}
