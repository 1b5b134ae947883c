/* voting: a person votes blind on one battle after another, on the full screen,
 * or line by line if there is no terminal for it.
 *
 * What is voted on stands in a struct battle_screen_arg: stored battles, or
 * prompts of a file.  A stored battle with the same text on both sides is a tie
 * without asking when its turn comes: ties before all other votes would make a
 * difference look settled.  One thread. */
#ifndef TUI_COMMANDS_VOTING_H
#define TUI_COMMANDS_VOTING_H

#include "tui/command.h"
#include "tui/screens/battle.h"

/* Until there are no more battles or votes, or the question is answered.  0 or
 * -1. */
int voting_run(struct invocation *in, struct arena *a,
               const struct battle_screen_arg *v, struct err *e);

#endif
