/* reveal: what is said of both sides after the vote is stored.
 *
 * The screen and the plain mode use the same words in their own layout.  All
 * text that comes out is cleaned.  One thread. */
#ifndef TUI_PRINT_REVEAL_H
#define TUI_PRINT_REVEAL_H

#include <stdbool.h>

#include "arena/battle/battle.h"
#include "base/buf.h"
#include "tui/hook.h"

/* "You chose A", "You called it a tie", … */
const char *reveal_verdict(enum rating_outcome verdict);

/* Whether the vote changed the ratings; "Saved.", or why it did not. */
bool reveal_is_rated(const struct battle *b);
const char *reveal_saved(const struct battle *b);

/* "312 tok  58 tok/s  first 0.4 s  $0.0004", as far as it is known; and how
 * the answer ended, if it did not end by itself.  What does not fit into the
 * columns (0: any) is left out, the least important first.  An error is always
 * whole. */
void reveal_usage(const struct answer_end *end, int columns, struct buf *out);

/* "1012.0 → 1020.5"; empty if the vote was not rated. */
void reveal_rating(const struct battle_reveal_side *side, bool ascii,
                   struct buf *out);

/* "+8.5", with a true minus if it can be shown. */
void reveal_change(const struct battle_reveal_side *side, bool ascii,
                   struct buf *out);

/* One side as a member of a JSON object: name, text, ratings, usage. */
void reveal_json(const struct battle *b, enum battle_side side,
                 const struct battle_reveal_side *known, struct buf *out);

/* The battle as a JSON object: id, prompt, verdict ("skip" for none), and both
 * sides once the names are open. */
void reveal_battle_json(const struct battle *b, const char *verdict,
                        struct buf *out);

/* Tells the person's own program (argv, NULL: there is none) of the battle,
 * voted on as `verdict`.  0, or -1 as hooks_start. */
int reveal_tell_hook(struct hooks *h, char *const *argv,
                     const struct battle *b, enum rating_outcome verdict,
                     struct err *e);

/* Whether stdout takes more than ASCII. */
bool reveal_is_ascii(void);

#endif
