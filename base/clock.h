/* clock: the two times a program needs.  Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds on a clock that only goes forward; for durations. */
int64_t clock_monotonic_ms(void);

/* Nanoseconds on the same clock, for what takes only some of them. */
int64_t clock_monotonic_ns(void);

/* Nanoseconds that the calling thread has had a processor. */
int64_t clock_thread_ns(void);

/* Milliseconds since 1970-01-01 UTC; for records, never for order. */
int64_t clock_wall_ms(void);

/* The sooner of two waits, of which less than 0 is for ever. */
int clock_sooner_ms(int x_ms, int y_ms);

/* "2026-11-24 08:15:02Z" of such a wall time into out (21 bytes). */
#define CLOCK_TEXT_BYTES 24
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_BYTES]);

/* Reads "2026-11-24", "2026-11-24 08:15" or "2026-11-24 08:15:02.5" (a T may
 * stand for the space, a Z or an offset like +02:00 at the end), by default as
 * UTC.  False if it is none. */
bool clock_parse(const char *text, int64_t *wall_ms);

#endif
