/* Battles and the answers in them. */
#include "arena/store/db.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const char *const state_names[] = {
    [STORE_OPEN] = "open",       [STORE_READY] = "ready",
    [STORE_VOTED] = "voted",     [STORE_SKIPPED] = "skipped",
    [STORE_VOID] = "void",
};

const char *db_state_name(enum store_battle_state state)
{
    return state_names[state];
}

bool db_state_parse(const char *name, enum store_battle_state *state)
{
    for (int i = STORE_OPEN; name != NULL && i <= STORE_VOID; i++) {
        if (strcmp(state_names[i], name) == 0) {
            *state = (enum store_battle_state)i;
            return true;
        }
    }
    return false;
}

int db_add_battle(struct store *s, const struct store_battle *b, int64_t *id,
                  struct err *e)
{
    int result = db_run(
        s, e, "INSERT INTO battles (prompt_id, run_id, model_a, model_b,"
              " state, probability, named, pace, created_ms)"
              " VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?)", "iiiitditi",
        b->prompt_id, b->run_id, b->model_id[0], b->model_id[1],
        state_names[b->state], b->probability, (int64_t)b->named,
        b->pace ? b->pace : "",
        b->created_ms ? b->created_ms : clock_wall_ms());
    *id = sqlite3_last_insert_rowid(s->db);
    return result;
}

int store_add_battle(struct store *s, const struct store_battle *b,
                     int64_t *id, struct err *e)
{
    if (db_begin(s, e) != 0)
        return -1;
    return db_end(s, db_add_battle(s, b, id, e), e);
}

int store_get_battle(struct store *s, int64_t id, struct store_battle_row *out,
                     struct err *e)
{
    *out = (struct store_battle_row){0};
    sqlite3_stmt *q = db_query(
        s, e, "SELECT b.prompt_id, coalesce(b.run_id, 0), b.model_a, b.model_b,"
              " b.state, b.probability, b.named, b.created_ms, p.text,"
              " p.category, m.name, n.name FROM battles b"
              " JOIN prompts p ON p.id = b.prompt_id"
              " JOIN models m ON m.id = b.model_a"
              " JOIN models n ON n.id = b.model_b WHERE b.id = ?", "i", id);
    int row = q ? db_step(s, q, e) : -1;
    if (row == 0)
        return err_set(e, ERR_USAGE, "there is no battle %lld", (long long)id);
    if (row < 0)
        return -1;
    out->battle = (struct store_battle){
        .id = id,
        .prompt_id = sqlite3_column_int64(q, 0),
        .run_id = sqlite3_column_int64(q, 1),
        .model_id = {sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3)},
        .probability = sqlite3_column_type(q, 5) == SQLITE_NULL
                           ? NAN
                           : sqlite3_column_double(q, 5),
        .named = sqlite3_column_int64(q, 6) != 0,
        .pace = "",
        .created_ms = sqlite3_column_int64(q, 7),
    };
    bool known = db_state_parse((const char *)sqlite3_column_text(q, 4),
                                &out->battle.state);
    out->prompt = db_text(q, 8);
    out->category = db_text(q, 9);
    out->model[0] = db_text(q, 10);
    out->model[1] = db_text(q, 11);
    sqlite3_reset(q);
    if (known)
        return 0;
    store_free_battle(out);
    return db_fail_damaged(s, e, "battle %lld is in no state", (long long)id);
}

void store_free_battle(struct store_battle_row *row)
{
    free(row->prompt);
    free(row->category);
    free(row->model[0]);
    free(row->model[1]);
    *row = (struct store_battle_row){0};
}

int store_find_run_battle(struct store *s, int64_t run_id, int64_t prompt_id,
                          const int64_t model_id[2], int64_t *id,
                          enum store_battle_state *state, struct err *e)
{
    *id = 0;
    sqlite3_stmt *q = db_query(
        s, e, "SELECT id, state FROM battles WHERE run_id = ? AND run_id IS"
              " NOT NULL AND prompt_id = ? AND model_a = ? AND model_b = ?"
              " ORDER BY id DESC LIMIT 1", "iiii",
        run_id, prompt_id, model_id[0], model_id[1]);
    int row = q ? db_step(s, q, e) : -1;
    if (row != 1)
        return row;
    int64_t found = sqlite3_column_int64(q, 0);
    bool known = db_state_parse((const char *)sqlite3_column_text(q, 1),
                                state);
    sqlite3_reset(q);
    if (!known)
        return db_fail_damaged(s, e, "battle %lld is in no state",
                               (long long)found);
    *id = found;
    return 0;
}

/* Why a battle's state was not changed. */
static int fail_to_change(struct store *s, int64_t battle_id, struct err *e)
{
    struct store_battle_row row;
    if (store_get_battle(s, battle_id, &row, e) != 0)
        return -1;
    enum store_battle_state state = row.battle.state;
    store_free_battle(&row);
    return err_set(e, ERR_USAGE, "battle %lld is %s already, by another "
                   "session; nothing was changed", (long long)battle_id,
                   state_names[state]);
}

/* What is over stays so: another process may have voted meanwhile.  Void ones
 * are asked again where that does no harm to a blind vote: names were known
 * all along, or (of a run) are not told. */
static int set_state(struct store *s, int64_t battle_id,
                     enum store_battle_state state, struct err *e)
{
    bool was_told;
    if (db_is_told(s, battle_id, &was_told, e) != 0 ||
        db_run(s, e, "UPDATE battles SET state = ? WHERE id = ? AND"
                     " (state IN ('open', 'ready') OR (state = 'void' AND"
                     "  (named <> 0 OR run_id IS NOT NULL)))", "ti",
               state_names[state], battle_id) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 0)
        return fail_to_change(s, battle_id, e);
    return db_sum_battle(s, battle_id, was_told, e);
}

int store_set_battle_state(struct store *s, int64_t battle_id,
                           enum store_battle_state state, struct err *e)
{
    if (db_begin(s, e) != 0)
        return -1;
    return db_end(s, set_state(s, battle_id, state, e), e);
}

static int put_answer(struct store *s, const struct store_answer *a,
                      struct err *e)
{
    const struct answer_end *end = &a->end;
    if (db_run(s, e,
               "INSERT INTO answers (battle_id, turn, round, side, prompt,"
               " text, thinking, settings, finish, error_status, error, n_in,"
               " n_out, n_think, cost, load_ms, first_ms, total_ms,"
               " request_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
               " nullif(?, -1), nullif(?, -1), nullif(?, -1), ?,"
               " nullif(?, -1), nullif(?, -1), nullif(?, -1), ?)",
               "iiiitttttitiiidiiit", a->battle_id, (int64_t)a->turn,
               (int64_t)a->round, (int64_t)a->side, a->prompt, a->text,
               a->thinking ? a->thinking : "", a->settings ? a->settings : "",
               finish_name(end->finish),
               (int64_t)err_exit_status(end->error.code), end->error.text,
               end->n_in, end->n_out, end->n_think, end->cost, end->load_ms,
               end->first_ms, end->total_ms, end->request_id) != 0)
        return -1;
    int64_t id = sqlite3_last_insert_rowid(s->db);
    if (db_sum_answer(s, id, e) != 0)
        return -1;
    if (!s->has_search)
        return 0;
    return db_run(s, e, "INSERT INTO search (rowid, prompt, text)"
                        " VALUES (?, ?, ?)", "itt", id, a->prompt, a->text);
}

int store_add_answers(struct store *s, const struct store_answer *answers,
                      size_t n, enum store_battle_state state, struct err *e)
{
    if (db_begin(s, e) != 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++)
        result = put_answer(s, &answers[i], e);
    if (result == 0)
        result = set_state(s, answers[0].battle_id, state, e);
    return db_end(s, result, e);
}

int store_put_answers(struct store *s, const struct store_answer answers[2],
                      enum store_battle_state state, struct err *e)
{
    return store_add_answers(s, answers, 2, state, e);
}
