/* How fast and how dear a model's answers are: sums of what its answers said,
 * kept up to date with each answer, so that asking costs by models.  A battle's
 * answers are added when its names are seen (the views `seen`, `measured`).
 *
 * A median of first-token times would need all of them again; so these are
 * means.  Sums are REAL: what a server claims may be any number, and a whole
 * number that grows too large would fail the storing of the answer. */
#include "arena/store/usage.h"

#include <math.h>

/* A sum is a real number, and 0 of nothing. */
#define SUM_OF(x) "sum(coalesce(" x ", 0.0)) AS " x

#define SUM_COLUMNS                                                            \
    "count(first_ms) AS n_first, " SUM_OF("first_ms") ", " SUM_OF(             \
        "speed_tokens") ", " SUM_OF("speed_ms") ","                            \
                                                " count(cost) AS "             \
                                                "n_cost, " SUM_OF(             \
                                                    "cost") ", " SUM_OF("cost" \
                                                                        "_tok" \
                                                                        "ens")

#define ADD_MEASURED(where)                                                    \
    "INSERT INTO answer_sums SELECT model_id, " SUM_COLUMNS                    \
    " FROM measured WHERE " where " GROUP BY model_id"                         \
    " ON CONFLICT (model_id) DO UPDATE SET"                                    \
    " n_first = answer_sums.n_first + excluded.n_first,"                       \
    " first_ms = answer_sums.first_ms + excluded.first_ms,"                    \
    " speed_tokens = answer_sums.speed_tokens + excluded.speed_tokens,"        \
    " speed_ms = answer_sums.speed_ms + excluded.speed_ms,"                    \
    " n_cost = answer_sums.n_cost + excluded.n_cost,"                          \
    " cost = answer_sums.cost + excluded.cost,"                                \
    " cost_tokens = answer_sums.cost_tokens + excluded.cost_tokens"

int usage_add_answer(struct store *s, int64_t answer_id, struct err *e)
{
    return db_run(s->db, e, ADD_MEASURED("answer_id = ?"), DB(answer_id));
}

int usage_is_seen(struct store *s, int64_t battle_id, bool *seen, struct err *e)
{
    int64_t n;
    if (db_number(s->db, e, &n, "SELECT count(*) FROM seen WHERE battle_id = ?",
                  DB(battle_id)) != 1)
        return -1;
    *seen = n > 0;
    return 0;
}

int usage_add_battle(struct store *s, int64_t battle_id, bool was_seen,
                     struct err *e)
{
    if (was_seen)
        return 0;
    return db_run(s->db, e, ADD_MEASURED("battle_id = ?"), DB(battle_id));
}

int usage_add_since(struct store *s, int64_t battle_id, struct err *e)
{
    return db_run(s->db, e, ADD_MEASURED("battle_id >= ?"), DB(battle_id));
}

#define SUM_AGAIN                                                              \
    "SELECT model_id, " SUM_COLUMNS " FROM measured GROUP BY model_id"

int usage_sum_all(struct store *s, struct err *e)
{
    return db_script(s->db, e,
                     "DELETE FROM answer_sums;"
                     "INSERT INTO answer_sums " SUM_AGAIN);
}

/* Sums of the same numbers in another order differ in their last digits. */
#define FAR(column)                                                            \
    " OR abs(s." column " - g." column ") > 1e-9 * (1 + abs(g." column "))"

int usage_check(struct store *s, struct report *r, struct err *e)
{
    int64_t n;
    if (db_number(s->db, e, &n,
                  "SELECT (SELECT count(*) FROM (" SUM_AGAIN ") g"
                  " LEFT JOIN answer_sums s ON s.model_id = g.model_id"
                  " WHERE (s.model_id IS NULL AND (g.n_first > 0 OR"
                  "  g.n_cost > 0 OR g.speed_ms > 0)) OR s.n_first <> g.n_first"
                  " OR s.n_cost <> g.n_cost" FAR("first_ms") FAR("speed_tokens")
                      FAR("speed_ms") FAR("cost") FAR(
                          "cost_tokens") ") + (SELECT count(*) FROM "
                                         "answer_sums WHERE model_id NOT IN"
                                         " (SELECT model_id FROM measured))") !=
        1)
        return -1;
    if (n > 0)
        report_add(r, "answer sums: %lld rows are not what the answers give",
                   (long long)n);
    return 0;
}

/* a / b, or NaN if there is nothing in b. */
static double ratio(struct db_query *q, int a, int b)
{
    double over = db_real(q, b);
    double share = db_real(q, a) / over;
    return over > 0 && isfinite(share) ? share : NAN;
}

/* The models whose rows a query gives in the order of model_id, its column 0:
 * the place of the row that stands now among them, from *i on; n_models: it is
 * not there. */
static size_t find_model(const struct db_query *q,
                         const struct store_model *models, size_t n_models,
                         size_t *i)
{
    int64_t id = db_whole(q, 0);
    while (*i < n_models && models[*i].id < id)
        (*i)++; /* both are in order of id */
    return *i < n_models && models[*i].id == id ? *i : n_models;
}

int store_usage(struct store *s, const struct store_model *models,
                size_t n_models, struct store_usage *out, struct err *e)
{
    for (size_t i = 0; i < n_models; i++)
        out[i] = (struct store_usage){NAN, NAN, NAN};
    struct db_query *q = db_query(s->db, e,
                                  "SELECT model_id, n_first, first_ms,"
                                  " speed_tokens, speed_ms, cost,"
                                  " cost_tokens FROM answer_sums"
                                  " ORDER BY model_id");
    size_t next = 0;
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        size_t i = find_model(q, models, n_models, &next);
        if (i == n_models)
            continue;
        out[i] = (struct store_usage){
            .first_ms = ratio(q, 2, 1),
            .tokens_per_second = 1000 * ratio(q, 3, 4),
            .cost_per_1k = 1000 * ratio(q, 5, 6),
        };
    }
    return row;
}

int store_per_answer(struct store *s, const struct store_model *models,
                     size_t n_models, struct store_per_answer *out,
                     struct err *e)
{
    for (size_t i = 0; i < n_models; i++)
        out[i] = (struct store_per_answer){.seconds = NAN, .cost = NAN};
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT model_id, count(*), count(total_ms),"
                 " sum(total_ms / 1000.0), count(cost), sum(cost)"
                 " FROM measured GROUP BY model_id ORDER BY model_id");
    size_t next = 0;
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        size_t i = find_model(q, models, n_models, &next);
        if (i == n_models)
            continue;
        out[i] = (struct store_per_answer){
            .n = (uint64_t)db_whole(q, 1),
            .n_timed = (uint64_t)db_whole(q, 2),
            .n_priced = (uint64_t)db_whole(q, 4),
            .seconds = ratio(q, 3, 2),
            .cost = ratio(q, 5, 4),
        };
    }
    return row;
}
