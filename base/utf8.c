#include "base/utf8.h"

#include <string.h>

/* The lead byte decides the length and the range of the second byte; all
 * further bytes are 80..BF (Unicode 15, table 3-7). */
struct utf8_lead {
    unsigned char first, last; /* lead bytes */
    unsigned char length;
    unsigned char lo, hi; /* second byte */
};

static const struct utf8_lead utf8_leads[] = {
    {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F},
    {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

static const struct utf8_lead *utf8_find_lead(unsigned char c)
{
    size_t n = sizeof(utf8_leads) / sizeof(utf8_leads[0]);
    for (size_t i = 0; i < n; i++)
        if (c >= utf8_leads[i].first && c <= utf8_leads[i].last)
            return &utf8_leads[i];
    return NULL;
}

/* How many bytes of s[0..n) fit the pattern that its lead byte opens. */
static size_t utf8_match(const struct utf8_lead *lead, const char *s, size_t n)
{
    size_t i = 1;
    while (i < n && i < lead->length) {
        unsigned char c = (unsigned char)s[i];
        unsigned char lo = i == 1 ? lead->lo : 0x80;
        unsigned char hi = i == 1 ? lead->hi : 0xBF;
        if (c < lo || c > hi)
            break;
        i++;
    }
    return i;
}

size_t utf8_decode(const char *s, size_t n, uint32_t *cp)
{
    unsigned char c = (unsigned char)s[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    *cp = UTF8_REPLACEMENT;
    const struct utf8_lead *lead = utf8_find_lead(c);
    if (lead == NULL)
        return 1;
    size_t len = utf8_match(lead, s, n);
    if (len < lead->length)
        return len;
    uint32_t v = c & (0xFFu >> (lead->length + 1));
    for (size_t i = 1; i < len; i++)
        v = v << 6 | ((unsigned char)s[i] & 0x3F);
    *cp = v;
    return len;
}

size_t utf8_incomplete(const char *s, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        const char *p = s + n - back;
        const struct utf8_lead *lead = utf8_find_lead((unsigned char)*p);
        if (lead != NULL)
            return lead->length > back && utf8_match(lead, p, back) == back
                       ? back
                       : 0;
    }
    return 0;
}

size_t utf8_encode(uint32_t cp, char *out)
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = UTF8_REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    static const unsigned char mark[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(mark[len] | cp);
    return len;
}

/* How many bytes from the start are ASCII: most of most texts, so eight at a
 * time. */
static size_t ascii_length(const char *s, size_t n)
{
    size_t at = 0;
    for (uint64_t word; at + sizeof(word) <= n; at += sizeof(word)) {
        memcpy(&word, s + at, sizeof(word));
        if ((word & 0x8080808080808080u) != 0)
            break;
    }
    while (at < n && (unsigned char)s[at] < 0x80)
        at++;
    return at;
}

size_t utf8_first_invalid(const char *s, size_t n)
{
    size_t at = ascii_length(s, n);
    while (at < n) {
        uint32_t cp;
        size_t len = utf8_decode(s + at, n - at, &cp);
        bool real = len == 3 && memcmp(s + at, "\xEF\xBF\xBD", 3) == 0;
        if (cp == UTF8_REPLACEMENT && !real)
            return at;
        at += len;
        at += ascii_length(s + at, n - at);
    }
    return n;
}

bool utf8_valid(const char *s, size_t n)
{
    return utf8_first_invalid(s, n) == n;
}

/* White space of Unicode (PropList.txt) beyond ASCII, and what has no width. */
static bool is_wide_blank(uint32_t cp)
{
    return cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200B) || cp == 0x2028 || cp == 0x2029 ||
           cp == 0x202F || cp == 0x205F || cp == 0x2060 || cp == 0x3000 ||
           cp == 0xFEFF;
}

/* The length of the blank that s[0..n) begins with; 0: none. */
static size_t blank_length(const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    uint32_t cp;
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r');
    size_t length = utf8_decode(s, n, &cp);
    return is_wide_blank(cp) ? length : 0;
}

const char *utf8_trim(const char *s, size_t *n)
{
    size_t length;
    if (utf8_is_trimmed(s, *n))
        return s;
    while (*n > 0 && (length = blank_length(s, *n)) > 0) {
        s += length;
        *n -= length;
    }
    while (*n > 0) {
        size_t at = *n - 1; /* where the last character begins */
        while (at > 0 && *n - at < UTF8_MAX_BYTES &&
               ((unsigned char)s[at] & 0xC0) == 0x80)
            at--;
        if (blank_length(s + at, *n - at) != *n - at)
            break;
        *n = at;
    }
    return s;
}
