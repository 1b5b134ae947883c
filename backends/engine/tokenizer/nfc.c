#include "backends/engine/tokenizer/nfc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"

#define PIECE_BYTES 256 /* a piece ends at the first place after so many */
#define MOST_BYTES 4096 /* or here, whatever stands there */

static size_t ascii_bytes(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && (unsigned char)s[i] < 0x80)
        i++;
    return i;
}

/* Whether a character never joins with what is before it, nor changes places
 * with it: nothing below U+0300 does, no kana, ideograph or Hangul syllable. */
static bool begins_anew(uint32_t cp)
{
    return cp < 0x300 || (cp >= 0x3041 && cp <= 0x3096) ||
           (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0xAC00 && cp <= 0xD7A3);
}

/* The bytes to compose together; or, with *valid false, bytes of no UTF-8. */
static size_t piece_bytes(const char *s, size_t n, bool *valid)
{
    size_t at = 0;
    *valid = true;
    while (at < n && at < MOST_BYTES) {
        uint32_t cp;
        size_t len = utf8_decode(s + at, n - at, &cp);
        bool good = cp != UTF8_REPLACEMENT || utf8_valid(s + at, len);
        if (at == 0 && !good) {
            *valid = false;
            return len;
        }
        if (!good || (at >= PIECE_BYTES && begins_anew(cp)))
            break;
        at += len;
    }
    return at;
}

static int compose_piece(const char *s, size_t n, struct buf *out,
                         struct err *e)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t n_made = utf8proc_map((const utf8proc_uint8_t *)s,
                                           (utf8proc_ssize_t)n, &made,
                                           UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n_made < 0)
        return err_set(e, ERR_BACKEND, "a text cannot be normalized: %s",
                       utf8proc_errmsg(n_made));
    buf_add(out, (const char *)made, (size_t)n_made);
    free(made);
    return 0;
}

int nfc_compose(const char *text, size_t n, struct buf *out, struct err *e)
{
    while (n > 0) {
        size_t len = ascii_bytes(text, n);
        bool valid = false;
        if (len < n && len > 0)
            len--; /* the last one may be the base of a mark */
        if (len == 0)
            len = piece_bytes(text, n, &valid);
        if (!valid)
            buf_add(out, text, len);
        else if (compose_piece(text, len, out, e) != 0)
            return -1;
        text += len;
        n -= len;
    }
    return 0;
}
