/* Battles and the state they are in. */
#include "arena/store/battles.h"

#include <stdlib.h>
#include <string.h>

#include "arena/store/usage.h"
#include "base/clock.h"
#include "base/mem.h"

static const char *const state_names[] = {
    [STORE_OPEN] = "open",   [STORE_READY] = "ready",
    [STORE_VOTED] = "voted", [STORE_SKIPPED] = "skipped",
    [STORE_VOID] = "void",
};

const char *battles_state_name(enum store_battle_state state)
{
    return state_names[state];
}

bool battles_state_parse(const char *name, enum store_battle_state *state)
{
    for (int i = STORE_OPEN; name != NULL && i <= STORE_VOID; i++) {
        if (strcmp(state_names[i], name) == 0) {
            *state = (enum store_battle_state)i;
            return true;
        }
    }
    return false;
}

const struct inserts_sql battles_sql = INSERTS_SQL(
    "battles (id, prompt_id, run_id, model_a, model_b, state, probability,"
    " compare, pace, created_ms)",
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

static void fill_row(const struct store_battle *b,
                     struct db_value row[BATTLES_COLUMNS])
{
    const struct db_value values[BATTLES_COLUMNS] = {
        db_unless(0, b->id),
        DB(b->prompt_id),
        db_unless(0, b->run_id),
        DB(b->model_id[0]),
        DB(b->model_id[1]),
        DB(state_names[b->state]),
        DB(b->probability),
        DB(b->compare),
        DB(b->pace ? b->pace : ""),
        DB(b->created_ms ? b->created_ms : clock_wall_ms()),
    };
    memcpy(row, values, sizeof(values));
}

int battles_add(struct store *s, const struct store_battle *b,
                      int64_t *id, struct err *e)
{
    struct db_value row[BATTLES_COLUMNS];
    fill_row(b, row);
    return db_insert_values(s->db, e, id, battles_sql.one, row,
                            BATTLES_COLUMNS);
}

int battles_add_later(struct inserts *rows, const struct store_battle *b,
                      struct err *e)
{
    struct db_value row[BATTLES_COLUMNS];
    fill_row(b, row);
    return inserts_add_values(rows, e, row, BATTLES_COLUMNS);
}

int store_add_battle(struct store *s, const struct store_battle *b, int64_t *id,
                     struct err *e)
{
    struct store_battle new = *b;
    new.id = 0;
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, battles_add(s, &new, id, e), e);
}

#define BATTLE_OF_RUN                                                 \
    "SELECT id, state, model_a, model_b, prompt_id FROM battles"      \
    " WHERE run_id = ? AND run_id IS NOT NULL"

/* Takes the rows of a query of these. */
static int take_battles(struct store *s, struct db_query *q,
                        struct store_run_battle **out, size_t *n,
                        struct err *e)
{
    int row = -1;
    *out = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *out = mem_grow(*out, *n, sizeof(**out));
        struct store_run_battle *b = &(*out)[(*n)++];
        *b = (struct store_run_battle){
            .id = db_whole(q, 0),
            .model_id = {db_whole(q, 2), db_whole(q, 3)},
            .prompt_id = db_whole(q, 4)};
        if (!battles_state_parse(db_text(q, 1), &b->state)) {
            db_reset(q);
            row = db_fail_damaged(s->db, e, "battle %lld is in no state",
                                  (long long)b->id);
            break;
        }
    }
    if (row == 0)
        return 0;
    free(*out);
    *out = NULL;
    return -1;
}

int store_list_run_battles(struct store *s, int64_t run_id,
                           struct store_run_battle **out, size_t *n,
                           struct err *e)
{
    return take_battles(s,
                        db_query(s->db, e, BATTLE_OF_RUN " ORDER BY id",
                                 DB(run_id)),
                        out, n, e);
}

int store_list_prompt_battles(struct store *s, int64_t run_id,
                              int64_t first_prompt, int64_t last_prompt,
                              struct store_run_battle **out, size_t *n,
                              struct err *e)
{
    return take_battles(s,
                        db_query(s->db, e,
                                 BATTLE_OF_RUN " AND prompt_id BETWEEN ? AND ?"
                                 " ORDER BY prompt_id",
                                 DB(run_id), DB(first_prompt),
                                 DB(last_prompt)),
                        out, n, e);
}

int store_find_run_battle(struct store *s, int64_t run_id, int64_t prompt_id,
                          const int64_t model_id[2], int64_t *id,
                          enum store_battle_state *state, struct err *e)
{
    *id = 0;
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT id, state FROM battles WHERE run_id = ? AND run_id IS"
                 " NOT NULL AND prompt_id = ? AND model_a = ? AND model_b = ?"
                 " ORDER BY id DESC LIMIT 1",
                 DB(run_id), DB(prompt_id), DB(model_id[0]), DB(model_id[1]));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row != 1)
        return row;
    int64_t found = db_whole(q, 0);
    bool known = battles_state_parse(db_text(q, 1), state);
    db_reset(q);
    if (!known)
        return db_fail_damaged(s->db, e, "battle %lld is in no state",
                               (long long)found);
    *id = found;
    return 0;
}

/* Says why a battle's state was not changed.  Returns -1. */
static int fail_to_change(struct store *s, int64_t battle_id, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e, "SELECT state FROM battles WHERE id = ?", DB(battle_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row == 0)
        return err_set(e, ERR_USAGE, "there is no battle %lld",
                       (long long)battle_id);
    if (row == 1) {
        err_set(e, ERR_USAGE,
                "battle %lld is %.20s already, by another session; nothing was "
                "changed",
                (long long)battle_id, db_text(q, 0));
        db_reset(q);
    }
    return -1;
}

/* A void one is asked again if that does no harm to a blind vote: its names
 * were open from the beginning, or (of a run) are hidden still. */
int battles_set_state(struct store *s, int64_t battle_id,
                      enum store_battle_state state, struct err *e)
{
    bool was_seen;
    int64_t id;
    if (usage_is_seen(s, battle_id, &was_seen, e) != 0)
        return -1;
    int row = db_number(s->db, e, &id,
                        "UPDATE battles SET state = ? WHERE id = ? AND"
                        " (state IN ('open', 'ready') OR (state = 'void' AND"
                        "  (compare <> 0 OR run_id IS NOT NULL))) RETURNING id",
                        DB(state_names[state]), DB(battle_id));
    if (row <= 0)
        return row < 0 ? -1 : fail_to_change(s, battle_id, e);
    return usage_add_battle(s, battle_id, was_seen, e);
}

int store_set_battle_state(struct store *s, int64_t battle_id,
                           enum store_battle_state state, struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, battles_set_state(s, battle_id, state, e), e);
}
