/* tty: the terminal in full screen.
 *
 * Shows the cells of tui/terminal/draw.h through ncurses, which sends only what
 * changed.  Reads keys without ncurses (tui/terminal/keys.h).  Makes signals
 * visible to a loop that polls.  Only one struct tty may be open.  Whatever
 * ends the program (return, SIGTERM, SIGHUP, SIGINT, a crash, exit), the
 * terminal's modes, screen and cursor are restored.  UI thread only. */
#ifndef TUI_TERMINAL_TTY_H
#define TUI_TERMINAL_TTY_H

#include <stdbool.h>

#include "base/err.h"
#include "tui/terminal/draw.h"
#include "tui/terminal/keys.h"

struct tty;

/* 0 if there is a terminal that can move its cursor, or -1 with ERR_USAGE that
 * says what is missing. */
int tty_check(struct err *e);

/* What a person wants of it. */
struct tty_wishes {
    int color;   /* -1 auto, 0 never, 1 always */
    int light;   /* the background: 0 dark, 1 light, -1 as the terminal says */
    bool steady; /* a cursor that does not blink */
    bool mouse;  /* the terminal tells of the mouse, and selects nothing */
};

/* Switches to full screen.  0, or -1 as tty_check. */
int tty_open(struct tty **out, const struct tty_wishes *w, struct err *e);
void tty_close(struct tty *t);

/* Whether only ASCII can be shown. */
bool tty_is_ascii(const struct tty *t);

/* The columns of the terminal on a file descriptor; 0: it is no terminal. */
int tty_columns(int fd);

/* Drops what was typed on the terminal on a file descriptor and is not read
 * yet.  True if a whole line was among it.  Does nothing to what is no
 * terminal. */
bool tty_drop_typed(int fd);

void tty_size(const struct tty *t, int *rows, int *columns);

/* Shows the cells.  `afresh` sends all of them, changed or not. */
void tty_show(struct tty *t, const struct draw *d, bool afresh);

/* Sends bytes that are not cells, between two shows. */
void tty_write(struct tty *t, const char *bytes, size_t n);

/* Waits for input, `wake_fd` (-1: none) or a signal, for at most timeout_ms
 * (-1: no limit).  Then call tty_key until it returns false. */
void tty_wait(struct tty *t, int wake_fd, int timeout_ms);
bool tty_key(struct tty *t, struct key *out);

/* What has happened since the last call. */
enum tty_event {
    TTY_NOTHING,
    TTY_RESIZED, /* the size is new; draw again */
    TTY_RESUMED, /* back from ^Z, or the colours are new: draw afresh */
    TTY_ENDED,   /* by a signal, or the terminal is gone: leave now */
};
enum tty_event tty_event(struct tty *t);
bool tty_has_ended(const struct tty *t);

/* Leaves full screen for another program, and returns to it; nothing is shown
 * in between.  If a signal ended us in the background, tty_return does
 * nothing. */
void tty_leave(struct tty *t);
void tty_return(struct tty *t);

/* After tty_leave: stops our process group, as ^Z does, with the original
 * modes.  Back in the foreground, restores the modes from before the call and
 * returns true; false if a signal ended us. */
bool tty_stop(struct tty *t);

#endif
