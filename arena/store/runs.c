/* What a run asks the store besides its battles: what it was begun with, and
 * what other runs have that it can use. */
#include <stdlib.h>

#include "arena/store/private.h"
#include "base/mem.h"

int store_get_run(struct store *s, const char *name, int64_t *id,
                  char **settings, struct err *e)
{
    *id = 0;
    *settings = NULL;
    struct db_query *q = db_query(
        s->db, e, "SELECT id, settings FROM runs WHERE name = ?", DB(name));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row != 1)
        return row;
    *id = db_whole(q, 0);
    *settings = db_copy(q, 1);
    db_reset(q);
    return 0;
}

int store_find_prompt(struct store *s, const char *text, const char *category,
                      int64_t *id, struct err *e)
{
    *id = 0;
    return -(db_number(s->db, e, id,
                       "SELECT id FROM prompts WHERE text = ?"
                       " AND category = ?",
                       DB(text), DB(category)) < 0);
}

int store_list_prompt_texts(struct store *s, int64_t first, int64_t last,
                            size_t enough_bytes, struct buf *texts,
                            int64_t *ids, size_t *n, struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT id, text, category FROM prompts"
                                  " WHERE id BETWEEN ? AND ? ORDER BY id",
                                  DB(first), DB(last));
    int row = -1;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        const char *text = db_text(q, 1), *category = db_text(q, 2);
        ids[(*n)++] = db_whole(q, 0);
        buf_add_str(texts, text ? text : "");
        buf_add_char(texts, '\0');
        buf_add_str(texts, category ? category : "");
        buf_add_char(texts, '\0');
        if (texts->len < enough_bytes)
            continue;
        db_reset(q);
        return 0;
    }
    return row;
}

/* The index of battles begins with the run, so the runs are gone through. */
int store_find_answer(struct store *s, const struct store_wanted *w,
                      int64_t *battle_id, int *side, int *round,
                      struct err *e)
{
    *battle_id = 0;
    struct db_query *q = db_query(
        s->db, e,
        "SELECT b.id, a.side, a.round FROM prompts p"
        " CROSS JOIN battles b ON b.prompt_id = p.id"
        "  AND b.run_id IN (SELECT id FROM runs)"
        " CROSS JOIN answers a ON a.battle_id = b.id"
        " JOIN answers last ON last.battle_id = b.id"
        "  AND last.side = a.side AND last.round = a.round AND last.turn = ?"
        " WHERE p.text = ? AND a.turn = 1 AND a.settings = ?"
        "  AND iif(a.side = 0, b.model_a, b.model_b) = ?"
        "  AND last.finish <> ? ORDER BY a.id DESC LIMIT 1",
        DB(w->n_turns), DB(w->prompt), DB(w->settings), DB(w->model_id),
        DB(finish_name(FINISH_ERROR)));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row != 1)
        return row;
    *battle_id = db_whole(q, 0);
    *side = db_whole(q, 1) != 0;
    *round = (int)db_whole(q, 2);
    db_reset(q);
    return 0;
}

int store_begin_group(struct store *s, struct err *e)
{
    return db_begin_group(s->db, e);
}

int store_end_group(struct store *s, int result, struct err *e)
{
    return db_end_group(s->db, result, e);
}

int store_begin_reading(struct store *s, struct err *e)
{
    return db_begin_read(s->db, e);
}

int store_end_reading(struct store *s, struct err *e)
{
    return db_end(s->db, 0, e);
}

void store_free_names(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

int store_take_names(struct store *s, struct db_query *q, char ***names,
                     size_t *n, struct err *e)
{
    int row = -1;
    *names = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *names = mem_grow(*names, *n, sizeof(**names));
        (*names)[(*n)++] = db_copy(q, 0);
    }
    if (row == 0)
        return 0;
    store_free_names(*names, *n);
    *names = NULL;
    return -1;
}

int store_list_run_models(struct store *s, int64_t run_id, char ***names,
                          size_t *n, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT name FROM models WHERE id IN (SELECT model_a FROM battles"
        "  WHERE run_id = ?1 UNION SELECT model_b FROM battles"
        "  WHERE run_id = ?1) ORDER BY id",
        DB(run_id));
    return store_take_names(s, q, names, n, e);
}

int store_list_runs(struct store *s, char ***names, size_t *n, struct err *e)
{
    struct db_query *q =
        db_query(s->db, e, "SELECT name FROM runs ORDER BY id DESC");
    return store_take_names(s, q, names, n, e);
}
