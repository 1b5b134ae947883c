/* workshop: the engine thread, on which all local answers are made.
 *
 * It takes turns (timeslice.h): a few steps of every answer under way, those on
 * the same weights in one pass, so that two answers stream side by side without
 * asking for more cores than there are, and weights are read once for both.  A
 * long
 * prompt is read in pieces between the others' steps.  Weights are loaded on
 * this thread, too. */
#ifndef BACKENDS_LOCAL_ENGINE_THREAD_H
#define BACKENDS_LOCAL_ENGINE_THREAD_H

#include "backends/local/generation.h"
#include "base/err.h"

struct workshop;

/* Starts the thread, with n_threads for the kernels (0: all cores).  NULL with
 * ERR_FAILURE. */
struct workshop *workshop_open(int n_threads, struct err *e);

/* Cancels what is under way and joins the thread. */
void workshop_close(struct workshop *w);

/* Hands an answer over; any thread. */
void workshop_post(struct workshop *w, struct generation *g);

#endif
