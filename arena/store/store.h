/* store: everything that must not be lost, behind one narrow table of calls.
 *
 * Today SQLite (db_sqlite.c); the header names nothing of it, so that
 * another storage can stand behind the same calls.
 *
 * Promises: a call that returned 0 is on disk (synced); one that returned -1
 * changed nothing.  A vote, its battle's state, its pair counts and its rating
 * change are one transaction.  Order is by id, never by clock.  Votes are
 * never deleted: undo adds a withdrawal.  The running Elo can be replayed from
 * the votes, and store_check proves that it comes out equal.
 * Several processes may share one store.  One thread per struct store.
 * Strings in rows belong to the row; the _free of the row releases them.
 * Errors are ERR_DB, one line with the file and what to do. */
#ifndef ARENA_STORE_H
#define ARENA_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/stream.h"
#include "base/buf.h"
#include "base/err.h"
#include "rating/elo.h"
#include "rating/votes/counts.h"

struct store;

/* Opens a database: makes it if it is missing, and brings an older one to
 * today's schema.  A file of a newer version or of another program is refused
 * untouched. `elo` is how votes move the running rating from now on. */
int store_open(struct store **out, const char *path,
               const struct elo_params *elo, struct err *e);
void store_close(struct store *s); /* NULL is nothing */

/* How votes move the running rating from now on. */
struct elo_params store_elo(const struct store *s);

/* The version of the storage engine, such as "3.40.1". */
const char *store_engine(void);

/* If another program holds the database, changes wait up to 5 s for it; in a
 * hurry, for changes that can be tried again, only a moment. */
void store_hurry(struct store *s, bool hurry);

/* Changes between these two are committed together by the second: a promise of
 * each of them holds once that has returned 0.  If one of them failed, or
 * `result` is not 0, none remains and the second returns -1 (*e is then what
 * was set before).  Only reading is of use after a failure. */
int store_begin_group(struct store *s, struct err *e);
int store_end_group(struct store *s, int result, struct err *e);

/* What is read between these two is of one moment, and many small reads cost
 * far less.  Nothing can be changed in between, and others can only begin to:
 * keep it short.  0 or -1. */
int store_begin_reading(struct store *s, struct err *e);
int store_end_reading(struct store *s, struct err *e);

/* --- models ------------------------------------------------------------- */

enum store_model_match {
    STORE_MODEL_SAME,    /* known by this name and description */
    STORE_MODEL_NEW,     /* was not known, is now */
    STORE_MODEL_CHANGED, /* the name is known, but described otherwise */
    STORE_MODEL_BACK,    /* the name had this description before: that row gets
                            the name again, with its votes, and the row that
                            had it since is set aside */
};

/* Finds the row of a model or adds it.  `description` is model_describe's
 * line, "" for a model that is known by name only; a row with "" takes the
 * first description that comes.  On CHANGED nothing was stored, and the caller
 * says whether it is the same model (store_redescribe_model) or a new one
 * (store_replace_model). */
int store_put_model(struct store *s, const char *name, const char *description,
                    int64_t *id, enum store_model_match *match, struct err *e);

/* Keeps row and votes, takes the new description. */
int store_redescribe_model(struct store *s, int64_t id, const char *description,
                           struct err *e);

/* Gives the name to a new row; the old one becomes "NAME~N", with its votes.
 * If a row of this name has this description by now, *id is that row. */
int store_replace_model(struct store *s, const char *name,
                        const char *description, int64_t *id, struct err *e);

struct store_model {
    int64_t id;
    char *name, *description;
    double elo;       /* running rating; the start if it has no vote */
    uint64_t n_votes; /* that count for the running rating */
};

int store_list_models(struct store *s, struct store_model **out, size_t *n,
                      struct err *e);
void store_free_models(struct store_model *rows, size_t n);

/* --- prompts and runs --------------------------------------------------- */

/* The row of a prompt (same text and category: same row).  external_id (of a
 * prompt file) may be NULL. */
int store_put_prompt(struct store *s, const char *text, const char *category,
                     const char *external_id, int64_t *id, struct err *e);

/* A run by name, made if it is new.  `settings` is one line of JSON that a
 * resumed run must match (else ERR_USAGE, which says how they differ). */
int store_put_run(struct store *s, const char *name, const char *settings,
                  int64_t *id, struct err *e);

/* The models of a run, by name; the caller frees with store_free_names. */
int store_list_run_models(struct store *s, int64_t run_id, char ***names,
                          size_t *n, struct err *e);

/* The names of all runs, newest first; freed in the same way. */
int store_list_runs(struct store *s, char ***names, size_t *n, struct err *e);
void store_free_names(char **names, size_t n);

/* A run by its exact name, and what it was begun with (the caller frees).
 * 0 in *id and NULL: there is none. */
int store_get_run(struct store *s, const char *name, int64_t *id,
                  char **settings, struct err *e);

/* The row of a prompt that is there already; 0 in *id: it is not. */
int store_find_prompt(struct store *s, const char *text, const char *category,
                      int64_t *id, struct err *e);

/* Appends the texts of the prompts from one number to another to `texts`, in
 * order, each with a NUL and its category with a NUL behind it, until there are
 * enough bytes; ids[0..*n) are their numbers.  The caller's array has room for
 * last - first + 1. */
int store_list_prompt_texts(struct store *s, int64_t first, int64_t last,
                            size_t enough_bytes, struct buf *texts,
                            int64_t *ids, size_t *n, struct err *e);

/* The newest whole answer that a model gave in any run to a prompt of this text
 * (of any category) when it was asked with these settings.  0 in *battle_id:
 * there is none. */
struct store_wanted {
    const char *prompt, *settings;
    int64_t model_id;
    int n_turns;
};
int store_find_answer(struct store *s, const struct store_wanted *w,
                      int64_t *battle_id, int *side, int *round,
                      struct err *e);

/* Says that this process makes the answers of a run, until it releases the run
 * or ends.  -1 with ERR_USAGE if another process does, with ERR_DB if that
 * could not be found out.  One run at a time; closing the store releases it. */
int store_hold_run(struct store *s, int64_t run_id, struct err *e);
void store_release_run(struct store *s);

/* A run's id by its name or number.  The name of a prompt file finds the newest
 * run named after it ("mini" finds "mini-3fa09c").  -1 with ERR_USAGE if there
 * is none. */
int store_find_run(struct store *s, const char *name, int64_t *id,
                   struct err *e);

/* --- battles ------------------------------------------------------------ */

enum store_battle_state {
    STORE_OPEN,  /* answers on their way, or the program has ended */
    STORE_READY, /* both answers are there, no vote */
    STORE_VOTED,
    STORE_SKIPPED,
    STORE_VOID,
};

struct store_battle {
    int64_t id, prompt_id, run_id; /* run_id 0: none */
    int64_t model_id[2];           /* in A, B order */
    enum store_battle_state state;
    double probability; /* that this pair was drawn; NaN */
    bool compare;       /* names were known: never rated */
    const char *pace;   /* how it was shown */
    int64_t created_ms; /* wall time, for reading only */
};

int store_add_battle(struct store *s, const struct store_battle *b, int64_t *id,
                     struct err *e);

/* The battles of a run, oldest first, or on the prompts of some numbers, in
 * order of these; the caller frees *out. */
struct store_run_battle {
    int64_t id, model_id[2], prompt_id;
    enum store_battle_state state;
};
int store_list_run_battles(struct store *s, int64_t run_id,
                           struct store_run_battle **out, size_t *n,
                           struct err *e);
int store_list_prompt_battles(struct store *s, int64_t run_id,
                              int64_t first_prompt, int64_t last_prompt,
                              struct store_run_battle **out, size_t *n,
                              struct err *e);

/* The battle of a run that exists already for (prompt, model, model) in this
 * order, so that an interrupted run goes on.  0 in *id: none. */
int store_find_run_battle(struct store *s, int64_t run_id, int64_t prompt_id,
                          const int64_t model_id[2], int64_t *id,
                          enum store_battle_state *state, struct err *e);

struct store_answer {
    int64_t battle_id;
    int side;           /* 0: A, 1: B */
    int turn;           /* of the conversation, from 1 */
    int round;          /* of regeneration, from 1; the last one counts */
    const char *prompt; /* of this turn */
    const char *text;   /* as received, NUL-terminated */
    const char *thinking;
    const char *settings; /* sampling as sent: model_describe's line + seed */
    const char *chances;  /* of its tokens (backends/chances.h); "" or NULL:
                             not known */
    const char *rhythm;   /* when its bytes came (backends/rhythm.h); "" or
                             NULL: not recorded */
    struct answer_end end;
};

/* Stores answers of one battle (n >= 1) and its new state, at once. */
int store_add_answers(struct store *s, const struct store_answer *answers,
                      size_t n, enum store_battle_state state, struct err *e);

/* The same for both answers of a turn. */
int store_put_answers(struct store *s, const struct store_answer answers[2],
                      enum store_battle_state state, struct err *e);

/* -1 with ERR_USAGE if the battle is over by now, for instance because somebody
 * has voted on it in another process; so also the two above.  A void one can be
 * begun again if it is of a run, or a compare battle. */
int store_set_battle_state(struct store *s, int64_t battle_id,
                           enum store_battle_state state, struct err *e);

/* --- votes and ratings -------------------------------------------------- */

struct store_vote {
    int64_t battle_id;
    size_t n_answers;        /* that the battle had when it was read; 0: it had
                                none, or nobody else can have changed them */
    enum rating_outcome verdict;
    const char *voter;       /* "human:NAME" or "judge:NAME" */
    const char *external_id; /* the same id counts once; NULL: none */
    int64_t dwell_ms;        /* how long both answers could be read; -1 */
    bool seen;               /* given after the names were seen: not rated */
    bool early;              /* given before both answers were whole */
    bool leak;               /* an answer told its model: not rated */
    const char *comment;     /* or NULL */
    const double *share;     /* of a judge: how probable it is that A is better,
                                0 to 1, a tie as half; NULL: it did not say */
};

struct store_vote_result {
    int64_t vote_id, battle_id;
    bool duplicate; /* external_id, or this voter's vote on this battle, was
                       there already; nothing was stored */
    bool seen;      /* the names had been seen: stored, not rated */
    double before[2], after[2]; /* running Elo of A and B */
};

/* Stores a vote and all that follows from it.  -1 with ERR_USAGE also if the
 * battle takes no vote by now, or has other answers than were read. */
int store_vote(struct store *s, const struct store_vote *v,
               struct store_vote_result *out, struct err *e);

/* A vote made elsewhere: unknown model names are added, battle and vote are
 * stored at once.  `category` may be NULL.  v->battle_id is not read.
 * The same external_id with other models, verdict or voter is ERR_USAGE. */
int store_record(struct store *s, const char *name_a, const char *name_b,
                 const char *category, const struct store_vote *v,
                 struct store_vote_result *out, struct err *e);

/* The vote that stands on a battle: this voter's, or without one a person's
 * before a judge's, and then the newest.  0 in *vote_id: none. */
int store_find_vote(struct store *s, int64_t battle_id, const char *voter,
                    int64_t *vote_id, struct err *e);

/* Withdraws a vote (0: this voter's last one) and replays the ratings after
 * it.  *battle_id (may be NULL) is the battle it was on.  -1 with ERR_USAGE if
 * there is nothing to undo. */
int store_undo(struct store *s, int64_t vote_id, const char *voter,
               int64_t *battle_id, struct err *e);

/* Which votes a leaderboard counts. */
struct store_filter {
    const char *category; /* NULL: all */
    const char *voter; /* "human:NAME", "judge:NAME", STORE_EVERYBODY; NULL or
                          "human": all people, and no judge */
    int64_t since_ms;  /* 0: all */
};

#define STORE_EVERYBODY "*" /* people and judges */

/* The pair counts of the votes that count, models as indices into a list as
 * store_list_models gives it.  The caller frees with rating_counts_free. */
int store_counts(struct store *s, const struct store_filter *f,
                 const struct store_model *models, size_t n_models,
                 struct rating_counts *out, struct err *e);

/* People's pair counts of each category, one list a category.  The caller
 * frees with store_free_parts. */
int store_category_counts(struct store *s, const struct store_model *models,
                          size_t n_models, struct rating_counts **parts,
                          size_t *n, struct err *e);
void store_free_parts(struct rating_counts *parts, size_t n);

/* Battles between models that were begun and gave no vote: void, skipped, or
 * left behind; not compare ones, nor those that are ready for a vote.  As
 * counts of RATING_BAD, otherwise as store_counts. */
int store_fruitless_counts(struct store *s, const struct store_model *models,
                           size_t n_models, struct rating_counts *out,
                           struct err *e);

/* Where a ballot is from. */
struct store_origin {
    int64_t vote_id, battle_id;
    int64_t prompt_id; /* 0: of a vote made elsewhere, not known */
    int64_t dwell_ms;  /* how long the answers could be read; -1: not known */
    double share;      /* a judge's, as in struct store_vote; NaN: none */
};

/* The same votes one by one: by voter, each one's in the order of the store.
 * A ballot's voter is an index into `voters`.  Grows with the votes. */
struct store_ballots {
    struct rating_ballot *ballots;
    struct store_origin *origins; /* [n] */
    size_t n;
    char **voters; /* "human:NAME" or "judge:NAME" */
    size_t n_voters;
};
int store_ballots(struct store *s, const struct store_filter *f,
                  const struct store_model *models, size_t n_models,
                  struct store_ballots *out, struct err *e);
void store_free_ballots(struct store_ballots *b);

/* What the votes can be told apart by: their categories, and who gave them
 * ("human:NAME", "judge:NAME"); in order, freed with store_free_names. */
int store_list_categories(struct store *s, char ***names, size_t *n,
                          struct err *e);
int store_list_voters(struct store *s, char ***names, size_t *n,
                      struct err *e);

/* How fast and how dear a model's answers were: means over those that did not
 * fail; NaN if none of them says. */
struct store_usage {
    double first_ms;          /* start to first token, a mean: no median can be
                                 kept up to date */
    double tokens_per_second; /* after the first one */
    double cost_per_1k;       /* of 1,000 tokens written, with what was read */
};

/* Fills out[n_models], of a list as store_list_models gives it.  Answers count
 * once somebody has seen the names of their battle: before that a change of the
 * numbers would tell who has just answered.  Its time grows with the models,
 * for the sums are kept up to date. */
int store_usage(struct store *s, const struct store_model *models,
                size_t n_models, struct store_usage *out, struct err *e);

/* What one answer of a model took: means over stored answers that did not
 * fail and whose battle is seen, as in struct store_usage.  An answer is one
 * turn; it counts in each battle that it stands in.  With "best_of" it is all
 * that was asked for it. */
struct store_per_answer {
    uint64_t n;                /* answers, of which … */
    uint64_t n_timed;          /* … so many say how long they took … */
    uint64_t n_priced;         /* … and so many what they cost */
    double seconds;            /* start to end, without loading; or NaN */
    double cost;               /* in dollars, or NaN */
};

/* Fills out[n_models], as store_usage does.  It reads all answers' numbers: its
 * time grows with them. */
int store_per_answer(struct store *s, const struct store_model *models,
                     size_t n_models, struct store_per_answer *out,
                     struct err *e);

/* How the running ratings went: after each of n_steps equal parts of the votes
 * that stand. */
struct store_course {
    size_t n_models, n_steps;
    double *ratings;           /* [n_models][n_steps]; NaN before its first
                                  vote */
    uint64_t n_votes;
    int64_t first_ms, last_ms; /* of the votes; 0 if there are none */
};

/* Of the models of a list as store_list_models gives it, in max_steps steps at
 * most, max_steps > 0.  Its time grows with the votes.  0 with something to be
 * freed, or -1. */
int store_course(struct store *s, const struct store_model *models,
                 size_t n_models, size_t max_steps, struct store_course *out,
                 struct err *e);
void store_free_course(struct store_course *c);

/* What the leaderboard says beside the counts. */
struct store_totals {
    uint64_t n_rated; /* votes of people */
    uint64_t n_judged; /* votes of judges, which are not rated */
    uint64_t n_void, n_skipped, n_compare, n_seen, n_leak, n_withdrawn;
};
int store_totals(struct store *s, struct store_totals *out, struct err *e);

/* --- looking back ------------------------------------------------------- */

struct store_entry {            /* a line of the history */
    int64_t battle_id, vote_id; /* vote_id 0: none that stands */
    int64_t run_id, created_ms;
    enum store_battle_state state;
    enum rating_outcome verdict; /* if vote_id is set */
    bool compare;                /* fought with names */
    bool seen, leak;             /* of the vote, as in store_vote */
    bool undone; /* there was a vote, and none stands now */
    char *prompt, *category, *voter;
    char *external_id; /* of the vote; NULL: none */
    char *model[2];    /* names, if they are open (voted, skipped, compare, or
                          void and of no run); else NULL */
};

#define STORE_NO_RUN (-1)

struct store_query {
    const char *search; /* words in prompt or answers (full text), or NULL */
    int64_t run_id;     /* 0: all; STORE_NO_RUN: those fought one by one */
    int64_t battle_id;  /* 0: all */
    bool unvoted;       /* only those ready for a blind vote */
    size_t limit, offset;
};

/* Newest first (unvoted: oldest first; those of one run so that battles of one
 * prompt, which share answers, lie far apart). */
int store_list_entries(struct store *s, const struct store_query *q,
                       struct store_entry **out, size_t *n, struct err *e);
void store_free_entries(struct store_entry *rows, size_t n);

struct store_answer_row {
    int side, turn, round;
    char *prompt, *text, *thinking, *settings;
    char *chances, *rhythm; /* as in struct store_answer */
    struct answer_end end;
};

void store_free_answers(struct store_answer_row *rows, size_t n);

/* --- care --------------------------------------------------------------- */

/* Calls report(arg, line) for each thing that is wrong: SQLite's own integrity
 * check, foreign keys, replayed ratings, pair counts and answer sums against
 * stored ones.
 * 0 and *n_problems, or -1 if the check itself failed. */
int store_check(struct store *s, void (*report)(void *arg, const char *line),
                void *arg, size_t *n_problems, struct err *e);

/* A consistent copy while others write.  -1 also if `path` exists. */
int store_backup(struct store *s, const char *path, struct err *e);

/* Recomputes ratings, history, pair counts and which battles are voted from
 * the votes, and the sums of the answers. */
int store_rebuild(struct store *s, struct err *e);

#endif
