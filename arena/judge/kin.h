/* kin: whether a judge is asked about itself or about its own kind.  Models
 * tend to like what they would have written (arXiv 2404.13076).  One thread. */
#ifndef ARENA_JUDGE_KIN_H
#define ARENA_JUDGE_KIN_H

#include "arena/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Appends a line for the person if the judge (a model of the config) is itself
 * in the run, or of the family of a model in it; else nothing.  0 or -1. */
int kin_warn(struct arena *a, size_t judge, int64_t run_id, struct buf *out,
             struct err *e);

#endif
