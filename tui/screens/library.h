/* library: prompts to pick one from: those that were asked before, the user's
 * own files, and the sets that come with arena.
 *
 * A user's own files are whatever lies in `prompts` in the data folder, in a
 * form that arena/run/prompts.h reads.  One turn of each prompt is offered;
 * what that leaves out is said when it is picked.  UI thread. */
#ifndef TUI_SCREENS_LIBRARY_H
#define TUI_SCREENS_LIBRARY_H

#include "tui/widgets/ui.h"

/* Called once if a prompt was picked, when the list is closed; the texts are
 * valid for this call. */
typedef void library_take(void *owner, const char *prompt,
                          const char *category);

/* Opens the list.  Says of a file that cannot be read why. */
void library_open(struct ui *ui, library_take *take, void *owner);

#endif
