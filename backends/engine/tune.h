/* tune: finds the best number of threads by measuring.
 *
 * If other programs keep a core busy, two threads that wait for each other
 * are slower than one alone.  So passes are timed; now and then one is run
 * with more or fewer threads, and what is fastest is kept.  One thread uses
 * it. */
#ifndef ENGINE_TUNE_H
#define ENGINE_TUNE_H

#include <stdbool.h>

#define TUNE_MAX_CHOICES 10

struct tune {
    int n_choices;
    int threads[TUNE_MAX_CHOICES]; /* all of them, half of them, … one */
    double cost[TUNE_MAX_CHOICES]; /* of a pass, recent mean; 0: not known */
    double lowest;                 /* that cost[best] has been lately */
    int best;
    bool was_worse; /* the last pass of the best found it so */
    unsigned n_passes, n_probes, next_probe;
};

/* share: the part of a core that each thread got lately, 0 to 1.  If it is
 * small, tuning begins with fewer threads. */
void tune_init(struct tune *t, int n_threads, double share);

/* Begins to use as many threads as another has found best. */
void tune_follow(struct tune *t, const struct tune *other);

/* Which of the choices the next pass should take. */
int tune_pick(struct tune *t);

/* What it cost, in any unit. */
void tune_note(struct tune *t, int choice, double cost);

#endif
