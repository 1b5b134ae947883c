#include "base/plural.h"

#include <inttypes.h>
#include <string.h>

const char *plural_s(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void plural_add(struct buf *out, uint64_t n, const char *text)
{
    buf_addf(out, "%" PRIu64 " ", n);
    for (;;) {
        size_t plain = strcspn(text, "[");
        buf_add(out, text, plain);
        if (text[plain] == '\0')
            return;
        const char *one = text + plain + 1;
        const char *many = one + strcspn(one, "|") + 1;
        const char *end = many + strcspn(many, "]");
        if (n == 1)
            buf_add(out, one, (size_t)(many - 1 - one));
        else
            buf_add(out, many, (size_t)(end - many));
        text = end + 1;
    }
}
