/* pace: how much of two growing answers may be shown.
 *
 * Which model is fast is a hint, so by default both sides are shown at the
 * slower one's speed:
 *   live   what is there is shown
 *   equal  nothing until both have begun; then as many bytes of each as the
 *          shorter one has; when one answer is over, the rest of the other goes
 *          on in the rhythm seen so far, pauses included, whether it is there
 *          already or not: a rest without pauses would be the faster one's
 *   hold   nothing until both are done
 * Pure: the caller owns the struct and tells the time.  Only whole characters
 * are counted as ready, and a character is never shown in part. */
#ifndef ARENA_BLIND_PACE_H
#define ARENA_BLIND_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/config/config.h"

struct pace_side {
    const char *text;
    size_t n;  /* bytes that are there */
    bool done; /* no more will come */
};

#define PACE_RHYTHM 128 /* steps of it that are remembered */

struct pace_beat {
    int64_t ms;   /* after the step before */
    double bytes; /* that it brought */
};

struct pace_clock {
    enum pace mode;
    bool started;      /* both sides have text */
    bool hurry;        /* show all that is there */
    int64_t start_ms;  /* when that was */
    int64_t last_ms;   /* the last step */
    double allowed;    /* bytes of each side that may be shown */
    double rate;       /* bytes per ms while both were under way */
    int64_t grown_ms;  /* the last step of the rhythm */
    struct pace_beat rhythm[PACE_RHYTHM]; /* of that time, the latest */
    size_t n_beats;    /* so far */
    size_t at_beat;    /* the next one, when it is played again */
};

void pace_init(struct pace_clock *p, enum pace mode);

/* Sets shown[i] to the bytes of each side that may be shown at now_ms; never
 * less than before.  Returns true once both are done and all is shown. */
bool pace_step(struct pace_clock *p, int64_t now_ms,
               const struct pace_side sides[2], size_t shown[2]);

/* After a step that returned false: in how many ms to step again at the
 * latest; -1: when there is news. */
int pace_wait_ms(const struct pace_clock *p, const struct pace_side sides[2]);

#endif
