/* entries: lines of the history, in words.  Pure; the text is cleaned. */
#ifndef TUI_PRINT_ENTRIES_H
#define TUI_PRINT_ENTRIES_H

#include "arena/store/reasons.h"
#include "base/buf.h"
#include "tui/terminal/draw.h"

/* "smol beat tiny", "tie: smol and tiny", "waits for a vote", … */
void entry_result(const struct store_entry *row, struct buf *out);

/* "clear, short; I like it"; nothing if no reason was given. */
void entry_reason(const struct reason *reason, struct buf *out);

/* Draws one entry into a row of an area: number, date if it is asked for,
 * result, category and prompt. */
void entry_draw(struct draw *d, const struct area *a, int row,
                enum style style, const struct store_entry *entry, bool dated);

#endif
