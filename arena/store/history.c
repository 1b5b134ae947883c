/* Looking back: battles, newest first. */
#include "arena/store/private.h"

#include <stdlib.h>
#include <string.h>

#include "arena/store/battles.h"
#include "arena/store/replay.h"
#include "arena/store/search.h"
#include "base/buf.h"
#include "base/mem.h"

#define MAX_SEARCH_BYTES 4096

/* --- the words searched for --------------------------------------------- */

/* Calls add for each word between white space. */
static void each_word(const char *text,
                      void (*add)(struct buf *out, const char *word, size_t n),
                      struct buf *out)
{
    static const char space[] = " \t\r\n";
    for (text += strspn(text, space); *text; text += strspn(text, space)) {
        size_t n = strcspn(text, space);
        add(out, text, n);
        text += n;
    }
}

/* "word"* : a quoted string is no operator of the search language; the star
 * finds what begins so. */
static void add_quoted(struct buf *out, const char *word, size_t n)
{
    buf_add_str(out, out->len ? " \"" : "\"");
    for (size_t i = 0; i < n; i++) {
        if (word[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, word[i]);
    }
    buf_add_str(out, "\"*");
}

/* Without an index: words one after another, anything between them. */
static void add_pattern(struct buf *out, const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr("%_\\", word[i]))
            buf_add_char(out, '\\');
        buf_add_char(out, word[i]);
    }
    buf_add_char(out, '%');
}

/* What is bound to the search's parameter; NULL if nothing is searched.
 * *indexed: the index answers it. */
static char *search_term(struct store *s, const char *search, bool *indexed)
{
    struct buf b;
    buf_init(&b, 2 * MAX_SEARCH_BYTES);
    if (search == NULL || search[strspn(search, " \t\r\n")] == '\0')
        return NULL;
    *indexed = search_is_whole(s);
    if (!*indexed)
        buf_add_char(&b, '%');
    each_word(search, *indexed ? add_quoted : add_pattern, &b);
    return buf_detach(&b);
}

/* --- entries ------------------------------------------------------------ */

/* The vote shown is a person's before a judge's, and then the newest. */
#define ENTRY_COLUMNS                                                          \
    "SELECT b.id, coalesce(b.run_id, 0), b.created_ms, b.state, b.compare,"    \
    " p.text, p.category, a.name, z.name, v.id, v.verdict, v.seen,"       \
    " v.voter, v.external_id, v.leak,"                                         \
    " v.id IS NULL AND"                                                        \
    "  EXISTS (SELECT 1 FROM votes u WHERE u.battle_id = b.id),"               \
    " " STORE_NAMES_OPEN                                                       \
    " FROM battles b JOIN prompts p ON p.id = b.prompt_id"                     \
    " JOIN models a ON a.id = b.model_a"                                       \
    " JOIN models z ON z.id = b.model_b"                                       \
    " LEFT JOIN votes v ON v.id ="                                             \
    "  (SELECT w.id FROM votes w WHERE w.battle_id = b.id"                     \
    "   AND " STORE_STANDS("w") "   ORDER BY " STORE_BY_PERSON(                \
        "w") " DESC, w.id DESC LIMIT 1)"                                       \
             " WHERE (?1 = 0 OR coalesce(b.run_id, -1) = ?1) AND (?2 = 0 OR "  \
             "b.id = ?2)"

/* An answer is searched once the names are open: before that a name found in it
 * would tell a model. */
#define BATTLES_MATCHING(term)                                                 \
    "b.id IN (SELECT battle_id FROM answers WHERE id IN"                       \
    " (SELECT rowid FROM search WHERE search MATCH " term "))"
#define SEARCH_INDEX                                                           \
    " AND (" BATTLES_MATCHING(                                                 \
        "'prompt : (' || ?3 || ')'") "  OR (" STORE_NAMES_OPEN                 \
                                     " AND " BATTLES_MATCHING("?3") "))"

#define SEARCH_SCAN                                                            \
    " AND EXISTS (SELECT 1 FROM answers y WHERE y.battle_id = b.id AND"        \
    "  (y.prompt LIKE ?3 ESCAPE '\\' OR"                                       \
    "   (y.text LIKE ?3 ESCAPE '\\' AND " STORE_NAMES_OPEN ")))"

/* A run uses a model's answer to a prompt in all its battles.  After a vote on
 * one of them a person knows a text of the others.  So they lie far apart: the
 * first battles of all prompts come before any second one.  That no battle is
 * voted is said for the index battles_not_voted, which has few rows. */
#define UNVOTED                                                                \
    " AND b.state = 'ready' AND b.state <> 'voted' AND b.compare = 0"          \
    " ORDER BY CASE WHEN ?1 > 0"                                               \
    "  THEN (SELECT count(*) FROM battles o WHERE o.run_id = b.run_id"         \
    "   AND o.prompt_id = b.prompt_id AND o.id < b.id) ELSE 0 END, b.id"
#define NEWEST " ORDER BY b.id DESC"
#define NO_SEARCH " AND ?3 IS NULL"
#define PAGE " LIMIT ?4 OFFSET ?5"

static const char *entries_sql(bool searched, bool indexed, bool unvoted)
{
    if (!searched)
        return unvoted ? ENTRY_COLUMNS NO_SEARCH UNVOTED PAGE
                       : ENTRY_COLUMNS NO_SEARCH NEWEST PAGE;
    if (indexed)
        return unvoted ? ENTRY_COLUMNS SEARCH_INDEX UNVOTED PAGE
                       : ENTRY_COLUMNS SEARCH_INDEX NEWEST PAGE;
    return unvoted ? ENTRY_COLUMNS SEARCH_SCAN UNVOTED PAGE
                   : ENTRY_COLUMNS SEARCH_SCAN NEWEST PAGE;
}

static int read_entry(struct store *s, struct db_query *q,
                      struct store_entry *entry, struct err *e)
{
    *entry = (struct store_entry){
        .battle_id = db_whole(q, 0),
        .run_id = db_whole(q, 1),
        .created_ms = db_whole(q, 2),
        .compare = db_whole(q, 4) != 0,
        .vote_id = db_whole(q, 9),
        .seen = db_whole(q, 11) != 0,
        .leak = db_whole(q, 14) != 0,
        .undone = db_whole(q, 15) != 0,
    };
    if (!battles_state_parse(db_text(q, 3), &entry->state))
        return db_fail_damaged(s->db, e, "battle %lld is in no state",
                               (long long)entry->battle_id);
    if (entry->vote_id != 0 &&
        replay_verdict(s, q, 10, entry->vote_id, &entry->verdict, e) != 0)
        return -1;
    entry->prompt = db_copy(q, 5);
    entry->category = db_copy(q, 6);
    entry->voter = db_copy(q, 12);
    if (!db_is_null(q, 13))
        entry->external_id = db_copy(q, 13);
    bool may_name = db_whole(q, 16) != 0;
    for (int side = 0; side < 2; side++)
        entry->model[side] = may_name ? db_copy(q, 7 + side) : NULL;
    return 0;
}

static int read_entries(struct store *s, struct db_query *q,
                        struct store_entry **rows, size_t *used, struct err *e)
{
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        *rows = mem_grow(*rows, *used, sizeof(**rows));
        if (read_entry(s, q, &(*rows)[*used], e) != 0) {
            db_reset(q);
            return -1;
        }
        (*used)++;
    }
    return row;
}

int store_list_entries(struct store *s, const struct store_query *query,
                       struct store_entry **out, size_t *n, struct err *e)
{
    *out = NULL;
    *n = 0;
    if (query->search && strlen(query->search) > MAX_SEARCH_BYTES)
        return err_set(e, ERR_USAGE, "the search is longer than %d bytes",
                       MAX_SEARCH_BYTES);
    bool indexed = false;
    char *term = search_term(s, query->search, &indexed);
    struct db_query *q =
        db_query(s->db, e, entries_sql(term != NULL, indexed, query->unvoted),
                 DB(query->run_id), DB(query->battle_id), DB(term),
                 DB(query->limit ? (int64_t)query->limit : -1),
                 DB((int64_t)query->offset));
    int result = read_entries(s, q, out, n, e);
    free(term);
    if (result != 0) {
        store_free_entries(*out, *n);
        *out = NULL;
        *n = 0;
    }
    return result;
}

void store_free_entries(struct store_entry *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(rows[i].prompt);
        free(rows[i].category);
        free(rows[i].voter);
        free(rows[i].external_id);
        free(rows[i].model[0]);
        free(rows[i].model[1]);
    }
    free(rows);
}
