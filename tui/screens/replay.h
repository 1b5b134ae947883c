/* replay: the answers of a stored battle once more, at the pace at which they
 * came (backends/rhythm.h).
 *
 * Turn by turn; an answer whose pieces were not recorded is there at once.
 * Only the last round of a turn counts.  The owner keeps the answers.  UI
 * thread. */
#ifndef TUI_SCREENS_REPLAY_H
#define TUI_SCREENS_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/store/store.h"
#include "tui/widgets/panes.h"

struct replay {
    const struct store_answer_row *rows; /* by turn, round, side */
    size_t n;
    int turn;         /* that comes; 0: it does not run */
    int64_t began_ms; /* when the turn began; -1: with the next step */
    int64_t waited_s; /* since then */
    bool coming[2];   /* more of a side comes in this turn */
};

/* Whether a row is of the last round of its turn and side. */
bool replay_counts(const struct store_answer_row *rows, size_t n, size_t i);

/* Whether of any answer it is recorded when its pieces came. */
bool replay_is_known(const struct store_answer_row *rows, size_t n);

/* Empties the panes and begins. */
void replay_begin(struct replay *r, const struct store_answer_row *rows,
                  size_t n, struct panes *panes);

/* Puts into the panes what has come by now.  Returns whether there is more than
 * before.  *wait_ms: see struct screen.  At the end `turn` is 0. */
bool replay_step(struct replay *r, struct panes *panes, int64_t now_ms,
                 int *wait_ms);

/* Puts a whole answer into its pane, below those before it. */
void replay_add_whole(struct panes *panes, const struct store_answer_row *row);

#endif
