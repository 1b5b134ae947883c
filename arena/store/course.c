/* The course of the running ratings, for a drawing: a few steps out of all
 * votes, so that its size does not grow with them. */
#include "arena/store/private.h"

#include <math.h>
#include <stdlib.h>

#include "arena/store/models.h"
#include "base/mem.h"

static int64_t count_votes(struct store *s, struct err *e)
{
    int64_t n;
    return db_number(s->db, e, &n, "SELECT count(*) FROM rating_history") == 1
               ? n
               : -1;
}

/* Keeps what holds now as the ratings after `step`. */
static void keep(struct store_course *c, const double *now, size_t step)
{
    for (size_t i = 0; i < c->n_models; i++)
        c->ratings[i * c->n_steps + step] = now[i];
}

static int fill(struct store_course *c, struct store *s,
                const struct store_model *models, double *now, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT b.model_a, h.after_a, b.model_b, h.after_b, v.created_ms"
        " FROM rating_history h JOIN votes v ON v.id = h.vote_id"
        " JOIN battles b ON b.id = v.battle_id ORDER BY h.vote_id");
    uint64_t at = 0;
    size_t step = 0;
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        for (int side = 0; side < 2; side++) {
            size_t i =
                models_index(models, c->n_models, db_whole(q, 2 * side));
            if (i < c->n_models)
                now[i] = db_real(q, 2 * side + 1);
        }
        c->last_ms = db_whole(q, 4);
        if (at == 0)
            c->first_ms = c->last_ms;
        at++;
        /* Votes that came since they were counted belong to the last step. */
        while (step + 1 < c->n_steps &&
               at * c->n_steps >= (step + 1) * c->n_votes)
            keep(c, now, step++);
    }
    if (c->n_steps > 0)
        keep(c, now, c->n_steps - 1);
    return row;
}

int store_course(struct store *s, const struct store_model *models,
                 size_t n_models, size_t max_steps, struct store_course *out,
                 struct err *e)
{
    int64_t n = count_votes(s, e);
    if (n < 0)
        return -1;
    *out = (struct store_course){.n_models = n_models,
                                 .n_votes = (uint64_t)n};
    out->n_steps = out->n_votes < max_steps ? (size_t)n : max_steps;
    out->ratings = mem_calloc(n_models * out->n_steps + 1,
                              sizeof(*out->ratings));
    double *now = mem_calloc(n_models + 1, sizeof(*now));
    for (size_t i = 0; i < n_models; i++)
        now[i] = NAN;
    int result = fill(out, s, models, now, e);
    free(now);
    if (result != 0)
        store_free_course(out);
    return result;
}

void store_free_course(struct store_course *c)
{
    free(c->ratings);
    c->ratings = NULL;
    c->n_models = c->n_steps = 0;
}
