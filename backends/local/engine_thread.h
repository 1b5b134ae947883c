/* engine_thread: the engine thread, on which all local answers are made.
 *
 * The answers take turns (timeslice.h) of a few steps each.  Answers on the
 * same weights share a pass, so weights are read once for both, and two answers
 * stream side by side on the same cores.  A long prompt is read in pieces
 * between the steps of others.  Weights are loaded on this thread, too. */
#ifndef BACKENDS_LOCAL_ENGINE_THREAD_H
#define BACKENDS_LOCAL_ENGINE_THREAD_H

#include "backends/local/generation.h"
#include "base/err.h"

struct engine_thread;

/* Starts the thread, with n_threads for the kernels (0: all cores).  NULL with
 * ERR_FAILURE. */
struct engine_thread *engine_thread_open(int n_threads, struct err *e);

/* The one that backends share, started at the first call; NULL with
 * ERR_FAILURE.  It ends with the env. */
struct engine_thread *engine_thread_of(struct backend_env *env, struct err *e);

/* Cancels what is under way and joins the thread. */
void engine_thread_close(struct engine_thread *w);

/* Hands an answer over; any thread. */
void engine_thread_post(struct engine_thread *w, struct generation *g);

#endif
