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

/* Whether a voter is a person, or a judge; of n bytes, too. */
bool voter_is_human(const char *voter);
bool voter_is_judge(const char *voter);
bool voter_is_judge_bytes(const char *voter, size_t n);

/* NAME of "judge:NAME", a part of the argument; what is no judge comes back
 * as it is. */
const char *voter_bare_judge(const char *voter);

#endif
