#include "base/sgr.h"

size_t sgr_length(const char *s, size_t n)
{
    if (n == 0 || s[0] != 0x1B || (n > 1 && s[1] != '['))
        return 0;
    for (size_t at = 2; at < n && at < SGR_MAX_BYTES; at++) {
        if (s[at] == 'm')
            return at + 1;
        if ((s[at] < '0' || s[at] > '9') && s[at] != ';' && s[at] != ':')
            return 0;
    }
    return n < SGR_MAX_BYTES ? SGR_INCOMPLETE : 0;
}
