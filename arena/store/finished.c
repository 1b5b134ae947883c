#include "arena/store/finished.h"

#include <stdlib.h>
#include <string.h>

#include "arena/store/private.h"
#include "base/clock.h"
#include "base/mem.h"

/* --- in ------------------------------------------------------------------- */

static int compare(struct store *s, int64_t model_id,
                   const struct finished_turn *t, struct err *e)
{
    int64_t same;
    int found = db_number(s->db, e, &same,
                          "SELECT text = ? FROM finished WHERE model_id = ?"
                          " AND prompt = ? AND turn = ?",
                          DB(t->text), DB(model_id), DB(t->prompt),
                          DB(t->turn));
    if (found == 1 && !same)
        return err_set(e, ERR_FORMAT, "the model has another answer to this "
                       "prompt already");
    return found;
}

static int put(struct store *s, int64_t model_id, const struct finished_turn *t,
               struct err *e)
{
    int found = compare(s, model_id, t, e);
    if (found != 0)
        return found;
    return db_run(s->db, e,
                  "INSERT INTO finished (model_id, prompt, turn, asked, text,"
                  " created_ms) VALUES (?, ?, ?, ?, ?, ?)",
                  DB(model_id), DB(t->prompt), DB(t->turn), DB(t->asked),
                  DB(t->text), DB(clock_wall_ms()));
}

int finished_put(struct store *s, int64_t model_id,
                 const struct finished_turn *t, struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    int result = put(s, model_id, t, e);
    return db_end(s->db, result < 0 ? -1 : 0, e) != 0 ? -1 : result;
}

/* --- out ------------------------------------------------------------------ */

int finished_get(struct store *s, int64_t model_id, const char *prompt,
                 struct store_answer_row **out, size_t *n, struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT turn, asked, text FROM finished"
                                  " WHERE model_id = ? AND prompt = ?"
                                  " ORDER BY turn",
                                  DB(model_id), DB(prompt));
    int row = -1;
    *out = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *out = mem_grow(*out, *n, sizeof(**out));
        struct store_answer_row *r = &(*out)[(*n)++];
        *r = (struct store_answer_row){
            .turn = (int)db_whole(q, 0),
            .round = 1,
            .prompt = db_copy(q, 1),
            .text = db_copy(q, 2),
            .thinking = mem_strdup(""),
            .settings = mem_strdup(""),
        };
        answer_end_init(&r->end);
        r->end.finish = FINISH_STOP;
    }
    if (row == 0)
        return 0;
    store_free_answers(*out, *n);
    *out = NULL;
    *n = 0;
    return -1;
}

int finished_list(struct store *s, struct finished_model **out, size_t *n,
                  struct err *e)
{
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT m.id, m.name, count(*) FROM finished f"
                 " JOIN models m ON m.id = f.model_id WHERE f.turn = 1"
                 " GROUP BY m.id ORDER BY m.name");
    int row = -1;
    *out = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *out = mem_grow(*out, *n, sizeof(**out));
        (*out)[(*n)++] = (struct finished_model){
            .id = db_whole(q, 0),
            .name = db_copy(q, 1),
            .n_prompts = (uint64_t)db_whole(q, 2),
        };
    }
    if (row == 0)
        return 0;
    finished_free(*out, *n);
    *out = NULL;
    *n = 0;
    return -1;
}

void finished_free(struct finished_model *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].name);
    free(list);
}
