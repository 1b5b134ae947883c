#include "arena/store/reasons.h"

#include <stdlib.h>
#include <string.h>

#include "arena/store/private.h"
#include "base/clock.h"
#include "base/mem.h"

static int put(struct store *s, int64_t battle_id, const char *voter,
               const char *tags, const char *comment, struct err *e)
{
    int64_t id;
    int found = db_number(s->db, e, &id, "SELECT id FROM battles WHERE id = ?",
                          DB(battle_id));
    if (found == 0)
        return err_set(e, ERR_USAGE, "there is no battle %lld",
                       (long long)battle_id);
    if (found < 0)
        return -1;
    return db_run(s->db, e,
                  "INSERT INTO reasons (battle_id, voter, tags, comment,"
                  " created_ms) VALUES (?, ?, ?, ?, ?)",
                  DB(battle_id), DB(voter), DB(tags), DB(comment),
                  DB(clock_wall_ms()));
}

int reason_put(struct store *s, int64_t battle_id, const char *voter,
               const char *tags, const char *comment, struct err *e)
{
    if (strlen(tags) > REASONS_MAX_BYTES || strlen(comment) > REASONS_MAX_BYTES)
        return err_set(e, ERR_USAGE, "a reason is longer than %d bytes",
                       REASONS_MAX_BYTES);
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, put(s, battle_id, voter, tags, comment, e), e);
}

int reason_get(struct store *s, int64_t battle_id, const char *voter,
               struct reason *out, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT tags, comment FROM ("
        " SELECT 1 AS said, r.id, r.tags, r.comment FROM reasons r"
        "  WHERE r.battle_id = ?1 AND (?2 IS NULL OR r.voter = ?2)"
        " UNION ALL"
        " SELECT 0, v.id, '', v.comment FROM votes v"
        "  WHERE v.battle_id = ?1 AND (?2 IS NULL OR v.voter = ?2)"
        "   AND v.comment IS NOT NULL AND " STORE_STANDS("v")
        ") ORDER BY said DESC, id DESC LIMIT 1",
        DB(battle_id), DB(voter));
    int row = q != NULL ? db_step(s->db, q, e) : -1;
    if (row < 0)
        return -1;
    reason_free(out);
    if (row == 0) {
        reason_init(out);
        return 0;
    }
    *out = (struct reason){db_copy(q, 0), db_copy(q, 1)};
    db_reset(q);
    return 0;
}

void reason_init(struct reason *r)
{
    *r = (struct reason){mem_strdup(""), mem_strdup("")};
}

void reason_free(struct reason *r)
{
    free(r->tags);
    free(r->comment);
    *r = (struct reason){NULL, NULL};
}

void reason_describe(const struct reason *r, struct buf *out)
{
    for (const char *c = r->tags; *c != '\0'; c++) {
        buf_add_char(out, *c);
        if (*c == ',')
            buf_add_char(out, ' ');
    }
    if (r->tags[0] != '\0' && r->comment[0] != '\0')
        buf_add_str(out, "; ");
    buf_add_str(out, r->comment);
}

int reason_list_tags(struct store *s, char ***names, size_t *n,
                     struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "WITH RECURSIVE split (tag, rest) AS ("
        " SELECT '', tags || ',' FROM reasons UNION ALL"
        " SELECT substr(rest, 1, instr(rest, ',') - 1),"
        "  substr(rest, instr(rest, ',') + 1) FROM split WHERE rest <> '')"
        " SELECT DISTINCT tag FROM split WHERE tag <> '' ORDER BY tag");
    return store_take_names(s, q, names, n, e);
}
