#include "rating/voters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/bt.h"
#include "rating/convolve.h"

/* Levels of the tests; they add up to 2.4%. */
static const double SLOT_LEVEL = 0.007, MODEL_LEVEL = 0.007,
                    AGREEMENT_LEVEL = 0.007, FAST_LEVEL = 0.003;

/* How far the bets lean, in nats: a mild bias and a strong one. */
static const double LEANS[2] = {1, 2.5};
enum { N_LEANS = 2, N_WAYS = 2 * N_LEANS };

/* Agreement is weighted by strength, in steps of a tenth of a nat. */
enum { STEPS_PER_NAT = 10, MAX_STEPS = 25 };

/* Chances of a vote by the model of all votes, from side A. */
struct chances {
    double p[3];     /* B, tie, A: by points for A */
    double distance; /* strength of A above B, in nats */
};

struct law { /* the model of all votes */
    double *x;   /* [n_models] strengths in nats; 0 where unknown */
    double side, nu;
};

struct check {
    struct law law;
    size_t n_models;
    double fast_share;
    /* Scratch for one voter, sized for the one with the most votes. */
    struct chances *chances; /* [n] */
    uint8_t *points;         /* [n] for A: 0, 1, 2 */
    uint32_t *side[2];       /* [n] models */
    struct points *votes;    /* [n] */
    size_t n;
    uint32_t *seen;          /* [n_models] models judged, in order */
    uint32_t *times;         /* [n_models] */
    double *bets;            /* [n_models][N_WAYS] log e-values */
};

static int fit_law(struct law *law, const struct rating_counts *all,
                   const char **why)
{
    struct bt_params p = bt_defaults();
    struct bt_result fit;
    p.ties = BT_TIES_DAVIDSON;
    p.position = true;
    p.ci = BT_CI_HESSIAN;
    if (bt_fit(all, &p, &fit, why) != 0) {
        bt_free(&fit); /* only ties, or a side that cannot be told */
        p.ties = BT_TIES_HALF;
        p.position = false;
        if (bt_fit(all, &p, &fit, why) != 0) {
            bt_free(&fit);
            return -1;
        }
    }
    double nat = log(10) / p.scale;
    law->x = calloc(fit.n_models + 1, sizeof(*law->x));
    for (size_t i = 0; law->x != NULL && i < fit.n_models; i++)
        if (!isnan(fit.models[i].rating))
            law->x[i] = (fit.models[i].rating - p.start) * nat;
    law->side = p.position && !isnan(fit.position) ? fit.position * nat : 0;
    law->nu = isnan(fit.tie_parameter) ? 0 : fit.tie_parameter;
    bt_free(&fit);
    *why = "not enough memory";
    return law->x == NULL ? -1 : 0;
}

static struct chances chances_of(const struct law *law, uint32_t a, uint32_t b)
{
    double distance = law->x[a] - law->x[b], d = distance + law->side;
    double win = exp(d / 2), lose = exp(-d / 2), sum = win + lose + law->nu;
    return (struct chances){.p = {lose / sum, law->nu / sum, win / sum},
                            .distance = distance};
}

/* Lays out one voter's votes, one by one. */
static void lay_out(struct check *c, const struct rating_ballot *b, size_t n)
{
    static const uint8_t points[RATING_N_OUTCOMES] = {2, 0, 1, 1};
    c->n = 0;
    for (size_t k = 0; k < n; k++) {
        struct chances x = chances_of(&c->law, b[k].first, b[k].second);
        for (uint64_t t = 0; t < b[k].n; t++) {
            c->chances[c->n] = x;
            c->points[c->n] = points[b[k].outcome];
            c->side[0][c->n] = b[k].first;
            c->side[1][c->n++] = b[k].second;
        }
    }
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
    if (points_law(c->votes, c->n, seen, &l) != 0)
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
    if (points_law(c->votes, c->n, seen, &l) != 0)
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
    return points_law(c->votes, n, seen, out);
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

/* What a bet on chances leaning by `lean` towards more points gains or loses
 * by a vote, in nats. */
static double gain(const double p[3], int points, double lean)
{
    double low = exp(-lean), high = exp(lean);
    double sum = p[0] * low + p[1] + p[2] * high;
    return lean * (points - 1) - log(sum);
}

/* Lean number `way` of the N_WAYS: up and down, mild and strong. */
static double lean_of(int way)
{
    return way % 2 == 0 ? LEANS[way / 2] : -LEANS[way / 2];
}

/* Adds a vote to the bets and returns the mean e-value of all ways. */
static double bet(double *logs, const double p[3], int points)
{
    double sum = 0;
    for (int way = 0; way < N_WAYS; way++) {
        logs[way] += gain(p, points, lean_of(way));
        sum += exp(logs[way]) / N_WAYS;
    }
    return sum;
}

static double mean_of(const double *logs)
{
    double sum = 0;
    for (int way = 0; way < N_WAYS; way++)
        sum += exp(logs[way]) / N_WAYS;
    return sum;
}

/* Runs through the votes in their order.  A third of the stake is on the
 * slot, a third on agreement, and a third spread over all models there are. */
static void follow(struct check *c, struct voter_report *r)
{
    double slot[N_WAYS] = {0}, agreement[N_WAYS] = {0};
    double models = (double)c->n_models; /* sum of the models' e-values */
    memset(c->bets, 0, c->n_models * N_WAYS * sizeof(*c->bets));
    r->evidence = 1;
    for (size_t k = 0; k < c->n; k++) {
        const struct chances *x = &c->chances[k];
        struct points straight = turned(x, 1, false), back = turned(x, 1, true);
        int points = c->points[k];
        double sum = bet(slot, straight.p, points);
        sum += x->distance >= 0 ? bet(agreement, straight.p, points)
                                : bet(agreement, back.p, 2 - points);
        for (int side = 0; side < 2; side++) {
            double *bets = c->bets + c->side[side][k] * (size_t)N_WAYS;
            models -= mean_of(bets);
            models += side == 0 ? bet(bets, straight.p, points)
                                : bet(bets, back.p, 2 - points);
        }
        sum += models / (double)c->n_models;
        r->evidence = fmax(r->evidence, sum / 3);
    }
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

static int check_voter(struct check *c, const struct rating_ballot *b,
                       const uint64_t *fast, size_t n, struct voter_report *r)
{
    *r = (struct voter_report){.voter = b[0].voter, .fast_p = 1};
    lay_out(c, b, n);
    r->votes = c->n;
    for (size_t k = 0; fast != NULL && k < n; k++)
        r->n_fast += fast[k];
    if (fast != NULL && c->fast_share > 0)
        r->fast_p = at_least(r->votes, r->n_fast, c->fast_share);
    if (test_slot(c, r) != 0 || test_models(c, r) != 0 ||
        test_agreement(c, r) != 0)
        return -1;
    follow(c, r);
    r->by_slot = r->slot_p <= SLOT_LEVEL;
    r->by_model = r->model_p <= MODEL_LEVEL;
    r->by_agreement = r->agreement_p <= AGREEMENT_LEVEL;
    r->by_fast = r->fast_p <= FAST_LEVEL;
    r->by_evidence = r->evidence >= VOTERS_EVIDENCE;
    r->suspect = r->by_slot || r->by_model || r->by_agreement || r->by_fast ||
                 r->by_evidence;
    return 0;
}

/* Where the ballots of the voter at `from` end. */
static size_t end_of(const struct rating_ballot *b, size_t n, size_t from)
{
    size_t k = from;
    while (k < n && b[k].voter == b[from].voter)
        k++;
    return k;
}

static int make_room(struct check *c, const struct rating_ballot *b, size_t n,
                     size_t *n_voters)
{
    uint64_t most = 0;
    *n_voters = 0;
    for (size_t k = 0, end; k < n; k = end) {
        uint64_t votes = 0;
        end = end_of(b, n, k);
        if (b[k].voter == RATING_NO_VOTER)
            continue;
        ++*n_voters;
        for (size_t i = k; i < end; i++)
            votes += b[i].n;
        most = votes > most ? votes : most;
    }
    if (most > UINT32_MAX)
        return -1; /* one voter with more votes than there are people */
    size_t m = (size_t)most + 1, models = c->n_models + 1;
    c->chances = malloc(m * sizeof(*c->chances));
    c->points = malloc(m * sizeof(*c->points));
    c->side[0] = malloc(m * sizeof(*c->side[0]));
    c->side[1] = malloc(m * sizeof(*c->side[1]));
    c->votes = malloc(m * sizeof(*c->votes));
    c->seen = calloc(models, sizeof(*c->seen));
    c->times = calloc(models, sizeof(*c->times));
    c->bets = calloc(models * N_WAYS, sizeof(*c->bets));
    bool whole = c->chances != NULL && c->points != NULL &&
                 c->side[0] != NULL && c->side[1] != NULL &&
                 c->votes != NULL && c->seen != NULL && c->times != NULL &&
                 c->bets != NULL;
    return whole ? 0 : -1;
}

static void free_room(struct check *c)
{
    free(c->law.x);
    free(c->chances);
    free(c->points);
    free(c->side[0]);
    free(c->side[1]);
    free(c->votes);
    free(c->seen);
    free(c->times);
    free(c->bets);
}

static double share_of_fast(const struct rating_ballot *b, size_t n,
                            const uint64_t *fast)
{
    double votes = 0, quick = 0;
    for (size_t k = 0; fast != NULL && k < n; k++) {
        votes += (double)b[k].n;
        quick += (double)fast[k];
    }
    return votes > 0 ? quick / votes : 0;
}

int voters_check(const struct rating_counts *all,
                 const struct rating_ballot *ballots, size_t n_ballots,
                 const uint64_t *fast, struct voter_report **out,
                 size_t *n_voters, const char **why)
{
    struct check c = {.n_models = all->n_models};
    int status = fit_law(&c.law, all, why);
    *out = NULL;
    if (status == 0)
        status = make_room(&c, ballots, n_ballots, n_voters);
    if (status == 0) {
        *out = calloc(*n_voters + 1, sizeof(**out));
        status = *out == NULL ? -1 : 0;
    }
    c.fast_share = share_of_fast(ballots, n_ballots, fast);
    struct voter_report *r = *out;
    for (size_t k = 0, end; status == 0 && k < n_ballots; k = end) {
        end = end_of(ballots, n_ballots, k);
        if (ballots[k].voter == RATING_NO_VOTER)
            continue;
        status = check_voter(&c, ballots + k, fast == NULL ? NULL : fast + k,
                             end - k, r++);
    }
    if (status != 0) {
        free(*out);
        *out = NULL;
    }
    free_room(&c);
    return status;
}
