#include "arena/judged_votes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/voter.h"
#include "base/mem.h"
#include "rating/judged/temper.h"

static const double SCORES[RATING_N_OUTCOMES] = {1, 0, 0.5, 0.5};

void judged_votes_free(struct judged_votes *v)
{
    store_free_ballots(&v->ballots);
    free(v->order);
    free(v->battles);
    free(v->votes);
    free(v->vote_ids);
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
            v->battles[battle].judge = soft ? origin->share
                                            : SCORES[x->outcome];
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

int judged_votes_temper(struct judged_votes *v, struct err *e)
{
    const struct judged_rows *rows = &v->rows;
    if (v->n_soft == 0 || v->n_soft < v->n_verdicts)
        return 0;
    double *p = mem_try(rows->n_votes + 1, sizeof(*p));
    double *y = mem_try(rows->n_votes + 1, sizeof(*y));
    size_t n = 0;
    for (size_t k = 0; p != NULL && y != NULL && k < rows->n_votes; k++) {
        p[n] = v->battles[rows->votes[k].battle].judge;
        y[n] = SCORES[rows->votes[k].outcome];
        n += !isnan(p[n]);
    }
    bool done = p != NULL && y != NULL;
    if (done)
        v->temperature = temper_fit(p, y, n);
    for (size_t i = 0; done && i < rows->n_battles; i++)
        if (!isnan(v->battles[i].judge))
            v->battles[i].judge = temper(v->battles[i].judge, v->temperature);
    free(p);
    free(y);
    return done ? 0 : err_set(e, ERR_FAILURE, "no memory for the votes");
}

int judged_votes_load(struct judged_votes *v, struct store *s,
                      const struct store_filter *filter,
                      const struct store_model *models, size_t n,
                      const char *judge, struct rating_counts *counts,
                      struct err *e)
{
    struct store_filter everyone = *filter;
    everyone.voter = STORE_EVERYBODY;
    if (store_ballots(s, &everyone, models, n, &v->ballots, e) != 0)
        return -1;
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
    if (make_rows(v, counts, e) != 0)
        return -1;
    if (v->n_verdicts == 0)
        return err_set(e, ERR_USAGE, "no votes of the judge %s here",
                       voter_bare_judge(judge));
    return 0;
}
