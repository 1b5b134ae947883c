/* store_place: a folder of a test's own with a store in it, and what is asked
 * of a store again and again. */
#ifndef TESTS_UNIT_STORE_PLACE_H
#define TESTS_UNIT_STORE_PLACE_H

#include "tests/unit/test.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/store/answers.h"
#include "arena/store/private.h"
#include "arena/store/schema.h"
#include "arena/store/store.h"
#include "base/mem.h"
#include "base/path.h"
#include "tests/unit/sql_number.h"

/* A folder of this test's own and a store in it. */
struct place {
    char *folder, *path;
    struct store *s;
    struct err e;
};

static inline void place_reopen(struct place *p)
{
    store_close(p->s);
    struct elo_params elo = elo_defaults();
    p->e.text[0] = '\0';
    if (store_open(&p->s, p->path, &elo, &p->e) != 0)
        fail_msg("%s", p->e.text);
}

static inline int setup(void **state)
{
    struct place *p = mem_calloc(1, sizeof(*p));
    const char *tmp = getenv("TMPDIR");
    char *template = path_join(tmp ? tmp : "/tmp", "arena-store-XXXXXX");
    p->folder = mkdtemp(template);
    assert_non_null(p->folder);
    p->path = path_join(p->folder, "arena.db");
    place_reopen(p);
    *state = p;
    return 0;
}

static inline int teardown(void **state)
{
    struct place *p = *state;
    store_close(p->s);
    static const char *const names[] = {
        "arena.db", "arena.db-journal", "arena.db-wal", "arena.db-shm",
        "copy.db",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = path_join(p->folder, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(p->folder);
    free(p->folder);
    free(p->path);
    free(p);
    return 0;
}

/* --- helpers ------------------------------------------------------------ */

static inline struct store_vote_result record(struct place *p, const char *a,
                                       const char *b, const char *category,
                                       enum rating_outcome verdict,
                                       const char *voter, const char *id)
{
    struct store_vote v = {.verdict = verdict, .voter = voter,
                           .external_id = id, .dwell_ms = -1};
    struct store_vote_result r;
    if (store_record(p->s, a, b, category, &v, &r, &p->e) != 0)
        fail_msg("%s", p->e.text);
    return r;
}

static inline int64_t number(struct place *p, const char *sql)
{
    return sql_number(p->path, sql);
}

/* SQL that makes of today's tables those of version 3. */
#define AS_VERSION_3                                                      \
    "DROP TABLE imports; DROP TABLE judgments; DROP TABLE shares;"        \
    "DROP TABLE finished; DROP TABLE asides; DROP TABLE reasons;"         \
    "DROP TABLE chances; DROP TABLE rhythms;"                             \
    "ALTER TABLE battles RENAME COLUMN compare TO named;"                 \
    "ALTER TABLE votes RENAME COLUMN seen TO corrected;"                  \
    "DROP INDEX battles_compare; DROP INDEX votes_seen;"                  \
    "DROP INDEX votes_leak;"                                              \
    "CREATE INDEX battles_named ON battles (id) WHERE named <> 0;"        \
    "CREATE INDEX votes_corrected ON votes (id) WHERE corrected <> 0;"    \
    "CREATE INDEX votes_leaked ON votes (id) WHERE leak <> 0;"

/* As another program would: triggers, no foreign keys. */
static inline void meddle(struct place *p, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

static inline void count_line(void *arg, const char *line)
{
    (void)line;
    (*(int *)arg)++;
}

static inline size_t problems(struct place *p)
{
    int lines = 0;
    size_t n;
    if (store_check(p->s, count_line, &lines, &n, &p->e) != 0)
        fail_msg("%s", p->e.text);
    assert_int_equal(lines, n);
    return n;
}

static inline double elo_of(struct place *p, const char *name)
{
    struct store_model *models;
    size_t n;
    double elo = NAN;
    assert_int_equal(store_list_models(p->s, &models, &n, &p->e), 0);
    for (size_t i = 0; i < n; i++)
        if (strcmp(models[i].name, name) == 0)
            elo = models[i].elo;
    store_free_models(models, n);
    return elo;
}

/* Votes between the i-th and j-th model that count, by outcome. */
static inline uint64_t counted(struct place *p, const struct store_filter *f,
                        uint32_t i, uint32_t j, enum rating_outcome outcome)
{
    struct store_model *models;
    size_t n;
    struct rating_counts c;
    uint64_t sum = 0;
    assert_int_equal(store_list_models(p->s, &models, &n, &p->e), 0);
    if (store_counts(p->s, f, models, n, &c, &p->e) != 0)
        fail_msg("%s", p->e.text);
    assert_int_equal(c.n_models, n);
    for (size_t k = 0; k < c.n_cells; k++)
        if (c.cells[k].first == i && c.cells[k].second == j)
            sum += c.cells[k].n[outcome];
    rating_counts_free(&c);
    store_free_models(models, n);
    return sum;
}

/* A battle with both answers, ready for a vote. */
static inline int64_t battle_in(struct place *p, const char *prompt,
                                const char *category, bool compare)
{
    struct store_battle b = {.state = STORE_OPEN, .probability = 0.5,
                             .compare = compare, .pace = "equal"};
    enum store_model_match match;
    int64_t id;
    assert_int_equal(store_put_model(p->s, "x", "", &b.model_id[0], &match,
                                     &p->e), 0);
    assert_int_equal(store_put_model(p->s, "y", "", &b.model_id[1], &match,
                                     &p->e), 0);
    assert_int_equal(store_put_prompt(p->s, prompt, category, NULL,
                                      &b.prompt_id, &p->e), 0);
    assert_int_equal(store_add_battle(p->s, &b, &id, &p->e), 0);
    struct store_answer answers[2];
    for (int side = 0; side < 2; side++) {
        answers[side] = (struct store_answer){
            .battle_id = id, .side = side, .turn = 1, .round = 1,
            .prompt = prompt, .text = side ? "wrong guess" : "right answer",
            .thinking = "", .settings = "t=1"};
        answer_end_init(&answers[side].end);
        answers[side].end.finish = side ? FINISH_LENGTH : FINISH_STOP;
        answers[side].end.n_out = 5 + side;
    }
    assert_int_equal(store_put_answers(p->s, answers, STORE_READY, &p->e), 0);
    return id;
}

static inline int64_t battle(struct place *p, const char *prompt, bool compare)
{
    return battle_in(p, prompt, "test", compare);
}

static inline struct store_vote_result vote(struct place *p, int64_t battle_id,
                                     enum rating_outcome verdict,
                                     const char *voter)
{
    struct store_vote v = {.battle_id = battle_id, .verdict = verdict,
                           .voter = voter, .dwell_ms = 1500};
    struct store_vote_result r;
    if (store_vote(p->s, &v, &r, &p->e) != 0)
        fail_msg("%s", p->e.text);
    return r;
}

static inline struct store_entry entry_of(struct place *p, int64_t battle_id)
{
    struct store_query q = {.battle_id = battle_id};
    struct store_entry *rows, first;
    size_t n;
    assert_int_equal(store_list_entries(p->s, &q, &rows, &n, &p->e), 0);
    assert_int_equal(n, 1);
    first = rows[0];
    free(rows); /* the strings live on in the copy */
    return first;
}

static inline void entry_free(struct store_entry *entry)
{
    struct store_entry *row = mem_calloc(1, sizeof(*row));
    *row = *entry;
    store_free_entries(row, 1);
}

/* Thirty votes among four models; with or without the `left_out`-th. */
static inline void many_votes(struct place *p, int left_out)
{
    static const char *const names[] = {"m0", "m1", "m2", "m3"};
    for (int i = 0; i < 30; i++)
        if (i != left_out)
            record(p, names[i % 4], names[(i + 1 + i % 3) % 4], "test",
                   (enum rating_outcome)(i * 7 % 4), "human:me", NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
