/* settled: the answer to a question of arena/settled.h, as text, as JSON, and
 * as the exit status of a command.  Names come out clean.  One thread. */
#ifndef TUI_PRINT_SETTLED_H
#define TUI_PRINT_SETTLED_H

#include "arena/settled.h"
#include "base/buf.h"

/* Some lines; or an object and a line's end.  Of *q only the names and the
 * params are looked at. */
void settled_add_text(const struct settled *x,
                      const struct settled_question *q, struct buf *out);
void settled_add_json(const struct settled *x,
                      const struct settled_question *q, struct buf *out);

/* A phrase while people are being asked: the verdict, or how many votes are to
 * go. */
void settled_add_standing(const struct settled *x,
                          const struct settled_question *q, struct buf *out);

/* 0: better, 10: worse, 11: no difference that matters, 12: undecided. */
int settled_exit_status(const struct settled *x);

#endif
