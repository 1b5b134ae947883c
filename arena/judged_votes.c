#include "arena/judged_votes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/judgments.h"
#include "arena/store/voter.h"
#include "base/mem.h"
#include "rating/judged/temper.h"
#include "rating/votes/share.h"

void judged_votes_free(struct judged_votes *v)
{
    store_free_ballots(&v->ballots);
    free(v->order);
    free(v->battles);
    free(v->votes);
    free(v->vote_ids);
    free(v->masses);
    free(v->is_judge);
    free(v->is_person);
}

/* --- by battle ------------------------------------------------------------ */

/* Where the ballots that are in order already end, from `at` on. */
static size_t run_end(const struct store_ballots *b, const size_t *order,
                      size_t at)
{
    while (++at < b->n && b->origins[order[at - 1]].battle_id <=
                              b->origins[order[at]].battle_id)
        ;
    return at < b->n ? at : b->n;
}

static void merge(const struct store_ballots *b, const size_t *from, size_t at,
                  size_t middle, size_t end, size_t *to)
{
    size_t left = at, right = middle;
    for (size_t k = at; k < end; k++) {
        bool is_left =
            right == end ||
            (left < middle && b->origins[from[left]].battle_id <=
                                  b->origins[from[right]].battle_id);
        to[k] = from[is_left ? left++ : right++];
    }
}

/* Each voter's ballots are mostly in order already: so what is ordered is
 * merged, two and two. */
void ballots_order(const struct store_ballots *b, size_t *order)
{
    size_t n = b->n, n_runs = 2;
    size_t *other = mem_calloc(n + 1, sizeof(*other));
    size_t *from = order, *to = other;
    for (size_t k = 0; k < n; k++)
        order[k] = k;
    while (n_runs > 1 && n > 0) {
        n_runs = 0;
        for (size_t at = 0, end; at < n; at = end) {
            size_t middle = run_end(b, from, at);
            end = middle < n ? run_end(b, from, middle) : n;
            merge(b, from, at, middle, end, to);
            n_runs++;
        }
        size_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != order)
        memcpy(order, from, n * sizeof(*order));
    free(other);
}

/* --- as rows -------------------------------------------------------------- */

static void find_kinds(struct judged_votes *v, const char *judge)
{
    const char *bare = voter_bare_judge(judge);
    for (size_t i = 0; i < v->ballots.n_voters; i++) {
        const char *name = v->ballots.voters[i];
        v->is_person[i] = !voter_is_judge(name);
        v->is_judge[i] = !v->is_person[i] &&
                         strcmp(voter_bare_judge(name), bare) == 0;
    }
}

/* Makes the rows, and counts people's votes. */
static int make_rows(struct judged_votes *v, struct rating_counts *counts,
                     struct err *e)
{
    const struct store_ballots *b = &v->ballots;
    int64_t last = -1;
    for (size_t k = 0; k < b->n; k++) {
        const struct rating_ballot *x = &b->ballots[v->order[k]];
        const struct store_origin *origin = &b->origins[v->order[k]];
        int64_t prompt = origin->prompt_id;
        if (!v->is_person[x->voter] && !v->is_judge[x->voter]) {
            v->n_other++;
            continue;
        }
        if (origin->battle_id != last)
            v->battles[v->rows.n_battles++] = (struct judged_battle){
                .first = x->first,
                .second = x->second,
                .prompt = prompt > 0 && prompt < JUDGED_NO_PROMPT
                              ? (uint32_t)prompt
                              : JUDGED_NO_PROMPT,
                .judge = NAN};
        last = origin->battle_id;
        uint32_t battle = (uint32_t)(v->rows.n_battles - 1);
        if (v->is_judge[x->voter]) {
            bool soft = !isnan(origin->share);
            v->battles[battle].judge =
                soft ? origin->share : share_of_outcome(x->outcome);
            v->n_verdicts++;
            v->n_soft += soft;
            continue;
        }
        v->vote_ids[v->rows.n_votes] = origin->vote_id;
        v->votes[v->rows.n_votes++] =
            (struct judged_vote){battle, x->voter, x->outcome};
        if (counts != NULL && rating_counts_add(counts, x->first, x->second,
                                                x->outcome, 1) != 0)
            return err_set(e, ERR_FAILURE, "no memory for the pair counts");
    }
    v->rows.battles = v->battles;
    v->rows.votes = v->votes;
    return 0;
}

/* Gives the rows' probabilities the temperature that fits people's votes. */
static int find_temperature(struct judged_votes *v, struct err *e)
{
    v->temperature = temper_battles(v->battles, &v->rows);
    return isnan(v->temperature)
               ? err_set(e, ERR_FAILURE, "no memory for the votes")
               : 0;
}

/* --- verdicts, summed up -------------------------------------------------- */

static uint64_t count_all(const struct rating_counts *c)
{
    uint64_t n = 0;
    for (size_t k = 0; k < c->n_cells; k++)
        for (int i = 0; i < RATING_N_OUTCOMES; i++)
            n += c->cells[k].n[i];
    return n;
}

static void add_to_mass(struct judged_mass *m, double n, double score)
{
    m->n += n;
    m->sum += n * score;
    m->squares += n * score * score;
}

/* Makes a mass, with nothing in it yet, of each pair that the judge judged. */
static int make_masses(struct judged_votes *v, const struct rating_counts *c,
                       struct err *e)
{
    v->masses = mem_try(c->n_cells + 1, sizeof(*v->masses));
    if (v->masses == NULL)
        return err_set(e, ERR_FAILURE, "no memory for the pair counts");
    for (size_t k = 0; k < c->n_cells; k++)
        v->masses[k] = (struct judged_mass){.first = c->cells[k].first,
                                            .second = c->cells[k].second};
    v->rows.masses = v->masses;
    v->rows.n_masses = c->n_cells;
    return 0;
}

static void add_outcomes(struct judged_votes *v, const struct rating_counts *c)
{
    for (size_t k = 0; k < c->n_cells; k++)
        for (int i = 0; i < RATING_N_OUTCOMES; i++)
            add_to_mass(&v->masses[k], (double)c->cells[k].n[i],
                        share_of_outcome((enum rating_outcome)i));
}

/* Takes the verdicts out of the masses that have rows. */
static void leave_out_rows(struct judged_votes *v,
                           const struct rating_counts *c)
{
    for (size_t i = 0; i < v->rows.n_battles; i++) {
        const struct judged_battle *b = &v->battles[i];
        const struct rating_cell *cell =
            rating_counts_find(c, b->first, b->second);
        if (!isnan(b->judge) && cell != NULL)
            add_to_mass(&v->masses[cell - c->cells], -1, b->judge);
    }
}

/* Where the votes are read, and whose. */
struct source {
    struct store *s;
    const struct store_filter *filter; /* its voter is not looked at */
    const struct store_model *models;
    size_t n;
    const char *voter; /* "judge:NAME" */
};

static int count_by(const struct source *x, const char *voter,
                    struct rating_counts *out, struct err *e)
{
    struct store_filter by = *x->filter;
    by.voter = voter;
    return store_counts(x->s, &by, x->models, x->n, out, e);
}

static int count_others(struct judged_votes *v, const struct source *x,
                        struct err *e)
{
    struct rating_counts all;
    if (count_by(x, STORE_EVERYBODY, &all, e) != 0)
        return -1;
    v->n_other = count_all(&all) - v->n_verdicts - v->rows.n_votes;
    rating_counts_free(&all);
    return 0;
}

/* --- all of it ------------------------------------------------------------ */

static int sort_ballots(struct judged_votes *v, const char *judge,
                        struct rating_counts *counts, struct err *e)
{
    size_t n_ballots = v->ballots.n + 1;
    v->order = mem_try(n_ballots, sizeof(*v->order));
    v->battles = mem_try(n_ballots, sizeof(*v->battles));
    v->votes = mem_try(n_ballots, sizeof(*v->votes));
    v->vote_ids = mem_try(n_ballots, sizeof(*v->vote_ids));
    v->is_judge = mem_try(v->ballots.n_voters + 1, sizeof(*v->is_judge));
    v->is_person = mem_try(v->ballots.n_voters + 1, sizeof(*v->is_person));
    if (v->order == NULL || v->battles == NULL || v->votes == NULL ||
        v->vote_ids == NULL || v->is_judge == NULL || v->is_person == NULL)
        return err_set(e, ERR_FAILURE, "no memory for the votes");
    ballots_order(&v->ballots, v->order);
    find_kinds(v, judge);
    return make_rows(v, counts, e);
}

/* All verdicts one by one; for ratings, with their temperature. */
static int load_rows(struct judged_votes *v, const struct source *x,
                     struct rating_counts *counts, struct err *e)
{
    struct store_filter everyone = *x->filter;
    everyone.voter = STORE_EVERYBODY;
    if (store_ballots(x->s, &everyone, x->models, x->n, &v->ballots, e) != 0 ||
        sort_ballots(v, x->voter, counts, e) != 0)
        return -1;
    bool temper = counts != NULL && v->n_soft > 0 && v->n_soft == v->n_verdicts;
    return temper ? find_temperature(v, e) : 0;
}

/* Those beside people's votes one by one; room for the others. */
static int load_shared(struct judged_votes *v, const struct source *x,
                       const struct rating_counts *verdicts,
                       struct rating_counts *counts, struct err *e)
{
    if (store_shared_ballots(x->s, x->filter, x->voter, x->models, x->n,
                             &v->ballots, e) != 0 ||
        sort_ballots(v, x->voter, counts, e) != 0)
        return -1;
    v->n_verdicts = count_all(verdicts);
    return make_masses(v, verdicts, e) != 0 ? -1 : count_others(v, x, e);
}

/* The others by their counts. */
static int load_sums(struct judged_votes *v, const struct source *x,
                     const struct rating_counts *verdicts,
                     struct rating_counts *counts, struct err *e)
{
    if (load_shared(v, x, verdicts, counts, e) != 0)
        return -1;
    add_outcomes(v, verdicts);
    leave_out_rows(v, verdicts);
    return 0;
}

/* Probabilities on their way into the masses. */
struct pouring {
    struct judged_votes *v;
    const struct rating_counts *verdicts, *people;
    uint64_t n;
};

/* Of pairs that no person voted on verdicts are only counted: they say nothing
 * of people's taste. */
static void pour(void *arg, uint32_t a, uint32_t b, double share)
{
    struct pouring *p = arg;
    const struct rating_cell *cell = rating_counts_find(p->verdicts, a, b);
    p->n++;
    if (cell == NULL)
        return;
    struct judged_mass *m = &p->v->masses[cell - p->verdicts->cells];
    if (rating_counts_find(p->people, a, b) == NULL &&
        rating_counts_find(p->people, b, a) == NULL)
        m->n++;
    else
        add_to_mass(m, 1, temper(share, p->v->temperature));
}

/* The others by their probabilities, at the temperature of the shared ones.  1;
 * 0 if not all verdicts have one; or -1. */
static int load_soft(struct judged_votes *v, const struct source *x,
                     const struct rating_counts *verdicts,
                     struct rating_counts *counts, struct err *e)
{
    struct pouring p = {v, verdicts, counts, 0};
    if (load_shared(v, x, verdicts, counts, e) != 0 ||
        find_temperature(v, e) != 0 ||
        store_each_share(x->s, x->voter, x->models, x->n, pour, &p, e) != 0)
        return -1;
    leave_out_rows(v, verdicts);
    return p.n == v->n_verdicts;
}

/* Verdicts as masses: by counts that are kept, or by probabilities.  1; 0 if
 * they can't be had so: of a time, a category's probabilities, verdicts of both
 * kinds, or if another program put them in; or -1. */
static int load_masses(struct judged_votes *v, const struct source *x,
                       struct rating_counts *counts, struct err *e)
{
    struct rating_counts verdicts;
    int has_shares = store_has_shares(x->s, x->voter, e);
    if (has_shares < 0)
        return -1;
    if (x->filter->since_ms != 0 || (has_shares && x->filter->category != NULL))
        return 0;
    if (count_by(x, x->voter, &verdicts, e) != 0)
        return -1;
    int result = 0;
    if (count_all(&verdicts) > 0 && has_shares)
        result = load_soft(v, x, &verdicts, counts, e);
    else if (count_all(&verdicts) > 0)
        result = load_sums(v, x, &verdicts, counts, e) == 0 ? 1 : -1;
    rating_counts_free(&verdicts);
    if (result == 0) {
        judged_votes_free(v);
        *v = (struct judged_votes){.n_verdicts = 0};
        rating_counts_free(counts);
    }
    return result;
}

int judged_votes_load(struct judged_votes *v, struct store *s,
                      const struct store_filter *filter,
                      const struct store_model *models, size_t n,
                      const char *judge, struct rating_counts *counts,
                      struct err *e)
{
    char *voter = voter_of_judge(voter_bare_judge(judge));
    const struct source from = {s, filter, models, n, voter};
    int result = counts != NULL ? load_masses(v, &from, counts, e) : 0;
    if (result == 0)
        result = load_rows(v, &from, counts, e);
    result = result < 0 ? -1 : 0;
    free(voter);
    if (result == 0 && v->n_verdicts == 0)
        return err_set(e, ERR_USAGE, "no votes of the judge %s here",
                       voter_bare_judge(judge));
    return result;
}
