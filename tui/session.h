/* session: opening the arena for a person.
 *
 * What arena_open leaves to whoever can ask: the first config, where there is
 * none yet (arena/config/offer.h), and whether a changed model is still the
 * same.  Without a terminal, or with --no-input, nothing is asked.  UI
 * thread. */
#ifndef TUI_SESSION_H
#define TUI_SESSION_H

#include <stdbool.h>
#include <stdio.h>

#include "arena/arena.h"
#include "base/buf.h"
#include "tui/command.h"

/* Opens the log and the arena, and says its notes on stderr.  0, or -1 with
 * nothing to close (ERR_CONFIG where there is no config and none was made). */
int session_open(struct arena *a, struct invocation *in, struct err *e);

/* Says an error on stderr, cleaned: of one of many things, where work goes on
 * and the return value tells of it at the end. */
void session_say_error(const struct err *e);

/* Says on stderr what the arena has to say since the last time (unless -q). */
void session_say_notes(const struct invocation *in, struct arena *a);

/* 0, or -1 with ERR_CONFIG where there is no config and nobody to offer one
 * to; session_open begins with it. */
int session_check(const struct invocation *in, struct err *e);

/* Whether questions may be asked: a terminal on both ends, no --no-input. */
bool session_may_ask(const struct invocation *in);

/* Reads one line (without its end) of at most out->max bytes; what is longer
 * is dropped and out->overflow set.  False at the end of the file. */
bool session_read_line(FILE *from, struct buf *out);

/* The prompt that a command line means: its operand, or with "-" all of stdin,
 * or where operand is NULL the first line of stdin.  Appended to *out, without
 * blank lines at its end.  0, or -1 with ERR_USAGE. */
int session_read_prompt(const char *operand, struct buf *out, struct err *e);

#define SESSION_MAX_PROMPT (1u << 20) /* bytes */

#endif
