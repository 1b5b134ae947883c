/* progress: how much of a long piece of work is done, on stderr.
 *
 * On a terminal one line that is drawn over; otherwise a plain line now and
 * then, so that a log stays short.  One thread. */
#ifndef TUI_PRINT_PROGRESS_H
#define TUI_PRINT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct progress {
    bool terminal;
    bool begun;
    int64_t begun_ms, begun_at; /* for the speed */
    int64_t drawn_ms;
    int tenth;                  /* the last one that was written plain */
};

void progress_init(struct progress *p, bool plain);

/* `done` of `total` bytes (-1: not known) of `what` are done. */
void progress_bytes(struct progress *p, const char *what, int64_t done,
                    int64_t total);

/* Whether it is time for progress_items: often on a terminal, else every 30
 * seconds.  Then the next time is a while away. */
bool progress_is_due(struct progress *p);

/* `done` of `total` pieces of work have come; `more` stands behind that. */
void progress_items(struct progress *p, const char *what, int64_t done,
                    int64_t total, const char *more);

/* Appends "1h02m", "3m20s" or "12s". */
void progress_add_time(int64_t seconds, struct buf *line);

/* Something is under way whose progress is not known.  A terminal shows for how
 * long (a plain or dumb one gets one line); otherwise nothing is printed. */
void progress_wait(struct progress *p, const char *what);

/* How long the caller may sleep before the line is to be drawn again; -1: for
 * ever. */
int progress_due_ms(const struct progress *p);

/* Takes the line away again.  Harmless if nothing was drawn. */
void progress_erase(struct progress *p);

/* Ends the line.  Harmless if nothing was drawn. */
void progress_end(struct progress *p);

#endif
