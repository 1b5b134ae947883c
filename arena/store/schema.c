/* The tables, how an older file becomes today's, and which files are refused.
 *
 * Votes are the truth: a row is never changed or deleted, an undo is a row in
 * withdrawals.  ratings, rating_history, pair_counts and pair_totals follow
 * from the votes (and can be made again from them), search and answer_sums from
 * the answers. */
#include "arena/store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena/store/ratings.h"
#include "arena/store/usage.h"

/* Each text is what SQLite keeps in its schema table to the letter, so that an
 * opened file can be compared with it.  A step that changes a table makes it
 * anew (CREATE, INSERT … SELECT, DROP, RENAME), so that this stays true.  New
 * ones come last: the steps below make them in this order. */
static const struct object {
    const char *name, *sql;
} objects[] = {
    {"models",
     "CREATE TABLE models (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  name TEXT NOT NULL UNIQUE,\n"
     "  description TEXT NOT NULL, -- '': known by name only\n"
     "  created_ms INTEGER NOT NULL\n"
     ") STRICT"},
    {"prompts",
     "CREATE TABLE prompts (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  text TEXT NOT NULL, -- '': of a vote made elsewhere\n"
     "  category TEXT NOT NULL,\n"
     "  external_id TEXT,\n"
     "  created_ms INTEGER NOT NULL,\n"
     "  UNIQUE (text, category)\n"
     ") STRICT"},
    {"runs",
     "CREATE TABLE runs (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  name TEXT NOT NULL UNIQUE,\n"
     "  settings TEXT NOT NULL, -- one line of JSON\n"
     "  created_ms INTEGER NOT NULL\n"
     ") STRICT"},
    {"battles",
     "CREATE TABLE battles (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  prompt_id INTEGER NOT NULL REFERENCES prompts,\n"
     "  run_id INTEGER REFERENCES runs,\n"
     "  model_a INTEGER NOT NULL REFERENCES models,\n"
     "  model_b INTEGER NOT NULL REFERENCES models,\n"
     "  state TEXT NOT NULL CHECK\n"
     "    (state IN ('open', 'ready', 'voted', 'skipped', 'void')),\n"
     "  probability REAL, -- that this pair was drawn\n"
     "  compare INTEGER NOT NULL, -- names were known: never rated\n"
     "  pace TEXT NOT NULL,\n"
     "  created_ms INTEGER NOT NULL,\n"
     "  CHECK (model_a <> model_b)\n"
     ") STRICT"},
    {"battles_by_run",
     "CREATE INDEX battles_by_run ON battles\n"
     "  (run_id, prompt_id, model_a, model_b) WHERE run_id IS NOT NULL"},
    {"battles_not_voted",
     "CREATE INDEX battles_not_voted ON battles\n"
     "  (state, compare, model_a, model_b) WHERE state <> 'voted'"},
    {"battles_compare",
     "CREATE INDEX battles_compare ON battles (id) WHERE compare <> 0"},
    {"answers",
     "CREATE TABLE answers (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  battle_id INTEGER NOT NULL REFERENCES battles,\n"
     "  turn INTEGER NOT NULL,\n"
     "  round INTEGER NOT NULL, -- of regeneration; the last one counts\n"
     "  side INTEGER NOT NULL CHECK (side IN (0, 1)),\n"
     "  prompt TEXT NOT NULL,\n"
     "  text TEXT NOT NULL,\n"
     "  thinking TEXT NOT NULL,\n"
     "  settings TEXT NOT NULL,\n"
     "  finish TEXT NOT NULL,\n"
     "  error_status INTEGER NOT NULL, -- an exit status of arena, 0: none\n"
     "  error TEXT NOT NULL,\n"
     "  n_in INTEGER,\n"
     "  n_out INTEGER,\n"
     "  n_think INTEGER,\n"
     "  cost REAL,\n"
     "  load_ms INTEGER,\n"
     "  first_ms INTEGER,\n"
     "  total_ms INTEGER,\n"
     "  request_id TEXT NOT NULL,\n"
     "  UNIQUE (battle_id, turn, round, side)\n"
     ") STRICT"},
    {"elo_params",
     "CREATE TABLE elo_params (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  k REAL NOT NULL,\n"
     "  base REAL NOT NULL,\n"
     "  scale REAL NOT NULL,\n"
     "  start REAL NOT NULL,\n"
     "  UNIQUE (k, base, scale, start)\n"
     ") STRICT"},
    {"votes",
     "CREATE TABLE votes (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  battle_id INTEGER NOT NULL REFERENCES battles,\n"
     "  verdict TEXT NOT NULL CHECK\n"
     "    (verdict IN ('a', 'b', 'tie', 'bad')),\n"
     "  voter TEXT NOT NULL, -- human:NAME or judge:NAME\n"
     "  attempt INTEGER NOT NULL, -- 1; more after a withdrawal\n"
     "  external_id TEXT UNIQUE,\n"
     "  dwell_ms INTEGER,\n"
     "  seen INTEGER NOT NULL, -- names were known: not rated\n"
     "  early INTEGER NOT NULL,\n"
     "  leak INTEGER NOT NULL, -- an answer told whose it was: not rated\n"
     "  comment TEXT,\n"
     "  elo_id INTEGER NOT NULL REFERENCES elo_params,\n"
     "  created_ms INTEGER NOT NULL,\n"
     "  UNIQUE (battle_id, voter, attempt)\n"
     ") STRICT"},
    {"votes_by_voter", "CREATE INDEX votes_by_voter ON votes (voter)"},
    {"votes_seen",
     "CREATE INDEX votes_seen ON votes (id) WHERE seen <> 0"},
    {"votes_leak", "CREATE INDEX votes_leak ON votes (id) WHERE leak <> 0"},
    {"withdrawals",
     "CREATE TABLE withdrawals (\n"
     "  vote_id INTEGER PRIMARY KEY REFERENCES votes,\n"
     "  voter TEXT NOT NULL, -- who took it back\n"
     "  created_ms INTEGER NOT NULL\n"
     ") STRICT"},
    {"ratings",
     "CREATE TABLE ratings (\n"
     "  model_id INTEGER PRIMARY KEY REFERENCES models,\n"
     "  elo REAL NOT NULL,\n"
     "  n_votes INTEGER NOT NULL CHECK (n_votes > 0)\n"
     ") STRICT"},
    {"rating_history",
     "CREATE TABLE rating_history (\n"
     "  vote_id INTEGER PRIMARY KEY REFERENCES votes,\n"
     "  before_a REAL NOT NULL,\n"
     "  after_a REAL NOT NULL,\n"
     "  before_b REAL NOT NULL,\n"
     "  after_b REAL NOT NULL\n"
     ") STRICT"},
    {"pair_counts",
     "CREATE TABLE pair_counts (\n"
     "  first INTEGER NOT NULL REFERENCES models,\n"
     "  second INTEGER NOT NULL REFERENCES models,\n"
     "  category TEXT NOT NULL,\n"
     "  kind TEXT NOT NULL, -- of voter: human, or judge:NAME\n"
     "  n_a INTEGER NOT NULL CHECK (n_a >= 0),\n"
     "  n_b INTEGER NOT NULL CHECK (n_b >= 0),\n"
     "  n_tie INTEGER NOT NULL CHECK (n_tie >= 0),\n"
     "  n_bad INTEGER NOT NULL CHECK (n_bad >= 0),\n"
     "  PRIMARY KEY (first, second, category, kind)\n"
     ") STRICT, WITHOUT ROWID"},
    /* The same summed up, so that the leaderboard of everything costs by pairs
     * alone, however many categories and judges there are. */
    {"pair_totals",
     "CREATE TABLE pair_totals (\n"
     "  first INTEGER NOT NULL REFERENCES models,\n"
     "  second INTEGER NOT NULL REFERENCES models,\n"
     "  n_a INTEGER NOT NULL CHECK (n_a >= 0),\n"
     "  n_b INTEGER NOT NULL CHECK (n_b >= 0),\n"
     "  n_tie INTEGER NOT NULL CHECK (n_tie >= 0),\n"
     "  n_bad INTEGER NOT NULL CHECK (n_bad >= 0),\n"
     "  PRIMARY KEY (first, second)\n"
     ") STRICT, WITHOUT ROWID"},
    {"answer_sums",
     "CREATE TABLE answer_sums (\n"
     "  model_id INTEGER PRIMARY KEY REFERENCES models,\n"
     "  n_first INTEGER NOT NULL, -- answers whose first token was timed\n"
     "  first_ms REAL NOT NULL,\n"
     "  speed_tokens REAL NOT NULL, -- after the first one\n"
     "  speed_ms REAL NOT NULL,\n"
     "  n_cost INTEGER NOT NULL, -- answers whose cost is known\n"
     "  cost REAL NOT NULL,\n"
     "  cost_tokens REAL NOT NULL -- written for it\n"
     ") STRICT"},
    {"imports",
     "CREATE TABLE imports (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  sha256 TEXT NOT NULL UNIQUE, -- of the file\n"
     "  form TEXT NOT NULL,\n"
     "  n_rows INTEGER NOT NULL, -- of the file, that are in\n"
     "  first_battle INTEGER NOT NULL, -- its numbers are counted from here\n"
     "  first_vote INTEGER NOT NULL,\n"
     "  is_done INTEGER NOT NULL,\n"
     "  created_ms INTEGER NOT NULL\n"
     ") STRICT"},
    /* What a judge said when it was asked once: in one order of the two
     * answers, or of one answer.  Its vote follows from two of them. */
    {"judgments",
     "CREATE TABLE judgments (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  battle_id INTEGER NOT NULL REFERENCES battles,\n"
     "  voter TEXT NOT NULL, -- judge:NAME\n"
     "  part INTEGER NOT NULL CHECK (part IN (0, 1)),\n"
     "  attempt INTEGER NOT NULL, -- more if all was judged anew\n"
     "  form TEXT NOT NULL, -- the judge prompt, and what makes it differ\n"
     "  value REAL, -- A's share, or a score; NULL: it said none\n"
     "  tie REAL, -- the share of a tie in it\n"
     "  reply TEXT NOT NULL,\n"
     "  n_in INTEGER,\n"
     "  n_out INTEGER,\n"
     "  cost REAL,\n"
     "  created_ms INTEGER NOT NULL,\n"
     "  UNIQUE (battle_id, voter, part, attempt)\n"
     ") STRICT"},
    {"shares",
     "CREATE TABLE shares (\n"
     "  vote_id INTEGER PRIMARY KEY REFERENCES votes,\n"
     "  p_a REAL NOT NULL CHECK (p_a BETWEEN 0 AND 1) -- that A is better\n"
     ") STRICT"},
    {"finished",
     "CREATE TABLE finished (\n"
     "  id INTEGER PRIMARY KEY,\n"
     "  model_id INTEGER NOT NULL REFERENCES models,\n"
     "  prompt TEXT NOT NULL, -- all of it, as in prompts\n"
     "  turn INTEGER NOT NULL,\n"
     "  asked TEXT NOT NULL, -- the words of the turn\n"
     "  text TEXT NOT NULL,\n"
     "  created_ms INTEGER NOT NULL,\n"
     "  UNIQUE (model_id, prompt, turn)\n"
     ") STRICT"},
    /* What few answers have, beside them: a column more would write all of
     * them anew. */
    {"asides",
     "CREATE TABLE asides (\n"
     "  answer_id INTEGER PRIMARY KEY REFERENCES answers,\n"
     "  n_cached INTEGER, -- of n_in, known to the server before\n"
     "  note TEXT NOT NULL -- in what it differs from its settings\n"
     ") STRICT"},
    /* Why a vote or a skip was given.  It is often said after the vote, whose
     * row never changes. */
    {"reasons",
     "CREATE TABLE reasons (\n"
     "  id INTEGER PRIMARY KEY, -- the last of each voter counts\n"
     "  battle_id INTEGER NOT NULL REFERENCES battles,\n"
     "  voter TEXT NOT NULL,\n"
     "  tags TEXT NOT NULL, -- with a comma between two\n"
     "  comment TEXT NOT NULL,\n"
     "  created_ms INTEGER NOT NULL\n"
     ") STRICT"},
    {"reasons_by_battle",
     "CREATE INDEX reasons_by_battle ON reasons (battle_id)"},
    {"chances",
     "CREATE TABLE chances (\n"
     "  answer_id INTEGER PRIMARY KEY REFERENCES answers,\n"
     "  tokens TEXT NOT NULL -- backends/chances.h says how\n"
     ") STRICT"},
    {"rhythms",
     "CREATE TABLE rhythms (\n"
     "  answer_id INTEGER PRIMARY KEY REFERENCES answers,\n"
     "  pieces TEXT NOT NULL -- backends/rhythm.h says how\n"
     ") STRICT"},
};

#define N_OBJECTS (sizeof(objects) / sizeof(objects[0]))
#define ANSWER_SUMS (N_OBJECTS - 10) /* that version 2 brought */
#define IMPORTS (N_OBJECTS - 9)      /* that version 5 brought */
#define JUDGMENTS (N_OBJECTS - 8)    /* that version 6 brought */
#define FINISHED (N_OBJECTS - 6)     /* that version 7 brought */
#define ASIDES (N_OBJECTS - 5)       /* that version 8 brought */
#define REASONS (N_OBJECTS - 4)      /* that version 11 brought */
#define CHANCES (N_OBJECTS - 2)      /* that version 12 brought */
#define RHYTHMS (N_OBJECTS - 1)      /* that version 13 brought */

/* Full text search, if this SQLite has it; the text stays in answers. */
static const struct object search = {
    "search",
    "CREATE VIRTUAL TABLE search USING fts5 (prompt, text,\n"
    "  content = 'answers', content_rowid = 'id',\n"
    "  tokenize = 'unicode61 remove_diacritics 2')"};

/* The votes that are counted in pairs.  n_a to n_bad are the vote as four
 * counts.  Temporary, so that no file can say otherwise. */
static const char counted_view[] =
    "CREATE TEMP VIEW counted AS"
    " SELECT v.id AS vote_id, v.verdict, v.voter, v.elo_id, v.created_ms,"
    "  v.battle_id, v.dwell_ms, b.model_a, b.model_b, p.category,"
    "  CASE WHEN p.text = '' THEN 0 ELSE p.id END AS prompt_id,"
    "  CASE WHEN " STORE_BY_PERSON("v") " THEN 'human' ELSE v.voter END"
    "   AS kind,"
    "  CASE WHEN v.verdict = 'a' THEN 1 ELSE 0 END AS n_a,"
    "  CASE WHEN v.verdict = 'b' THEN 1 ELSE 0 END AS n_b,"
    "  CASE WHEN v.verdict = 'tie' THEN 1 ELSE 0 END AS n_tie,"
    "  CASE WHEN v.verdict = 'bad' THEN 1 ELSE 0 END AS n_bad"
    " FROM votes v"
    " JOIN battles b ON b.id = v.battle_id"
    " JOIN prompts p ON p.id = b.prompt_id"
    " WHERE " STORE_COUNTED;

/* Of these, people's alone move the ratings: what a judge likes is nobody's
 * taste. */
static const char rated_view[] =
    "CREATE TEMP VIEW rated AS SELECT * FROM counted WHERE kind = 'human'";

/* Battles whose names somebody has seen: those whose names are open, and those
 * that a person has voted on once (an undo does not make the names unseen). */
static const char seen_view[] =
    "CREATE TEMP VIEW seen AS"
    " SELECT b.id AS battle_id FROM battles b"
    " WHERE " STORE_NAMES_OPEN
    "  OR EXISTS (SELECT 1 FROM votes v WHERE v.battle_id = b.id"
    "   AND " STORE_BY_PERSON("v") ")";

/* What an answer says of its model's speed and cost, or NULL.  The time to the
 * first token is not the speed of the others.  Nothing is taken of answers that
 * failed, and nothing of battles that are not seen: a change of a model's speed
 * would tell who has just answered. */
static const char measured_view[] =
    "CREATE TEMP VIEW measured AS"
    " SELECT a.id AS answer_id, a.battle_id,"
    "  CASE a.side WHEN 0 THEN b.model_a ELSE b.model_b END AS model_id,"
    "  a.first_ms, a.total_ms,"
    "  CASE WHEN a.n_out > 1 AND a.total_ms > coalesce(a.first_ms, 0)"
    "   THEN a.n_out - 1.0 END AS speed_tokens,"
    "  CASE WHEN a.n_out > 1 AND a.total_ms > coalesce(a.first_ms, 0)"
    "   THEN a.total_ms - coalesce(a.first_ms, 0.0) END AS speed_ms,"
    "  CASE WHEN a.n_out > 0 THEN a.cost END AS cost,"
    "  CASE WHEN a.n_out > 0 AND a.cost IS NOT NULL"
    "   THEN a.n_out + 0.0 END AS cost_tokens"
    " FROM answers a JOIN battles b ON b.id = a.battle_id"
    " WHERE a.error_status = 0"
    "  AND EXISTS (SELECT 1 FROM seen WHERE seen.battle_id = b.id)";

/* --- steps of the schema ------------------------------------------------ */

static int make_objects(struct store *s, size_t from, size_t to, struct err *e)
{
    for (size_t i = from; i < to; i++)
        if (db_script(s->db, e, objects[i].sql) != 0)
            return -1;
    return 0;
}

static int make_views(struct store *s, struct err *e)
{
    return db_script(s->db, e, counted_view) != 0 ||
                   db_script(s->db, e, rated_view) != 0 ||
                   db_script(s->db, e, seen_view) != 0 ||
                   db_script(s->db, e, measured_view) != 0
               ? -1
               : 0;
}

/* Until version 10 the index grew with each answer, so that a search need not
 * look for what it lacks.  With 16 MiB of words in memory in place of 1 it is
 * brought up to date in half the time (fts5.html, "hashsize"). */
static int widen_search(struct store *s, struct err *e)
{
    int64_t n;
    int found = db_number(s->db, e, &n, "SELECT 1 FROM sqlite_schema"
                          " WHERE name = 'search'");
    if (found <= 0 || !db_has_full_text())
        return -(found < 0);
    return db_script(s->db, e, "INSERT INTO search (search, rank)"
                     " VALUES ('hashsize', 16777216)");
}

static int make_all(struct store *s, struct err *e)
{
    if (make_objects(s, 0, N_OBJECTS, e) != 0 ||
        (db_has_full_text() && db_script(s->db, e, search.sql) != 0) ||
        widen_search(s, e) != 0)
        return -1;
    return make_views(s, e);
}

/* Until version 4 a battle fought with names was "named", and a vote after the
 * names were seen "corrected".  A rename changes the texts of the tables and of
 * their indexes to today's. */
static int rename_columns(struct store *s, struct err *e)
{
    return db_script(s->db, e,
                     "ALTER TABLE battles RENAME COLUMN named TO compare;"
                     "ALTER TABLE votes RENAME COLUMN corrected TO seen;"
                     "DROP INDEX battles_named;"
                     "DROP INDEX votes_corrected;"
                     "DROP INDEX votes_leaked;"
                     "CREATE INDEX battles_compare ON battles (id)"
                     " WHERE compare <> 0;"
                     "CREATE INDEX votes_seen ON votes (id) WHERE seen <> 0;"
                     "CREATE INDEX votes_leak ON votes (id) WHERE leak <> 0");
}

/* Until version 6 judges' votes moved the ratings as people's did. */
static int leave_judges_out(struct store *s, struct err *e)
{
    int64_t n;
    int found = db_number(s->db, e, &n, "SELECT 1 FROM votes"
                          " WHERE voter < 'human:' OR voter >= 'human;'"
                          " LIMIT 1");
    return found <= 0 ? found : ratings_replay_all(s, e);
}

/* Until version 9 a score had a tie of 0, as a verdict without a tie. */
static int take_ties_of_scores(struct store *s, struct err *e)
{
    return db_script(s->db, e,
                     "UPDATE judgments SET tie = NULL WHERE form IN"
                     " (SELECT form FROM judgments WHERE value > 1)");
}

/* Brings a file of an older version to today's, and makes the views. */
static int upgrade(struct store *s, int64_t version, struct err *e)
{
    if (version == 0)
        return make_all(s, e);
    if (version < 2 && make_objects(s, ANSWER_SUMS, IMPORTS, e) != 0)
        return -1;
    if (version < 5 && make_objects(s, IMPORTS, JUDGMENTS, e) != 0)
        return -1;
    if (version < 6 && make_objects(s, JUDGMENTS, FINISHED, e) != 0)
        return -1;
    if (version < 7 && make_objects(s, FINISHED, ASIDES, e) != 0)
        return -1;
    if (version < 8 && make_objects(s, ASIDES, REASONS, e) != 0)
        return -1;
    if (version < 9 && take_ties_of_scores(s, e) != 0)
        return -1;
    if (version < 10 && widen_search(s, e) != 0)
        return -1;
    if (version < 11 && make_objects(s, REASONS, CHANCES, e) != 0)
        return -1;
    if (version < 12 && make_objects(s, CHANCES, RHYTHMS, e) != 0)
        return -1;
    if (version < 13 && make_objects(s, RHYTHMS, N_OBJECTS, e) != 0)
        return -1;
    /* The views would be checked against the old names. */
    if (version < 4 && rename_columns(s, e) != 0)
        return -1;
    if (make_views(s, e) != 0)
        return -1;
    /* Until version 3 answers were summed as they came, seen or not. */
    if (version < 3 && usage_sum_all(s, e) != 0)
        return -1;
    return version < 6 ? leave_judges_out(s, e) : 0;
}

#define TODAY ((int64_t)13)

/* --- whose file is it --------------------------------------------------- */

/* Decides by what a file with tables says of itself. */
static int judge_marks(struct store *s, int64_t application, int64_t version,
                       struct err *e)
{
    if (application != SCHEMA_APPLICATION_ID)
        return err_set(e, ERR_DB,
                       "%s: a database of another program; not touched; give "
                       "arena a file of its own with --db", db_path(s->db));
    if (version > TODAY)
        return err_set(e, ERR_DB,
                       "%s: database was written by a newer version (schema "
                       "%lld > %lld); not touched; use --db, or upgrade",
                       db_path(s->db), (long long)version, (long long)TODAY);
    if (version < 1)
        return db_fail_damaged(s->db, e, "schema version %lld",
                               (long long)version);
    return 0;
}

static int judge(struct store *s, int64_t *version, struct err *e)
{
    int64_t application = 0, n_tables = 0;
    if (db_number(s->db, e, &application, "PRAGMA application_id") < 0 ||
        db_number(s->db, e, version, "PRAGMA user_version") < 0 ||
        db_number(s->db, e, &n_tables,
                  "SELECT count(*) FROM sqlite_schema") < 0)
        return -1;
    if (application == 0 && *version == 0 && n_tables == 0)
        return 0; /* new */
    return judge_marks(s, application, *version, e);
}

/* The same without a transaction around it.  One holds the three readings
 * together: another program may make the tables between two of them. */
static int judge_alone(struct store *s, int64_t *version, struct err *e)
{
    if (db_begin_read(s->db, e) != 0)
        return -1;
    return db_end(s->db, judge(s, version, e), e);
}

static int judge_closed(const char *path, enum db_mode mode, bool *locked_out,
                        struct err *e)
{
    struct store probe = {.db = NULL};
    int64_t application, version;
    int result = db_open(&probe.db, path, mode, e);
    /* A file as it lies there may be half of a change that the journal beside
     * it takes back.  If it is ours, only its marks are looked at. */
    if (mode == DB_FROZEN && db_file_marks(probe.db, &application, &version) &&
        application == SCHEMA_APPLICATION_ID)
        result = judge_marks(&probe, application, version, e);
    else if (result == 0)
        result = judge_alone(&probe, &version, e);
    *locked_out = result != 0 && db_failed_to_write(probe.db);
    db_close(probe.db);
    return result;
}

int schema_check_file(const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0; /* opening will make it, or say why not */
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_DB, "%s: not a file", path);
    if (st.st_size == 0)
        return 0;
    bool locked_out;
    int result = judge_closed(path, DB_READ, &locked_out, e);
    /* A journal that waits to be rolled back, or a write-ahead log, cannot be
     * followed without writing.  Then look at the file as it lies there. */
    return locked_out ? judge_closed(path, DB_FROZEN, &locked_out, e) : result;
}

/* --- whether the tables are ours ---------------------------------------- */

static const struct object *object_find(const char *name)
{
    if (strcmp(name, search.name) == 0)
        return &search;
    for (size_t i = 0; i < N_OBJECTS; i++)
        if (strcmp(objects[i].name, name) == 0)
            return &objects[i];
    return NULL;
}

/* More tables, indexes and views than ours harm nothing (views are not read);
 * triggers would run inside our transactions. */
static int compare_schema(struct store *s, struct err *e)
{
    size_t n_found = 0;
    struct db_query *q = db_query(s->db, e,
                                  "SELECT type, name, sql FROM sqlite_schema"
                                  " WHERE sql IS NOT NULL");
    int row;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        const char *type = db_text(q, 0);
        const char *name = db_text(q, 1);
        const char *sql = db_text(q, 2);
        const struct object *own = name ? object_find(name) : NULL;
        bool trigger = type == NULL || strcmp(type, "trigger") == 0;
        if (trigger || (own && (!sql || strcmp(sql, own->sql) != 0))) {
            db_fail_damaged(s->db, e, "%s \"%.60s\" is not as arena made it",
                            trigger ? "trigger" : "table",
                            name ? name : "?");
            db_reset(q);
            return -1;
        }
        s->has_search |= own == &search;
        n_found += own != NULL && own != &search;
    }
    if (q == NULL || row != 0)
        return -1;
    if (n_found != N_OBJECTS)
        return db_fail_damaged(s->db, e, "%zu table%s missing",
                               N_OBJECTS - n_found,
                               n_found + 1 == N_OBJECTS ? " is" : "s are");
    s->has_search &= db_has_full_text();
    return 0;
}

/* Inside a transaction, for another process may have been faster. */
static int migrate(struct store *s, struct err *e)
{
    int64_t version;
    if (judge(s, &version, e) != 0)
        return -1;
    if (version == TODAY)
        return make_views(s, e);
    if (upgrade(s, version, e) != 0)
        return -1;
    char pragmas[96];
    snprintf(pragmas, sizeof(pragmas),
             "PRAGMA application_id=%d; PRAGMA user_version=%d",
             SCHEMA_APPLICATION_ID, (int)TODAY);
    return db_script(s->db, e, pragmas);
}

int schema_prepare(struct store *s, struct err *e)
{
    int64_t version;
    if (judge_alone(s, &version, e) != 0)
        return -1;
    int result = version == TODAY ? make_views(s, e)
                 : db_begin(s->db, e) != 0
                     ? -1
                     : db_end(s->db, migrate(s, e), e);
    return result == 0 ? compare_schema(s, e) : -1;
}
