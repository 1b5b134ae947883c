/* Battles in, many at a time. */
#include "arena/store/bulk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/answers.h"
#include "arena/store/battles.h"
#include "arena/store/finished.h"
#include "arena/store/inserts.h"
#include "arena/store/models.h"
#include "arena/store/ratings.h"
#include "arena/store/ratings_batch.h"
#include "arena/store/usage.h"
#include "arena/store/verdict.h"
#include "arena/store/voter.h"
#include "arena/store/votes.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/names.h"

#define KEY_BYTES 65536                    /* longer prompts are looked up */
#define REMEMBERED_IDS 1024
#define REMEMBERED_BYTES ((size_t)16 << 20)

#define VOTES_COLUMNS 13
static const struct inserts_sql votes_sql = INSERTS_SQL(
    "votes (id, battle_id, verdict, voter, attempt, external_id, dwell_ms,"
    " seen, early, leak, comment, elo_id, created_ms)",
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

struct bulk {
    struct store *s;
    int64_t import_id;
    uint64_t n_rows; /* of the file, that are in */
    int64_t base_battle, base_vote; /* what the store had before the file */
    int64_t last_battle, last_vote; /* in the store, before this batch */
    int64_t next_battle, next_vote;
    bool in_batch;
    bool is_mixed; /* a vote of this batch is older than one of an earlier */
    bool is_measured; /* an answer of this batch says its time or cost */
    struct ratings_batch counting; /* of this batch's votes, as they come */
    bool is_counting; /* it has them all so far, in the order of their ids */
    struct inserts battles, answers, votes; /* rows that wait */
    struct names waiting; /* external ids of votes, of all that wait */
    struct names models;
    int64_t *model_ids;    /* [models.n] */
    struct names prompts;  /* category, NUL, text; of the last ones seen */
    int64_t *prompt_ids;   /* [prompts.n] */
    struct buf key;        /* under way */
    struct elo_params elo; /* the settings of elo_id; 0: none yet */
    int64_t elo_id;
};

/* --- beginning and end ---------------------------------------------------- */

static int last_id(struct store *s, const char *sql, int64_t *out,
                   struct err *e)
{
    return db_number(s->db, e, out, sql) == 1 ? 0 : -1;
}

#define LAST_BATTLE "SELECT coalesce(max(id), 0) FROM battles"
#define LAST_VOTE "SELECT coalesce(max(id), 0) FROM votes"

static int find_import(struct bulk *b, const char *sha256, uint64_t *n_rows,
                       struct err *e)
{
    struct db_query *q =
        db_query(b->s->db, e,
                 "SELECT id, n_rows, first_battle, first_vote, is_done"
                 " FROM imports WHERE sha256 = ?",
                 DB(sha256));
    int row = q ? db_step(b->s->db, q, e) : -1;
    if (row != 1)
        return row;
    b->import_id = db_whole(q, 0);
    *n_rows = (uint64_t)db_whole(q, 1);
    b->base_battle = db_whole(q, 2);
    b->base_vote = db_whole(q, 3);
    bool is_done = db_whole(q, 4) != 0;
    db_reset(q);
    return is_done ? err_set(e, ERR_USAGE,
                             "this file is in the database "
                             "already; nothing was stored")
                   : 1;
}

static int begin_import(struct bulk *b, const char *sha256, const char *form,
                        uint64_t *n_rows, struct err *e)
{
    int found = find_import(b, sha256, n_rows, e);
    if (found != 0)
        return found < 0 ? -1 : 0;
    *n_rows = 0;
    if (last_id(b->s, LAST_BATTLE, &b->base_battle, e) != 0 ||
        last_id(b->s, LAST_VOTE, &b->base_vote, e) != 0)
        return -1;
    return db_insert(b->s->db, e, &b->import_id,
                     "INSERT INTO imports (sha256, form, n_rows,"
                     " first_battle, first_vote, is_done, created_ms)"
                     " VALUES (?, ?, 0, ?, ?, 0, ?)",
                     DB(sha256), DB(form), DB(b->base_battle),
                     DB(b->base_vote), DB(clock_wall_ms()));
}

int bulk_open(struct bulk **out, struct store *s, const char *sha256,
              const char *form, uint64_t *n_rows, struct err *e)
{
    struct bulk *b = mem_calloc(1, sizeof(*b));
    b->s = s;
    names_init(&b->models, NAMES_NONE - 1);
    names_init(&b->prompts, NAMES_NONE - 1);
    names_init(&b->waiting, NAMES_NONE - 1);
    buf_init(&b->key, KEY_BYTES);
    inserts_init(&b->battles, s->db, &battles_sql, BATTLES_COLUMNS);
    inserts_init(&b->answers, s->db, &answers_sql, ANSWERS_COLUMNS);
    inserts_init(&b->votes, s->db, &votes_sql, VOTES_COLUMNS);
    *out = b;
    int result = db_expect_much(s->db, e);
    if (result == 0)
        result = db_begin(s->db, e);
    if (result == 0)
        result = db_end(s->db, begin_import(b, sha256, form, n_rows, e), e);
    if (result != 0) {
        bulk_close(b);
        *out = NULL;
        return -1;
    }
    b->n_rows = *n_rows;
    return 0;
}

void bulk_close(struct bulk *b)
{
    if (b == NULL)
        return;
    if (b->in_batch) {
        ratings_batch_free(&b->counting);
        db_end(b->s->db, -1, NULL);
    }
    inserts_free(&b->battles);
    inserts_free(&b->answers);
    inserts_free(&b->votes);
    db_expect_little(b->s->db, NULL);
    names_free(&b->models);
    names_free(&b->prompts);
    names_free(&b->waiting);
    buf_free(&b->key);
    free(b->model_ids);
    free(b->prompt_ids);
    free(b);
}

/* --- batches -------------------------------------------------------------- */

/* Another program may import the same file: whose rows come first counts. */
static int check_alone(struct bulk *b, struct err *e)
{
    int64_t n_rows;
    int found = db_number(b->s->db, e, &n_rows,
                          "SELECT n_rows FROM imports WHERE id = ?",
                          DB(b->import_id));
    if (found < 0)
        return -1;
    if (found == 1 && (uint64_t)n_rows == b->n_rows)
        return 0;
    return err_set(e, ERR_DB, "another program imports this file, too; this "
                   "one stops, so that nothing counts twice");
}

static int begin_batch(struct bulk *b, struct err *e)
{
    if (b->in_batch)
        return 0;
    if (db_begin(b->s->db, e) != 0)
        return -1;
    b->in_batch = true;
    b->is_mixed = false;
    b->is_measured = false;
    b->is_counting = true;
    if (ratings_batch_init(&b->counting, b->s, e) != 0 ||
        check_alone(b, e) != 0 ||
        last_id(b->s, LAST_BATTLE, &b->last_battle, e) != 0 ||
        last_id(b->s, LAST_VOTE, &b->last_vote, e) != 0)
        return -1;
    b->next_battle = b->last_battle + 1;
    b->next_vote = b->last_vote + 1;
    return 0;
}

static int flush(struct bulk *b, struct err *e)
{
    if (inserts_flush(&b->battles, e) != 0 ||
        inserts_flush(&b->answers, e) != 0)
        return -1;
    return inserts_flush(&b->votes, e);
}

/* What follows from the battles of a batch.  Others may have written between
 * two batches, and numbers may come in any order, so a battle or vote of this
 * batch can lie before one of an earlier batch; then all is counted anew. */
static int apply(struct bulk *b, struct err *e)
{
    if (b->is_mixed)
        return ratings_replay_all(b->s, e) != 0 ? -1 : usage_sum_all(b->s, e);
    int result = b->is_counting
                     ? ratings_batch_store(&b->counting, e)
                     : ratings_apply_since(b->s, b->last_vote + 1, e);
    if (result != 0)
        return -1;
    return b->is_measured ? usage_add_since(b->s, b->last_battle + 1, e) : 0;
}

int bulk_commit(struct bulk *b, uint64_t n_rows, bool done, struct err *e)
{
    if (begin_batch(b, e) != 0)
        return -1;
    int result = flush(b, e);
    if (result == 0)
        result = apply(b, e);
    ratings_batch_free(&b->counting);
    if (result == 0)
        result = db_run(b->s->db, e,
                        "UPDATE imports SET n_rows = ?, is_done = ?"
                        " WHERE id = ?",
                        DB((int64_t)n_rows), DB(done), DB(b->import_id));
    b->in_batch = false;
    if (db_end(b->s->db, result, e) != 0)
        return -1;
    b->n_rows = n_rows;
    return 0;
}

/* --- rows ----------------------------------------------------------------- */

/* The row of a model, remembered: few models have many battles. */
static int model_id(struct bulk *b, const char *name, int64_t *id,
                    struct err *e)
{
    uint32_t at = names_find(&b->models, name, strlen(name));
    if (at != NAMES_NONE) {
        *id = b->model_ids[at];
        return 0;
    }
    if (models_put_name(b->s, name, id, e) != 0)
        return -1;
    at = names_add(&b->models, name, strlen(name));
    if (at == NAMES_NONE)
        return err_set(e, ERR_FAILURE, "not enough memory");
    b->model_ids = mem_grow(b->model_ids, at, sizeof(*b->model_ids));
    b->model_ids[at] = *id;
    return 0;
}

/* The row of a prompt, remembered: battles of a run, and votes without texts,
 * share few of them.  What is remembered is bounded, for other files have a
 * prompt of its own in each row. */
static int prompt_id(struct bulk *b, const struct bulk_battle *x, int64_t *id,
                     struct err *e)
{
    buf_clear(&b->key);
    buf_add(&b->key, x->category, strlen(x->category) + 1);
    buf_add_str(&b->key, x->prompt);
    if (b->key.overflow)
        return models_put_prompt(b->s, x->prompt, x->category, x->prompt_id,
                                 id, e);
    if (b->prompts.n_bytes > REMEMBERED_BYTES) {
        names_free(&b->prompts);
        names_init(&b->prompts, NAMES_NONE - 1);
    }
    size_t n = b->prompts.n;
    uint32_t at = names_add(&b->prompts, b->key.data, b->key.len);
    if (at == NAMES_NONE)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (at < n) {
        *id = b->prompt_ids[at];
        return 0;
    }
    b->prompt_ids = mem_grow(b->prompt_ids, n, sizeof(*b->prompt_ids));
    int result = models_put_prompt(b->s, x->prompt, x->category, x->prompt_id,
                                   id, e);
    b->prompt_ids[at] = *id;
    return result;
}

int bulk_put_model(struct bulk *b, const char *name, const char *description,
                   struct err *e)
{
    int64_t id;
    if (begin_batch(b, e) != 0 || model_id(b, name, &id, e) != 0)
        return -1;
    return db_run(b->s->db, e,
                  "UPDATE models SET description = ?"
                  " WHERE id = ? AND description = ''",
                  DB(description), DB(id));
}

int bulk_put_run(struct bulk *b, const char *name, const char *settings,
                 struct err *e)
{
    if (begin_batch(b, e) != 0)
        return -1;
    return db_run(b->s->db, e,
                  "INSERT INTO runs (name, settings, created_ms)"
                  " VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                  DB(name), DB(settings), DB(clock_wall_ms()));
}

int bulk_find_finished(struct bulk *b, const char *model, const char *prompt,
                       struct store_answer_row **rows, size_t *n,
                       struct err *e)
{
    int64_t id;
    *rows = NULL;
    *n = 0;
    if (begin_batch(b, e) != 0 || model_id(b, model, &id, e) != 0)
        return -1;
    return finished_get(b->s, id, prompt, rows, n, e);
}

static int run_id(struct bulk *b, const char *name, int64_t *id, struct err *e)
{
    *id = 0;
    if (name == NULL)
        return 0;
    int found = db_number(b->s->db, e, id, "SELECT id FROM runs WHERE name = ?",
                          DB(name));
    if (found == 0)
        return err_set(e, ERR_FORMAT, "there is no run \"%.60s\"", name);
    return found == 1 ? 0 : -1;
}

static int elo_id(struct bulk *b, const struct elo_params *p, int64_t *id,
                  struct err *e)
{
    bool same = b->elo_id != 0 && b->elo.k == p->k && b->elo.base == p->base &&
                b->elo.scale == p->scale && b->elo.start == p->start;
    if (!same && ratings_put_params(b->s, p, &b->elo_id, e) != 0)
        return -1;
    b->elo = *p;
    *id = b->elo_id;
    return 0;
}

/* The number in the store for one of the file: the same, counted from the base,
 * or the next one if it has none or another program has taken it.  0 or -1. */
static int place(struct bulk *b, const char *sql, int64_t base, int64_t number,
                 int64_t next, int64_t *id, struct err *e)
{
    int64_t found;
    *id = base + number;
    int row = number == 0 ? 1 : db_number(b->s->db, e, &found, sql, DB(*id));
    if (row == 1)
        *id = next;
    return row < 0 ? -1 : 0;
}

/* Whether a vote is stored or waits under this external id.  1, 0 or -1. */
static int is_known(struct bulk *b, const char *external_id, struct err *e)
{
    int64_t id;
    if (names_find(&b->waiting, external_id, strlen(external_id)) !=
        NAMES_NONE)
        return 1;
    return db_number(b->s->db, e, &id,
                     "SELECT id FROM votes WHERE external_id = ?",
                     DB(external_id));
}

/* Remembers the external id of a vote that waits. */
static int remember_id(struct bulk *b, const char *external_id, struct err *e)
{
    if (external_id == NULL)
        return 0;
    if (names_add(&b->waiting, external_id, strlen(external_id)) == NAMES_NONE)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (b->waiting.n < REMEMBERED_IDS)
        return 0;
    names_free(&b->waiting);
    names_init(&b->waiting, NAMES_NONE - 1);
    return inserts_flush(&b->votes, e);
}

/* Tells the ratings of a vote that is stored, if it counts: the view `counted`
 * says the same of stored ones. */
static int count(struct bulk *b, const struct bulk_battle *x,
                 const struct store_battle *row, const struct bulk_vote *v,
                 int64_t id, struct err *e)
{
    struct replay_vote counted = {
        .id = id,
        .model_id = {row->model_id[0], row->model_id[1]},
        .elo_id = b->elo_id,
        .verdict = v->verdict};
    b->is_counting = b->is_counting && id >= b->next_vote; /* not yet raised */
    if (!b->is_counting || v->seen || v->leak || x->compare ||
        v->withdrawn_by != NULL)
        return 0;
    if (replay_learn(&b->counting.replay, &counted, e) != 0)
        return -1;
    return ratings_batch_add(&b->counting, &counted, x->category,
                             voter_is_human(v->voter) ? "human" : v->voter, e);
}

static int add_vote(struct bulk *b, const struct bulk_battle *x,
                    const struct store_battle *row, const struct bulk_vote *v,
                    struct err *e)
{
    int64_t id, params;
    /* A vote of this battle that waits may have taken the number. */
    if (v->number != 0 && inserts_flush(&b->votes, e) != 0)
        return -1;
    if (place(b, "SELECT id FROM votes WHERE id = ?", b->base_vote, v->number,
              b->next_vote, &id, e) != 0 ||
        elo_id(b, &v->elo, &params, e) != 0 ||
        inserts_add(&b->votes, e, DB(id), DB(row->id),
                    DB(verdict_name(v->verdict)), DB(v->voter), DB(v->attempt),
                    DB(v->external_id), db_unless(-1, v->dwell_ms),
                    DB(v->seen), DB(v->early), DB(v->leak), DB(v->comment),
                    DB(params), DB(v->created_ms)) != 0 ||
        remember_id(b, v->external_id, e) != 0 ||
        votes_put_share(b->s, id, v->p_a, e) != 0 ||
        count(b, x, row, v, id, e) != 0)
        return -1;
    b->is_mixed = b->is_mixed || id <= b->last_vote;
    b->next_vote = id >= b->next_vote ? id + 1 : b->next_vote;
    if (v->withdrawn_by == NULL)
        return 0;
    return db_run(b->s->db, e,
                  "INSERT INTO withdrawals (vote_id, voter, created_ms)"
                  " VALUES (?, ?, ?)",
                  DB(id), DB(v->withdrawn_by), DB(v->withdrawn_ms));
}

static int add_judgment(struct bulk *b, int64_t battle_id,
                        const struct bulk_judgment *j, struct err *e)
{
    return db_run(b->s->db, e,
                  "INSERT INTO judgments (battle_id, voter, part, attempt,"
                  " form, value, tie, reply, n_in, n_out, cost, created_ms)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, -1),"
                  " nullif(?, -1), ?, ?)",
                  DB(battle_id), DB(j->voter), DB(j->part), DB(j->attempt),
                  DB(j->form), DB(j->value), DB(j->tie), DB(j->reply),
                  DB(j->n_in), DB(j->n_out), DB(j->cost), DB(j->created_ms));
}

static int add_reason(struct bulk *b, int64_t battle_id,
                      const struct bulk_reason *r, struct err *e)
{
    return db_run(b->s->db, e,
                  "INSERT INTO reasons (battle_id, voter, tags, comment,"
                  " created_ms) VALUES (?, ?, ?, ?, ?)",
                  DB(battle_id), DB(r->voter), DB(r->tags), DB(r->comment),
                  DB(r->created_ms));
}

/* --- a battle ------------------------------------------------------------- */

/* 1 if a vote of this battle is known by its external id; 0; or -1. */
static int check(struct bulk *b, const struct bulk_battle *x, struct err *e)
{
    if (strcmp(x->model[0], x->model[1]) == 0)
        return err_set(e, ERR_FORMAT, "self-play");
    int row = 0;
    for (size_t i = 0; i < x->n_votes && row == 0; i++)
        if (x->votes[i].external_id != NULL)
            row = is_known(b, x->votes[i].external_id, e);
    return row;
}

static int add_rows(struct bulk *b, const struct bulk_battle *x, struct err *e)
{
    struct store_battle row = {
        .state = x->state,
        .probability = x->probability,
        .compare = x->compare,
        .pace = x->pace,
        .created_ms = x->created_ms,
    };
    if (place(b, "SELECT id FROM battles WHERE id = ?", b->base_battle,
              x->number, b->next_battle, &row.id, e) != 0 ||
        run_id(b, x->run, &row.run_id, e) != 0 ||
        model_id(b, x->model[0], &row.model_id[0], e) != 0 ||
        model_id(b, x->model[1], &row.model_id[1], e) != 0 ||
        prompt_id(b, x, &row.prompt_id, e) != 0 ||
        battles_add_later(&b->battles, &row, e) != 0)
        return -1;
    b->is_mixed = b->is_mixed || row.id <= b->last_battle;
    b->next_battle = row.id >= b->next_battle ? row.id + 1 : b->next_battle;
    for (size_t i = 0; i < x->n_answers; i++) {
        struct store_answer answer = x->answers[i];
        const struct answer_end *end = &answer.end;
        answer.battle_id = row.id;
        b->is_measured = b->is_measured || end->first_ms >= 0 ||
                         end->total_ms >= 0 || !isnan(end->cost);
        if (answers_put_later(b->s, &b->answers, &answer, e) != 0)
            return -1;
    }
    for (size_t i = 0; i < x->n_votes; i++)
        if (add_vote(b, x, &row, &x->votes[i], e) != 0)
            return -1;
    for (size_t i = 0; i < x->n_judgments; i++)
        if (add_judgment(b, row.id, &x->judgments[i], e) != 0)
            return -1;
    for (size_t i = 0; i < x->n_reasons; i++)
        if (add_reason(b, row.id, &x->reasons[i], e) != 0)
            return -1;
    return 0;
}

/* What was undone with a battle is not remembered. */
static void forget(struct bulk *b)
{
    names_free(&b->models);
    names_init(&b->models, NAMES_NONE - 1);
    names_free(&b->prompts);
    names_init(&b->prompts, NAMES_NONE - 1);
    names_free(&b->waiting);
    names_init(&b->waiting, NAMES_NONE - 1);
    inserts_clear(&b->battles);
    inserts_clear(&b->answers);
    inserts_clear(&b->votes);
    b->is_counting = false;
    b->elo_id = 0;
}

static bool knows_model(const struct bulk *b, const char *name)
{
    return names_find(&b->models, name, strlen(name)) != NAMES_NONE;
}

/* Whether a battle may be refused after some of its rows are added: a model's
 * name may not do, and a number of its own, a second vote, a second turn or a
 * judgment may be there already. */
static bool can_fail(const struct bulk *b, const struct bulk_battle *x)
{
    return !knows_model(b, x->model[0]) || !knows_model(b, x->model[1]) ||
           x->number != 0 || x->n_votes > 1 || x->n_answers > 2 ||
           x->n_judgments > 0 ||
           (x->n_votes == 1 && x->votes[0].number != 0) ||
           (x->n_answers == 2 && x->answers[0].side == x->answers[1].side);
}

int bulk_add(struct bulk *b, const struct bulk_battle *x, struct err *e)
{
    struct err why = {.code = ERR_NONE};
    if (begin_batch(b, e) != 0)
        return -1;
    int found = check(b, x, e);
    if (found != 0)
        return found;
    if (!can_fail(b, x))
        return add_rows(b, x, e);
    if (flush(b, e) != 0 || db_mark(b->s->db, e) != 0)
        return -1;
    int64_t next_battle = b->next_battle, next_vote = b->next_vote;
    int result = add_rows(b, x, &why);
    if (result == 0)
        result = flush(b, &why);
    bool by_row =
        result != 0 && why.code == ERR_DB && db_failed_by_row(b->s->db);
    result = db_unmark(b->s->db, result, &why);
    if (result == 0)
        return 0;
    forget(b);
    b->next_battle = next_battle;
    b->next_vote = next_vote;
    if (by_row)
        return err_set(e, ERR_FORMAT,
                       "a vote, answer or judgment stands twice, or has a "
                       "value that the database does not take");
    if (e != NULL)
        *e = why;
    return -1;
}
