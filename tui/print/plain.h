/* plain: battles line by line, for pipes, scripts and simple terminals.
 *
 * Both answers are printed one after the other once both are done, so their
 * order and time say nothing; then the vote is read as a line.  What is printed
 * is data and goes to stdout (with --json: one object a battle, and what a
 * person reads goes to stderr).  One thread. */
#ifndef TUI_PRINT_PLAIN_H
#define TUI_PRINT_PLAIN_H

#include <stdio.h>

#include "arena/battle/battle.h"
#include "tui/command.h"

enum plain_end {
    PLAIN_VOTED,
    PLAIN_SKIPPED,
    PLAIN_LEFT,    /* no vote came; the battle waits for one */
};

/* Waits until both answers are done, and says so on stderr if that is a
 * terminal; the line is gone afterwards.  0, or -1 with ERR_BACKEND if the
 * battle is void. */
int plain_wait(const struct invocation *in, struct arena *a, struct battle *b,
               struct err *e);

/* Prints prompt and answers of a battle that is done. */
void plain_show(const struct invocation *in, const struct battle *b);

/* Reads the vote, and why, as a line from `votes` (tui/print/ballot.h), tells a
 * person what is allowed and asks again, stores it, prints the reveal and tells
 * "vote_hook".  If `votes` is a terminal, what was typed on it before the
 * question is dropped.  0, or -1. */
int plain_vote(const struct invocation *in, struct arena *a, struct battle *b,
               FILE *votes, enum plain_end *end, struct err *e);

/* A whole battle: both answers, the vote, the reveal.  *id is its number.  0,
 * or -1; ERR_BACKEND if it is void. */
int plain_fight(const struct invocation *in, struct arena *a,
                const struct battle_spec *spec, FILE *votes,
                enum plain_end *end, int64_t *id, struct err *e);

#endif
