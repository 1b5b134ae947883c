/* Looking back: battles newest first, and their answers. */
#include "arena/store/db.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* What is bound to the search's parameter; NULL where nothing is searched. */
static char *search_term(const struct store *s, const char *search)
{
    struct buf b;
    buf_init(&b, 2 * MAX_SEARCH_BYTES);
    if (search == NULL || search[strspn(search, " \t\r\n")] == '\0')
        return NULL;
    if (!s->has_search)
        buf_add_char(&b, '%');
    each_word(search, s->has_search ? add_quoted : add_pattern, &b);
    return buf_detach(&b);
}

/* --- entries ------------------------------------------------------------ */

/* The vote shown is a person's before a judge's, and then the newest. */
#define ENTRY_COLUMNS                                                     \
    "SELECT b.id, coalesce(b.run_id, 0), b.created_ms, b.state, b.named," \
    " p.text, p.category, a.name, z.name, v.id, v.verdict, v.corrected,"  \
    " v.voter, v.external_id, v.leak,"                                    \
    " v.id IS NULL AND"                                                   \
    "  EXISTS (SELECT 1 FROM votes u WHERE u.battle_id = b.id),"          \
    " " DB_IS_NAMED                                                       \
    " FROM battles b JOIN prompts p ON p.id = b.prompt_id"                \
    " JOIN models a ON a.id = b.model_a"                                  \
    " JOIN models z ON z.id = b.model_b"                                  \
    " LEFT JOIN votes v ON v.id ="                                        \
    "  (SELECT w.id FROM votes w WHERE w.battle_id = b.id"                \
    "   AND " DB_STANDS("w")                                              \
    "   ORDER BY w.voter GLOB 'human:*' DESC, w.id DESC LIMIT 1)"         \
    " WHERE (?1 = 0 OR coalesce(b.run_id, -1) = ?1) AND (?2 = 0 OR b.id = ?2)"

/* An answer is searched once its models may be known: that a name is found in
 * it would tell one. */
#define BATTLES_MATCHING(term)                           \
    "b.id IN (SELECT battle_id FROM answers WHERE id IN" \
    " (SELECT rowid FROM search WHERE search MATCH " term "))"
#define SEARCH_INDEX                                       \
    " AND (" BATTLES_MATCHING("'prompt : (' || ?3 || ')'") \
    "  OR (" DB_IS_NAMED " AND " BATTLES_MATCHING("?3") "))"

#define SEARCH_SCAN                                                          \
    " AND EXISTS (SELECT 1 FROM answers y WHERE y.battle_id = b.id AND"      \
    "  (y.prompt LIKE ?3 ESCAPE '\\' OR"                                     \
    "   (y.text LIKE ?3 ESCAPE '\\' AND " DB_IS_NAMED ")))"

/* A run uses a model's answer to a prompt in all its battles, so that whoever
 * has voted on one of them knows a text of the others: they lie as far apart as
 * can be, all prompts' first battles before any second one. */
#define UNVOTED                                                        \
    " AND b.state = 'ready' AND b.named = 0 ORDER BY CASE WHEN ?1 > 0" \
    "  THEN (SELECT count(*) FROM battles o WHERE o.run_id = b.run_id" \
    "   AND o.prompt_id = b.prompt_id AND o.id < b.id) ELSE 0 END, b.id"
#define NEWEST " ORDER BY b.id DESC"
#define NO_SEARCH " AND ?3 IS NULL"
#define PAGE " LIMIT ?4 OFFSET ?5"

static const char *entries_sql(const struct store *s, bool searched,
                               bool unvoted)
{
    if (!searched)
        return unvoted ? ENTRY_COLUMNS NO_SEARCH UNVOTED PAGE
                       : ENTRY_COLUMNS NO_SEARCH NEWEST PAGE;
    if (s->has_search)
        return unvoted ? ENTRY_COLUMNS SEARCH_INDEX UNVOTED PAGE
                       : ENTRY_COLUMNS SEARCH_INDEX NEWEST PAGE;
    return unvoted ? ENTRY_COLUMNS SEARCH_SCAN UNVOTED PAGE
                   : ENTRY_COLUMNS SEARCH_SCAN NEWEST PAGE;
}

static int read_entry(struct store *s, sqlite3_stmt *q,
                      struct store_entry *entry, struct err *e)
{
    *entry = (struct store_entry){
        .battle_id = sqlite3_column_int64(q, 0),
        .run_id = sqlite3_column_int64(q, 1),
        .created_ms = sqlite3_column_int64(q, 2),
        .named = sqlite3_column_int64(q, 4) != 0,
        .vote_id = sqlite3_column_int64(q, 9),
        .corrected = sqlite3_column_int64(q, 11) != 0,
        .leak = sqlite3_column_int64(q, 14) != 0,
        .undone = sqlite3_column_int64(q, 15) != 0,
    };
    if (!db_state_parse((const char *)sqlite3_column_text(q, 3),
                        &entry->state))
        return db_fail_damaged(s, e, "battle %lld is in no state",
                               (long long)entry->battle_id);
    if (entry->vote_id != 0 &&
        db_verdict(s, q, 10, entry->vote_id, &entry->verdict, e) != 0)
        return -1;
    entry->prompt = db_text(q, 5);
    entry->category = db_text(q, 6);
    entry->voter = db_text(q, 12);
    if (sqlite3_column_type(q, 13) != SQLITE_NULL)
        entry->external_id = db_text(q, 13);
    bool may_name = sqlite3_column_int64(q, 16) != 0;
    for (int side = 0; side < 2; side++)
        entry->model[side] = may_name ? db_text(q, 7 + side) : NULL;
    return 0;
}

static int read_entries(struct store *s, sqlite3_stmt *q,
                        struct store_entry **rows, size_t *used,
                        struct err *e)
{
    size_t cap = 0;
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        if (*used == cap) {
            cap = cap ? 2 * cap : 16;
            *rows = mem_realloc(*rows, cap, sizeof(**rows));
        }
        if (read_entry(s, q, &(*rows)[*used], e) != 0) {
            sqlite3_reset(q);
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
    char *term = search_term(s, query->search);
    sqlite3_stmt *q = db_query(
        s, e, entries_sql(s, term != NULL, query->unvoted), "iitii",
        query->run_id, query->battle_id, term,
        query->limit ? (int64_t)query->limit : -1, (int64_t)query->offset);
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

/* --- answers ------------------------------------------------------------ */

static enum finish finish_of(const char *name)
{
    for (int f = FINISH_NONE; name != NULL && f <= FINISH_ERROR; f++)
        if (strcmp(finish_name((enum finish)f), name) == 0)
            return (enum finish)f;
    return FINISH_ERROR;
}

/* Exit statuses are what is stored of a code, for they are published. */
static enum err_code code_of(int64_t status)
{
    for (int c = ERR_NONE; c < ERR_N_CODES; c++)
        if (err_exit_status((enum err_code)c) == status)
            return (enum err_code)c;
    return ERR_FAILURE;
}

static int64_t number_or_unknown(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL
               ? -1
               : sqlite3_column_int64(q, column);
}

static void copy_text(char *to, size_t size, sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);
    size_t n = text ? strlen(text) : 0;
    n = n < size ? n : size - 1;
    if (n > 0)
        memcpy(to, text, n);
    to[n] = '\0';
}

static void read_answer(sqlite3_stmt *q, struct store_answer_row *row)
{
    *row = (struct store_answer_row){
        .side = sqlite3_column_int64(q, 0) != 0,
        .turn = sqlite3_column_int(q, 1),
        .round = sqlite3_column_int(q, 2),
        .prompt = db_text(q, 3),
        .text = db_text(q, 4),
        .thinking = db_text(q, 5),
        .settings = db_text(q, 6),
    };
    struct answer_end *end = &row->end;
    end->finish = finish_of((const char *)sqlite3_column_text(q, 7));
    end->error.code = code_of(sqlite3_column_int64(q, 8));
    copy_text(end->error.text, sizeof(end->error.text), q, 9);
    end->n_in = number_or_unknown(q, 10);
    end->n_out = number_or_unknown(q, 11);
    end->n_think = number_or_unknown(q, 12);
    end->cost = sqlite3_column_type(q, 13) == SQLITE_NULL
                    ? NAN
                    : sqlite3_column_double(q, 13);
    end->load_ms = number_or_unknown(q, 14);
    end->first_ms = number_or_unknown(q, 15);
    end->total_ms = number_or_unknown(q, 16);
    copy_text(end->request_id, sizeof(end->request_id), q, 17);
}

int store_list_answers(struct store *s, int64_t battle_id,
                       struct store_answer_row **out, size_t *n, struct err *e)
{
    struct store_answer_row *rows = NULL;
    size_t used = 0, cap = 0;
    sqlite3_stmt *q = db_query(
        s, e, "SELECT side, turn, round, prompt, text, thinking, settings,"
              " finish, error_status, error, n_in, n_out, n_think, cost,"
              " load_ms, first_ms, total_ms, request_id FROM answers"
              " WHERE battle_id = ? ORDER BY turn, round, side", "i",
        battle_id);
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        if (used == cap) {
            cap = cap ? 2 * cap : 4;
            rows = mem_realloc(rows, cap, sizeof(*rows));
        }
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
    }
    free(rows);
}
