#include "backends/engine/sampling/bounds.h"

#include <stddef.h>

static bounds_value power(int n)
{
    bounds_value v = 1;
    while (n-- > 0)
        v *= 10;
    return v;
}

static bounds_value largest(int decimals)
{
    return power(BOUNDS_MAX_DIGITS + decimals) - 1;
}

void bounds_init(struct bounds *b, int decimals)
{
    *b = (struct bounds){.decimals = decimals};
    b->high = largest(decimals);
    b->low = -b->high;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent at the end of a JSON number, kept far from overflow. */
static int read_exponent(const char *s)
{
    int v = 0;
    bool minus = *s == '-';
    s += *s == '-' || *s == '+';
    for (; is_digit(*s); s++)
        v = v < 10000 ? 10 * v + (*s - '0') : v;
    return minus ? -v : v;
}

/* A JSON number times 10^decimals, rounded down; *exact tells whether that is
 * all of it.  What is too large is the largest. */
static bool read_scaled(const char *s, int decimals, bounds_value *out,
                        bool *exact)
{
    bounds_value most = largest(decimals) + 1, v = 0;
    bool minus = *s == '-', behind = false, any = false;
    s += minus;
    *exact = true;
    int shift = decimals;
    const char *e = s;
    while (*e != '\0' && *e != 'e' && *e != 'E')
        e++;
    if (*e != '\0')
        shift += read_exponent(e + 1);
    for (; s < e; s++) {
        if (*s == '.') {
            behind = true;
            continue;
        }
        if (!is_digit(*s))
            return false;
        any = true;
        if (behind && shift <= 0) { /* no place left for it */
            *exact = *exact && *s == '0';
            continue;
        }
        v = v < most ? 10 * v + (*s - '0') : most;
        shift -= behind;
    }
    for (; shift > 0 && v > 0 && v < most; shift--)
        v *= 10;
    for (; shift < 0 && v > 0; shift++) {
        *exact = *exact && v % 10 == 0;
        v /= 10;
    }
    v = v < most ? v : most;
    *out = minus ? -v - !*exact : v;
    return any;
}

bool bounds_cut(struct bounds *b, bool above, const char *text, bool excluded)
{
    bounds_value v;
    bool exact;
    if (!read_scaled(text, b->decimals, &v, &exact))
        return false;
    if (above) {
        v -= exact && excluded;
        b->high = v < b->high ? v : b->high;
    } else {
        v += !exact || excluded;
        b->low = v > b->low ? v : b->low;
    }
    return true;
}

bool bounds_set_step(struct bounds *b, const char *text)
{
    bounds_value v;
    bool exact;
    if (!read_scaled(text, b->decimals, &v, &exact) || !exact || v <= 0)
        return false;
    b->step = v;
    return true;
}

/* Whether a number of the bounds lies in [low, high]. */
static bool has_in(const struct bounds *b, bounds_value low, bounds_value high)
{
    low = low > b->low ? low : b->low;
    high = high < b->high ? high : b->high;
    if (low > high)
        return false;
    if (b->step == 0)
        return true;
    bounds_value rest = high % b->step;
    return high - (rest < 0 ? rest + b->step : rest) >= low;
}

bool bounds_has_any(const struct bounds *b)
{
    return has_in(b, b->low, b->high);
}

void digits_add(struct digits *d, const struct bounds *b, int digit,
                bool behind)
{
    if (behind) {
        d->n_decimals++;
        d->value += digit * power(b->decimals - d->n_decimals);
    } else {
        d->n_digits++;
        d->value = 10 * d->value + digit * power(b->decimals);
    }
}

static bool has_between(const struct bounds *b, const struct digits *d,
                        bounds_value low, bounds_value high)
{
    return d->negative ? has_in(b, -high, -low) : has_in(b, low, high);
}

bool bounds_takes(const struct bounds *b, const struct digits *d)
{
    return has_between(b, d, d->value, d->value);
}

bool bounds_reaches(const struct bounds *b, const struct digits *d, bool fixed,
                    bool behind)
{
    bounds_value low = d->value;
    bounds_value room = power(b->decimals - d->n_decimals) - 1;
    if (has_between(b, d, low, low + room))
        return true;
    if (fixed || behind)
        return false;
    for (int n = d->n_digits; n < BOUNDS_MAX_DIGITS; n++) {
        low *= 10;
        room = 10 * (room + 1) - 1;
        if (has_between(b, d, low, low + room))
            return true;
    }
    return false;
}
