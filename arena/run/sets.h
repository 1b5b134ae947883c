/* sets: the prompt sets that come with arena, known by name: "general" is
 * data/prompts/general.jsonl. */
#ifndef ARENA_RUN_SETS_H
#define ARENA_RUN_SETS_H

#include "base/err.h"

/* The file that a person means: the one of this name, else the set of this
 * name.  The caller frees.  NULL with ERR_USAGE if `name` is neither; the
 * error lists the sets.  A name with a slash or a dot, and "-", is always a
 * file's. */
char *prompt_set_path(const char *name, struct err *e);

/* Calls `take` for every set there is, in the order of their names; for none
 * if their folder cannot be read.  A name lasts until `take` returns. */
void prompt_sets_each(void (*take)(void *arg, const char *name), void *arg);

struct prompts;

/* Reads the file that a person means.  0, or -1 as prompts_read, and nothing to
 * free. */
int prompt_set_read(const char *name, struct prompts *p, struct err *e);

#endif
