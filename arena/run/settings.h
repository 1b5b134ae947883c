/* settings: the line of JSON that a run is known by in the store, and the name
 * that is made of it.  Used inside of arena/run. */
#ifndef ARENA_RUN_SETTINGS_H
#define ARENA_RUN_SETTINGS_H

#include "arena/arena.h"
#include "arena/run/spec.h"
#include "base/buf.h"

/* Appends everything that the battles of a run depend on, but for chances that
 * were taken from the ratings. */
void run_describe(const struct arena *a, const struct run_spec *spec,
                  struct buf *out);

/* "mini-3fa09c": the file's name, and what tells these settings from others.
 * The caller frees. */
char *run_make_name(const char *file, const char *settings);

/* The chances of pairs for RUN_UNCERTAIN: those that the run of this name was
 * begun with, else what the ratings say now.  Adds them to the settings.  The
 * caller frees *chances (n_models (n_models - 1) / 2).  0 or -1. */
int run_read_chances(const struct arena *a, const struct run_spec *spec,
                     const char *name, struct buf *settings, double **chances,
                     struct err *e);

#endif
