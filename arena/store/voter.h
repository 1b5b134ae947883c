/* voter: who a vote is from: "human:NAME" or "judge:NAME".  Any thread. */
#ifndef ARENA_STORE_VOTER_H
#define ARENA_STORE_VOTER_H

#include <stdbool.h>
#include <stddef.h>

/* The voter that `given` names: itself if it begins with human: or judge:,
 * else the human of this name; of NULL or "", the user of this machine.  The
 * caller frees. */
char *voter_of(const char *given);

/* "judge:NAME" of a name, which is taken as it is.  The caller frees. */
char *voter_of_judge(const char *name);

/* Whether votes can be chosen by this: "human" (all people), human:NAME or
 * judge:NAME; as of struct store_filter. */
bool voter_can_filter(const char *given);

/* What the voter of a struct store_filter stands for: NULL for everybody,
 * "human" if it is NULL, else itself. */
const char *voter_of_filter(const char *voter);

/* Whether a voter is a person, or a judge. */
bool voter_is_human(const char *voter);
bool voter_is_judge(const char *voter);

/* NAME of "judge:NAME", a part of the argument; what is no judge comes back
 * as it is. */
const char *voter_bare_judge(const char *voter);

#endif
