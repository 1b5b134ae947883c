#include "arena/store/judgments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/private.h"
#include "base/clock.h"
#include "base/mem.h"

/* SQL: the attempt that a judge's next vote on a battle will be. */
#define NEXT_ATTEMPT(battle, voter)                                            \
    "(SELECT 1 + count(*) FROM votes w WHERE w.battle_id = " battle            \
    " AND w.voter = " voter ")"

/* SQL: what is known of a number, or NULL. */
#define KNOWN "nullif(?, -1)"

int store_put_judgment(struct store *s, const struct store_judgment *j,
                       struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    int result = db_run(
        s->db, e,
        "INSERT INTO judgments (battle_id, voter, part, attempt, form, value,"
        " tie, reply, n_in, n_out, cost, created_ms) VALUES"
        " (?1, ?2, ?3, " NEXT_ATTEMPT("?1", "?2") ", ?, ?, ?, ?, " KNOWN
        ", " KNOWN ", ?, ?)"
        " ON CONFLICT (battle_id, voter, part, attempt) DO UPDATE SET"
        " form = excluded.form, value = excluded.value, tie = excluded.tie,"
        " reply = excluded.reply, n_in = excluded.n_in,"
        " n_out = excluded.n_out, cost = excluded.cost,"
        " created_ms = excluded.created_ms WHERE judgments.value IS NULL",
        DB(j->battle_id), DB(j->voter), DB(j->part), DB(j->form),
        DB(j->value), DB(isnan(j->value) ? NAN : j->tie), DB(j->reply),
        DB(j->n_in), DB(j->n_out), DB(j->cost), DB(clock_wall_ms()));
    return db_end(s->db, result, e);
}

int store_get_judged(struct store *s, int64_t battle_id, const char *voter,
                     struct store_judged *out, struct err *e)
{
    *out = (struct store_judged){.known = {false}};
    struct db_query *q = db_query(
        s->db, e,
        "SELECT part, value, tie FROM judgments WHERE battle_id = ?1"
        " AND voter = ?2 AND value IS NOT NULL"
        " AND attempt = " NEXT_ATTEMPT("?1", "?2"),
        DB(battle_id), DB(voter));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        int part = db_whole(q, 0) != 0;
        out->known[part] = true;
        out->value[part] = db_real(q, 1);
        out->tie[part] = db_is_null(q, 2) ? NAN : db_real(q, 2);
    }
    return row;
}

int store_list_to_judge(struct store *s, int64_t run_id, const char *voter,
                        struct store_to_judge **out, size_t *n, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT b.id, EXISTS (SELECT 1 FROM votes v WHERE v.battle_id = b.id"
        "  AND v.voter = ?2 AND " STORE_STANDS("v") ")"
        " FROM battles b WHERE b.run_id = ?1 AND b.compare = 0"
        "  AND b.state IN ('ready', 'voted')"
        "  AND EXISTS (SELECT 1 FROM answers a WHERE a.battle_id = b.id)"
        " ORDER BY b.id",
        DB(run_id), DB(voter));
    int row = -1;
    *out = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *out = mem_grow(*out, *n, sizeof(**out));
        (*out)[(*n)++] = (struct store_to_judge){
            .battle_id = db_whole(q, 0),
            .voted = db_whole(q, 1) != 0,
        };
    }
    if (row == 0)
        return 0;
    free(*out);
    *out = NULL;
    return -1;
}

int store_find_other_form(struct store *s, int64_t run_id, const char *voter,
                          const char *form, char **out, struct err *e)
{
    *out = NULL;
    struct db_query *q = db_query(
        s->db, e,
        "SELECT j.form FROM battles b JOIN judgments j ON j.battle_id = b.id"
        " WHERE b.run_id = ?1 AND j.voter = ?2 AND j.form <> ?3"
        "  AND j.value IS NOT NULL AND (j.attempt = " NEXT_ATTEMPT("b.id", "?2")
        "   OR EXISTS (SELECT 1 FROM votes v WHERE v.battle_id = b.id"
        "    AND v.voter = ?2 AND v.attempt = j.attempt"
        "    AND " STORE_STANDS("v") ")) LIMIT 1",
        DB(run_id), DB(voter), DB(form));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row != 1)
        return row;
    *out = db_copy(q, 0);
    db_reset(q);
    return 0;
}

/* A judge's vote moves no rating, so there is nothing to replay. */
static int withdraw(struct store *s, int64_t run_id, const char *voter,
                    size_t *n, struct err *e)
{
    struct store_to_judge *rows;
    size_t n_rows;
    int64_t vote_id, on;
    if (store_list_to_judge(s, run_id, voter, &rows, &n_rows, e) != 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < n_rows && result == 0; i++) {
        if (!rows[i].voted)
            continue;
        int found =
            db_number(s->db, e, &vote_id,
                      "SELECT v.id FROM votes v WHERE v.battle_id = ?"
                      " AND v.voter = ? AND " STORE_STANDS("v"),
                      DB(rows[i].battle_id), DB(voter));
        result = found == 1 ? store_undo(s, vote_id, voter, &on, e) : -1;
        *n += result == 0;
    }
    free(rows);
    if (result == 0)
        result = db_run(
            s->db, e,
            "DELETE FROM judgments WHERE voter = ?2"
            " AND battle_id IN (SELECT id FROM battles WHERE run_id = ?1)"
            " AND attempt = " NEXT_ATTEMPT("judgments.battle_id", "?2"),
            DB(run_id), DB(voter));
    return result;
}

int store_withdraw_judge(struct store *s, int64_t run_id, const char *voter,
                         size_t *n, struct err *e)
{
    *n = 0;
    if (store_begin_group(s, e) != 0)
        return -1;
    return store_end_group(s, withdraw(s, run_id, voter, n, e), e);
}

int store_list_swapped(struct store *s, const char *voter,
                       struct store_swapped **out, size_t *n, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT v.battle_id, x.value, y.value, x.tie, y.tie FROM votes v"
        " JOIN judgments x ON x.battle_id = v.battle_id AND x.voter = v.voter"
        "  AND x.attempt = v.attempt AND x.part = 0"
        " JOIN judgments y ON y.battle_id = v.battle_id AND y.voter = v.voter"
        "  AND y.attempt = v.attempt AND y.part = 1"
        " WHERE v.voter = ? AND x.tie IS NOT NULL AND y.tie IS NOT NULL"
        "  AND " STORE_STANDS("v") " ORDER BY v.battle_id",
        DB(voter));
    int row = -1;
    *out = NULL;
    *n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *out = mem_grow(*out, *n, sizeof(**out));
        (*out)[(*n)++] = (struct store_swapped){
            .battle_id = db_whole(q, 0),
            .value = {db_real(q, 1), db_real(q, 2)},
            .tie = {db_real(q, 3), db_real(q, 4)},
        };
    }
    if (row == 0)
        return 0;
    free(*out);
    *out = NULL;
    return -1;
}

int store_list_traits(struct store *s, struct store_traits **out, size_t *n,
                      struct names *categories, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT b.id, p.category,"
        " sum(CASE a.side WHEN 0 THEN length(a.text) ELSE 0 END),"
        " sum(CASE a.side WHEN 1 THEN length(a.text) ELSE 0 END)"
        " FROM battles b JOIN prompts p ON p.id = b.prompt_id"
        " LEFT JOIN answers a ON a.battle_id = b.id"
        "  AND a.round = (SELECT max(round) FROM answers l"
        "   WHERE l.battle_id = a.battle_id AND l.turn = a.turn)"
        " WHERE b.id IN (SELECT battle_id FROM votes)"
        " GROUP BY b.id ORDER BY b.id");
    int row = -1;
    *out = NULL;
    *n = 0;
    names_init(categories, NAMES_NONE - 1);
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        const char *category = db_text(q, 1);
        *out = mem_grow(*out, *n, sizeof(**out));
        (*out)[(*n)++] = (struct store_traits){
            db_whole(q, 0), names_add(categories, category, strlen(category)),
            {db_whole(q, 2), db_whole(q, 3)}};
    }
    if (row == 0)
        return 0;
    free(*out);
    *out = NULL;
    names_free(categories);
    return -1;
}
