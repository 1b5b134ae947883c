/* The running Elo and the pair counts: moved by each vote, replayed from the
 * votes, compared with a replay.  Which votes count is what the view `counted`
 * says (schema.c). */
#include "arena/store/db.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/verdict.h"
#include "base/mem.h"

/* Another machine's pow() may differ in the last bit; Elo forgets differences,
 * so they do not grow.  One vote moves a rating by far more. */
#define SAME_RATING 1e-6

int db_verdict(struct store *s, sqlite3_stmt *q, int column, int64_t vote_id,
               enum rating_outcome *out, struct err *e)
{
    const char *word = (const char *)sqlite3_column_text(q, column);
    if (word != NULL && verdict_parse(word, out))
        return 0;
    return db_fail_damaged(s, e, "vote %lld has no verdict",
                           (long long)vote_id);
}

/* --- one vote ----------------------------------------------------------- */

static int current_elo(struct store *s, const int64_t model_id[2],
                       double elo[2], struct err *e)
{
    for (int side = 0; side < 2; side++) {
        elo[side] = s->elo.start;
        sqlite3_stmt *q = db_query(s, e, "SELECT elo FROM ratings"
                                         " WHERE model_id = ?", "i",
                                   model_id[side]);
        int row = q ? db_step(s, q, e) : -1;
        if (row < 0)
            return -1;
        if (row == 1) {
            elo[side] = sqlite3_column_double(q, 0);
            sqlite3_reset(q);
        }
    }
    return 0;
}

static int add_history(struct store *s, int64_t vote_id,
                       const double before[2], const double after[2],
                       struct err *e)
{
    return db_run(s, e, "INSERT INTO rating_history (vote_id, before_a,"
                        " after_a, before_b, after_b) VALUES (?, ?, ?, ?, ?)",
                  "idddd", vote_id, before[0], after[0], before[1], after[1]);
}

/* What an upsert does with a row that is there already. */
#define ADD_UP                                                        \
    " DO UPDATE SET n_a = n_a + excluded.n_a, n_b = n_b + excluded.n_b," \
    "  n_tie = n_tie + excluded.n_tie, n_bad = n_bad + excluded.n_bad"

static int count_vote(struct store *s, int64_t vote_id, struct err *e)
{
    if (db_run(
        s, e, "INSERT INTO pair_counts (first, second, category, kind, n_a,"
              " n_b, n_tie, n_bad)"
              " SELECT model_a, model_b, category, kind, verdict = 'a',"
              "  verdict = 'b', verdict = 'tie', verdict = 'bad'"
              " FROM counted WHERE vote_id = ?"
              " ON CONFLICT (first, second, category, kind)" ADD_UP, "i",
            vote_id) != 0)
        return -1;
    return db_run(
        s, e, "INSERT INTO pair_totals (first, second, n_a, n_b, n_tie, n_bad)"
              " SELECT model_a, model_b, verdict = 'a', verdict = 'b',"
              "  verdict = 'tie', verdict = 'bad'"
              " FROM counted WHERE vote_id = ?"
              " ON CONFLICT (first, second)" ADD_UP, "i", vote_id);
}

#define TAKE_AWAY                                              \
    " SET n_a = n_a - (c.verdict = 'a'),"                      \
    "  n_b = n_b - (c.verdict = 'b'),"                         \
    "  n_tie = n_tie - (c.verdict = 'tie'),"                   \
    "  n_bad = n_bad - (c.verdict = 'bad')"                    \
    " FROM (SELECT * FROM counted WHERE vote_id = ?) AS c"     \
    " WHERE p.first = c.model_a AND p.second = c.model_b"

int db_uncount_vote(struct store *s, int64_t vote_id, struct err *e)
{
    if (db_run(s, e, "UPDATE pair_counts AS p" TAKE_AWAY
                     "  AND p.category = c.category AND p.kind = c.kind", "i",
               vote_id) != 0)
        return -1;
    return db_run(s, e, "UPDATE pair_totals AS p" TAKE_AWAY, "i", vote_id);
}

/* 1 and the verdict where the vote counts, 0 where it does not, or -1. */
static int counts(struct store *s, int64_t vote_id,
                  enum rating_outcome *verdict, struct err *e)
{
    sqlite3_stmt *q = db_query(s, e, "SELECT verdict FROM counted"
                                     " WHERE vote_id = ?", "i", vote_id);
    int row = q ? db_step(s, q, e) : -1;
    if (row == 1) {
        row = db_verdict(s, q, 0, vote_id, verdict, e) == 0 ? 1 : -1;
        sqlite3_reset(q);
    }
    return row;
}

int db_rate_vote(struct store *s, int64_t vote_id, const int64_t model_id[2],
                 double before[2], double after[2], struct err *e)
{
    enum rating_outcome verdict;
    if (current_elo(s, model_id, before, e) != 0)
        return -1;
    memcpy(after, before, 2 * sizeof(*after));
    int counted = counts(s, vote_id, &verdict, e);
    if (counted <= 0)
        return counted;
    elo_update(&s->elo, &after[0], &after[1], verdict);
    for (int side = 0; side < 2; side++)
        if (db_run(s, e, "INSERT INTO ratings (model_id, elo, n_votes)"
                         " VALUES (?, ?, 1) ON CONFLICT (model_id) DO UPDATE"
                         " SET elo = excluded.elo, n_votes = n_votes + 1",
                   "id", model_id[side], after[side]) != 0)
            return -1;
    return add_history(s, vote_id, before, after, e) != 0
               ? -1
               : count_vote(s, vote_id, e);
}

int db_vote_change(struct store *s, int64_t vote_id, const int64_t model_id[2],
                   double before[2], double after[2], struct err *e)
{
    sqlite3_stmt *q = db_query(
        s, e, "SELECT before_a, before_b, after_a, after_b"
              " FROM rating_history WHERE vote_id = ?", "i", vote_id);
    int row = q ? db_step(s, q, e) : -1;
    if (row < 0)
        return -1;
    if (row == 0) {
        int result = current_elo(s, model_id, before, e);
        memcpy(after, before, 2 * sizeof(*after));
        return result;
    }
    for (int side = 0; side < 2; side++) {
        before[side] = sqlite3_column_double(q, side);
        after[side] = sqlite3_column_double(q, 2 + side);
    }
    sqlite3_reset(q);
    return 0;
}

/* --- replay ------------------------------------------------------------- */

/* All models and the settings that votes were given under, in order of id. */
struct replay {
    struct replay_model {
        int64_t id;
        double elo;
        int64_t n_votes;   /* 0: no vote yet, elo is not set */
        bool seen;         /* it is in what is replayed */
        double stored_elo; /* as in ratings; n 0: no row there */
        int64_t stored_n;
    } *models;
    size_t n_models;
    struct replay_params {
        int64_t id;
        struct elo_params elo;
    } *params;
    size_t n_params;
};

struct replay_vote {
    int64_t id;
    struct replay_model *model[2];
    enum rating_outcome verdict;
    double before[2], after[2];
};

static void replay_free(struct replay *r)
{
    free(r->models);
    free(r->params);
}

/* Makes room for one more. */
static void *grow(void *rows, size_t n, size_t size)
{
    bool full = (n & (n - 1)) == 0; /* at powers of two */
    return full ? mem_realloc(rows, n ? 2 * n : 1, size) : rows;
}

static int replay_load(struct replay *r, struct store *s, struct err *e)
{
    *r = (struct replay){0};
    sqlite3_stmt *q = db_query(
        s, e, "SELECT m.id, r.elo, r.n_votes FROM models m"
              " LEFT JOIN ratings r ON r.model_id = m.id ORDER BY m.id", "");
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        r->models = grow(r->models, r->n_models, sizeof(*r->models));
        r->models[r->n_models++] = (struct replay_model){
            .id = sqlite3_column_int64(q, 0),
            .stored_elo = sqlite3_column_double(q, 1),
            .stored_n = sqlite3_column_int64(q, 2),
        };
    }
    if (row != 0)
        return -1;
    q = db_query(s, e, "SELECT id, k, base, scale, start FROM elo_params"
                       " ORDER BY id", "");
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        r->params = grow(r->params, r->n_params, sizeof(*r->params));
        r->params[r->n_params++] = (struct replay_params){
            .id = sqlite3_column_int64(q, 0),
            .elo = {.k = sqlite3_column_double(q, 1),
                    .base = sqlite3_column_double(q, 2),
                    .scale = sqlite3_column_double(q, 3),
                    .start = sqlite3_column_double(q, 4)},
        };
    }
    return q == NULL ? -1 : row;
}

/* Both kinds of row begin with their id. */
static int compare_id(const void *key, const void *row)
{
    int64_t a = *(const int64_t *)key, b = *(const int64_t *)row;
    return (a > b) - (a < b);
}

/* A row by id among rows in that order, or NULL. */
static void *find_row(int64_t id, void *rows, size_t n, size_t size)
{
    return n == 0 ? NULL : bsearch(&id, rows, n, size, compare_id);
}

static struct replay_model *find_model(const struct replay *r, int64_t id)
{
    return find_row(id, r->models, r->n_models, sizeof(*r->models));
}

/* Reads a row (vote, model a, model b, verdict, settings) and moves both
 * models by it. */
static int replay_row(struct replay *r, struct store *s, sqlite3_stmt *q,
                      struct replay_vote *v, struct err *e)
{
    v->id = sqlite3_column_int64(q, 0);
    if (db_verdict(s, q, 3, v->id, &v->verdict, e) != 0)
        return -1;
    const struct replay_params *p =
        find_row(sqlite3_column_int64(q, 4), r->params, r->n_params,
                 sizeof(*r->params));
    for (int side = 0; side < 2; side++) {
        v->model[side] = find_model(r, sqlite3_column_int64(q, 1 + side));
        if (v->model[side] == NULL || p == NULL)
            return db_fail_damaged(s, e, "vote %lld is on a model or under "
                                   "settings that are not there",
                                   (long long)v->id);
        const struct replay_model *m = v->model[side];
        v->before[side] = m->n_votes > 0 ? m->elo : p->elo.start;
        v->after[side] = v->before[side];
    }
    elo_update(&p->elo, &v->after[0], &v->after[1], v->verdict);
    for (int side = 0; side < 2; side++) {
        v->model[side]->elo = v->after[side];
        v->model[side]->n_votes++;
        v->model[side]->seen = true;
    }
    return 0;
}

static int store_ratings(struct replay *r, struct store *s, struct err *e)
{
    int result = 0;
    for (size_t i = 0; i < r->n_models && result == 0; i++) {
        const struct replay_model *m = &r->models[i];
        if (!m->seen)
            continue;
        result = db_run(s, e, "DELETE FROM ratings WHERE model_id = ?", "i",
                        m->id);
        if (result == 0 && m->n_votes > 0)
            result = db_run(s, e, "INSERT INTO ratings (model_id, elo,"
                                  " n_votes) VALUES (?, ?, ?)", "idi", m->id,
                            m->elo, m->n_votes);
    }
    return result;
}

/* Puts the models of this and later votes back to where they were before: the
 * first row of the history that a model is in says so. */
static int rewind_to(struct replay *r, struct store *s, int64_t vote_id,
                     struct err *e)
{
    sqlite3_stmt *q = db_query(
        s, e, "SELECT b.model_a, b.model_b, h.before_a, h.before_b"
              " FROM rating_history h JOIN votes v ON v.id = h.vote_id"
              " JOIN battles b ON b.id = v.battle_id"
              " WHERE h.vote_id >= ? ORDER BY h.vote_id", "i", vote_id);
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        for (int side = 0; side < 2; side++) {
            struct replay_model *m =
                find_model(r, sqlite3_column_int64(q, side));
            if (m == NULL)
                continue; /* replay_row will say so */
            if (!m->seen) {
                m->elo = sqlite3_column_double(q, 2 + side);
                m->n_votes = m->stored_n;
                m->seen = true;
            }
            m->n_votes--;
        }
    }
    return row;
}

/* Replays the votes that count from one on into history and ratings. */
static int replay_from(struct replay *r, struct store *s, int64_t vote_id,
                       struct err *e)
{
    if (db_run(s, e, "DELETE FROM rating_history WHERE vote_id >= ?", "i",
               vote_id) != 0)
        return -1;
    sqlite3_stmt *q = db_query(
        s, e, "SELECT vote_id, model_a, model_b, verdict, elo_id FROM counted"
              " WHERE vote_id >= ? ORDER BY vote_id", "i", vote_id);
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        struct replay_vote v;
        if (replay_row(r, s, q, &v, e) != 0 ||
            add_history(s, v.id, v.before, v.after, e) != 0) {
            sqlite3_reset(q);
            return -1;
        }
    }
    return row == 0 ? store_ratings(r, s, e) : -1;
}

int db_replay_without(struct store *s, int64_t vote_id, struct err *e)
{
    struct replay r;
    int result = replay_load(&r, s, e);
    if (result == 0)
        result = rewind_to(&r, s, vote_id, e);
    if (result == 0)
        result = replay_from(&r, s, vote_id, e);
    replay_free(&r);
    return result;
}

#define SUMS                                                             \
    " sum(verdict = 'a') AS n_a, sum(verdict = 'b') AS n_b,"             \
    " sum(verdict = 'tie') AS n_tie, sum(verdict = 'bad') AS n_bad"      \
    " FROM counted"
#define COUNT_AGAIN                                                      \
    "SELECT model_a, model_b, category, kind," SUMS                      \
    " GROUP BY model_a, model_b, category, kind"
#define TOTAL_AGAIN                                                      \
    "SELECT model_a, model_b," SUMS " GROUP BY model_a, model_b"

int db_replay_all(struct store *s, struct err *e)
{
    if (db_script(s, e, "DELETE FROM pair_counts; DELETE FROM pair_totals;"
                        "DELETE FROM ratings;"
                        "INSERT INTO pair_counts " COUNT_AGAIN ";"
                        "INSERT INTO pair_totals " TOTAL_AGAIN) != 0)
        return -1;
    struct replay r;
    int result = replay_load(&r, s, e);
    if (result == 0)
        result = replay_from(&r, s, INT64_MIN, e);
    replay_free(&r);
    return result;
}

/* --- comparing ---------------------------------------------------------- */

static bool differs(double stored, double replayed)
{
    return !(fabs(stored - replayed) <= SAME_RATING);
}

static void check_history(sqlite3_stmt *q, const struct replay_vote *v,
                          struct db_report *r)
{
    if (sqlite3_column_type(q, 5) == SQLITE_NULL) {
        db_report_add(r, "vote %lld counts, but has no rating history",
                      (long long)v->id);
        return;
    }
    for (int side = 0; side < 2; side++)
        if (differs(sqlite3_column_double(q, 5 + side), v->before[side]) ||
            differs(sqlite3_column_double(q, 7 + side), v->after[side]))
            db_report_add(r, "vote %lld: stored Elo of %s is %.6f to %.6f, "
                          "replayed %.6f to %.6f", (long long)v->id,
                          side ? "B" : "A",
                          sqlite3_column_double(q, 5 + side),
                          sqlite3_column_double(q, 7 + side), v->before[side],
                          v->after[side]);
}

static void check_ratings(const struct replay *replayed, struct db_report *r)
{
    for (size_t i = 0; i < replayed->n_models; i++) {
        const struct replay_model *m = &replayed->models[i];
        if (m->stored_n != m->n_votes ||
            (m->n_votes > 0 && differs(m->stored_elo, m->elo)))
            db_report_add(r, "model %lld: stored Elo is %.6f after %lld "
                          "votes, replayed %.6f after %lld", (long long)m->id,
                          m->stored_elo, (long long)m->stored_n, m->elo,
                          (long long)m->n_votes);
    }
}

static int check_replay(struct replay *replayed, struct store *s,
                        struct db_report *r, struct err *e)
{
    sqlite3_stmt *q = db_query(
        s, e, "SELECT c.vote_id, model_a, model_b, verdict, elo_id, before_a,"
              " before_b, after_a, after_b FROM counted c LEFT JOIN"
              " rating_history h ON h.vote_id = c.vote_id"
              " ORDER BY c.vote_id", "");
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        struct replay_vote v;
        if (replay_row(replayed, s, q, &v, e) != 0) {
            sqlite3_reset(q);
            return -1;
        }
        check_history(q, &v, r);
    }
    if (row == 0)
        check_ratings(replayed, r);
    return row;
}

/* How many rows of `kept` are not among `again`, and the other way round; an
 * empty row is as good as none. */
#define COUNT_DIFFERENCES(kept, again)                                    \
    "SELECT (SELECT count(*) FROM (SELECT * FROM (" again ")"             \
    "  EXCEPT SELECT * FROM " kept ")) + (SELECT count(*) FROM"           \
    "  (SELECT * FROM " kept " WHERE n_a <> 0 OR n_b <> 0 OR n_tie <> 0"  \
    "   OR n_bad <> 0 EXCEPT SELECT * FROM (" again ")))"

static int check_counts(struct store *s, struct db_report *r, struct err *e)
{
    static const struct {
        const char *what, *sql;
    } checks[] = {
        {"pair counts",
         COUNT_DIFFERENCES("pair_counts", COUNT_AGAIN)},
        {"pair totals",
         COUNT_DIFFERENCES("pair_totals", TOTAL_AGAIN)},
        {"rating history",
         "SELECT count(*) FROM rating_history WHERE vote_id NOT IN"
         " (SELECT vote_id FROM counted)"},
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        int64_t n;
        if (db_number(s, e, &n, checks[i].sql, "") != 1)
            return -1;
        if (n > 0)
            db_report_add(r, "%s: %lld rows are not what the votes give",
                          checks[i].what, (long long)n);
    }
    return 0;
}

int db_replay_check(struct store *s, struct db_report *r, struct err *e)
{
    struct replay replayed;
    int result = replay_load(&replayed, s, e);
    if (result == 0)
        result = check_replay(&replayed, s, r, e);
    if (result == 0)
        result = check_counts(s, r, e);
    replay_free(&replayed);
    return result;
}
