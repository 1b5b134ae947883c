#include "arena/judge/loop.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rating/fit/bt.h"

#define NAME_MAX_BYTES 4096
#define IDLE_ROUNDS 3 /* without a battle that was not there: all are known */

static const double RISK = 0.05;

/* A vote of the judge that counts: of two models on one prompt one. */
struct meeting {
    uint32_t low, high; /* model indices of the store */
    int64_t prompt_id, battle_id;
    double unsure; /* 1: share 1/2; 0: quite sure, or no share */
    size_t ballot;
};

struct loop {
    struct arena *arena;
    struct loop_spec spec;
    struct run *run;
    struct judging *judging;
    struct leaderboard board;
    struct loop_status status;
    struct store_model *models;
    size_t n_models;
    struct bt_result fit;
    struct meeting *meetings;
    size_t n_meetings, n_idle;
    int64_t *run_ids; /* [status.round] */
    size_t n_before;  /* rounds that an earlier session began */
};

/* --- what the judge thinks ----------------------------------------------- */

static int compare_meetings(const void *x, const void *y)
{
    const struct meeting *a = x, *b = y;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    if (a->prompt_id != b->prompt_id)
        return a->prompt_id < b->prompt_id ? -1 : 1;
    return (a->battle_id > b->battle_id) - (a->battle_id < b->battle_id);
}

static bool is_same(const struct meeting *a, const struct meeting *b)
{
    return a->low == b->low && a->high == b->high &&
           a->prompt_id == b->prompt_id;
}

/* Whether a model of the store plays in this loop: others cannot be told apart
 * by more rounds. */
static bool plays(const struct loop *l, uint32_t model)
{
    const struct config *c = &l->arena->config;
    for (size_t i = 0; i < l->spec.run.n_models; i++)
        if (strcmp(c->models[l->spec.run.models[i]].name,
                   l->models[model].name) == 0)
            return true;
    return false;
}

/* Keeps one meeting of two models on a prompt, and counts its vote. */
static int take_ballots(struct loop *l, const struct store_ballots *b,
                        struct rating_counts *counts)
{
    struct meeting *all = mem_try(b->n + 1, sizeof(*all));
    size_t n_all = 0, n = 0;
    int result = 0;
    if (all == NULL)
        return -1;
    for (size_t k = 0; k < b->n; k++) {
        uint32_t x = b->ballots[k].first, y = b->ballots[k].second;
        double share = b->origins[k].share;
        if (!plays(l, x) || !plays(l, y))
            continue;
        all[n_all++] = (struct meeting){
            .low = x < y ? x : y,
            .high = x < y ? y : x,
            .prompt_id = b->origins[k].prompt_id,
            .battle_id = b->origins[k].battle_id,
            .unsure = isnan(share) ? b->ballots[k].outcome == RATING_TIE
                                   : 1 - fabs(2 * share - 1),
            .ballot = k};
    }
    qsort(all, n_all, sizeof(*all), compare_meetings);
    for (size_t k = 0; k < n_all && result == 0; k++) {
        if (n > 0 && is_same(&all[n - 1], &all[k]))
            continue;
        const struct rating_ballot *x = &b->ballots[all[k].ballot];
        result = rating_counts_add(counts, x->first, x->second, x->outcome, 1);
        all[n++] = all[k];
    }
    free(l->meetings);
    l->meetings = all;
    l->n_meetings = l->status.n_battles = n;
    return result;
}

/* Counts the rounds in a row without a meeting of their own.  A session that
 * goes on counts the same, though it knows the later rounds' meetings. */
static int count_idle(struct loop *l, struct err *e)
{
    struct store_run_battle *rows;
    size_t n;
    bool idle = true;
    if (store_list_run_battles(l->arena->store, l->run_ids[l->status.round - 1],
                               &rows, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < l->n_meetings && idle; k++)
            idle = l->meetings[k].battle_id != rows[i].id;
    l->n_idle = idle ? l->n_idle + 1 : 0;
    free(rows);
    return 0;
}

static int fit(struct loop *l, const struct rating_counts *counts,
               struct err *e)
{
    struct bt_params p = bt_defaults();
    p.differences = true;
    const char **names = mem_calloc(l->n_models + 1, sizeof(*names));
    for (size_t i = 0; i < l->n_models; i++)
        names[i] = l->models[i].name;
    bt_free(&l->fit);
    leaderboard_free(&l->board);
    int result = bt_fit(counts, &p, &l->fit, e);
    if (result == 0) {
        leaderboard_from_fit(&l->board, names, counts, &l->fit, &p);
        for (size_t i = 0; i < l->board.n_rows; i++)
            l->board.rows[i].rank_best = l->board.rows[i].rank_worst = 0;
    }
    free(names);
    return result;
}

static int look(struct loop *l, struct err *e)
{
    struct store *s = l->arena->store;
    struct store_filter filter = {.voter = l->spec.voter};
    struct store_ballots b = {.n = 0};
    struct rating_counts counts;
    store_free_models(l->models, l->n_models);
    l->models = NULL;
    l->n_models = 0;
    if (store_list_models(s, &l->models, &l->n_models, e) != 0)
        return -1;
    rating_counts_init(&counts);
    int result = store_ballots(s, &filter, l->models, l->n_models, &b, e);
    if (result == 0 && (take_ballots(l, &b, &counts) != 0 ||
                        rating_counts_sort(&counts) != 0))
        result = err_set(e, ERR_FAILURE, "no memory for the votes");
    counts.n_models = counts.n_models < l->n_models ? l->n_models
                                                    : counts.n_models;
    if (result == 0 && counts.n_cells > 0)
        result = fit(l, &counts, e);
    store_free_ballots(&b);
    rating_counts_free(&counts);
    return result != 0 ? result : count_idle(l, e);
}

/* How likely two models would differ so much if they were alike; 1: the votes
 * cannot say. */
static double chance(const struct loop *l, const struct leaderboard_row *a,
                     const struct leaderboard_row *b)
{
    struct bt_difference d = bt_compare(&l->fit, a->model, b->model);
    double p = 2 * fmin(d.probability, 1 - d.probability);
    return d.se > 0 && !isnan(p) ? p : 1;
}

static bool is_settled(const struct loop *l)
{
    const struct leaderboard *b = &l->board;
    size_t n = b->n_rows, k = l->status.round;
    double pi_k = 3.14159265358979 * (double)k, risk = RISK * 6 / (pi_k * pi_k);
    if (n < 2 || n < l->spec.run.n_models)
        return false;
    for (size_t i = 0; i < n; i++)
        if (l->spec.until == LOOP_WIDTH &&
            !(b->rows[i].upper - b->rows[i].lower <= l->spec.width))
            return false;
    if (l->spec.until == LOOP_WIDTH)
        return true;
    bool best = l->spec.until == LOOP_BEST;
    double n_tests = (double)n * (double)(n - 1) / 2;
    for (size_t i = 0; i < (best ? 1 : n); i++)
        for (size_t j = i + 1; j < n; j++)
            if (chance(l, &b->rows[i], &b->rows[j]) * n_tests > risk)
                return false;
    return true;
}

/* --- rounds --------------------------------------------------------------- */

static double left(const struct loop *l)
{
    return isnan(l->spec.budget) ? NAN
                                 : fmax(l->spec.budget - l->status.spent, 0);
}

static void name_round(const struct loop *l, size_t k, struct buf *name)
{
    buf_init(name, NAME_MAX_BYTES);
    buf_addf(name, "%s.%zu", l->spec.name, k);
}

static int count_before(struct loop *l, struct err *e)
{
    int found = 0;
    for (size_t k = 1; found == 0; k++) {
        struct buf name;
        int64_t id;
        name_round(l, k, &name);
        found = store_find_run(l->arena->store, name.data, &id, e);
        l->n_before += found == 0;
        buf_free(&name);
    }
    return e->code == ERR_USAGE ? 0 : -1; /* there is no such run */
}

static int begin_round(struct loop *l, struct err *e)
{
    struct run_spec spec = l->spec.run;
    struct buf name;
    size_t k = ++l->status.round;
    size_t n_all = spec.prompts->n * spec.n_models * (spec.n_models - 1) / 2;
    name_round(l, k, &name);
    spec.name = name.data;
    spec.pairs_text = "loop";
    spec.pairs = (struct run_pairs){
        .kind = RUN_UNCERTAIN,
        .n_sample = n_all < LOOP_ROUND ? n_all : LOOP_ROUND};
    spec.voter = l->spec.voter;
    spec.seed += k;
    spec.budget = left(l);
    l->run_ids = mem_realloc(l->run_ids, k, sizeof(*l->run_ids));
    l->run_ids[k - 1] = 0;
    int result = run_open(&l->run, l->arena, &spec, e);
    if (result == 0)
        l->run_ids[k - 1] = run_id(l->run);
    else
        l->run = NULL;
    buf_free(&name);
    return result;
}

static int end_playing(struct loop *l, struct err *e)
{
    struct run_status s = run_status(l->run);
    l->status.spent += s.spent;
    l->status.n_failed += s.n_failed;
    run_close(l->run);
    l->run = NULL;
    if (s.is_spent) {
        l->status.end = LOOP_SPENT;
        return 0;
    }
    struct judging_spec spec = l->spec.judge;
    spec.run_id = l->run_ids[l->status.round - 1];
    spec.budget = left(l);
    if (judging_open(&l->judging, l->arena, &spec, e) == 0)
        return 0;
    l->judging = NULL;
    return -1;
}

static int end_judging(struct loop *l, struct err *e)
{
    struct judging_status s = judging_status(l->judging);
    l->status.spent += s.spent;
    l->status.n_failed += s.n_failed;
    judging_close(l->judging);
    l->judging = NULL;
    if (look(l, e) != 0)
        return -1;
    if (s.is_spent)
        l->status.end = LOOP_SPENT;
    else if (l->status.round >= l->n_before && is_settled(l))
        l->status.end = LOOP_SETTLED;
    else if (l->n_idle >= IDLE_ROUNDS)
        l->status.end = LOOP_EXHAUSTED;
    return 0;
}

int loop_open(struct loop **out, struct arena *a, const struct loop_spec *spec,
              struct err *e)
{
    struct loop *l = mem_calloc(1, sizeof(*l));
    l->arena = a;
    l->spec = *spec;
    if (count_before(l, e) != 0 || begin_round(l, e) != 0) {
        loop_close(l);
        return -1;
    }
    *out = l;
    return 0;
}

void loop_close(struct loop *l)
{
    if (l == NULL)
        return;
    judging_close(l->judging);
    run_close(l->run);
    leaderboard_free(&l->board);
    bt_free(&l->fit);
    store_free_models(l->models, l->n_models);
    free(l->meetings);
    free(l->run_ids);
    free(l);
}

int loop_step(struct loop *l, struct err *e)
{
    int more, result;
    if (l->status.end != LOOP_GOES_ON)
        return 0;
    if (l->run == NULL && l->judging == NULL && begin_round(l, e) != 0)
        return -1;
    if (l->judging != NULL) {
        more = judging_step(l->judging, e);
        result = more == 0 ? end_judging(l, e) : more;
    } else {
        more = run_step(l->run, e);
        result = more == 0 ? end_playing(l, e) : more;
    }
    if (result < 0)
        return -1;
    return l->status.end == LOOP_GOES_ON;
}

struct loop_status loop_status(const struct loop *l)
{
    struct loop_status s = l->status;
    s.judges = l->judging != NULL;
    if (l->judging != NULL)
        s.n_running = judging_status(l->judging).n_running;
    else if (l->run != NULL)
        s.n_running = run_status(l->run).n_running;
    return s;
}

const struct leaderboard *loop_board(const struct loop *l)
{
    return &l->board;
}

/* --- for a person --------------------------------------------------------- */

struct telling {
    int64_t battle_id;
    double worth;
};

static int compare_telling(const void *x, const void *y)
{
    const struct telling *a = x, *b = y;
    if (a->worth != b->worth)
        return a->worth > b->worth ? -1 : 1;
    return (a->battle_id > b->battle_id) - (a->battle_id < b->battle_id);
}

/* The round of a battle without a vote; 0: it has one, or is of none. */
static int find_round(struct loop *l, int64_t battle_id, size_t *round,
                      struct err *e)
{
    struct store_query q = {
        .battle_id = battle_id, .unvoted = true, .limit = 1};
    struct store_entry *entry;
    size_t n;
    *round = 0;
    if (store_list_entries(l->arena->store, &q, &entry, &n, e) != 0)
        return -1;
    for (size_t k = 0; n == 1 && k < l->status.round; k++)
        if (entry->run_id == l->run_ids[k])
            *round = k + 1;
    store_free_entries(entry, n);
    return 0;
}

int loop_find_telling(struct loop *l, struct loop_telling *out, size_t *n,
                      struct err *e)
{
    struct telling *all = mem_calloc(l->n_meetings + 1, sizeof(*all));
    int result = 0;
    *n = 0;
    for (size_t k = 0; k < l->n_meetings; k++) {
        const struct meeting *m = &l->meetings[k];
        struct bt_difference d = bt_compare(&l->fit, m->low, m->high);
        double close = isnan(d.probability)
                           ? 1
                           : 2 * fmin(d.probability, 1 - d.probability);
        all[k] = (struct telling){m->battle_id, close * (0.1 + m->unsure)};
    }
    qsort(all, l->n_meetings, sizeof(*all), compare_telling);
    for (size_t k = 0; result == 0 && k < l->n_meetings && *n < LOOP_TELLING;
         k++) {
        size_t round;
        result = find_round(l, all[k].battle_id, &round, e);
        if (result == 0 && round > 0)
            out[(*n)++] = (struct loop_telling){all[k].battle_id, round};
    }
    free(all);
    return result;
}
