#include "arena/store/replay.h"

#include <stdlib.h>

#include "arena/store/verdict.h"
#include "base/mem.h"
#include "rating/elo.h"

static const struct inserts_sql history_sql = INSERTS_SQL(
    "rating_history (vote_id, before_a, after_a, before_b, after_b)",
    "(?, ?, ?, ?, ?)");

void replay_free(struct replay *r)
{
    inserts_free(&r->history);
    free(r->models);
    free(r->params);
}

static int load_params(struct replay *r, struct err *e)
{
    int row = -1;
    struct db_query *q =
        db_query(r->s->db, e,
                 "SELECT id, k, base, scale, start FROM elo_params"
                 " ORDER BY id");
    r->n_params = 0;
    while (q != NULL && (row = db_step(r->s->db, q, e)) == 1) {
        r->params = mem_grow(r->params, r->n_params, sizeof(*r->params));
        r->params[r->n_params++] = (struct replay_params){
            .id = db_whole(q, 0),
            .elo = {.k = db_real(q, 1),
                    .base = db_real(q, 2),
                    .scale = db_real(q, 3),
                    .start = db_real(q, 4)},
        };
    }
    return row;
}

int replay_load(struct replay *r, struct store *s, struct err *e)
{
    *r = (struct replay){.s = s};
    inserts_init(&r->history, s->db, &history_sql, 5);
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT m.id, r.elo, r.n_votes FROM models m"
                 " LEFT JOIN ratings r ON r.model_id = m.id ORDER BY m.id");
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        r->models = mem_grow(r->models, r->n_models, sizeof(*r->models));
        r->models[r->n_models++] = (struct replay_model){
            .id = db_whole(q, 0),
            .stored_elo = db_real(q, 1),
            .stored_n = db_whole(q, 2),
        };
    }
    return row == 0 ? load_params(r, e) : -1;
}

void replay_from_stored(struct replay *r)
{
    for (size_t i = 0; i < r->n_models; i++) {
        r->models[i].elo = r->models[i].stored_elo;
        r->models[i].n_votes = r->models[i].stored_n;
    }
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

struct replay_model *replay_find_model(const struct replay *r, int64_t id)
{
    return find_row(id, r->models, r->n_models, sizeof(*r->models));
}

static const struct replay_params *find_params(const struct replay *r,
                                               int64_t id)
{
    return find_row(id, r->params, r->n_params, sizeof(*r->params));
}

/* In its place by number: nearly always the last one. */
static void add_model(struct replay *r, int64_t id)
{
    size_t at = r->n_models;
    r->models = mem_grow(r->models, r->n_models++, sizeof(*r->models));
    for (; at > 0 && r->models[at - 1].id > id; at--)
        r->models[at] = r->models[at - 1];
    r->models[at] = (struct replay_model){.id = id};
}

int replay_learn(struct replay *r, const struct replay_vote *v, struct err *e)
{
    for (int side = 0; side < 2; side++)
        if (replay_find_model(r, v->model_id[side]) == NULL)
            add_model(r, v->model_id[side]);
    return find_params(r, v->elo_id) == NULL ? load_params(r, e) : 0;
}

int replay_verdict(struct store *s, const struct db_query *q, int column,
                   int64_t vote_id, enum rating_outcome *out, struct err *e)
{
    const char *word = db_text(q, column);
    if (word != NULL && verdict_parse(word, out))
        return 0;
    return db_fail_damaged(s->db, e, "vote %lld has no verdict",
                           (long long)vote_id);
}

int replay_read(struct replay *r, struct db_query *q, struct replay_vote *v,
                struct err *e)
{
    v->id = db_whole(q, 0);
    v->model_id[0] = db_whole(q, 1);
    v->model_id[1] = db_whole(q, 2);
    v->elo_id = db_whole(q, 4);
    return replay_verdict(r->s, q, 3, v->id, &v->verdict, e);
}

int replay_move(struct replay *r, struct replay_vote *v, struct err *e)
{
    struct replay_model *model[2];
    const struct replay_params *p = find_params(r, v->elo_id);
    for (int side = 0; side < 2; side++) {
        const struct replay_model *m = model[side] =
            replay_find_model(r, v->model_id[side]);
        if (m == NULL || p == NULL)
            return db_fail_damaged(r->s->db, e,
                                   "vote %lld is on a model or under "
                                   "settings that are not there",
                                   (long long)v->id);
        v->before[side] = m->n_votes > 0 ? m->elo : p->elo.start;
        v->after[side] = v->before[side];
    }
    elo_update(&p->elo, &v->after[0], &v->after[1], v->verdict);
    for (int side = 0; side < 2; side++) {
        model[side]->elo = v->after[side];
        model[side]->n_votes++;
        model[side]->seen = true;
    }
    return 0;
}

int replay_keep(struct replay *r, const struct replay_vote *v, struct err *e)
{
    return inserts_add(&r->history, e, DB(v->id), DB(v->before[0]),
                       DB(v->after[0]), DB(v->before[1]), DB(v->after[1]));
}

int replay_put_history(struct store *s, int64_t vote_id, const double before[2],
                       const double after[2], struct err *e)
{
    return db_run(s->db, e, history_sql.one, DB(vote_id), DB(before[0]),
                  DB(after[0]), DB(before[1]), DB(after[1]));
}

int replay_store(struct replay *r, struct err *e)
{
    int result = inserts_flush(&r->history, e);
    for (size_t i = 0; i < r->n_models && result == 0; i++) {
        const struct replay_model *m = &r->models[i];
        if (!m->seen)
            continue;
        result = db_run(r->s->db, e, "DELETE FROM ratings WHERE model_id = ?",
                        DB(m->id));
        if (result == 0 && m->n_votes > 0)
            result = db_run(r->s->db, e,
                            "INSERT INTO ratings (model_id, elo,"
                            " n_votes) VALUES (?, ?, ?)",
                            DB(m->id), DB(m->elo), DB(m->n_votes));
    }
    return result;
}
