/* Care: is everything as it should be, a copy, and making again what follows
 * from the votes. */
#include "arena/store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/store/ratings.h"
#include "arena/store/report.h"
#include "arena/store/search.h"
#include "arena/store/usage.h"

/* --- check -------------------------------------------------------------- */

static void say(void *report, const char *line)
{
    report_add(report, "%s", line);
}

/* A person's vote makes a battle voted; a judge's does not. */
static int check_states(struct store *s, struct report *r, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT id, state, n FROM (SELECT b.id, b.state, count(v.id) AS n,"
        "  count(CASE WHEN " STORE_BY_PERSON("v") " THEN 1 END) AS n_human"
        "  FROM battles b LEFT JOIN votes v ON v.battle_id = b.id"
        "   AND " STORE_STANDS("v") " GROUP BY b.id) AS counts"
        " WHERE (state = 'voted') <> (n > 0)"
        "  AND (state = 'voted') <> (n_human > 0) LIMIT 100");
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1)
        report_add(r, "battle %lld is %.20s, but has %lld votes",
                   (long long)db_whole(q, 0), db_text(q, 1),
                   (long long)db_whole(q, 2));
    return row;
}

/* The index of the full text search compares itself with the answers. */
static int check_search(struct store *s, struct report *r, struct err *e)
{
    if (!s->has_search || db_is_read_only(s->db))
        return 0;
    if (search_fill(s, e) != 0 || db_begin(s->db, e) != 0)
        return -1;
    struct err why;
    if (db_run(s->db, &why,
               "INSERT INTO search (search, rank)"
               " VALUES ('integrity-check', 1)") != 0)
        report_add(r, "search index: %s", why.text);
    return db_end(s->db, 0, e);
}

/* All is read in one transaction, because others may vote at the same time. */
static int check_all(struct store *s, struct report *r, struct err *e)
{
    size_t before = r->n_problems;
    if (db_check(s->db, say, r, e) != 0)
        return -1;
    if (r->n_problems > before)
        return 0; /* what stands in broken tables means nothing */
    if (check_states(s, r, e) != 0 || usage_check(s, r, e) != 0)
        return -1;
    return ratings_check(s, r, e);
}

int store_check(struct store *s, void (*report)(void *arg, const char *line),
                void *arg, size_t *n_problems, struct err *e)
{
    struct report r = {.say = report, .arg = arg};
    if (db_begin_read(s->db, e) != 0)
        return -1;
    int result = db_end(s->db, check_all(s, &r, e), e);
    if (result == 0 && r.n_problems == 0)
        result = check_search(s, &r, e);
    *n_problems = r.n_problems;
    return result;
}

/* --- rebuild ------------------------------------------------------------ */

#define LIVE_VOTES                                         \
    "SELECT 1 FROM votes v WHERE v.battle_id = battles.id" \
    " AND " STORE_STANDS("v")

/* A person's vote makes a battle voted, and without any vote it is not. */
static int mend_states(struct store *s, struct err *e)
{
    return db_script(
        s->db, e,
        "UPDATE battles SET state = 'voted'"
        " WHERE state <> 'voted' AND EXISTS"
        "  (" LIVE_VOTES " AND " STORE_BY_PERSON("v") ");"
        "UPDATE battles SET state = CASE WHEN EXISTS"
        "  (SELECT 1 FROM answers a WHERE a.battle_id = battles.id)"
        "  THEN 'ready' ELSE 'skipped' END"
        " WHERE state = 'voted' AND NOT EXISTS (" LIVE_VOTES ")");
}

static int rebuild(struct store *s, struct err *e)
{
    if (mend_states(s, e) != 0 || ratings_replay_all(s, e) != 0 ||
        usage_sum_all(s, e) != 0)
        return -1;
    return s->has_search
               ? db_run(s->db, e,
                        "INSERT INTO search (search) VALUES ('rebuild')")
               : 0;
}

int store_rebuild(struct store *s, struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, rebuild(s, e), e);
}

/* --- backup ------------------------------------------------------------- */

int store_backup(struct store *s, const char *path, struct err *e)
{
    /* Claims the name: nobody's file is written over. */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, ERR_DB, "%s: cannot make the copy: %s", path,
                       strerror(errno));
    close(fd);
    int result = db_copy_file(s->db, path, e);
    if (result != 0)
        unlink(path);
    return result;
}
