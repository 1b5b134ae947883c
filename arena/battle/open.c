/* How a battle begins (a pair drawn, or a stored one taken up) and ends. */
#include "arena/battle/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/blind/words.h"
#include "arena/pairing.h"
#include "arena/store/answers.h"
#include "base/clock.h"
#include "base/mem.h"

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
    int result = arena_weigh(a, weights, e);
    if (result == 0)
        result = pairing_draw_stored(a->store, a->config.pairing, a->model_ids,
                                     weights, n, &a->rng, pair, e);
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

/* Nothing of a side is shown yet. */
static void clear_display(struct battle *b, struct side *s)
{
    buf_clear(&s->display);
    leak_scan_init(&s->scan, &b->words);
    s->shown = 0;
    s->n_recalls = 0;
    s->version++;
}

int battle_start_answers(struct battle *b, struct err *e)
{
    uint64_t seed = rng_next(&b->arena->rng) >> 11; /* exact as a double */
    for (int i = 0; i < SIDE_N; i++)
        clear_display(b, &b->side[i]);
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
    b->unstored.code = ERR_NONE;
    b->store_again_ms = 0;
    return 0;
}

static bool is_blank(const char *s)
{
    return s == NULL || s[strspn(s, " \t\r\n")] == '\0';
}

/* A battle with nothing in it yet. */
static struct battle *make_battle(struct arena *a, const char *const names[2],
                                  bool named)
{
    struct battle *b = mem_calloc(1, sizeof(*b));
    b->arena = a;
    b->named = b->unsealed = named;
    b->round = 1;
    pace_init(&b->pace, named ? PACE_LIVE : a->config.pace);
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].name = mem_strdup(names[i]);
    if (!named) {
        blind_words_init(&b->words, &a->config);
        for (int i = 0; i < SIDE_N; i++)
            leak_words_add_name(&b->words, names[i]);
    }
    for (int i = 0; i < SIDE_N; i++) {
        buf_init(&b->side[i].display, BLIND_MAX_BYTES);
        clear_display(b, &b->side[i]);
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
    /* Settings that cannot work are told before anything is at stake. */
    for (int i = 0; i < SIDE_N; i++)
        if (arena_backend(a, pair.side[i], e) == NULL)
            return -1;
    const char *names[SIDE_N] = {a->config.models[pair.side[SIDE_A]].name,
                                 a->config.models[pair.side[SIDE_B]].name};
    struct battle *b = make_battle(a, names, spec->named);
    b->prompt = mem_strdup(spec->prompt);
    for (int i = 0; i < SIDE_N; i++)
        b->side[i].model = pair.side[i];
    if (store_new_battle(b, spec, pair.probability, e) != 0 ||
        battle_start_answers(b, e) != 0) {
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
    battle_end_void(b);
    battle_settle(b, NULL);
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
    leak_words_free(&b->words);
    free(b->prompt);
    free(b);
}

/* --- taking up a stored one ---------------------------------------------- */

void battle_end_turn(struct battle *b)
{
    b->past = mem_realloc(b->past, (size_t)b->n_past + 1, sizeof(*b->past));
    struct turn *turn = &b->past[b->n_past++];
    turn->prompt = b->prompt;
    b->prompt = NULL;
    for (int i = 0; i < SIDE_N; i++) {
        struct side *s = &b->side[i];
        turn->text[i] = mem_strdup(s->answer.text.data);
        turn->display[i] = mem_strdup(s->display.data);
        b->leaked = b->leaked || s->scan.found;
        answer_free(&s->answer);
        clear_display(b, s);
    }
}

void battle_scan_answer(struct battle *b, struct side *s)
{
    const struct answer *x = &s->answer;
    if (x->n_recalls != s->n_recalls) { /* what was shown is no answer */
        clear_display(b, s);
        s->n_recalls = x->n_recalls;
    }
    leak_scan_step(&s->scan, x->text.data, x->text.len, answer_done(x),
                   &s->display);
}

static void take_row(struct battle *b, struct side *s,
                     const struct store_answer_row *row)
{
    struct answer *x = &s->answer;
    buf_init(&x->text, 2 * STREAM_MAX_BYTES);
    buf_init(&x->thinking, 2 * STREAM_MAX_BYTES);
    buf_add_str(&x->text, row->text);
    buf_add_str(&x->thinking, row->thinking);
    x->end = row->end;
    battle_scan_answer(b, s);
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
            battle_end_turn(b);
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
    int result = -1;
    if (row.battle.state != STORE_READY || row.battle.named)
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
