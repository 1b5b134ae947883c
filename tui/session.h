/* session: opening the arena for a person.
 *
 * Asks what arena_open cannot: whether to write a first config if there is none
 * (arena/config/offer.h), and whether a changed model is still the same.
 * Without a terminal, or with --no-input, nothing is asked.  UI thread. */
#ifndef TUI_SESSION_H
#define TUI_SESSION_H

#include <stdbool.h>
#include <stdio.h>

#include "arena/arena.h"
#include "base/buf.h"
#include "tui/command.h"

/* Opens the log and the arena, and says its notes on stderr.  0, or -1 with
 * nothing to close (ERR_CONFIG if there is no config and none was made). */
int session_open(struct arena *a, struct invocation *in, struct err *e);

/* Prints "NAME: TEXT" as one line, both cleaned; NULL: the text alone. */
void session_say(FILE *to, const char *name, const char *text);

/* Prints an error, cleaned, to stderr.  For one of many items, when work goes
 * on and the command fails at its end. */
void session_say_error(const struct err *e);

/* Prints the arena's new notes to stderr (unless -q). */
void session_say_notes(const struct invocation *in, struct arena *a);

/* 0, or -1 with ERR_CONFIG if there is no config and nobody can be asked for
 * one.  session_open starts with this. */
int session_check(const struct invocation *in, struct err *e);

/* Whether questions may be asked: a terminal on both ends, no --no-input. */
bool session_may_ask(const struct invocation *in);

/* Reads one line (without its end) of at most out->max bytes.  If it is longer,
 * the rest is dropped and out->overflow set.  False at the end of the file. */
bool session_read_line(FILE *from, struct buf *out);

/* Appends the prompt of a command line to *out, without blank lines at its end.
 * operand "-": all of stdin; NULL: the first line of stdin.  0, or -1 with
 * ERR_USAGE. */
int session_read_prompt(const char *operand, struct buf *out, struct err *e);

#define SESSION_MAX_PROMPT (1u << 20) /* bytes */

#endif
