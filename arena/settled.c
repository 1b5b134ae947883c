#include "arena/settled.h"

#include <stdlib.h>
#include <string.h>

#include "arena/judged_votes.h"
#include "base/mem.h"

/* A direct vote, seen from the first of the two models. */
struct direct {
    int64_t vote_id, prompt_id;
    enum rating_outcome outcome;
};

/* By prompt, and on one prompt in the order of the votes. */
static int compare_direct(const void *x, const void *y)
{
    const struct direct *a = x, *b = y;
    if (a->prompt_id != b->prompt_id)
        return a->prompt_id < b->prompt_id ? -1 : 1;
    return (a->vote_id > b->vote_id) - (a->vote_id < b->vote_id);
}

static size_t find_direct(const struct store_ballots *b, uint32_t first,
                          uint32_t second, struct direct *out)
{
    static const enum rating_outcome turned[RATING_N_OUTCOMES] = {
        RATING_SECOND, RATING_FIRST, RATING_TIE, RATING_BAD};
    size_t n = 0;
    for (size_t k = 0; k < b->n; k++) {
        const struct rating_ballot *x = &b->ballots[k];
        bool same = x->first == first && x->second == second;
        if (!same && (x->first != second || x->second != first))
            continue;
        out[n++] = (struct direct){b->origins[k].vote_id,
                                   b->origins[k].prompt_id,
                                   same ? x->outcome : turned[x->outcome]};
    }
    return n;
}

static void count(struct settled *out, const struct direct *votes, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        bool again = k > 0 && votes[k].prompt_id != 0 &&
                     votes[k].prompt_id == votes[k - 1].prompt_id;
        out->n_repeated += again;
        out->votes.wins += !again && votes[k].outcome == RATING_FIRST;
        out->votes.losses += !again && votes[k].outcome == RATING_SECOND;
        out->votes.ties += !again && (votes[k].outcome == RATING_TIE ||
                                      votes[k].outcome == RATING_BAD);
    }
}

/* A model's place in a list as store_list_models gives it.  0, or -1 with
 * ERR_USAGE. */
static int find_model(const struct store_model *models, size_t n,
                      const char *name, uint32_t *out, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        *out = (uint32_t)i;
        if (strcmp(models[i].name, name) == 0)
            return 0;
    }
    return err_set(e, ERR_USAGE, "settle: no model %s in the database; "
                   "\"arena leaderboard\" lists those with votes", name);
}

/* The models of a store, and those of a question among them. */
struct asked {
    struct store_model *models;
    size_t n;
    uint32_t model[2];
};

static int find_asked(struct asked *x, struct store *s,
                      const struct settled_question *q, struct err *e)
{
    *x = (struct asked){.models = NULL};
    int result = store_list_models(s, &x->models, &x->n, e);
    for (int side = 0; side < 2 && result == 0; side++)
        result = find_model(x->models, x->n, q->names[side], &x->model[side],
                            e);
    return result;
}

static void free_asked(struct asked *x)
{
    store_free_models(x->models, x->n);
}

/* The direct votes, by prompt; the caller frees *out. */
static int load_direct(struct store *s, const struct settled_question *q,
                       const struct asked *x, struct direct **out, size_t *n,
                       struct err *e)
{
    struct store_ballots b = {0};
    if (store_ballots(s, &q->filter, x->models, x->n, &b, e) != 0)
        return -1;
    *out = mem_try(b.n + 1, sizeof(**out));
    if (*out != NULL) {
        *n = find_direct(&b, x->model[0], x->model[1], *out);
        qsort(*out, *n, sizeof(**out), compare_direct);
    }
    store_free_ballots(&b);
    return *out != NULL ? 0
                        : err_set(e, ERR_FAILURE, "no memory for the votes");
}

static int load_people(struct settled *out, struct store *s,
                       const struct settled_question *q, const struct asked *x,
                       struct err *e)
{
    struct direct *votes;
    size_t n;
    if (load_direct(s, q, x, &votes, &n, e) != 0)
        return -1;
    count(out, votes, n);
    settle(&out->votes, &q->params, &out->result);
    free(votes);
    return 0;
}

static int load_judged(struct settled *out, struct store *s,
                       const struct settled_question *q, const struct asked *x,
                       struct err *e)
{
    struct judged_votes v = {.n_verdicts = 0};
    int result = judged_votes_load(&v, s, &q->filter, x->models, x->n,
                                   q->judge, NULL, e);
    if (result == 0)
        result = settled_judge(out, &v.rows, v.vote_ids, x->model[0],
                               x->model[1], &q->params, e);
    judged_votes_free(&v);
    return result;
}

int settled_load(struct settled *out, struct store *s,
                 const struct settled_question *q, struct err *e)
{
    struct asked x;
    *out = (struct settled){.n_repeated = 0};
    int result = find_asked(&x, s, q, e);
    if (result == 0)
        result = (q->judge != NULL ? load_judged : load_people)(out, s, q, &x,
                                                                e);
    free_asked(&x);
    return result;
}

static void add_cell(struct settled *out, const struct rating_cell *cell,
                     bool turned)
{
    if (cell == NULL)
        return;
    uint64_t won = cell->n[RATING_FIRST], lost = cell->n[RATING_SECOND];
    out->votes.wins += turned ? lost : won;
    out->votes.losses += turned ? won : lost;
    out->votes.ties += cell->n[RATING_TIE] + cell->n[RATING_BAD];
    out->n_weighted += cell->n_weighted;
}

void settled_count(struct settled *out, const struct rating_counts *c,
                   uint32_t a, uint32_t b, const struct settle_params *p)
{
    *out = (struct settled){.n_repeated = 0};
    add_cell(out, rating_counts_find(c, a, b), false);
    add_cell(out, rating_counts_find(c, b, a), true);
    settle(&out->votes, p, &out->result);
}

/* --- what may still be asked ---------------------------------------------- */

/* What a question has votes on. */
struct voted {
    int64_t model_id[2];
    int64_t *prompts; /* [n], in rising order */
    size_t n;
};

static int compare_ids(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static bool has_vote(const struct voted *v, int64_t prompt_id)
{
    return bsearch(&prompt_id, v->prompts, v->n, sizeof(prompt_id),
                   compare_ids) != NULL;
}

static bool has_category(const struct settled_question *q, const char *category)
{
    return q->filter.category == NULL ||
           strcmp(q->filter.category, category) == 0;
}

/* The caller frees out->prompts. */
static int load_voted(struct voted *out, struct store *s,
                      const struct settled_question *q, struct err *e)
{
    struct asked x;
    struct direct *votes = NULL;
    size_t n = 0;
    *out = (struct voted){.prompts = NULL};
    int result = find_asked(&x, s, q, e);
    if (result == 0)
        result = load_direct(s, q, &x, &votes, &n, e);
    if (result == 0) {
        out->prompts = mem_calloc(n + 1, sizeof(*out->prompts));
        for (int i = 0; i < 2; i++)
            out->model_id[i] = x.models[x.model[i]].id;
        for (size_t k = 0; k < n; k++)
            if (out->n == 0 ||
                out->prompts[out->n - 1] != votes[k].prompt_id)
                out->prompts[out->n++] = votes[k].prompt_id;
    }
    free(votes);
    free_asked(&x);
    return result;
}

static bool is_between(const struct store_run_battle *b,
                       const struct voted *v)
{
    const int64_t *at = b->model_id, *of = v->model_id;
    return (at[0] == of[0] && at[1] == of[1]) ||
           (at[0] == of[1] && at[1] == of[0]);
}

/* Which of a run's battles another vote on would count; in rising order. */
static int list_open(struct store *s, const struct voted *v, int64_t run_id,
                     int64_t **ids, size_t *n, struct err *e)
{
    struct store_run_battle *battles;
    size_t n_battles;
    if (store_list_run_battles(s, run_id, &battles, &n_battles, e) != 0)
        return -1;
    *ids = mem_calloc(n_battles + 1, sizeof(**ids));
    *n = 0;
    for (size_t i = 0; i < n_battles; i++)
        if (is_between(&battles[i], v) && !has_vote(v, battles[i].prompt_id))
            (*ids)[(*n)++] = battles[i].id;
    free(battles);
    return 0;
}

int settled_list_battles(struct store *s, const struct settled_question *q,
                         int64_t run_id, int64_t **ids, size_t *n,
                         struct err *e)
{
    const struct store_query waiting = {.unvoted = true, .run_id = run_id};
    struct voted voted;
    struct store_entry *rows = NULL;
    size_t n_rows = 0, n_open = 0;
    int64_t *open = NULL;
    *ids = NULL;
    int result = load_voted(&voted, s, q, e);
    if (result == 0)
        result = list_open(s, &voted, run_id, &open, &n_open, e);
    if (result == 0)
        result = store_list_entries(s, &waiting, &rows, &n_rows, e);
    if (result == 0)
        *ids = mem_calloc(n_rows + 1, sizeof(**ids));
    *n = 0;
    for (size_t i = 0; result == 0 && i < n_rows; i++)
        if (!rows[i].undone && has_category(q, rows[i].category) &&
            bsearch(&rows[i].battle_id, open, n_open, sizeof(*open),
                    compare_ids) != NULL)
            (*ids)[(*n)++] = rows[i].battle_id;
    store_free_entries(rows, n_rows);
    free(open);
    free(voted.prompts);
    return result;
}

int settled_find_open(struct store *s, const struct settled_question *q,
                      char *const *prompts, const char *const *categories,
                      size_t n, bool *is_open, struct err *e)
{
    struct voted voted;
    int result = load_voted(&voted, s, q, e);
    for (size_t i = 0; i < n && result == 0; i++) {
        int64_t id = 0;
        is_open[i] = has_category(q, categories[i]);
        if (is_open[i])
            result = store_find_prompt(s, prompts[i], categories[i], &id, e);
        is_open[i] = is_open[i] && (id == 0 || !has_vote(&voted, id));
    }
    free(voted.prompts);
    return result;
}
