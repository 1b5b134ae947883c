/* What a leaderboard is made of: pair counts by filter, and totals. */
#include "arena/store/private.h"

#include <stdlib.h>
#include <string.h>

#include "arena/store/models.h"
#include "arena/store/voter.h"
#include "base/mem.h"

/* Models in order of id, and the place of the last one that was found. */
struct model_list {
    const struct store_model *models;
    size_t n, last;
};

/* The index of a model, or SIZE_MAX.  Rows come in order, so that the one
 * after the last is tried first. */
static size_t find_model(struct model_list *l, int64_t id)
{
    for (size_t k = l->last; k < l->n && k <= l->last + 1; k++)
        if (l->models[k].id == id)
            return l->last = k;
    size_t at = models_index(l->models, l->n, id);
    l->last = at == SIZE_MAX ? l->last : at;
    return at;
}

/* Adds a row (model a, model b, votes by outcome).  sides[] are the lists, one
 * each, as each has an order of its own. */
static int add_row(struct store *s, struct db_query *q,
                   struct model_list sides[2], struct rating_counts *out,
                   struct err *e)
{
    uint32_t index[2];
    uint64_t votes[RATING_N_OUTCOMES], all = 0;
    for (int side = 0; side < 2; side++) {
        struct model_list *l = &sides[side];
        int64_t id = db_whole(q, side);
        size_t at = find_model(l, id);
        if (at == SIZE_MAX && l->n > 0 && id <= l->models[l->n - 1].id)
            return db_fail_damaged(s->db, e,
                                   "votes on model %lld, which is not "
                                   "there",
                                   (long long)id);
        if (at == SIZE_MAX)
            return 0; /* came after the list was made */
        index[side] = (uint32_t)at;
    }
    for (int i = 0; i < RATING_N_OUTCOMES; i++) {
        int64_t n = db_whole(q, 2 + i);
        if (n < 0 || index[0] == index[1])
            return db_fail_damaged(s->db, e, "impossible pair counts");
        all |= votes[i] = (uint64_t)n;
    }
    if (all != 0 && rating_counts_add_all(out, index[0], index[1], votes) != 0)
        return err_set(e, ERR_FAILURE, "no memory for the pair counts");
    return 0;
}

static int add_rows(struct store *s, struct db_query *q,
                    const struct store_model *models, size_t n_models,
                    struct rating_counts *out, struct err *e)
{
    int row = -1;
    struct model_list sides[2] = {{models, n_models, 0}, {models, n_models, 0}};
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        if (add_row(s, q, sides, out, e) != 0) {
            db_reset(q);
            return -1;
        }
    }
    return row;
}

/* Totals cover all people; counts, each category and kind of voter.  Neither
 * knows a single person or a time: then the votes are read. */
static struct db_query *
query_counts(struct store *s, const struct store_filter *f, struct err *e)
{
    const char *voter = voter_of_filter(f->voter);
    bool people = voter != NULL && strcmp(voter, "human") == 0;
    if (f->category == NULL && people && f->since_ms == 0)
        return db_query(s->db, e,
                        "SELECT first, second, n_a, n_b, n_tie, n_bad"
                        " FROM pair_totals");
    bool kept = f->since_ms == 0 &&
                (voter == NULL || !voter_is_human(voter));
    if (kept)
        return db_query(s->db, e,
                        "SELECT first, second, n_a, n_b, n_tie, n_bad"
                        " FROM pair_counts WHERE (?1 IS NULL OR category = ?1)"
                        " AND (?2 IS NULL OR kind = ?2)",
                        DB(f->category), DB(voter));
    return db_query(
        s->db, e,
        "SELECT model_a, model_b, n_a, n_b, n_tie, n_bad FROM counted"
        " WHERE (?1 IS NULL OR category = ?1)"
        " AND (?2 IS NULL OR kind = ?2 OR voter = ?2)"
        " AND created_ms >= ?3",
        DB(f->category), DB(voter), DB(f->since_ms));
}

/* Counts what a query gives. */
static int count(struct store *s, struct db_query *q,
                 const struct store_model *models, size_t n_models,
                 struct rating_counts *out, struct err *e)
{
    rating_counts_init(out);
    int result = add_rows(s, q, models, n_models, out, e);
    if (result != 0)
        rating_counts_free(out);
    else if (out->n_models < n_models)
        out->n_models = n_models;
    return result;
}

int store_counts(struct store *s, const struct store_filter *f,
                 const struct store_model *models, size_t n_models,
                 struct rating_counts *out, struct err *e)
{
    static const struct store_filter all = {0};
    return count(s, query_counts(s, f ? f : &all, e), models, n_models, out, e);
}

void store_free_parts(struct rating_counts *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rating_counts_free(&parts[i]);
    free(parts);
}

/* Begins the list of a category. */
static void add_part(struct rating_counts **parts, size_t *n, size_t n_models)
{
    *parts = mem_grow(*parts, *n, sizeof(**parts));
    struct rating_counts *part = &(*parts)[(*n)++];
    rating_counts_init(part);
    part->n_models = n_models;
}

int store_category_counts(struct store *s, const struct store_model *models,
                          size_t n_models, struct rating_counts **parts,
                          size_t *n, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT first, second, n_a, n_b, n_tie, n_bad, category"
        " FROM pair_counts WHERE kind = 'human' ORDER BY category");
    struct model_list sides[2] = {{models, n_models, 0}, {models, n_models, 0}};
    char *category = NULL;
    int row = -1;
    *parts = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        const char *of = db_text(q, 6);
        if (category == NULL || strcmp(category, of) != 0) {
            free(category);
            category = mem_strdup(of);
            add_part(parts, n, n_models);
        }
        if (add_row(s, q, sides, &(*parts)[*n - 1], e) != 0) {
            db_reset(q);
            row = -1;
            break;
        }
    }
    free(category);
    for (size_t i = 0; row == 0 && i < *n; i++)
        if (rating_counts_sort(&(*parts)[i]) != 0)
            row = err_set(e, ERR_FAILURE, "no memory for the pair counts");
    if (row == 0)
        return 0;
    store_free_parts(*parts, *n);
    *parts = NULL;
    *n = 0;
    return -1;
}

int store_list_categories(struct store *s, char ***names, size_t *n,
                          struct err *e)
{
    struct db_query *q = db_query(
        s->db, e, "SELECT DISTINCT category FROM pair_counts ORDER BY 1");
    return store_take_names(s, q, names, n, e);
}

/* From one voter in the index to the next, for voters are few and votes many.
 */
int store_list_voters(struct store *s, char ***names, size_t *n, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "WITH RECURSIVE each (voter) AS ("
        " SELECT min(voter) FROM votes UNION ALL"
        " SELECT (SELECT min(v.voter) FROM votes v WHERE v.voter > each.voter)"
        " FROM each WHERE each.voter IS NOT NULL)"
        " SELECT voter FROM each WHERE voter IS NOT NULL");
    return store_take_names(s, q, names, n, e);
}

/* Answered by the index battles_not_voted alone. */
int store_fruitless_counts(struct store *s, const struct store_model *models,
                           size_t n_models, struct rating_counts *out,
                           struct err *e)
{
    return count(s,
                 db_query(s->db, e,
                          "SELECT model_a, model_b, 0, 0, 0, 1"
                          " FROM battles WHERE state <> 'voted' AND"
                          " state IN ('open', 'skipped', 'void')"
                          " AND compare = 0"),
                 models, n_models, out, e);
}

/* Each is counted through an index of just these rows, or is few. */
int store_totals(struct store *s, struct store_totals *out, struct err *e)
{
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT"
                 " (SELECT coalesce(sum(n_a + n_b + n_tie + n_bad), 0)"
                 "  FROM pair_totals),"
                 " (SELECT coalesce(sum(n_a + n_b + n_tie + n_bad), 0)"
                 "  FROM pair_counts WHERE kind <> 'human'),"
                 " (SELECT count(*) FROM battles"
                 "  WHERE state = 'void' AND state <> 'voted'),"
                 " (SELECT count(*) FROM battles b"
                 "  WHERE state = 'skipped' AND state <> 'voted' AND NOT EXISTS"
                 "   (SELECT 1 FROM votes v WHERE v.battle_id = b.id)),"
                 " (SELECT count(*) FROM battles WHERE compare <> 0),"
                 " (SELECT count(*) FROM votes WHERE seen <> 0),"
                 " (SELECT count(*) FROM votes WHERE leak <> 0),"
                 " (SELECT count(*) FROM withdrawals)");
    int row = q ? db_step(s->db, q, e) : -1;
    if (row != 1)
        return -1;
    uint64_t *const fields[] = {
        &out->n_rated,   &out->n_judged, &out->n_void, &out->n_skipped,
        &out->n_compare, &out->n_seen,   &out->n_leak, &out->n_withdrawn};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        *fields[i] = (uint64_t)db_whole(q, (int)i);
    db_reset(q);
    return 0;
}
