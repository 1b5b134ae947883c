/* db: what the parts of the SQLite store share.  Only this folder
 * includes it.
 *
 * SQL stands where it is used: a statement is named by the address of its text
 * (a literal), prepared at its first use and kept.  So no literal may be built
 * at run time, and one may not run inside itself.
 * Every change goes between db_begin and db_end; the latter commits or undoes
 * everything, so the functions between need no cleanup of rows. */
#ifndef ARENA_STORE_DB_H
#define ARENA_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena/store/store.h"
#include "base/err.h"
#include "rating/elo.h"

#define DB_APPLICATION_ID 0x4172656e /* "Aren", at offset 68 of the file */
#define DB_MAX_STATEMENTS 96

struct store {
    sqlite3 *db;
    char *path;
    struct elo_params elo; /* how votes move the running rating from now on */
    bool has_search;       /* full text search is there */
    bool hurry;            /* waits for the lock are short */
    char *held_path;       /* of the run's lock that is held; NULL: none */
    int held_fd;
    int64_t waiting_since_ms; /* for the lock */
    int64_t crowded_until_ms; /* others were at it not long ago */
    struct db_statement {
        const char *sql;   /* the literal; its address is the key */
        sqlite3_stmt *stmt;
    } statements[DB_MAX_STATEMENTS];
    int n_statements;
};

/* --- statements (db_sqlite.c) ---------------------------------------- */

/* Says what SQLite's last error on this store means to a person, and what to
 * do about it.  Returns -1. */
int db_fail(struct store *s, struct err *e);

/* The file holds what it cannot hold if it is ours and whole.  Returns -1. */
int db_fail_damaged(struct store *s, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A statement with its values bound, to be stepped; NULL on error.  `types`
 * has a letter for each value: i (int64_t), t (const char *, NULL is NULL),
 * d (double, NaN is NULL).  Texts must live until the last step. */
sqlite3_stmt *db_query(struct store *s, struct err *e, const char *sql,
                       const char *types, ...);

/* 1: there is a row; 0: there are no more; -1: error.  Whoever stops while
 * there may be rows calls sqlite3_reset, which ends the read. */
int db_step(struct store *s, sqlite3_stmt *q, struct err *e);

/* Runs a statement that gives no rows.  0 or -1. */
int db_run(struct store *s, struct err *e, const char *sql, const char *types,
           ...);

/* The first column of the first row.  1, 0 where there is no row, or -1. */
int db_number(struct store *s, struct err *e, int64_t *out, const char *sql,
              const char *types, ...);

/* Several statements without values, not kept. */
int db_script(struct store *s, struct err *e, const char *sql);

/* A copy of a text column, "" where it is NULL. */
char *db_text(sqlite3_stmt *q, int column);

/* Takes the write lock at once (a read lock that is upgraded later would fail
 * without waiting), for up to the busy timeout. */
int db_begin(struct store *s, struct err *e);

/* Commits where result is 0, else undoes all since db_begin.  Returns result,
 * or -1 where the commit failed. */
int db_end(struct store *s, int result, struct err *e);

/* SQLite's busy handler; arg is the store.  Waits a moment, or gives up. */
int db_wait_for_lock(void *arg, int n_tries);

/* --- schema (schema.c) ------------------------------------- */

/* The path so that SQLite takes it for nothing but a file's: without a folder,
 * "", ":memory:" and "file:..." would be something else.  The caller frees. */
char *db_literal(const char *path);

/* "file:PATH?QUERY", what is special in an URI escaped.  The caller frees. */
char *db_uri(const char *path, const char *query);

/* Refuses a file that is not ours or newer than we are, without a write. */
int db_check_file(const char *path, struct err *e);

/* The same on the open database, then makes or migrates what is there, and
 * refuses what does not have our tables or has triggers. */
int db_prepare_schema(struct store *s, struct err *e);

/* Whether this SQLite resets its write-ahead log safely: from 3.51.3, and
 * 3.50.7 and 3.44.6 in their series.  Before that a race of two connections
 * can damage the file. */
bool db_wal_is_safe(int version_number);

/* --- battles, votes and ratings ----------------------------------------- */

/* The row of a model by name, added where it is new. */
int db_put_model_name(struct store *s, const char *name, int64_t *id,
                      struct err *e);
int db_put_prompt(struct store *s, const char *text, const char *category,
                  const char *external_id, int64_t *id, struct err *e);
int db_add_battle(struct store *s, const struct store_battle *b, int64_t *id,
                  struct err *e);

const char *db_state_name(enum store_battle_state state);
bool db_state_parse(const char *name, enum store_battle_state *state);

/* Reads a verdict column; what names `id` in the error. */
int db_verdict(struct store *s, sqlite3_stmt *q, int column, int64_t vote_id,
               enum rating_outcome *out, struct err *e);

/* Lets a stored vote count, if it is one that counts: pair counts, running
 * ratings, history.  Fills before and after either way. */
int db_rate_vote(struct store *s, int64_t vote_id, const int64_t model_id[2],
                 double before[2], double after[2], struct err *e);

/* What a stored vote changed; the ratings of now where it changed nothing. */
int db_vote_change(struct store *s, int64_t vote_id, const int64_t model_id[2],
                   double before[2], double after[2], struct err *e);

/* Takes a vote that still counts out of the pair counts. */
int db_uncount_vote(struct store *s, int64_t vote_id, struct err *e);

/* Brings history and ratings to what they are without a vote that counted and
 * was withdrawn: those before it stay, those after it are replayed. */
int db_replay_without(struct store *s, int64_t vote_id, struct err *e);

/* Makes ratings, history and pair counts anew from all votes. */
int db_replay_all(struct store *s, struct err *e);

/* SQL: the vote of this row has not been withdrawn. */
#define DB_STANDS(vote)                                       \
    "NOT EXISTS (SELECT 1 FROM main.withdrawals withdrawal" \
    " WHERE withdrawal.vote_id = " vote ".id)"

/* SQL: the history shows the names of the battle of row b.  It is over, or has
 * names; a void one of a run is not over: the next eval asks the same pair
 * again. */
#define DB_IS_NAMED                                        \
    "(b.named <> 0 OR b.state IN ('voted', 'skipped') OR" \
    " (b.state = 'void' AND b.run_id IS NULL))"

/* Whether the models of a battle may be known. */
int db_is_told(struct store *s, int64_t battle_id, bool *told, struct err *e);

/* Adds a stored answer to the sums of its model, if its battle is told. */
int db_sum_answer(struct store *s, int64_t answer_id, struct err *e);

/* After a change to a battle: adds its answers to the sums, if it is told now
 * and was not before. */
int db_sum_battle(struct store *s, int64_t battle_id, bool was_told,
                  struct err *e);

/* Makes the sums anew from all answers. */
int db_sum_all(struct store *s, struct err *e);

/* Where check and its parts report to; counts what was reported. */
struct db_report {
    void (*report)(void *arg, const char *line);
    void *arg;
    size_t n_problems;
};

void db_report_add(struct db_report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports where the sums are not what the answers give.  0, or -1. */
int db_sum_check(struct store *s, struct db_report *r, struct err *e);

/* Reports where stored ratings, history and pair counts are not what the votes
 * give.  0, or -1 where it could not be found out. */
int db_replay_check(struct store *s, struct db_report *r, struct err *e);

#endif
