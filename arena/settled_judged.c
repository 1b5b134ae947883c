/* Settling with a judge: what rating/judged/decision.h asks for, of battles. */
#include <math.h>
#include <stdlib.h>

#include "arena/settled.h"
#include "base/mem.h"
#include "rating/votes/share.h"

/* A vote or a verdict on A against B.  What has the same key is on one prompt,
 * and so is no news. */
struct direct {
    uint64_t key;
    int64_t when;    /* of a verdict: its battle's number */
    uint32_t battle;
    double score;    /* A's */
};

struct directs {
    const struct judged_rows *rows;
    uint32_t model[2];
    struct direct *votes, *verdicts; /* of each key the first */
    size_t n_votes, n_verdicts, n_repeated;
};

/* Whether a battle is of the two models; *turned: A is its second. */
static bool is_direct(const struct directs *d, uint32_t battle, bool *turned)
{
    const struct judged_battle *b = &d->rows->battles[battle];
    *turned = b->first == d->model[1] && b->second == d->model[0];
    return *turned ||
           (b->first == d->model[0] && b->second == d->model[1]);
}

static uint64_t key_of(const struct directs *d, uint32_t battle)
{
    uint32_t prompt = d->rows->battles[battle].prompt;
    return prompt == JUDGED_NO_PROMPT ? ((uint64_t)1 << 32) + battle : prompt;
}

static double turn(double score, bool turned)
{
    return turned ? 1 - score : score;
}

static int by_key(const void *x, const void *y)
{
    const struct direct *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->when > b->when) - (a->when < b->when);
}

static int by_time(const void *x, const void *y)
{
    const struct direct *a = x, *b = y;
    return (a->when > b->when) - (a->when < b->when);
}

/* Keeps the first of each key, in order of the keys.  Returns how many. */
static size_t keep_first(struct direct *list, size_t n)
{
    size_t kept = 0;
    qsort(list, n, sizeof(*list), by_key);
    for (size_t k = 0; k < n; k++)
        if (kept == 0 || list[kept - 1].key != list[k].key)
            list[kept++] = list[k];
    return kept;
}

/* Takes the score of verdicts with whose key a vote was given; both lists are
 * in order of the keys. */
static void mark_voted(struct directs *d)
{
    size_t at = 0;
    for (size_t k = 0; k < d->n_verdicts; k++) {
        while (at < d->n_votes && d->votes[at].key < d->verdicts[k].key)
            at++;
        if (at < d->n_votes && d->votes[at].key == d->verdicts[k].key)
            d->verdicts[k].score = NAN;
    }
}

static void find_directs(struct directs *d, const int64_t *when)
{
    const struct judged_rows *rows = d->rows;
    bool turned;
    for (size_t k = 0; k < rows->n_votes; k++) {
        const struct judged_vote *v = &rows->votes[k];
        if (is_direct(d, v->battle, &turned))
            d->votes[d->n_votes++] = (struct direct){
                key_of(d, v->battle), when != NULL ? when[k] : (int64_t)k,
                v->battle, turn(share_of_outcome(v->outcome), turned)};
    }
    for (uint32_t b = 0; b < rows->n_battles; b++)
        if (!isnan(rows->battles[b].judge) && is_direct(d, b, &turned))
            d->verdicts[d->n_verdicts++] =
                (struct direct){key_of(d, b), b, b,
                                turn(rows->battles[b].judge, turned)};
    d->n_repeated = d->n_votes;
    d->n_votes = keep_first(d->votes, d->n_votes);
    d->n_repeated -= d->n_votes;
    d->n_verdicts = keep_first(d->verdicts, d->n_verdicts);
    mark_voted(d);
    qsort(d->votes, d->n_votes, sizeof(*d->votes), by_time);
    qsort(d->verdicts, d->n_verdicts, sizeof(*d->verdicts), by_time);
}

/* The judge's score of a battle on which a person voted; NaN: it gave none. */
static double verdict_on(const struct directs *d, uint32_t battle)
{
    bool turned;
    is_direct(d, battle, &turned);
    return turn(d->rows->battles[battle].judge, turned);
}

static void count_votes(const struct directs *d, struct settled *out)
{
    out->n_repeated = d->n_repeated;
    for (size_t k = 0; k < d->n_votes; k++) {
        out->votes.wins += d->votes[k].score == 1;
        out->votes.losses += d->votes[k].score == 0;
        out->votes.ties += d->votes[k].score == 0.5;
    }
}

static int decide(const struct directs *d, struct settled *out,
                  const struct settle_params *p, struct err *e)
{
    struct decision_vote *votes = mem_try(d->n_votes + 1, sizeof(*votes));
    double *judged = mem_try(d->n_verdicts + 1, sizeof(*judged));
    const struct decision_data data = {votes, d->n_votes, judged,
                                       d->n_verdicts};
    int result = 0;
    if (votes == NULL || judged == NULL)
        result = err_set(e, ERR_FAILURE, "no memory for the votes");
    for (size_t k = 0; result == 0 && k < d->n_votes; k++)
        votes[k] = (struct decision_vote){d->votes[k].score,
                                          verdict_on(d, d->votes[k].battle)};
    for (size_t k = 0; result == 0 && k < d->n_verdicts; k++)
        judged[k] = d->verdicts[k].score;
    if (result == 0)
        result = decision_find(&data, p, &out->result, &out->worth, e);
    free(votes);
    free(judged);
    return result;
}

int settled_judge(struct settled *out, const struct judged_rows *rows,
                  const int64_t *when, uint32_t a, uint32_t b,
                  const struct settle_params *p, struct err *e)
{
    struct directs d = {.rows = rows, .model = {a, b}};
    *out = (struct settled){.has_judge = true};
    d.votes = mem_try(rows->n_votes + 1, sizeof(*d.votes));
    d.verdicts = mem_try(rows->n_battles + 1, sizeof(*d.verdicts));
    int result;
    if (d.votes == NULL || d.verdicts == NULL) {
        result = err_set(e, ERR_FAILURE, "no memory for the votes");
    } else {
        find_directs(&d, when);
        count_votes(&d, out);
        result = decide(&d, out, p, e);
    }
    free(d.votes);
    free(d.verdicts);
    return result;
}
