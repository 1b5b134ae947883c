#include "arena/store/answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/battles.h"
#include "arena/store/usage.h"
#include "base/mem.h"

/* --- storing ------------------------------------------------------------ */

/* What few answers have. */
static bool has_aside(const struct answer_end *end)
{
    return end->n_cached >= 0 || end->note[0] != '\0';
}

static bool is_there(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int put_aside(struct store *s, int64_t answer_id,
                     const struct answer_end *end, struct err *e)
{
    if (!has_aside(end))
        return 0;
    return db_run(s->db, e,
                  "INSERT INTO asides (answer_id, n_cached, note)"
                  " VALUES (?, nullif(?, -1), ?)",
                  DB(answer_id), DB(end->n_cached), DB(end->note));
}

static int put_chances(struct store *s, int64_t answer_id, const char *chances,
                       struct err *e)
{
    if (!is_there(chances))
        return 0;
    return db_run(s->db, e,
                  "INSERT INTO chances (answer_id, tokens) VALUES (?, ?)",
                  DB(answer_id), DB(chances));
}

static int put_rhythm(struct store *s, int64_t answer_id, const char *rhythm,
                      struct err *e)
{
    if (!is_there(rhythm))
        return 0;
    return db_run(s->db, e,
                  "INSERT INTO rhythms (answer_id, pieces) VALUES (?, ?)",
                  DB(answer_id), DB(rhythm));
}

const struct inserts_sql answers_sql = INSERTS_SQL(
    "answers (battle_id, turn, round, side, prompt, text, thinking, settings,"
    " finish, error_status, error, n_in, n_out, n_think, cost, load_ms,"
    " first_ms, total_ms, request_id)",
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

static void fill_row(const struct store_answer *a,
                     struct db_value row[ANSWERS_COLUMNS])
{
    const struct answer_end *end = &a->end;
    const struct db_value values[ANSWERS_COLUMNS] = {
        DB(a->battle_id),
        DB(a->turn),
        DB(a->round),
        DB(a->side),
        DB(a->prompt),
        DB(a->text),
        DB(a->thinking ? a->thinking : ""),
        DB(a->settings ? a->settings : ""),
        DB(finish_name(end->finish)),
        DB(err_exit_status(end->error.code)),
        DB(end->error.text),
        db_unless(-1, end->n_in),
        db_unless(-1, end->n_out),
        db_unless(-1, end->n_think),
        DB(end->cost),
        db_unless(-1, end->load_ms),
        db_unless(-1, end->first_ms),
        db_unless(-1, end->total_ms),
        DB(end->request_id),
    };
    memcpy(row, values, sizeof(values));
}

int answers_put(struct store *s, const struct store_answer *a, int64_t *id,
                struct err *e)
{
    struct db_value row[ANSWERS_COLUMNS];
    fill_row(a, row);
    if (db_insert_values(s->db, e, id, answers_sql.one, row,
                         ANSWERS_COLUMNS) != 0 ||
        put_aside(s, *id, &a->end, e) != 0 ||
        put_chances(s, *id, a->chances, e) != 0)
        return -1;
    return put_rhythm(s, *id, a->rhythm, e);
}

int answers_put_later(struct store *s, struct inserts *rows,
                      const struct store_answer *a, struct err *e)
{
    struct db_value row[ANSWERS_COLUMNS];
    int64_t id;
    if (has_aside(&a->end) || is_there(a->chances) || is_there(a->rhythm))
        return inserts_flush(rows, e) != 0 ? -1 : answers_put(s, a, &id, e);
    fill_row(a, row);
    return inserts_add_values(rows, e, row, ANSWERS_COLUMNS);
}

static int put_answer(struct store *s, const struct store_answer *a,
                      struct err *e)
{
    int64_t id;
    return answers_put(s, a, &id, e) != 0 ? -1 : usage_add_answer(s, id, e);
}

int store_add_answers(struct store *s, const struct store_answer *answers,
                      size_t n, enum store_battle_state state, struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++)
        result = put_answer(s, &answers[i], e);
    if (result == 0)
        result = battles_set_state(s, answers[0].battle_id, state, e);
    return db_end(s->db, result, e);
}

int store_put_answers(struct store *s, const struct store_answer answers[2],
                      enum store_battle_state state, struct err *e)
{
    return store_add_answers(s, answers, 2, state, e);
}

/* --- reading ------------------------------------------------------------ */

static enum finish finish_of(const char *name)
{
    enum finish f = FINISH_ERROR;
    return name != NULL && finish_parse(name, &f) ? f : FINISH_ERROR;
}

static int64_t number_or_unknown(struct db_query *q, int column)
{
    return db_is_null(q, column) ? -1 : db_whole(q, column);
}

static void copy_text(char *to, size_t size, struct db_query *q, int column)
{
    const char *text = db_text(q, column);
    size_t n = text ? strlen(text) : 0;
    n = n < size ? n : size - 1;
    if (n > 0)
        memcpy(to, text, n);
    to[n] = '\0';
}

static void read_answer(struct db_query *q, struct store_answer_row *row)
{
    *row = (struct store_answer_row){
        .side = db_whole(q, 0) != 0,
        .turn = db_whole(q, 1),
        .round = db_whole(q, 2),
        .prompt = db_copy(q, 3),
        .text = db_copy(q, 4),
        .thinking = db_copy(q, 5),
        .settings = db_copy(q, 6),
        .chances = db_copy(q, 20),
        .rhythm = db_copy(q, 21),
    };
    struct answer_end *end = &row->end;
    end->finish = finish_of(db_text(q, 7));
    end->error.code = err_of_exit_status((int)db_whole(q, 8));
    copy_text(end->error.text, sizeof(end->error.text), q, 9);
    end->n_in = number_or_unknown(q, 10);
    end->n_out = number_or_unknown(q, 11);
    end->n_think = number_or_unknown(q, 12);
    end->cost = db_is_null(q, 13) ? NAN : db_real(q, 13);
    end->load_ms = number_or_unknown(q, 14);
    end->first_ms = number_or_unknown(q, 15);
    end->total_ms = number_or_unknown(q, 16);
    copy_text(end->request_id, sizeof(end->request_id), q, 17);
    end->n_cached = number_or_unknown(q, 18);
    copy_text(end->note, sizeof(end->note), q, 19);
}

int store_list_answers(struct store *s, int64_t battle_id,
                       struct store_answer_row **out, size_t *n, struct err *e)
{
    struct store_answer_row *rows = NULL;
    size_t used = 0;
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT side, turn, round, prompt, text, thinking, settings,"
                 " finish, error_status, error, n_in, n_out, n_think, cost,"
                 " load_ms, first_ms, total_ms, request_id, n_cached, note,"
                 " tokens, pieces FROM answers"
                 " LEFT JOIN asides ON asides.answer_id = answers.id"
                 " LEFT JOIN chances ON chances.answer_id = answers.id"
                 " LEFT JOIN rhythms ON rhythms.answer_id = answers.id"
                 " WHERE battle_id = ? ORDER BY turn, round, side",
                 DB(battle_id));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        rows = mem_grow(rows, used, sizeof(*rows));
        read_answer(q, &rows[used++]);
    }
    if (row != 0) {
        store_free_answers(rows, used);
        return -1;
    }
    *out = rows;
    *n = used;
    return 0;
}

void store_free_answers(struct store_answer_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(rows[i].prompt);
        free(rows[i].text);
        free(rows[i].thinking);
        free(rows[i].settings);
        free(rows[i].chances);
        free(rows[i].rhythm);
    }
    free(rows);
}

/* --- with names --------------------------------------------------------- */

int store_get_battle(struct store *s, int64_t id, struct store_battle_row *out,
                     struct err *e)
{
    *out = (struct store_battle_row){0};
    struct db_query *q = db_query(
        s->db, e,
        "SELECT b.prompt_id, coalesce(b.run_id, 0), b.model_a, b.model_b,"
        " b.state, b.probability, b.compare, b.created_ms, p.text,"
        " p.category, m.name, n.name FROM battles b"
        " JOIN prompts p ON p.id = b.prompt_id"
        " JOIN models m ON m.id = b.model_a"
        " JOIN models n ON n.id = b.model_b WHERE b.id = ?",
        DB(id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row == 0)
        return err_set(e, ERR_USAGE, "there is no battle %lld", (long long)id);
    if (row < 0)
        return -1;
    out->battle = (struct store_battle){
        .id = id,
        .prompt_id = db_whole(q, 0),
        .run_id = db_whole(q, 1),
        .model_id = {db_whole(q, 2), db_whole(q, 3)},
        .probability = db_is_null(q, 5) ? NAN : db_real(q, 5),
        .compare = db_whole(q, 6) != 0,
        .pace = "",
        .created_ms = db_whole(q, 7),
    };
    bool known = battles_state_parse(db_text(q, 4), &out->battle.state);
    out->prompt = db_copy(q, 8);
    out->category = db_copy(q, 9);
    out->model[0] = db_copy(q, 10);
    out->model[1] = db_copy(q, 11);
    db_reset(q);
    if (known)
        return 0;
    store_free_battle(out);
    return db_fail_damaged(s->db, e, "battle %lld is in no state",
                           (long long)id);
}

void store_free_battle(struct store_battle_row *row)
{
    free(row->prompt);
    free(row->category);
    free(row->model[0]);
    free(row->model[1]);
    *row = (struct store_battle_row){0};
}
