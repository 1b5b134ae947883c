/* bulk: whole battles out of the store and into it, many at a time, with their
 * names, answers as received and all votes.  Only arena/exchange includes this:
 * what it gives is for files, not for a person who is to vote.
 *
 * In: battles are added in batches.  A batch is one transaction with the pair
 * counts, ratings and sums that follow from it, so that after each the store is
 * as if its battles had been fought here.  How many rows of the file are in is
 * stored with the batch: whoever imports the same file again goes on there, and
 * nothing counts twice; of two at once, one fails with its next batch.
 * Out: battles in order of their numbers, a few in each read, so that others
 * can write in between.  One thread. */
#ifndef ARENA_STORE_BULK_H
#define ARENA_STORE_BULK_H

#include "arena/store/store.h"

struct bulk_vote {
    int64_t number; /* the order of votes; 0: after all before it */
    enum rating_outcome verdict;
    const char *voter; /* "human:NAME" or "judge:NAME" */
    int64_t attempt;   /* from 1: more after a withdrawal */
    const char *external_id, *comment; /* or NULL */
    int64_t dwell_ms;                  /* -1: unknown */
    bool seen, early, leak;            /* as in store_vote */
    struct elo_params elo;             /* that it moved the ratings by */
    double p_a;         /* of a judge: how likely A is better; NaN: it did not
                           say */
    int64_t created_ms;
    const char *withdrawn_by; /* NULL: it stands */
    int64_t withdrawn_ms;
};

struct bulk_judgment { /* as in struct store_judgment */
    const char *voter, *form, *reply;
    int part;
    int64_t attempt; /* of the vote that follows from it */
    double value, tie, cost;
    int64_t n_in, n_out;
    int64_t created_ms;
};

struct bulk_reason { /* as in arena/store/reasons.h */
    const char *voter, *tags, *comment;
    int64_t created_ms;
};

struct bulk_battle {
    int64_t number; /* 0: after all before it */
    const char *model[2], *run;         /* names; run NULL: none */
    const char *prompt, *category, *prompt_id; /* prompt_id or NULL */
    enum store_battle_state state;
    double probability; /* NaN: unknown */
    bool compare;
    const char *pace;
    int64_t created_ms;
    struct store_answer *answers; /* battle_id is not read */
    size_t n_answers;
    struct bulk_vote *votes;
    size_t n_votes;
    struct bulk_judgment *judgments;
    size_t n_judgments;
    struct bulk_reason *reasons;
    size_t n_reasons;
};

/* The word of a battle's state, and back; false if it is none of them. */
const char *bulk_state_name(enum store_battle_state state);
bool bulk_state_parse(const char *name, enum store_battle_state *state);

/* --- out ---------------------------------------------------------------- */

struct bulk_filter { /* 0 or NULL: all */
    int64_t run_id;
    const char *category;
};

/* Calls take for each battle; -1 of it ends the reading.  0 or -1. */
int bulk_read(struct store *s, const struct bulk_filter *f,
              int (*take)(void *arg, const struct bulk_battle *b,
                          struct err *e),
              void *arg, struct err *e);

/* Calls take for each run, in order.  0 or -1. */
int bulk_read_runs(struct store *s,
                   int (*take)(void *arg, const char *name,
                               const char *settings, struct err *e),
                   void *arg, struct err *e);

/* --- in ----------------------------------------------------------------- */

struct bulk;

/* Begins or continues the import of a file, known by the sha256 of its content.
 * *n_rows of its rows are stored already.  0, or -1 (ERR_USAGE: all of them
 * are). */
int bulk_open(struct bulk **out, struct store *s, const char *sha256,
              const char *form, uint64_t *n_rows, struct err *e);

/* What is not committed is undone. */
void bulk_close(struct bulk *b);

/* The finished answers (arena/store/finished.h) of a model to a prompt; the
 * caller frees them with store_free_answers.  None: n is 0. */
int bulk_find_finished(struct bulk *b, const char *model, const char *prompt,
                       struct store_answer_row **rows, size_t *n,
                       struct err *e);

/* Rows that battles name, as store_put_model and store_put_run have them. */
int bulk_put_model(struct bulk *b, const char *name, const char *description,
                   struct err *e);
int bulk_put_run(struct bulk *b, const char *name, const char *settings,
                 struct err *e);

/* Adds a battle.  Numbers of battles and votes are counted from what the store
 * had when the import began, so a fresh store gets the file's own.  0; 1: a
 * vote of it is there already by its external_id, and nothing was stored; or -1
 * (ERR_FORMAT, ERR_USAGE: the battle was refused, the next one may be added;
 * else the batch is lost). */
int bulk_add(struct bulk *b, const struct bulk_battle *battle, struct err *e);

/* Commits what was added, if anything; n_rows of the file are in now.  `done`:
 * that is all of it.  0, or -1: the batch is undone. */
int bulk_commit(struct bulk *b, uint64_t n_rows, bool done, struct err *e);

#endif
