#include "arena/leaderboard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/judged_votes.h"
#include "arena/store/voter.h"
#include "arena/suspects.h"
#include "base/mem.h"

/* --- order -------------------------------------------------------------- */

/* A model without an estimate is above all if it has only a lower bound (it
 * never lost), and below all if it has only an upper one. */
static double sort_key(const struct leaderboard_row *row)
{
    if (!isnan(row->rating))
        return row->rating;
    return isnan(row->lower) ? -INFINITY : INFINITY;
}

static int compare_rows(const struct leaderboard_row *a,
                        const struct leaderboard_row *b)
{
    double ka = sort_key(a), kb = sort_key(b);
    if (ka == kb) {
        ka = leaderboard_win_rate(a);
        kb = leaderboard_win_rate(b);
    }
    return ka != kb ? (ka < kb) - (ka > kb) : strcmp(a->name, b->name);
}

static int compare_elo(const void *x, const void *y)
{
    return compare_rows(x, y);
}

/* Groups that never met have scales of their own, so they stand apart. */
static int compare_fitted(const void *x, const void *y)
{
    const struct leaderboard_row *a = x, *b = y;
    if (a->component != b->component)
        return a->component < b->component ? -1 : 1;
    return compare_rows(a, b);
}

/* --- making one --------------------------------------------------------- */

static void count_sides(struct leaderboard *l, const struct rating_counts *c)
{
    for (size_t i = 0; i < c->n_cells; i++) {
        l->n_first += c->cells[i].n[RATING_FIRST];
        l->n_second += c->cells[i].n[RATING_SECOND];
        l->n_weighted += c->cells[i].n_weighted;
    }
}

static bool is_preliminary(const struct bt_result *fit,
                           const struct bt_model *m,
                           const struct bt_params *p)
{
    bool drop = p->ties == BT_TIES_DROP;
    uint64_t rated = drop ? m->wins + m->losses + m->weighted : m->votes;
    return rated < LEADERBOARD_FEW_VOTES || !m->bounded ||
           fit->n_components > 1;
}

void leaderboard_from_fit(struct leaderboard *l, const char *const *names,
                          const struct rating_counts *c,
                          const struct bt_result *fit,
                          const struct bt_params *p)
{
    bool tie_model = p->ties == BT_TIES_DAVIDSON ||
                     p->ties == BT_TIES_RAO_KUPPER;
    *l = (struct leaderboard){
        .method = LEADERBOARD_BT,
        .rows = mem_calloc(fit->n_models, sizeof(*l->rows)),
        .n_votes = fit->n_votes,
        .n_components = fit->n_components,
        .n_unbounded = fit->n_unbounded,
        .n_rounds_failed = fit->n_rounds_failed,
        .prior = fit->prior,
        .tie_parameter = tie_model ? fit->tie_parameter : NAN,
        .position = fit->position,
        .position_se = fit->position_se,
        .bt = *p,
        .against = -1,
    };
    count_sides(l, c);
    if (p->ties == BT_TIES_DROP) {
        l->n_dropped = l->n_votes - l->n_first - l->n_second - l->n_weighted;
        l->n_votes -= l->n_dropped;
    }
    for (size_t i = 0; i < fit->n_models; i++) {
        const struct bt_model *m = &fit->models[i];
        if (m->votes == 0)
            continue;
        l->rows[l->n_rows++] = (struct leaderboard_row){
            .name = mem_strdup(names[i]),
            .model = (uint32_t)i,
            .rating = m->rating,
            .lower = m->lower,
            .upper = m->upper,
            .se = m->se,
            .rank = m->rank,
            .rank_best = m->rank_best,
            .rank_worst = m->rank_worst,
            .tier = m->tier,
            .component = m->component,
            .votes = m->votes,
            .wins = m->wins,
            .losses = m->losses,
            .ties = m->ties,
            .bad = m->bad,
            .weighted = m->weighted,
            .share_won = m->share_won,
            .bounded = m->bounded,
            .preliminary = is_preliminary(fit, m, p),
            .usage = {NAN, NAN, NAN},
        };
    }
    qsort(l->rows, l->n_rows, sizeof(*l->rows), compare_fitted);
}

void leaderboard_set_elo(struct leaderboard *l, const double *ratings,
                         const struct elo_params *p)
{
    l->method = LEADERBOARD_ELO;
    l->elo = *p;
    l->n_votes += l->n_dropped; /* Elo counts them */
    l->n_dropped = 0;
    for (size_t i = 0; i < l->n_rows; i++) {
        struct leaderboard_row *row = &l->rows[i];
        row->rating = ratings[row->model];
        row->lower = row->upper = row->se = NAN;
        row->rank_best = row->rank_worst = row->tier = 0;
        row->component = BT_NO_COMPONENT;
        row->preliminary = row->votes < LEADERBOARD_FEW_VOTES;
    }
    if (l->n_rows > 0)
        qsort(l->rows, l->n_rows, sizeof(*l->rows), compare_elo);
    for (size_t i = 0; i < l->n_rows; i++) {
        bool same = i > 0 && l->rows[i].rating == l->rows[i - 1].rating;
        l->rows[i].rank = same ? l->rows[i - 1].rank : (uint32_t)i + 1;
    }
}

void leaderboard_set_against(struct leaderboard *l, const struct bt_result *fit,
                             size_t model)
{
    for (size_t i = 0; i < l->n_rows; i++) {
        l->rows[i].against = bt_compare(fit, l->rows[i].model, model);
        if (l->rows[i].model == model)
            l->against = (int64_t)model;
    }
}

void leaderboard_set_judge(struct leaderboard *l, const char *judge,
                           enum judged_cluster cluster,
                           const struct judged_worth *worth,
                           double temperature)
{
    l->judge = mem_strdup(voter_bare_judge(judge));
    l->cluster = cluster;
    l->worth = *worth;
    l->temperature = temperature;
}

void leaderboard_free(struct leaderboard *l)
{
    free(l->judge);
    for (size_t i = 0; i < l->n_rows; i++)
        free(l->rows[i].name);
    free(l->rows);
    *l = (struct leaderboard){0};
}

double leaderboard_win_rate(const struct leaderboard_row *row)
{
    double ties = (double)(row->ties + row->bad);
    return 100 * ((double)row->wins + row->share_won + ties / 2) /
           (double)row->votes;
}

/* --- from the store ----------------------------------------------------- */

/* Tiers need differences; the places that come with them were not asked for. */
static struct bt_params with_tiers(const struct leaderboard_params *p, size_t n)
{
    struct bt_params with = p->bt;
    with.differences |= p->remarks && p->method == LEADERBOARD_BT &&
                        n <= LEADERBOARD_TIERS_MOST;
    return with;
}

static void hide_places(struct leaderboard *l, const struct bt_params *asked)
{
    l->bt.differences = asked->differences;
    for (size_t i = 0; i < l->n_rows && !asked->differences; i++)
        l->rows[i].rank_best = l->rows[i].rank_worst = 0;
}

static int fit_models(struct leaderboard *l, const struct rating_counts *c,
                      const struct store_model *models, size_t n,
                      const struct leaderboard_params *p, struct err *e)
{
    const struct bt_params with = with_tiers(p, n);
    struct bt_result fit = {0};
    const char **names = mem_calloc(n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = models[i].name;
    int result = bt_fit(c, &with, &fit, e);
    if (result == 0) {
        leaderboard_from_fit(l, names, c, &fit, &with);
        hide_places(l, &p->bt);
    } else {
        err_wrap(e, "no ratings");
    }
    bt_free(&fit);
    free(names);
    return result;
}

/* What the models' answers cost and how fast they were. */
static int add_usage(struct leaderboard *l, struct store *s,
                     const struct store_model *models, size_t n,
                     struct err *e)
{
    struct store_usage *usage = mem_calloc(n, sizeof(*usage));
    int result = store_usage(s, models, n, usage, e);
    for (size_t i = 0; result == 0 && i < l->n_rows; i++)
        l->rows[i].usage = usage[l->rows[i].model];
    l->has_usage = true;
    free(usage);
    return result;
}

/* What one of their answers took. */
static int add_per_answer(struct leaderboard *l, struct store *s,
                          const struct store_model *models, size_t n,
                          struct err *e)
{
    struct store_per_answer *each = mem_calloc(n, sizeof(*each));
    int result = store_per_answer(s, models, n, each, e);
    for (size_t i = 0; result == 0 && i < l->n_rows; i++)
        l->rows[i].per_answer = each[l->rows[i].model];
    l->has_per_answer = true;
    free(each);
    return result;
}

static int add_answers(struct leaderboard *l, struct store *s,
                       const struct store_model *models, size_t n,
                       const struct leaderboard_params *p, struct err *e)
{
    if (add_usage(l, s, models, n, e) != 0)
        return -1;
    return p->per_answer ? add_per_answer(l, s, models, n, e) : 0;
}

static void set_stored_elo(struct leaderboard *l,
                           const struct store_model *models, size_t n,
                           const struct elo_params *elo)
{
    double *ratings = mem_calloc(n, sizeof(*ratings));
    for (size_t i = 0; i < n; i++)
        ratings[i] = models[i].elo;
    leaderboard_set_elo(l, ratings, elo);
    free(ratings);
}

static void init(struct leaderboard *l, const struct leaderboard_params *p)
{
    *l = (struct leaderboard){.method = p->method,
                              .bt = p->bt,
                              .elo = p->elo,
                              .against = -1,
                              .tie_parameter = NAN,
                              .position = NAN,
                              .position_se = NAN};
}

/* Rates what was counted. */
static int rate_counts(struct leaderboard *l, const struct rating_counts *c,
                       struct store *s, const struct store_model *models,
                       size_t n, const struct leaderboard_params *p,
                       struct err *e)
{
    struct drop_lead lead;
    if (c->n_cells > 0 && fit_models(l, c, models, n, p, e) != 0)
        return -1;
    if (p->remarks && p->method == LEADERBOARD_BT && c->n_cells > 0 &&
        drop_find_lead(c, &p->bt, &lead, NULL) == 0)
        l->lead = lead;
    return add_answers(l, s, models, n, p, e);
}

static bool is_of_everything(const struct store_filter *f)
{
    return f->category == NULL && f->since_ms == 0 &&
           (f->voter == NULL || strcmp(f->voter, "human") == 0);
}

/* Whether one scale fits all categories; left as it is if that fails. */
static void compare_categories(struct leaderboard *l, struct store *s,
                               const struct store_model *models, size_t n)
{
    struct rating_counts *parts;
    struct scale_test test;
    size_t n_parts;
    if (store_category_counts(s, models, n, &parts, &n_parts, NULL) != 0)
        return;
    if (n_parts >= 2 && scale_compare(parts, n_parts, &test, NULL) == 0)
        l->scale = test;
    store_free_parts(parts, n_parts);
}

int leaderboard_load(struct leaderboard *l, struct rating_counts *counts,
                     struct store *s, const struct store_filter *filter,
                     const struct leaderboard_params *p, struct err *e)
{
    struct store_model *models;
    size_t n;
    init(l, p);
    rating_counts_init(counts);
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    int result = store_counts(s, filter, models, n, counts, e);
    if (result == 0)
        result = rate_counts(l, counts, s, models, n, p, e);
    if (result == 0 && p->method == LEADERBOARD_ELO)
        set_stored_elo(l, models, n, &p->elo);
    else if (result == 0 && p->remarks && is_of_everything(filter))
        compare_categories(l, s, models, n);
    if (result != 0) {
        leaderboard_free(l);
        rating_counts_free(counts);
    }
    store_free_models(models, n);
    return result;
}

/* Counts the filter's ballots of those who are no suspects. */
static int count_unsuspected(const struct store_ballots *b,
                             const struct suspects *suspects,
                             struct rating_counts *counts,
                             struct leaderboard_suspects *out, struct err *e)
{
    bool suspect = false;
    for (size_t k = 0; k < b->n; k++) { /* in order of voter */
        const struct rating_ballot *x = &b->ballots[k];
        if (k == 0 || x->voter != b->ballots[k - 1].voter) {
            suspect = suspects_has(suspects, b->voters[x->voter]);
            out->n_voters += suspect;
        }
        if (suspect)
            out->n_votes += x->n;
        else if (rating_counts_add(counts, x->first, x->second, x->outcome,
                                   x->n) != 0)
            return err_set(e, ERR_FAILURE, "no memory for the pair counts");
    }
    return 0;
}

/* Judges the voters by all votes, then counts the filter's without those of
 * suspects. */
static int sift(struct store *s, const struct store_filter *filter,
                const struct store_model *models, size_t n,
                struct rating_counts *counts, struct leaderboard_suspects *out,
                struct err *e)
{
    struct suspects suspects;
    struct store_ballots b = {0};
    int result = suspects_find(&suspects, s, models, n, e);
    if (result == 0)
        result = store_ballots(s, filter, models, n, &b, e);
    if (result == 0)
        result = count_unsuspected(&b, &suspects, counts, out, e);
    store_free_ballots(&b);
    suspects_free(&suspects);
    return result;
}

int leaderboard_load_unsuspected(struct leaderboard *l,
                                 struct rating_counts *counts, struct store *s,
                                 const struct store_filter *filter,
                                 const struct leaderboard_params *p,
                                 struct leaderboard_suspects *out,
                                 struct err *e)
{
    struct store_model *models;
    size_t n;
    init(l, p);
    rating_counts_init(counts);
    *out = (struct leaderboard_suspects){0};
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    int result = sift(s, filter, models, n, counts, out, e);
    counts->n_models = counts->n_models < n ? n : counts->n_models;
    if (result == 0)
        result = rate_counts(l, counts, s, models, n, p, e);
    if (result != 0) {
        leaderboard_free(l);
        rating_counts_free(counts);
    }
    store_free_models(models, n);
    return result;
}

/* --- with a judge ------------------------------------------------------- */

static int fit_judged(struct leaderboard *l, const struct judged_votes *v,
                      const struct rating_counts *c,
                      const struct store_model *models, size_t n,
                      const char *judge, const struct leaderboard_params *p,
                      struct err *e)
{
    const struct bt_params with = with_tiers(p, n);
    struct bt_result fit = {0};
    struct judged_worth worth;
    const char **names = mem_calloc(n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = models[i].name;
    int result = bt_fit(c, &with, &fit, e);
    if (result == 0)
        result = judged_fit(&fit, c, &with, &v->rows, JUDGED_BY_BATTLE, &worth,
                            e);
    if (result == 0) {
        leaderboard_from_fit(l, names, c, &fit, &with);
        hide_places(l, &p->bt);
        leaderboard_set_judge(l, judge, JUDGED_BY_BATTLE, &worth,
                              v->temperature);
        l->n_other_judges = v->n_other;
    } else {
        err_wrap(e, "no ratings");
    }
    bt_free(&fit);
    free(names);
    return result;
}

int leaderboard_load_judged(struct leaderboard *l, struct rating_counts *counts,
                            struct store *s, const struct store_filter *filter,
                            const char *judge,
                            const struct leaderboard_params *p, struct err *e)
{
    struct judged_votes v = {.n_verdicts = 0};
    struct store_model *models;
    size_t n;
    init(l, p);
    rating_counts_init(counts);
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    int result = judged_votes_load(&v, s, filter, models, n, judge, counts, e);
    counts->n_models = counts->n_models < n ? n : counts->n_models;
    if (result == 0 && rating_counts_sort(counts) != 0)
        result = err_set(e, ERR_FAILURE, "no memory for the pair counts");
    if (result == 0 && counts->n_cells > 0)
        result = fit_judged(l, &v, counts, models, n, judge, p, e);
    if (result == 0)
        result = add_answers(l, s, models, n, p, e);
    if (result != 0) {
        leaderboard_free(l);
        rating_counts_free(counts);
    }
    judged_votes_free(&v);
    store_free_models(models, n);
    return result;
}
