/* turn: the current turn of a battle: both sides are asked, what comes is shown
 * without what would tell whose it is, and the answers are stored.  What
 * battle.c and open.c share; neither is known here. */
#ifndef ARENA_BATTLE_TURN_H
#define ARENA_BATTLE_TURN_H

#include "arena/battle/private.h"

/* Asks both sides the current prompt, with the same seed.  0 or -1. */
int turn_start(struct battle *b, struct err *e);

/* Nothing of a side is shown yet. */
void turn_clear(struct battle *b, struct side *s);

/* Passes on what has come of an answer, with what would tell hidden. */
void turn_scan(struct battle *b, struct side *s);

/* Stores the answers, if they are not yet, and the battle's state.  0 or -1. */
int turn_store(struct battle *b, enum store_battle_state state, struct err *e);

/* Nobody will ask this void battle's pair again: stores that.  Nothing to do
 * for any other. */
void turn_end_void(struct battle *b);

/* Moves the current turn, which is whole, to the past. */
void turn_end(struct battle *b);

#endif
