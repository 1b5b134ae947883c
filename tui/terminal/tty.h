/* tty: the terminal, from taking it over to giving it back.
 *
 * Brings the cells of tui/terminal/draw.h to the screen (through ncurses, which
 * sends only what changed), reads keys (itself: tui/terminal/keys.h), and turns
 * signals into something a loop can poll.  There is one terminal, so there is
 * one struct term at a time. Whatever ends the program (return, SIGTERM,
 * SIGHUP, SIGINT, a crash, exit), the terminal gets its modes, screen and
 * cursor back.  UI thread only. */
#ifndef TUI_TERMINAL_TTY_H
#define TUI_TERMINAL_TTY_H

#include <stdbool.h>

#include "base/err.h"
#include "tui/terminal/draw.h"
#include "tui/terminal/keys.h"

struct tty;

/* Whether there is a terminal that can place a cursor.  0, or -1 with
 * ERR_USAGE that says what is missing. */
int tty_check(struct err *e);

/* Takes the terminal over.  color: -1 auto, 0 never, 1 always.  0, or -1 as
 * tty_check. */
int tty_open(struct tty **out, int color, struct err *e);
void tty_close(struct tty *t);

/* Whether only ASCII can be shown. */
bool tty_is_ascii(const struct tty *t);

/* How wide the terminal on a file descriptor is; 0: it is none. */
int tty_columns(int fd);

void tty_size(const struct tty *t, int *rows, int *columns);

/* Shows the cells; `afresh` sends all of them. */
void tty_show(struct tty *t, const struct draw *d, bool afresh);

/* Waits until a key, `wake_fd` (-1: none) or a signal, for at most timeout_ms
 * (-1: for ever).  Then read keys until there is none. */
void tty_wait(struct tty *t, int wake_fd, int timeout_ms);
bool tty_key(struct tty *t, struct key *out);

/* What has happened since it was last asked. */
enum tty_event {
    TTY_NOTHING,
    TTY_RESIZED, /* the size is new; draw again */
    TTY_RESUMED, /* back from ^Z: draw afresh */
    TTY_ENDED,   /* a signal, or the terminal is gone: leave now */
};
enum tty_event tty_event(struct tty *t);
bool tty_has_ended(const struct tty *t);

/* Gives the terminal to something else, and takes it back; nothing is shown in
 * between.  One that has ended in the background does not take it back. */
void tty_leave(struct tty *t);
void tty_return(struct tty *t);

/* While it is given away: stops us and all that was started with us, as ^Z
 * does, with the modes as they were found.  Back in the foreground, sets the
 * modes as they were when this was called, and returns true; false: ended. */
bool tty_stop(struct tty *t);

#endif
