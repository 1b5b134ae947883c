#include "tui/print/chances.h"

#include "backends/chances.h"
#include "base/plural.h"

#define UNSURE 0.5

void chances_describe(const char *line, struct buf *out)
{
    size_t n = 0, n_unsure = 0, bytes;
    double p;
    for (; chances_next(&line, &bytes, &p); n++)
        n_unsure += p < UNSURE;
    if (n == 0)
        buf_add_str(out, "not known");
    else
        buf_addf(out, "%zu of %zu token%s under %.0f%%", n_unsure, n,
                 plural_s(n), 100 * UNSURE);
}
