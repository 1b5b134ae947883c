/* The store as a file: whose it is, what is wrong with it, making it anew. */
#define _GNU_SOURCE /* eaccess */
#include "tests/unit/store_place.h"

/* --- opening ------------------------------------------------------------ */

static void a_new_file_carries_our_mark(void **state)
{
    struct place *p = *state;
    assert_int_equal(number(p, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
    assert_int_equal(number(p, "PRAGMA user_version"), 13);
    assert_int_equal(number(p, "SELECT count(*) FROM votes WHERE external_id"
                               " IS NULL"), 0);
    place_reopen(p);
    assert_int_equal(problems(p), 0);
}

static void a_new_file_is_its_owners_alone(void **state)
{
    struct place *p = *state;
    struct stat st;
    mode_t kept = umask(022);
    store_close(p->s);
    p->s = NULL;
    assert_int_equal(unlink(p->path), 0);
    place_reopen(p);
    umask(kept);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* What somebody has opened for others stays so. */
    assert_int_equal(chmod(p->path, 0640), 0);
    place_reopen(p);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void the_log_is_used_where_sqlite_resets_it_safely(void **state)
{
    (void)state;
    assert_false(db_wal_is_safe(3040001));
    assert_false(db_wal_is_safe(3044005));
    assert_true(db_wal_is_safe(3044006));
    assert_false(db_wal_is_safe(3045000));
    assert_false(db_wal_is_safe(3050006));
    assert_true(db_wal_is_safe(3050007));
    assert_false(db_wal_is_safe(3051002));
    assert_true(db_wal_is_safe(3051003));
    assert_true(db_wal_is_safe(3060000));
}

/* Opens and requires a refusal that leaves every byte as it was. */
static void assert_refused(struct place *p, const char *word)
{
    store_close(p->s);
    p->s = NULL;
    struct buf before, after;
    buf_init(&before, 1 << 24);
    buf_init(&after, 1 << 24);
    assert_int_equal(buf_read_file(&before, p->path), 0);
    struct elo_params elo = elo_defaults();
    assert_int_equal(store_open(&p->s, p->path, &elo, &p->e), -1);
    assert_null(p->s);
    assert_int_equal(p->e.code, ERR_DB);
    if (strstr(p->e.text, word) == NULL)
        fail_msg("no \"%s\" in: %s", word, p->e.text);
    assert_non_null(strstr(p->e.text, p->path));
    assert_int_equal(buf_read_file(&after, p->path), 0);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.data, after.data, before.len);
    buf_free(&before);
    buf_free(&after);
}

static void a_newer_file_is_not_touched(void **state)
{
    meddle(*state, "PRAGMA user_version=99");
    assert_refused(*state, "newer version (schema 99 > 13)");
}

static void a_newer_file_with_a_log_is_not_touched(void **state)
{
    meddle(*state, "PRAGMA journal_mode=WAL; PRAGMA user_version=99");
    assert_refused(*state, "newer version");
}

static void a_foreign_file_is_not_touched(void **state)
{
    meddle(*state, "PRAGMA application_id=252006673");
    assert_refused(*state, "another program");
    meddle(*state, "PRAGMA application_id=0");
    assert_refused(*state, "another program");
}

static void what_is_no_database_is_not_touched(void **state)
{
    struct place *p = *state;
    store_close(p->s);
    p->s = NULL;
    assert_int_equal(path_write_file(p->path, "a,b,winner\nx,y,a\n", 17, 0600,
                                     &p->e), 0);
    assert_refused(p, "not a database");
    struct elo_params elo = elo_defaults();
    assert_int_equal(store_open(&p->s, p->folder, &elo, &p->e), -1);
    assert_int_equal(p->e.code, ERR_DB);
}

static void triggers_and_changed_tables_are_refused(void **state)
{
    struct place *p = *state;
    meddle(p, "CREATE TRIGGER t AFTER INSERT ON votes BEGIN"
              " DELETE FROM battles; END");
    assert_refused(p, "trigger \"t\"");
    meddle(p, "DROP TRIGGER t; DROP TABLE withdrawals;"
              "CREATE VIEW withdrawals AS SELECT 1 AS vote_id");
    assert_refused(p, "withdrawals");
    meddle(p, "DROP VIEW withdrawals");
    assert_refused(p, "missing");
}

static void tables_of_the_users_own_may_stay(void **state)
{
    struct place *p = *state;
    meddle(p, "CREATE TABLE notes (text); CREATE VIEW wins AS"
              " SELECT * FROM votes WHERE verdict = 'a'");
    place_reopen(p);
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    assert_int_equal(problems(p), 0);
}

/* --- files of older versions --------------------------------------------- */

/* Puts a script of tests/store in the place of the database. */
static void put_script(struct place *p, const char *script)
{
    struct buf sql;
    buf_init(&sql, 1 << 24);
    assert_int_equal(buf_read_file(&sql, script), 0);
    store_close(p->s);
    p->s = NULL;
    assert_int_equal(unlink(p->path), 0);
    meddle(p, sql.data);
    buf_free(&sql);
}

/* All rows of all tables, as one text; but not of those that until version 6
 * counted a judge's votes as people's. */
static void add_rows(struct place *p, struct buf *out)
{
    static const char *const tables[] = {
        "models", "prompts", "runs", "battles", "answers", "elo_params",
        "votes", "withdrawals", "pair_counts", "answer_sums",
    };
    sqlite3 *db;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        char sql[64];
        sqlite3_stmt *q;
        snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i]);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
        while (sqlite3_step(q) == SQLITE_ROW) {
            buf_addf(out, "\n%s", tables[i]);
            for (int k = 0; k < sqlite3_column_count(q); k++)
                buf_addf(out, "|%s", (const char *)sqlite3_column_text(q, k));
        }
        sqlite3_finalize(q);
    }
    sqlite3_close(db);
}

static void a_file_of_version_3_keeps_everything(void **state)
{
    struct place *p = *state;
    struct buf before, after;
    buf_init(&before, 1 << 20);
    buf_init(&after, 1 << 20);
    put_script(p, "tests/store/version3.sql");
    add_rows(p, &before);
    assert_true(before.len > 5000);
    place_reopen(p);
    add_rows(p, &after);
    assert_string_equal(after.data, before.data);
    assert_int_equal(number(p, "PRAGMA user_version"), 13);
    assert_int_equal(problems(p), 0);
    buf_free(&before);
    buf_free(&after);

    struct store_entry compare = entry_of(p, 10), seen = entry_of(p, 7);
    struct store_entry leak = entry_of(p, 12), undone = entry_of(p, 8);
    assert_true(compare.compare && compare.model[0] != NULL);
    assert_true(seen.seen && !seen.leak && !seen.compare);
    assert_true(leak.leak && !leak.seen);
    assert_true(undone.undone && undone.model[0] == NULL);
    entry_free(&compare);
    entry_free(&seen);
    entry_free(&leak);
    entry_free(&undone);
    /* Of its two votes a judge's, which it won, moved it to 1008. */
    assert_near(elo_of(p, "elder"), 1000, 1e-9);
    assert_int_equal(number(p, "SELECT count(*) FROM rating_history"
                               " WHERE vote_id = 2"), 0);

    /* A second time there is nothing to change, and votes are taken. */
    place_reopen(p);
    record(p, "elder", "quick", NULL, RATING_FIRST, "human:me", NULL);
    assert_int_equal(problems(p), 0);
}

static void views_of_the_users_own_live_through_an_upgrade(void **state)
{
    struct place *p = *state;
    put_script(p, "tests/store/version3.sql");
    meddle(p, "CREATE VIEW mine AS SELECT verdict, corrected FROM votes"
              " WHERE corrected = 1");
    place_reopen(p);
    assert_int_equal(number(p, "SELECT count(*) FROM mine"), 1);
    assert_int_equal(problems(p), 0);
}

static void older_files_go_all_the_way(void **state)
{
    static const char *const olds[] = {
        "UPDATE answer_sums SET n_first = 99; PRAGMA user_version=2",
        "DROP TABLE answer_sums; PRAGMA user_version=1",
    };
    struct place *p = *state;
    for (int i = 0; i < 2; i++) {
        put_script(p, "tests/store/version3.sql");
        meddle(p, olds[i]);
        place_reopen(p);
        assert_int_equal(number(p, "PRAGMA user_version"), 13);
        assert_int_equal(problems(p), 0);
        assert_int_equal(number(p, "SELECT count(*) FROM answer_sums"), 3);
    }
}

static void a_store_that_cannot_be_made_says_why(void **state)
{
    struct place *p = *state;
    char *path = path_join(p->folder, "missing/arena.db");
    struct elo_params elo = elo_defaults();
    struct store *s;
    assert_int_equal(store_open(&s, path, &elo, &p->e), -1);
    assert_int_equal(p->e.code, ERR_DB);
    assert_non_null(strstr(p->e.text, "No such file"));
    free(path);
}

/* --- care --------------------------------------------------------------- */

static void check_sees_each_thing_that_is_wrong(void **state)
{
    static const char *const wrongs[] = {
        "UPDATE ratings SET elo = elo + 0.001 WHERE model_id = 1",
        "UPDATE ratings SET n_votes = n_votes + 1 WHERE model_id = 2",
        "DELETE FROM ratings WHERE model_id = 3",
        "UPDATE rating_history SET after_a = 0 WHERE vote_id = 3",
        "DELETE FROM rating_history WHERE vote_id = 4",
        "UPDATE pair_counts SET n_a = n_a + 1",
        "DELETE FROM pair_counts WHERE first = 1",
        "INSERT INTO pair_counts VALUES (1, 2, 'no', 'human', 1, 0, 0, 0)",
        "UPDATE pair_totals SET n_b = n_b + 1 WHERE first = 2",
        "DELETE FROM pair_totals WHERE first = 3",
        "DELETE FROM votes WHERE id = 5",
        "UPDATE votes SET verdict = 'a' WHERE id = 2",
        "UPDATE battles SET model_a = 99 WHERE id = 6",
        "UPDATE battles SET state = 'ready' WHERE id = 7",
        "INSERT INTO withdrawals VALUES (8, 'human:me', 0)",
        "UPDATE votes SET seen = 1 WHERE id = 9",
        "UPDATE answers SET text = 'another word'",
    };
    struct place *p = *state;
    many_votes(p, -1);
    battle(p, "with answers", false);
    assert_int_equal(problems(p), 0);
    assert_int_equal(store_backup(p->s, "/dev/null", &p->e), -1);
    char *copy = path_join(p->folder, "copy.db");
    assert_int_equal(store_backup(p->s, copy, &p->e), 0);
    assert_int_equal(store_backup(p->s, copy, &p->e), -1);
    assert_int_equal(p->e.code, ERR_DB);
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        struct buf whole;
        buf_init(&whole, 1 << 24);
        assert_int_equal(buf_read_file(&whole, copy), 0);
        store_close(p->s);
        p->s = NULL;
        assert_int_equal(path_write_file(p->path, whole.data, whole.len, 0600,
                                         &p->e), 0);
        buf_free(&whole);
        meddle(p, wrongs[i]);
        place_reopen(p);
        if (problems(p) == 0)
            fail_msg("check did not see: %s", wrongs[i]);
    }
    free(copy);
}

static void rebuild_brings_back_what_follows_from_votes(void **state)
{
    struct place *p = *state;
    many_votes(p, -1);
    store_undo(p->s, 11, "human:me", NULL, &p->e);
    double before = elo_of(p, "m2");
    meddle(p, "DELETE FROM ratings; DELETE FROM rating_history;"
              "UPDATE pair_counts SET n_tie = 1000;"
              "UPDATE pair_totals SET n_bad = 1000");
    assert_true(problems(p) > 0);
    assert_int_equal(store_rebuild(p->s, &p->e), 0);
    assert_int_equal(problems(p), 0);
    assert_near(elo_of(p, "m2"), before, 0);
}

/* Root may write everything, so it becomes somebody else for a while. */
static bool give_up_rights(struct place *p)
{
    chmod(p->folder, 0555);
    chmod(p->path, 0444);
    if (geteuid() == 0 && seteuid(65534) != 0)
        return false;
    return access(p->path, R_OK) == 0 && eaccess(p->path, W_OK) != 0;
}

static void take_rights_back(struct place *p)
{
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    chmod(p->folder, 0700);
}

static void read_what_may_not_be_written(struct place *p, const char *journal)
{
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    store_close(p->s);
    p->s = NULL;
    meddle(p, journal);
    struct elo_params elo = elo_defaults();
    struct store_vote v = {.voter = "human:me", .dwell_ms = -1};
    struct store_vote_result r;
    size_t n_problems = 99;
    bool tried = give_up_rights(p);
    int opened = store_open(&p->s, p->path, &elo, &p->e);
    int checked = -2, recorded = -2;
    if (opened == 0) {
        checked = store_check(p->s, NULL, NULL, &n_problems, &p->e);
        recorded = store_record(p->s, "x", "y", NULL, &v, &r, &p->e);
    }
    take_rights_back(p);
    if (!tried)
        skip();
    assert_int_equal(opened, 0);
    assert_int_equal(checked, 0);
    assert_int_equal(n_problems, 0);
    assert_int_equal(recorded, -1);
    assert_int_equal(p->e.code, ERR_DB);
    assert_non_null(strstr(p->e.text, "read-only"));
}

static void a_file_that_may_not_be_written_can_be_read(void **state)
{
    read_what_may_not_be_written(*state, "PRAGMA journal_mode=DELETE");
}

static void so_can_one_that_had_a_log(void **state)
{
    read_what_may_not_be_written(*state, "PRAGMA journal_mode=WAL");
}

/* The votes say which battles are voted. */
static void rebuild_brings_back_states(void **state)
{
    struct place *p = *state;
    int64_t voted = battle(p, "p", false), ready = battle(p, "q", false);
    vote(p, voted, RATING_TIE, "human:me");
    record(p, "x", "y", NULL, RATING_TIE, "human:me", NULL);
    assert_int_equal(problems(p), 0);
    char sql[160];
    snprintf(sql, sizeof(sql), "UPDATE battles SET state = 'skipped' WHERE id ="
             " %lld; UPDATE battles SET state = 'voted' WHERE id = %lld",
             (long long)voted, (long long)ready);
    meddle(p, sql);
    assert_true(problems(p) > 0);
    assert_int_equal(store_rebuild(p->s, &p->e), 0);
    assert_int_equal(problems(p), 0);
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM battles WHERE (id = %lld"
             " AND state = 'voted') OR (id = %lld AND state = 'ready')",
             (long long)voted, (long long)ready);
    assert_int_equal(number(p, sql), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_new_file_carries_our_mark),
        T(a_new_file_is_its_owners_alone),
        T(the_log_is_used_where_sqlite_resets_it_safely),
        T(a_newer_file_is_not_touched),
        T(a_newer_file_with_a_log_is_not_touched),
        T(a_foreign_file_is_not_touched),
        T(what_is_no_database_is_not_touched),
        T(triggers_and_changed_tables_are_refused),
        T(tables_of_the_users_own_may_stay),
        T(a_file_of_version_3_keeps_everything),
        T(views_of_the_users_own_live_through_an_upgrade),
        T(older_files_go_all_the_way),
        T(a_store_that_cannot_be_made_says_why),
        T(check_sees_each_thing_that_is_wrong),
        T(rebuild_brings_back_what_follows_from_votes),
        T(rebuild_brings_back_states),
        T(a_file_that_may_not_be_written_can_be_read),
        T(so_can_one_that_had_a_log),
    };
    return TEST_RUN(tests);
}
