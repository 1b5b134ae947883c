/* chances: the key that shows how sure the models were of what they wrote.
 *
 * For the two panes of a battle whose names are open.  One thread. */
#ifndef TUI_SCREENS_CHANCES_H
#define TUI_SCREENS_CHANCES_H

#include "tui/widgets/panes.h"
#include "tui/widgets/ui.h"

/* Tints the answers, or no more, and says how sure they were: `line` is of
 * backends/chances.h, of the answer that was made last on each side. */
void chances_toggle(struct ui *ui, struct panes *p, const char *const line[2]);

#endif
