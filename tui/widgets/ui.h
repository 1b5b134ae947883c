/* ui: the full screen: a stack of screens, one loop, one footer.
 *
 * A screen is a file in tui/screens/ that defines `const struct screen
 * screen_NAME`, and a word in SCREEN_LIST.  The top screen gets the keys and is
 * drawn between header and footer.  All screens get steps, so a battle goes on
 * behind the help.
 * The loop sleeps until a key, a signal, news of a backend (the arena's wake
 * pipe) or a time that a screen asked for.  UI thread only. */
#ifndef TUI_WIDGETS_UI_H
#define TUI_WIDGETS_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/arena.h"
#include "base/buf.h"
#include "tui/command.h"
#include "tui/left.h"
#include "tui/terminal/draw.h"
#include "tui/terminal/tty.h"
#include "tui/widgets/action.h"
#include "tui/widgets/edit.h"
#include "tui/widgets/keymap.h"

struct ui;

/* The text of a screen in the header, cleaned. */
struct heading {
    struct buf left, right;
};

struct screen {
    const char *name;
    const struct binding *bindings;

    /* `arg` comes from the opener of this screen. */
    int (*open)(void **self, struct ui *ui, const void *arg, struct err *e);
    void (*close)(void *self);

    /* The states that hold now, as bits of the bindings' states. */
    unsigned (*state)(const void *self);
    void (*head)(void *self, struct heading *h);
    void (*draw)(void *self, struct draw *d, const struct area *a);
    void (*act)(void *self, enum action action);

    /* The rest may be NULL. */
    struct edit *(*editor)(void *self); /* that has the keys; NULL: none */
    void (*edited)(void *self);         /* its text has changed */
    /* Goes on with running work.  Returns whether something changed on the
     * screen.  *wait_ms: when to step again at the latest, -1: on news. */
    bool (*step)(void *self, int64_t now_ms, int *wait_ms);
    bool (*may_leave)(void *self); /* false: it went back by itself, or told
                                      what would be lost */
    /* The wheel was turned over a cell of the screen: ACT_UP or ACT_DOWN, so
     * many lines.  NULL: as if these keys were pressed. */
    void (*wheel)(void *self, int row, int column, enum action action,
                  int lines);
    /* The command line that does what was done here last, without "arena";
     * words are quoted with shell_add_word.  Adds nothing if there is none. */
    void (*command)(const void *self, struct buf *out);
    /* Says of a row of the bindings that does not work now what it does, and
     * when. */
    void (*explain)(const void *self, const struct binding *b,
                    struct buf *out);
};

#define SCREEN_LIST(X)                                                        \
    X(battle) X(leaderboard) X(history) X(view) X(help)
#define SCREEN_DECLARE(name) extern const struct screen screen_##name;
SCREEN_LIST(SCREEN_DECLARE)
#undef SCREEN_DECLARE

#define UI_DEPTH 8
#define UI_MIN_ROWS 10
#define UI_MIN_COLUMNS 40

struct ui {
    const struct invocation *in;
    struct arena *arena;
    struct tty *tty;
    struct draw draw;
    struct keymap keymap; /* tables of bindings are looked up by it */
    struct ui_layer {
        const struct screen *screen;
        void *self;
    } stack[UI_DEPTH];
    int n_stack;
    struct buf notice; /* cleaned; in the footer's place until a key */
    enum style notice_style;
    struct heading heading;
    bool dirty, afresh, quit;
    struct left left;  /* screens note here where they were left */
    bool stale;        /* something has streamed in since … */
    int64_t drawn_ms;  /* … the last frame */
};

/* Runs the screen until the person leaves it; if `arg` is NULL, from where it
 * was left the last time.  0, or -1 (ERR_INTERRUPTED if a
 * signal ended it). */
int ui_run(const struct invocation *in, struct arena *a,
           const struct screen *first, const void *arg, struct err *e);

/* --- for screens ------------------------------------------------------- */

/* Opens a screen over this one, or shows the error. */
void ui_push(struct ui *ui, const struct screen *screen, const void *arg);

/* Closes the top screen; the last one ends the program. */
void ui_pop(struct ui *ui);

/* Does what a row of the top screen or of ui_bindings does; if it does nothing
 * now, says when it does. */
void ui_run_binding(struct ui *ui, const struct binding *b);

/* Shows a text in the footer's place until the next key; cleans it. */
void ui_say(struct ui *ui, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ui_say_error(struct ui *ui, const struct err *e);

/* Copies a text, cleaned, to the clipboard, and says so: the answer, say, is
 * `what`.  By OSC 52, or with "copy_command" of the config; "": not at all. */
void ui_copy(struct ui *ui, const char *what, const char *text, size_t n);

/* Copies the command line of the top screen, and shows it, without the options
 * that tell its files. */
void ui_copy_command(struct ui *ui);

/* Edits the text in $VISUAL, $EDITOR or vi.  If that fails, says why and
 * returns false. */
bool ui_external_editor(struct ui *ui, struct buf *text);

/* Opens the list of what the top screen can do (tui/screens/palette.c). */
void palette_open(struct ui *ui);

/* The keys that every screen has. */
extern const struct binding ui_bindings[];

#endif
