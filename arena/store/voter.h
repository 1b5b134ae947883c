/* voter: who a vote is from: "human:NAME" or "judge:NAME".  Any thread. */
#ifndef ARENA_STORE_VOTER_H
#define ARENA_STORE_VOTER_H

/* The voter that `given` names: itself if it begins with human: or judge:,
 * else the human of this name; of NULL or "", the user of this machine.  The
 * caller frees. */
char *voter_of(const char *given);

#endif
