#include "arena/store/search.h"

#define BATCH 10000 /* answers; others can write between two batches */

/* SQL: the last answer in the index.  Its table of sizes has a row each. */
#define LAST "(SELECT coalesce(max(id), 0) FROM search_docsize)"

/* 1 if it lacks answers, 0, or -1. */
static int lacks(struct store *s, struct err *e)
{
    int64_t id;
    return db_number(s->db, e, &id,
                     "SELECT id FROM answers WHERE id > " LAST " LIMIT 1");
}

static int add_batch(struct store *s, struct err *e)
{
    return db_run(s->db, e,
                  "INSERT INTO search (rowid, prompt, text)"
                  " SELECT id, prompt, text FROM answers"
                  " WHERE id > " LAST " ORDER BY id LIMIT ?",
                  DB(BATCH));
}

int search_fill(struct store *s, struct err *e)
{
    int lacking;
    while ((lacking = lacks(s, e)) == 1) {
        if (db_begin(s->db, e) != 0 ||
            db_end(s->db, add_batch(s, e), e) != 0)
            return -1;
    }
    return lacking;
}

bool search_is_whole(struct store *s)
{
    if (!s->has_search)
        return false;
    if (db_is_read_only(s->db))
        return lacks(s, NULL) == 0;
    return search_fill(s, NULL) == 0;
}
