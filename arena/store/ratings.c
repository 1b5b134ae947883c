/* The running Elo and the pair counts: moved by each vote, replayed from the
 * votes, compared with a replay.  Which votes are counted is what the view
 * `counted` says, and which of these move ratings `rated` (schema.c). */
#include "arena/store/ratings.h"

#include <math.h>
#include <string.h>

#include "arena/store/ratings_batch.h"
#include "arena/store/replay.h"

/* Another machine's pow() may differ in the last bit; Elo forgets differences,
 * so they do not grow.  One vote moves a rating by far more. */
#define SAME_RATING 1e-6

int ratings_put_params(struct store *s, const struct elo_params *p, int64_t *id,
                       struct err *e)
{
    int found = db_number(s->db, e, id,
                          "SELECT id FROM elo_params WHERE k = ? AND"
                          " base = ? AND scale = ? AND start = ?",
                          DB(p->k), DB(p->base), DB(p->scale), DB(p->start));
    if (found != 0)
        return -(found < 0);
    return db_insert(s->db, e, id,
                     "INSERT INTO elo_params (k, base, scale, start)"
                     " VALUES (?, ?, ?, ?)",
                     DB(p->k), DB(p->base), DB(p->scale), DB(p->start));
}

/* --- one vote ----------------------------------------------------------- */

static int current_elo(struct store *s, const int64_t model_id[2],
                       double elo[2], struct err *e)
{
    for (int side = 0; side < 2; side++) {
        elo[side] = s->elo.start;
        struct db_query *q = db_query(s->db, e,
                                      "SELECT elo FROM ratings"
                                      " WHERE model_id = ?",
                                      DB(model_id[side]));
        int row = q ? db_step(s->db, q, e) : -1;
        if (row < 0)
            return -1;
        if (row == 1) {
            elo[side] = db_real(q, 0);
            db_reset(q);
        }
    }
    return 0;
}

static int count_vote(struct store *s, int64_t vote_id, struct err *e)
{
    if (db_run(
            s->db, e,
            "INSERT INTO pair_counts (first, second, category, kind, n_a,"
            " n_b, n_tie, n_bad)"
            " SELECT model_a, model_b, category, kind, n_a, n_b, n_tie, n_bad"
            " FROM counted WHERE vote_id = ?"
            " ON CONFLICT (first, second, category, kind)"
            PAIRCOUNTS_ADD_UP("pair_counts"),
            DB(vote_id)) != 0)
        return -1;
    return db_run(
        s->db, e,
        "INSERT INTO pair_totals (first, second, n_a, n_b, n_tie, n_bad)"
        " SELECT model_a, model_b, n_a, n_b, n_tie, n_bad"
        " FROM rated WHERE vote_id = ?"
        " ON CONFLICT (first, second)" PAIRCOUNTS_ADD_UP("pair_totals"),
        DB(vote_id));
}

#define TAKE_AWAY(votes)                                                       \
    " SET n_a = p.n_a - c.n_a, n_b = p.n_b - c.n_b,"                           \
    "  n_tie = p.n_tie - c.n_tie, n_bad = p.n_bad - c.n_bad"                   \
    " FROM (SELECT * FROM " votes " WHERE vote_id = ?) AS c"                   \
    " WHERE p.first = c.model_a AND p.second = c.model_b"

int ratings_uncount_vote(struct store *s, int64_t vote_id, struct err *e)
{
    if (db_run(s->db, e,
               "UPDATE pair_counts AS p" TAKE_AWAY("counted")
               "  AND p.category = c.category AND p.kind = c.kind",
               DB(vote_id)) != 0)
        return -1;
    return db_run(s->db, e, "UPDATE pair_totals AS p" TAKE_AWAY("rated"),
                  DB(vote_id));
}

/* 1 and the verdict if the vote moves ratings, 0 if it does not, or -1. */
static int moves(struct store *s, int64_t vote_id,
                  enum rating_outcome *verdict, struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT verdict FROM rated"
                                  " WHERE vote_id = ?",
                                  DB(vote_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row == 1) {
        row = replay_verdict(s, q, 0, vote_id, verdict, e) == 0 ? 1 : -1;
        db_reset(q);
    }
    return row;
}

int ratings_apply_vote(struct store *s, int64_t vote_id,
                       const int64_t model_id[2], double before[2],
                       double after[2], struct err *e)
{
    enum rating_outcome verdict;
    if (current_elo(s, model_id, before, e) != 0)
        return -1;
    memcpy(after, before, 2 * sizeof(*after));
    int moving = count_vote(s, vote_id, e);
    if (moving == 0)
        moving = moves(s, vote_id, &verdict, e);
    if (moving <= 0)
        return moving;
    elo_update(&s->elo, &after[0], &after[1], verdict);
    for (int side = 0; side < 2; side++)
        if (db_run(s->db, e,
                   "INSERT INTO ratings (model_id, elo, n_votes)"
                   " VALUES (?, ?, 1) ON CONFLICT (model_id) DO UPDATE"
                   " SET elo = excluded.elo, n_votes = ratings.n_votes + 1",
                   DB(model_id[side]), DB(after[side])) != 0)
            return -1;
    return replay_put_history(s, vote_id, before, after, e);
}

int ratings_vote_change(struct store *s, int64_t vote_id,
                        const int64_t model_id[2], double before[2],
                        double after[2], struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT before_a, before_b, after_a, after_b"
                                  " FROM rating_history WHERE vote_id = ?",
                                  DB(vote_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row < 0)
        return -1;
    if (row == 0) {
        int result = current_elo(s, model_id, before, e);
        memcpy(after, before, 2 * sizeof(*after));
        return result;
    }
    for (int side = 0; side < 2; side++) {
        before[side] = db_real(q, side);
        after[side] = db_real(q, 2 + side);
    }
    db_reset(q);
    return 0;
}

/* --- replay ------------------------------------------------------------- */

/* Puts the models of this and later votes back to where they were before: the
 * first row of the history that a model is in says so. */
static int rewind_to(struct replay *r, struct store *s, int64_t vote_id,
                     struct err *e)
{
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT b.model_a, b.model_b, h.before_a, h.before_b"
                 " FROM rating_history h JOIN votes v ON v.id = h.vote_id"
                 " JOIN battles b ON b.id = v.battle_id"
                 " WHERE h.vote_id >= ? ORDER BY h.vote_id",
                 DB(vote_id));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        for (int side = 0; side < 2; side++) {
            struct replay_model *m = replay_find_model(r, db_whole(q, side));
            if (m == NULL)
                continue; /* replay_move will say so */
            if (!m->seen) {
                m->elo = db_real(q, 2 + side);
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
    if (db_run(s->db, e, "DELETE FROM rating_history WHERE vote_id >= ?",
               DB(vote_id)) != 0)
        return -1;
    struct db_query *q = db_query(
        s->db, e,
        "SELECT vote_id, model_a, model_b, verdict, elo_id FROM rated"
        " WHERE vote_id >= ? ORDER BY vote_id",
        DB(vote_id));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        struct replay_vote v;
        if (replay_read(r, q, &v, e) != 0 || replay_move(r, &v, e) != 0 ||
            replay_keep(r, &v, e) != 0) {
            db_reset(q);
            return -1;
        }
    }
    return row == 0 ? replay_store(r, e) : -1;
}

int ratings_replay_without(struct store *s, int64_t vote_id, struct err *e)
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

/* All that a vote moves is done in one reading. */
static int apply_since(struct ratings_batch *b, struct store *s,
                       int64_t vote_id, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT vote_id, model_a, model_b, verdict, elo_id, category, kind"
        " FROM counted WHERE vote_id >= ? ORDER BY vote_id",
        DB(vote_id));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        struct replay_vote v;
        if (replay_read(&b->replay, q, &v, e) != 0 ||
            ratings_batch_add(b, &v, db_text(q, 5), db_text(q, 6), e) != 0) {
            db_reset(q);
            return -1;
        }
    }
    return row == 0 ? ratings_batch_store(b, e) : -1;
}

int ratings_apply_since(struct store *s, int64_t vote_id, struct err *e)
{
    struct ratings_batch b;
    int result = ratings_batch_init(&b, s, e);
    if (result == 0)
        result = db_run(s->db, e,
                        "DELETE FROM rating_history WHERE vote_id >= ?",
                        DB(vote_id));
    if (result == 0)
        result = apply_since(&b, s, vote_id, e);
    ratings_batch_free(&b);
    return result;
}

#define SUMS                                                                   \
    " sum(n_a) AS n_a, sum(n_b) AS n_b,"                                       \
    " sum(n_tie) AS n_tie, sum(n_bad) AS n_bad"
#define COUNT_AGAIN                                                            \
    "SELECT model_a, model_b, category, kind," SUMS " FROM counted"            \
    " GROUP BY model_a, model_b, category, kind"
#define TOTAL_AGAIN                                                            \
    "SELECT model_a, model_b," SUMS " FROM rated GROUP BY model_a, model_b"

int ratings_replay_all(struct store *s, struct err *e)
{
    if (db_script(s->db, e,
                  "DELETE FROM pair_counts; DELETE FROM pair_totals;"
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

static void check_history(struct db_query *q, const struct replay_vote *v,
                          struct report *r)
{
    if (db_is_null(q, 5)) {
        report_add(r, "vote %lld counts, but has no rating history",
                   (long long)v->id);
        return;
    }
    for (int side = 0; side < 2; side++)
        if (differs(db_real(q, 5 + side), v->before[side]) ||
            differs(db_real(q, 7 + side), v->after[side]))
            report_add(r,
                       "vote %lld: stored Elo of %s is %.6f to %.6f, "
                       "replayed %.6f to %.6f",
                       (long long)v->id, side ? "B" : "A", db_real(q, 5 + side),
                       db_real(q, 7 + side), v->before[side], v->after[side]);
}

static void check_ratings(const struct replay *replayed, struct report *r)
{
    for (size_t i = 0; i < replayed->n_models; i++) {
        const struct replay_model *m = &replayed->models[i];
        if (m->stored_n != m->n_votes ||
            (m->n_votes > 0 && differs(m->stored_elo, m->elo)))
            report_add(r,
                       "model %lld: stored Elo is %.6f after %lld "
                       "votes, replayed %.6f after %lld",
                       (long long)m->id, m->stored_elo, (long long)m->stored_n,
                       m->elo, (long long)m->n_votes);
    }
}

static int check_replay(struct replay *replayed, struct store *s,
                        struct report *r, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT c.vote_id, model_a, model_b, verdict, elo_id, before_a,"
        " before_b, after_a, after_b FROM rated c LEFT JOIN"
        " rating_history h ON h.vote_id = c.vote_id"
        " ORDER BY c.vote_id");
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        struct replay_vote v;
        if (replay_read(replayed, q, &v, e) != 0 ||
            replay_move(replayed, &v, e) != 0) {
            db_reset(q);
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
#define COUNT_DIFFERENCES(kept, again)                                         \
    "SELECT (SELECT count(*) FROM (SELECT * FROM (" again ") AS counts"        \
    "  EXCEPT SELECT * FROM " kept ") AS missing) + (SELECT count(*) FROM"     \
    "  (SELECT * FROM " kept " WHERE n_a <> 0 OR n_b <> 0 OR n_tie <> 0"       \
    "   OR n_bad <> 0 EXCEPT SELECT * FROM (" again ") AS counts) AS extra)"

static int check_counts(struct store *s, struct report *r, struct err *e)
{
    static const struct {
        const char *what, *sql;
    } checks[] = {
        {"pair counts", COUNT_DIFFERENCES("pair_counts", COUNT_AGAIN)},
        {"pair totals", COUNT_DIFFERENCES("pair_totals", TOTAL_AGAIN)},
        {"rating history",
         "SELECT count(*) FROM rating_history WHERE vote_id NOT IN"
         " (SELECT vote_id FROM rated)"},
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        int64_t n;
        if (db_number(s->db, e, &n, checks[i].sql) != 1)
            return -1;
        if (n > 0)
            report_add(r, "%s: %lld rows are not what the votes give",
                       checks[i].what, (long long)n);
    }
    return 0;
}

int ratings_check(struct store *s, struct report *r, struct err *e)
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
