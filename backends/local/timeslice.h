/* timeslice: how long models that answer at once have the cores, one after the
 * other.
 *
 * A turn lasts until the pass whose end is nearest to TIMESLICE_NS.  Models
 * that write a token in less time get equal shares of it, each about half of
 * its speed alone.  The caches are cold once a turn, not once a token.  A turn
 * is far shorter than an eye can follow.  Slower models write one token a turn,
 * so both sides of a battle, which are shown at the slower one's pace, advance
 * together. */
#ifndef BACKENDS_LOCAL_TIMESLICE_H
#define BACKENDS_LOCAL_TIMESLICE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMESLICE_NS 10000000

/* After a pass: whether another belongs to this turn.  spent_ns: since the turn
 * began; pass_ns: what the last pass took. */
static inline bool timeslice_goes_on(int64_t spent_ns, int64_t pass_ns)
{
    return spent_ns + pass_ns / 2 < TIMESLICE_NS;
}

#endif
