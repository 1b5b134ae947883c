/* clock: the two times a program needs.  Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds on a clock that only goes forward; for durations. */
int64_t clock_monotonic_ms(void);

/* Milliseconds since 1970-01-01 UTC; for records, never for order. */
int64_t clock_wall_ms(void);

/* "2026-11-24 08:15:02Z" of such a wall time into out (21 bytes). */
#define CLOCK_TEXT_BYTES 24
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_BYTES]);

#endif
