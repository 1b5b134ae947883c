/* hook: the person's own program, told of each vote ("vote_hook").
 *
 * It is started without a shell and gets one line of JSON on its stdin.  The
 * full screen does not wait for it while votes go on; what failed is told with
 * the next vote.  Line by line, each vote waits until it is done, and what
 * failed is told below that vote.  UI thread. */
#ifndef TUI_HOOK_H
#define TUI_HOOK_H

#include <stddef.h>

#include "base/child.h"
#include "base/err.h"

#define HOOK_MOST 8 /* that run at once */

struct hooks {
    struct child running[HOOK_MOST];
    size_t n;
};

/* Starts argv (NULL: nothing is wanted) with the text on its stdin.  0, or -1
 * with ERR_FAILURE: it cannot be started, too many still run, or one before it
 * failed (then this one was started all the same). */
int hooks_start(struct hooks *h, char *const *argv, const char *json,
                struct err *e);

/* Waits for those that run, for a few seconds; then ends them.  0, or -1 with
 * ERR_FAILURE if one failed. */
int hooks_finish(struct hooks *h, struct err *e);

#endif
