/* run: a batch of battles over a prompt file, without a person.
 *
 * Both answers are generated and stored, and the battle is then ready for a
 * vote, by a person (arena vote) or a judge.
 * An answer of a model to a prompt does not depend on whom it meets, so each is
 * generated once and used in all battles of that prompt, and also in those of
 * other runs that ask the same with the same settings (so that who votes on
 * them meets a text again whose owner was told: store_list_entries keeps such
 * battles of a run apart).  Each turn is stored as soon as it is whole, and a
 * run that was interrupted, however hard, goes on with what is there: nothing
 * that is finished is paid for twice.  What failed before is tried again.
 *
 *     run_open(&r, a, &spec, e);
 *     while ((more = run_step(r, e)) == 1)
 *         … show run_status(r), wait for a->wake if n_running > 0 …
 *     run_close(r);
 *
 * The opener closes it; closing cancels what is under way.  One thread. */
#ifndef ARENA_RUN_RUN_H
#define ARENA_RUN_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/run/accuracy.h"
#include "arena/run/spec.h"
#include "base/err.h"


struct run;

struct run_status {
    size_t n_battles;         /* of the plan */
    size_t n_ready, n_void;   /* now, earlier sessions included */
    size_t n_answers;         /* that the plan needs */
    size_t n_found, n_made;   /* of them: from before, and by this session
                                 (failed ones too) */
    size_t n_reused;          /* of n_found: from other runs */
    size_t n_failed;          /* of n_made */
    size_t n_running;
    int64_t n_tokens;         /* written in this session */
    double spent;             /* in this session; 0 if no price is known */
    bool is_spent;            /* run_step ended because of the budget */
};

/* Plans the run, and opens it in the store: a new one, or the one of this name
 * whose settings are the same.  0, or -1 (ERR_USAGE: settings differ, says
 * how, or another process makes this run; ERR_CONFIG, ERR_AUTH: a model cannot
 * be asked, or has no price and there is a budget; ERR_DB). */
int run_open(struct run **out, struct arena *a, const struct run_spec *spec,
             struct err *e);
void run_close(struct run *r);

/* Takes what has come, stores what is whole (all of it in one transaction) and
 * tells it, begins what is next.  1: going on, step again when there is news,
 * or at once if nothing is running; 0: all is done, or the budget is; -1: the
 * store failed. */
int run_step(struct run *r, struct err *e);

/* What is missing, and the most that it takes, of one model. */
struct run_estimate {
    size_t n_answers, n_calls; /* a call is a turn, or
                                  one of best_of for it */
    double n_in, n_out;        /* tokens: a guess by the bytes of the prompts
                                  (and of answers as long as they may be); as
                                  many as may be written */
    double cost;               /* of that; NaN if there is no price */
};

/* Fills out[config.n_models] for a run that was opened with `dry`, and the
 * status.  0 or -1. */
int run_survey(struct run *r, struct run_estimate *out, struct err *e);

const char *run_name(const struct run *r);
int64_t run_id(const struct run *r); /* 0: a dry run of what is not stored */
struct run_status run_status(const struct run *r);

/* How many answers may be under way at the backend of a model. */
size_t run_n_jobs(const struct run *r, size_t model);

/* How many of the prompts with a reference each model got right so far; the
 * run's. */
const struct accuracy *run_accuracy(const struct run *r);

#endif
