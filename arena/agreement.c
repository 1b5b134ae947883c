#include "arena/agreement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/blind/family.h"
#include "arena/judged_votes.h"
#include "arena/store/judgments.h"
#include "arena/store/voter.h"
#include "base/mem.h"
#include "base/names.h"
#include "rating/votes/share.h"

/* What is read of the store, and the battles in it. */
struct reading {
    struct store_ballots ballots;
    size_t *order; /* by battle */
    struct store_model *models;
    size_t n_models;
    const char **families; /* [n_models] or NULL each */
    struct store_traits *traits; /* [n_traits] in order of the battle */
    size_t n_traits;
    struct names categories;
    size_t *number; /* [n_voters] in agreement.voters; 0: a person */
};

static void reading_free(struct reading *r)
{
    store_free_ballots(&r->ballots);
    store_free_models(r->models, r->n_models);
    free(r->order);
    free(r->families);
    free(r->traits);
    names_free(&r->categories);
    free(r->number);
}

static int reading_load(struct reading *r, struct store *s,
                        const struct store_filter *filter,
                        const struct config *config, struct err *e)
{
    struct store_filter everyone = *filter;
    everyone.voter = STORE_EVERYBODY;
    if (store_list_models(s, &r->models, &r->n_models, e) != 0 ||
        store_ballots(s, &everyone, r->models, r->n_models, &r->ballots, e) !=
            0 ||
        store_list_traits(s, &r->traits, &r->n_traits, &r->categories, e) != 0)
        return -1;
    r->order = mem_calloc(r->ballots.n + 1, sizeof(*r->order));
    r->number = mem_calloc(r->ballots.n_voters + 1, sizeof(*r->number));
    r->families = mem_calloc(r->n_models + 1, sizeof(*r->families));
    ballots_order(&r->ballots, r->order);
    for (size_t i = 0; i < r->n_models; i++)
        r->families[i] = family_of(config, r->models[i].name);
    return 0;
}

/* --- one battle ----------------------------------------------------------- */

static int kind_of(const struct rating_ballot *b)
{
    return b->outcome == RATING_FIRST ? 0 : b->outcome == RATING_SECOND ? 2 : 1;
}

/* A vote for or against one side (0: A, 1: B); nothing if it is a tie. */
static void taste(struct agreement_taste *t, const struct rating_ballot *b,
                  int side)
{
    int kind = kind_of(b);
    if (kind == 1)
        return;
    t->n++;
    t->n_won += (kind == 0) == (side == 0);
}

static int compare_traits(const void *key, const void *row)
{
    int64_t id = *(const int64_t *)key;
    int64_t other = ((const struct store_traits *)row)->battle_id;
    return (id > other) - (id < other);
}

/* Of the battle of a ballot; NULL: it came after the list was made. */
static const struct store_traits *traits_of(const struct reading *r, size_t k)
{
    int64_t id = r->ballots.origins[r->order[k]].battle_id;
    return r->n_traits == 0 ? NULL
                            : bsearch(&id, r->traits, r->n_traits,
                                      sizeof(*r->traits), compare_traits);
}

/* The side of a battle with the longer answer; -1: neither, or not known. */
static int longer_side(const struct store_traits *x)
{
    return x == NULL || x->length[0] == x->length[1]
               ? -1
               : x->length[1] > x->length[0];
}

/* The side of a battle that alone is of a family; -1: none, or both. */
static int kin_side(const struct reading *r, const struct rating_ballot *b,
                    const char *family)
{
    const uint32_t model[2] = {b->first, b->second};
    bool is_kin[2];
    for (int side = 0; side < 2; side++)
        is_kin[side] = family_is_same(family, r->families[model[side]]);
    return is_kin[0] == is_kin[1] ? -1 : is_kin[1];
}

static const struct rating_ballot *ballot(const struct reading *r, size_t k)
{
    return &r->ballots.ballots[r->order[k]];
}

static size_t number(const struct reading *r, size_t k)
{
    return r->number[ballot(r, k)->voter];
}

/* How each voter's verdicts go with people's: over all, and by category. */
struct tables {
    struct kappa_table *of; /* [n voters][1 + categories] */
    size_t n_of_voter;
};

static void note_pair(struct tables *t, size_t voter,
                      const struct store_traits *traits, int kind, int person)
{
    struct kappa_table *own = &t->of[voter * t->n_of_voter];
    double share = voter == 0 ? 0.5 : 1;
    own[0].n[kind][person] += share;
    if (traits != NULL && traits->category < t->n_of_voter - 1)
        own[1 + traits->category].n[kind][person] += share;
}

/* The votes [from, to) of one battle.  Two people are a pair both ways, each
 * as half. */
static void count_battle(const struct reading *r, size_t from, size_t to,
                         struct tables *t)
{
    const struct store_traits *traits = traits_of(r, from);
    for (size_t i = from; i < to; i++)
        for (size_t k = from; k < to; k++)
            if (i != k && number(r, k) == 0)
                note_pair(t, number(r, i), traits, kind_of(ballot(r, i)),
                          kind_of(ballot(r, k)));
}

static size_t battle_end(const struct reading *r, size_t from)
{
    const struct store_origin *origins = r->ballots.origins;
    size_t to = from + 1;
    while (to < r->ballots.n && origins[r->order[to]].battle_id ==
                                    origins[r->order[from]].battle_id)
        to++;
    return to;
}

static void count_all(const struct reading *r, struct tables *t)
{
    for (size_t k = 0, end; k < r->ballots.n; k = end) {
        end = battle_end(r, k);
        count_battle(r, k, end, t);
    }
}

static void count_tastes(const struct agreement *a, const struct reading *r)
{
    for (size_t k = 0; k < r->ballots.n; k++) {
        const struct rating_ballot *b = ballot(r, k);
        struct agreement_voter *v = &a->voters[number(r, k)];
        int longer = longer_side(traits_of(r, k));
        v->n++;
        taste(&v->first, b, 0);
        if (longer >= 0)
            taste(&v->longer, b, longer);
        bool person = number(r, k) == 0;
        for (size_t i = 1; i < a->n; i++) {
            struct agreement_voter *judge = &a->voters[i];
            int kin = kin_side(r, b, judge->family);
            if (kin >= 0 && (person || judge == v))
                taste(person ? &judge->kin_people : &judge->kin, b, kin);
        }
    }
}

/* --- judges --------------------------------------------------------------- */

/* What order does to the judge of a number, of its votes that were read. */
static int find_order(struct agreement_voter *v, size_t judge,
                      const struct reading *r, struct store *s, struct err *e)
{
    struct store_swapped *rows;
    size_t n, at = 0;
    double sum = 0;
    v->shown_first = NAN;
    if (store_list_swapped(s, v->name, &rows, &n, e) != 0)
        return -1;
    for (size_t k = 0; k < r->ballots.n; k++) { /* both by battle */
        int64_t battle_id = r->ballots.origins[r->order[k]].battle_id;
        while (at < n && rows[at].battle_id < battle_id)
            at++;
        if (number(r, k) != judge || at == n || rows[at].battle_id != battle_id)
            continue;
        const double *x = rows[at].value, *tie = rows[at].tie;
        v->n_swapped++;
        v->n_consistent += share_likeliest(x[0], tie[0]) ==
                           share_likeliest(x[1], tie[1]);
        sum += share_shown_first(x);
    }
    if (v->n_swapped > 0)
        v->shown_first = sum / (double)v->n_swapped;
    free(rows);
    return 0;
}

static void list_voters(struct agreement *a, struct reading *r,
                        const struct config *config)
{
    a->voters = mem_calloc(r->ballots.n_voters + 1, sizeof(*a->voters));
    a->n = 1; /* the people */
    a->voters[0].shown_first = NAN;
    for (size_t i = 0; i < r->ballots.n_voters; i++) {
        const char *name = r->ballots.voters[i];
        if (!voter_is_judge(name))
            continue;
        r->number[i] = a->n;
        a->voters[a->n++] = (struct agreement_voter){
            .name = mem_strdup(name),
            .family = family_of(config, voter_bare_judge(name)),
        };
    }
}

/* --- by category ---------------------------------------------------------- */

static int compare_categories(const void *x, const void *y)
{
    const struct agreement_category *a = x, *b = y;
    return strcmp(a->name, b->name);
}

static void take_categories(struct agreement_voter *v,
                            const struct kappa_table *tables,
                            const struct names *names, size_t n)
{
    v->categories = mem_calloc(n, sizeof(*v->categories));
    for (size_t i = 0; i < n; i++) {
        struct kappa k = kappa_of(&tables[i]);
        if (k.n > 0)
            v->categories[v->n_categories++] = (struct agreement_category){
                mem_strdup(names_get(names, (uint32_t)i, NULL)), k};
    }
    qsort(v->categories, v->n_categories, sizeof(*v->categories),
          compare_categories);
}

static int count_agreement(struct agreement *a, const struct reading *r,
                           bool by_category, struct err *e)
{
    size_t n = by_category && r->categories.n > 1 ? r->categories.n : 0;
    struct tables t = {mem_try(a->n * (1 + n), sizeof(*t.of)), 1 + n};
    if (t.of == NULL)
        return err_set(e, ERR_FAILURE, "no memory for the agreement of %zu "
                       "voters in %zu categories", a->n, n);
    count_all(r, &t);
    for (size_t i = 0; i < a->n; i++) {
        const struct kappa_table *own = &t.of[i * t.n_of_voter];
        a->voters[i].with_people = kappa_of(own);
        if (i > 0)
            take_categories(&a->voters[i], own + 1, &r->categories, n);
    }
    free(t.of);
    return 0;
}

int agreement_load(struct agreement *a, struct store *s,
                   const struct store_filter *filter,
                   const struct config *config, struct err *e)
{
    struct reading r = {.n_models = 0};
    *a = (struct agreement){.n = 0};
    int result = reading_load(&r, s, filter, config, e);
    if (result == 0) {
        list_voters(a, &r, config);
        count_tastes(a, &r);
        result = count_agreement(a, &r, filter->category == NULL, e);
    }
    for (size_t i = 1; result == 0 && i < a->n; i++)
        result = find_order(&a->voters[i], i, &r, s, e);
    reading_free(&r);
    return result;
}

void agreement_free(struct agreement *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct agreement_voter *v = &a->voters[i];
        for (size_t k = 0; k < v->n_categories; k++)
            free(v->categories[k].name);
        free(v->categories);
        free(v->name);
    }
    free(a->voters);
    *a = (struct agreement){.n = 0};
}
