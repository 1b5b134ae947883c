/* timeslice: how long models that answer at once have the cores, one after the
 * other.
 *
 * A turn lasts until the pass whose end is nearest to TIMESLICE_NS.  Models
 * that write a token in less so get equal shares of the time, each about half
 * of the speed that it has alone, and find the caches cold once in several
 * tokens in place of each time; it is still far shorter than an eye can follow.
 * Slower ones write a token each in turn, so that both sides of a battle, which
 * are shown at the slower one's pace, come forward together. */
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
