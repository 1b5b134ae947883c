/* run: a batch of battles over a prompt file, without a person.
 *
 * Both answers are generated and stored, and the battle is then ready for a
 * vote, by a person (arena vote) or a judge.
 * An answer of a model to a prompt does not depend on the opponent, so each is
 * generated once and used in all battles of that prompt.  (A voter may thus
 * meet a text again after its model was revealed; store_list_entries keeps such
 * battles apart.)  An answer is stored as soon as it is whole.  An interrupted
 * run, even a killed one, goes on with what is stored: no finished answer is
 * paid for twice.  What failed before is tried again.
 *
 *     run_open(&r, a, &spec, e);
 *     while ((more = run_step(r, e)) == 1)
 *         … show run_status(r), wait for a->wake if n_running > 0 …
 *     run_close(r);
 *
 * The opener closes it; closing cancels what is under way.  One thread. */
#ifndef ARENA_RUN_H
#define ARENA_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/run/accuracy.h"
#include "arena/run/plan.h"
#include "arena/run/prompts.h"
#include "base/err.h"

struct run;

struct run_spec {
    const char *name;         /* NULL: made of the file's and the settings */
    const char *file;         /* the prompt file's name, for the settings */
    const struct prompts *prompts; /* outlives the run */
    const size_t *models;     /* indices of the config, in order */
    size_t n_models;
    const char *pairs_text;   /* as given, for the settings */
    struct run_pairs pairs;
    uint64_t seed;            /* of the plan, the sides and the answers */
    int n_jobs;               /* answers under way at the same time */
    void (*report)(void *arg, const char *line); /* each failed answer */
    void *arg;
};

struct run_status {
    size_t n_battles;         /* of the plan */
    size_t n_ready, n_void;   /* now, earlier sessions included */
    size_t n_answers;         /* that the plan needs */
    size_t n_found, n_made;   /* of them: from before, and by this session
                                 (failed ones too) */
    size_t n_running;
};

/* Plans the run, and opens it in the store: a new one, or the one of this name
 * whose settings are the same.  0, or -1 (ERR_USAGE: settings differ, says
 * how, or another process makes this run; ERR_CONFIG, ERR_AUTH: a model cannot
 * be asked; ERR_DB). */
int run_open(struct run **out, struct arena *a, const struct run_spec *spec,
             struct err *e);
void run_close(struct run *r);

/* Takes what has arrived, stores what is whole, begins what is next.  1: step
 * again when there is news, or at once if nothing is running; 0: all is done;
 * -1: the store failed. */
int run_step(struct run *r, struct err *e);

const char *run_name(const struct run *r);
struct run_status run_status(const struct run *r);

/* How many of the prompts with a reference each model got right so far; the
 * run's. */
const struct accuracy *run_accuracy(const struct run *r);

#endif
