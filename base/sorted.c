#include "base/sorted.h"

#include <string.h>

size_t sorted_find_last(const size_t *first, size_t n, size_t row_bytes,
                        size_t key)
{
    size_t lo = 0, hi = n;
    while (lo + 1 < hi) {
        size_t middle = lo + (hi - lo) / 2, found;
        memcpy(&found, (const char *)first + middle * row_bytes,
               sizeof(found));
        if (found <= key)
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}
