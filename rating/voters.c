#include "rating/voters.h"

#include <math.h>
#include <stdlib.h>

#include "rating/bets.h"
#include "rating/law.h"
#include "rating/math/convolve.h"

/* Levels of the tests; they add up to 2.4%. */
static const double SLOT_LEVEL = 0.007, MODEL_LEVEL = 0.007,
                    AGREEMENT_LEVEL = 0.007, FAST_LEVEL = 0.003;

/* At this level a voter is left out of the law. */
static const double OUT_LEVEL = 0.001;
/* With a smaller z no test reaches that level, so its law is not computed. */
static const double OUT_Z = 2.5;
/* Voters with this share of the largest z are left out together. */
static const double OUT_SHARE = 0.7;
enum { MAX_ROUNDS = 30 };

/* The level at which one voter's number of ties is unlike everybody's; and the
 * standard deviations at which voters are unlike each other in that. */
static const double TIES_LEVEL = 0.01, TIES_Z = 3;

/* Agreement is weighted by strength, in steps of a tenth of a nat. */
enum { STEPS_PER_NAT = 10, MAX_STEPS = 25 };

/* One voter's ballots. */
struct span {
    size_t from, to;
    double score; /* how far out of line, by the last law; 0: not */
    bool out;     /* of the law */
};

struct check {
    const struct rating_ballot *ballots;
    const struct voter_speed *speed;
    size_t n_ballots, n_models;
    struct span *spans;
    size_t n_spans;
    struct law law;
    double fast_share;
    double least_z;          /* see rating/math/convolve.h */
    /* Scratch for one voter, sized for the one with the most votes. */
    struct chances *chances; /* [n] */
    uint8_t *points;         /* [n] for A: 0, 1, 2 */
    uint32_t *side[2];       /* [n] models */
    struct points *votes;    /* [n] */
    size_t n;
    uint32_t *seen;          /* [n_models] models judged, in order */
    uint32_t *times;         /* [n_models] */
    double *bets;            /* [n_models][BETS_WAYS] */
};

/* Lays out one voter's votes, one by one, without those of models that the law
 * cannot compare. */
static void lay_out(struct check *c, const struct span *s)
{
    static const uint8_t points[RATING_N_OUTCOMES] = {2, 0, 1, 1};
    c->n = 0;
    for (size_t k = s->from; k < s->to; k++) {
        const struct rating_ballot *b = &c->ballots[k];
        if (!law_knows(&c->law, b->first, b->second))
            continue;
        struct chances x = law_chances(&c->law, b->first, b->second);
        for (uint64_t t = 0; t < b->n; t++) {
            c->chances[c->n] = x;
            c->points[c->n] = points[b->outcome];
            c->side[0][c->n] = b->first;
            c->side[1][c->n++] = b->second;
        }
    }
}

/* Keeps the decisive votes of what was laid out, as such. */
static void drop_ties(struct check *c)
{
    size_t n = 0;
    for (size_t k = 0; k < c->n; k++) {
        if (c->points[k] == 1)
            continue;
        c->chances[n] = chances_decisive(&c->chances[k]);
        c->points[n] = c->points[k];
        c->side[0][n] = c->side[0][k];
        c->side[1][n++] = c->side[1][k];
    }
    c->n = n;
}

static struct points turned(const struct chances *x, uint32_t weight, bool turn)
{
    struct points p = {.weight = weight};
    for (int k = 0; k < 3; k++)
        p.p[k] = x->p[turn ? 2 - k : k];
    return p;
}

static double both_ways(const struct points_law *l)
{
    return fmin(1, 2 * fmin(l->below, l->above));
}

static int test_slot(struct check *c, struct voter_report *r)
{
    struct points_law l;
    uint64_t seen = 0;
    for (size_t k = 0; k < c->n; k++) {
        c->votes[k] = turned(&c->chances[k], 1, false);
        seen += c->points[k];
    }
    if (points_law(c->votes, c->n, seen, c->least_z, &l) != 0)
        return -1;
    r->slot_z = l.z;
    r->slot_p = both_ways(&l);
    return 0;
}

static int test_agreement(struct check *c, struct voter_report *r)
{
    struct points_law l;
    uint64_t seen = 0;
    for (size_t k = 0; k < c->n; k++) {
        double d = c->chances[k].distance;
        double steps = fmin(MAX_STEPS, floor(fabs(d) * STEPS_PER_NAT + 0.5));
        uint32_t w = (uint32_t)steps;
        c->votes[k] = turned(&c->chances[k], w, d < 0);
        seen += w * (d < 0 ? 2u - c->points[k] : c->points[k]);
    }
    if (points_law(c->votes, c->n, seen, c->least_z, &l) != 0)
        return -1;
    r->agreement_z = l.z;
    r->agreement_p = l.below;
    return 0;
}

/* The law of the points that went to one model. */
static int model_law(struct check *c, uint32_t model, struct points_law *out)
{
    uint64_t seen = 0;
    size_t n = 0;
    for (size_t k = 0; k < c->n; k++) {
        bool second = c->side[1][k] == model;
        if (!second && c->side[0][k] != model)
            continue;
        c->votes[n++] = turned(&c->chances[k], 1, second);
        seen += second ? 2u - c->points[k] : c->points[k];
    }
    return points_law(c->votes, n, seen, c->least_z, out);
}

static size_t find_models(struct check *c)
{
    size_t n = 0;
    for (size_t k = 0; k < c->n; k++) {
        for (int side = 0; side < 2; side++) {
            uint32_t m = c->side[side][k];
            if (c->times[m]++ == 0)
                c->seen[n++] = m;
        }
    }
    for (size_t i = 0; i < n; i++)
        c->times[c->seen[i]] = 0;
    return n;
}

/* Tarone: correct for as many tests as could pass at that correction. */
static double correction(const double *least, size_t n)
{
    for (size_t k = 1; k < n; k++) {
        size_t able = 0;
        for (size_t i = 0; i < n; i++)
            able += least[i] <= MODEL_LEVEL / (double)k;
        if (able <= k)
            return (double)k;
    }
    return (double)n;
}

static int test_models(struct check *c, struct voter_report *r)
{
    size_t n = find_models(c);
    double *least = malloc((n + 1) * sizeof(*least));
    if (least == NULL)
        return -1;
    int status = 0;
    r->model_p = 1;
    for (size_t i = 0; i < n && status == 0; i++) {
        struct points_law l;
        status = model_law(c, c->seen[i], &l);
        least[i] = fmin(1, 2 * fmin(l.least_below, l.least_above));
        if (status == 0 && (i == 0 || both_ways(&l) < r->model_p)) {
            r->model = c->seen[i];
            r->model_p = both_ways(&l);
            r->model_z = l.z;
        }
    }
    if (status == 0)
        r->model_p = fmin(1, r->model_p * correction(least, n));
    free(least);
    return status;
}

/* P(a binomial count is k or more). */
static double at_least(uint64_t n, uint64_t k, double p)
{
    if (k == 0 || p >= 1)
        return 1;
    double sum = 0;
    for (uint64_t i = k; i <= n; i++) {
        double m = (double)n, j = (double)i;
        double term = lgamma(m + 1) - lgamma(j + 1) - lgamma(m - j + 1) +
                      j * log(p) + (m - j) * log1p(-p);
        sum += exp(term);
    }
    return fmin(1, sum);
}

static int run_tests(struct check *c, struct voter_report *r)
{
    return test_slot(c, r) == 0 && test_models(c, r) == 0 &&
                   test_agreement(c, r) == 0
               ? 0
               : -1;
}

/* --- ties --------------------------------------------------------------- */

/* Sets *odd: whether a voter has called more or fewer ties than the law has. */
static int test_ties(struct check *c, bool *odd)
{
    struct points_law l;
    uint64_t seen = 0;
    for (size_t k = 0; k < c->n; k++) {
        double tie = c->chances[k].p[1];
        c->votes[k] = (struct points){1, {1 - tie, 0, tie}};
        seen += c->points[k] == 1 ? 2 : 0;
    }
    if (points_law(c->votes, c->n, seen, 0, &l) != 0)
        return -1;
    *odd = both_ways(&l) <= TIES_LEVEL;
    return 0;
}

/* Whether voters differ in how willing they are to call a tie: their numbers
 * of ties scatter more than the law has it.  For a sum of trials, the square
 * of the error less its variance has the variance 2 v^2 + the 4th cumulant. */
static bool ties_vary(struct check *c)
{
    double excess = 0, variance = 0;
    for (size_t i = 0; i < c->n_spans; i++) {
        double error = 0, v = 0, fourth = 0;
        if (c->spans[i].out)
            continue;
        lay_out(c, &c->spans[i]);
        for (size_t k = 0; k < c->n; k++) {
            double p = c->chances[k].p[1], q = p * (1 - p);
            error += (c->points[k] == 1) - p;
            v += q;
            fourth += q * (1 - 6 * q);
        }
        excess += error * error - v;
        variance += 2 * v * v + fourth;
    }
    return excess > TIES_Z * sqrt(variance);
}

/* --- the law ------------------------------------------------------------ */

/* Fits the law of those who are not left out. */
static int fit_law(struct check *c, bool ties, struct err *e)
{
    struct rating_counts counts;
    size_t at = 0;
    int status = 0;
    law_free(&c->law);
    rating_counts_init(&counts);
    for (size_t k = 0; k < c->n_ballots && status == 0; k++) {
        const struct rating_ballot *b = &c->ballots[k];
        while (at < c->n_spans && c->spans[at].to <= k)
            at++;
        bool out = at < c->n_spans && c->spans[at].from <= k &&
                   c->spans[at].out;
        if (!out)
            status = rating_counts_add(&counts, b->first, b->second,
                                       b->outcome, b->n);
    }
    if (counts.n_models < c->n_models)
        counts.n_models = c->n_models;
    if (status == 0)
        status = law_fit(&c->law, &counts, ties, e);
    else
        err_set(e, ERR_FAILURE, "not enough memory");
    rating_counts_free(&counts);
    return status;
}

/* How far a voter is out of line: the z of the furthest test that is certain
 * enough. */
static int screen(struct check *c, struct span *s)
{
    struct voter_report r = {.votes = 0};
    lay_out(c, s);
    s->score = 0;
    if (run_tests(c, &r) != 0)
        return -1;
    if (r.slot_p <= OUT_LEVEL)
        s->score = fmax(s->score, fabs(r.slot_z));
    if (r.model_p <= OUT_LEVEL)
        s->score = fmax(s->score, fabs(r.model_z));
    if (r.agreement_p <= OUT_LEVEL)
        s->score = fmax(s->score, -r.agreement_z);
    return 0;
}

/* Leaves out the voters further out than `limit` and takes back in those who no
 * longer are.  Returns whether anything changed; nothing does if more than half
 * would be out: then nobody is left who stands for everybody. */
static bool leave_out(struct check *c, double limit)
{
    size_t n_out = 0, n_changed = 0;
    for (size_t i = 0; i < c->n_spans; i++) {
        bool out = c->spans[i].score > limit;
        n_out += out;
        n_changed += out != c->spans[i].out;
    }
    if (2 * n_out > c->n_spans)
        return false;
    for (size_t i = 0; i < c->n_spans; i++)
        c->spans[i].out = c->spans[i].score > limit;
    return n_changed > 0;
}

/* Finds a law in which voters far out of line have no part.  The furthest are
 * left out first: as long as they bend the law, others who are in line seem to
 * be out. */
static int find_law(struct check *c, struct err *e)
{
    double limit = INFINITY;
    c->least_z = OUT_Z;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        double top = 0;
        if (fit_law(c, true, e) != 0)
            return -1;
        for (size_t i = 0; i < c->n_spans; i++) {
            if (screen(c, &c->spans[i]) != 0)
                return err_set(e, ERR_FAILURE, "not enough memory");
            if (!c->spans[i].out)
                top = fmax(top, c->spans[i].score);
        }
        if (top > 0)
            limit = fmin(limit, OUT_SHARE * top);
        if (!leave_out(c, limit))
            break;
    }
    c->least_z = 0;
    return ties_vary(c) ? fit_law(c, false, e) : 0;
}

/* --- verdicts ----------------------------------------------------------- */

static int check_voter(struct check *c, const struct span *s,
                       struct voter_report *r)
{
    bool odd = true;
    *r = (struct voter_report){.voter = c->ballots[s->from].voter, .fast_p = 1};
    for (size_t k = s->from; k < s->to; k++) {
        r->votes += c->ballots[k].n;
        r->n_timed += c->speed == NULL ? 0 : c->speed[k].n_timed;
        r->n_fast += c->speed == NULL ? 0 : c->speed[k].n_fast;
    }
    if (c->fast_share > 0)
        r->fast_p = at_least(r->n_timed, r->n_fast, c->fast_share);
    lay_out(c, s);
    if (c->law.nu > 0 && test_ties(c, &odd) != 0)
        return -1;
    if (odd)
        drop_ties(c);
    if (run_tests(c, r) != 0)
        return -1;
    drop_ties(c);
    r->evidence = bets_follow(c->chances, c->points, c->side, c->n,
                              c->n_models, c->bets);
    r->by_slot = r->slot_p <= SLOT_LEVEL;
    r->by_model = r->model_p <= MODEL_LEVEL;
    r->by_agreement = r->agreement_p <= AGREEMENT_LEVEL;
    r->by_fast = r->fast_p <= FAST_LEVEL;
    r->by_evidence = r->evidence >= VOTERS_EVIDENCE;
    r->suspect = r->by_slot || r->by_model || r->by_agreement || r->by_fast ||
                 r->by_evidence;
    return 0;
}

/* Finds the ballots of each voter, and how many votes the busiest has given. */
static int find_spans(struct check *c, uint64_t *most)
{
    *most = 0;
    c->spans = calloc(c->n_ballots + 1, sizeof(*c->spans));
    for (size_t k = 0, end; c->spans != NULL && k < c->n_ballots; k = end) {
        uint64_t votes = 0;
        uint32_t voter = c->ballots[k].voter;
        for (end = k; end < c->n_ballots && c->ballots[end].voter == voter;
             end++)
            votes += c->ballots[end].n;
        if (voter == RATING_NO_VOTER)
            continue;
        c->spans[c->n_spans++] = (struct span){.from = k, .to = end};
        *most = votes > *most ? votes : *most;
    }
    return c->spans == NULL ? -1 : 0;
}

static int make_room(struct check *c)
{
    uint64_t most;
    if (find_spans(c, &most) != 0 || most > UINT32_MAX)
        return -1; /* no voter has so many votes */
    size_t m = (size_t)most + 1, models = c->n_models + 1;
    c->chances = malloc(m * sizeof(*c->chances));
    c->points = malloc(m * sizeof(*c->points));
    c->side[0] = malloc(m * sizeof(*c->side[0]));
    c->side[1] = malloc(m * sizeof(*c->side[1]));
    c->votes = malloc(m * sizeof(*c->votes));
    c->seen = calloc(models, sizeof(*c->seen));
    c->times = calloc(models, sizeof(*c->times));
    c->bets = calloc(models * BETS_WAYS, sizeof(*c->bets));
    bool whole = c->chances != NULL && c->points != NULL &&
                 c->side[0] != NULL && c->side[1] != NULL &&
                 c->votes != NULL && c->seen != NULL && c->times != NULL &&
                 c->bets != NULL;
    return whole ? 0 : -1;
}

static void free_room(struct check *c)
{
    law_free(&c->law);
    free(c->spans);
    free(c->chances);
    free(c->points);
    free(c->side[0]);
    free(c->side[1]);
    free(c->votes);
    free(c->seen);
    free(c->times);
    free(c->bets);
}

static double share_of_fast(const struct check *c)
{
    double timed = 0, fast = 0;
    for (size_t k = 0; c->speed != NULL && k < c->n_ballots; k++) {
        timed += (double)c->speed[k].n_timed;
        fast += (double)c->speed[k].n_fast;
    }
    return timed > 0 ? fast / timed : 0;
}

/* Reports on every voter; NULL: no memory. */
static struct voter_report *report(struct check *c)
{
    struct voter_report *out = calloc(c->n_spans + 1, sizeof(*out));
    c->fast_share = share_of_fast(c);
    for (size_t i = 0; out != NULL && i < c->n_spans; i++) {
        if (check_voter(c, &c->spans[i], &out[i]) != 0) {
            free(out);
            out = NULL;
        }
    }
    return out;
}

int voters_check(size_t n_models, const struct rating_ballot *ballots,
                 size_t n_ballots, const struct voter_speed *speed,
                 struct voter_report **out, size_t *n_voters, struct err *e)
{
    struct check c = {.ballots = ballots,
                      .speed = speed,
                      .n_ballots = n_ballots,
                      .n_models = n_models};
    *out = NULL;
    bool room = make_room(&c) == 0;
    int status = room ? find_law(&c, e) : -1;
    if (status == 0)
        *out = report(&c);
    *n_voters = c.n_spans;
    if (!room || (status == 0 && *out == NULL))
        status = err_set(e, ERR_FAILURE, "not enough memory");
    free_room(&c);
    return status;
}
