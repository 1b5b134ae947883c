/* diff_run: the answers in which two models part, as battles of a run. */
#ifndef TUI_COMMANDS_DIFF_RUN_H
#define TUI_COMMANDS_DIFF_RUN_H

#include "arena/run/promptlist.h"
#include "arena/store/store.h"
#include "tui/model_arg.h"

/* Makes the run and the rows of both models.  They answer greedily, so one that
 * is configured to sample is another contestant, "NAME (greedy)".  0 or -1. */
int diff_open_run(struct store *s, const char *name,
                  const struct model_arg arg[2], int64_t *run_id,
                  int64_t model_id[2], struct err *e);

/* Stores both answers to the first turn of a prompt, which side each is on by
 * chance, ready for a vote.  One that is there already stays.  Their times are
 * not known: many were made at once, and each took as long as all.  0 or -1. */
int diff_store_battle(struct store *s, int64_t run_id,
                      const int64_t model_id[2], const struct prompt *p,
                      const struct infer_result *const both[2], struct err *e);

#endif
