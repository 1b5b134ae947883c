/* bounds: numbers between limits, digit by digit.
 *
 * A number is held to its limits while it is written: a digit may follow if
 * some number that begins so lies between them.  Values are whole multiples of
 * 10^-decimals, in 128 bits; exponents are not written.  Pure; any thread. */
#ifndef BACKENDS_ENGINE_SAMPLING_BOUNDS_H
#define BACKENDS_ENGINE_SAMPLING_BOUNDS_H

#include <stdbool.h>

#define BOUNDS_MAX_DIGITS 20   /* before the point */
#define BOUNDS_MAX_DECIMALS 15 /* behind it */

__extension__ typedef __int128 bounds_value;

struct bounds {
    bounds_value low, high; /* both included, times 10^decimals */
    bounds_value step;      /* only its multiples; 0: all */
    int decimals;           /* that may be written; 0: whole numbers */
};

/* All numbers with so many decimals. */
void bounds_init(struct bounds *b, int decimals);

/* Cuts off what is below (above: what is above) the number that a JSON text
 * says, itself too if it is excluded.  False: the text is none. */
bool bounds_cut(struct bounds *b, bool above, const char *text, bool excluded);

/* Allows multiples of a number only.  False for one that is not positive, or
 * has more decimals than are known. */
bool bounds_set_step(struct bounds *b, const char *text);

/* Whether there is any number left. */
bool bounds_has_any(const struct bounds *b);

/* What was written of a number. */
struct digits {
    bounds_value value; /* of the digits, times 10^decimals, without the sign */
    int n_digits, n_decimals;
    bool negative;
};

/* Adds a digit before or behind the point. */
void digits_add(struct digits *d, const struct bounds *b, int digit,
                bool behind);

/* Whether it may end so; and whether some number between the limits begins so.
 * fixed: no further digit may come before the point (behind a leading 0); more
 * than that, behind: the point was written. */
bool bounds_takes(const struct bounds *b, const struct digits *d);
bool bounds_reaches(const struct bounds *b, const struct digits *d,
                    bool fixed, bool behind);

#endif
