#include "tui/terminal/clipboard.h"

/* RFC 4648, section 4. */
static void add_base64(const unsigned char *s, size_t n, struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
                                 "tuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned long bits = (unsigned long)s[i] << 16;
        bits |= left > 1 ? (unsigned long)s[i + 1] << 8 : 0;
        bits |= left > 2 ? s[i + 2] : 0;
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                        left > 1 ? digits[bits >> 6 & 63] : '=',
                        left > 2 ? digits[bits & 63] : '='};
        buf_add(out, four, sizeof(four));
    }
}

void clipboard_sequence(const char *text, size_t n, struct buf *out)
{
    buf_add_str(out, "\x1B]52;c;");
    add_base64((const unsigned char *)text, n, out);
    buf_add_char(out, '\a');
}
