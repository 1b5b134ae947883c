#include "arena/exact_plain.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

struct spelling {
    const char *written, *plain;
};

/* Where we are in the text. */
struct place {
    bool in_fraction, raised;
    size_t n_open; /* braces since "^{", with that one; 0 if not behind one */
};

/* What is written for what, wherever it stands. */
static const struct spelling spellings[] = {
    {"\xE2\x88\x92", "-"}, /* U+2212, the minus sign */
    {"\xE2\x80\x93", "-"}, /* U+2013 */
    {"\xE2\x80\x91", "-"}, /* U+2011 */
    {"\xEF\xBC\x8D", "-"}, /* U+FF0D */
    {"\xC3\x97", "*"},     /* U+00D7, the sign of multiplication */
    {"\xC2\xB7", "*"},     /* U+00B7 */
    {"\xE2\x8B\x85", "*"}, /* U+22C5 */
    {"\\times", "*"},      {"\\cdot", "*"}, {"\\$", "$"},
};

/* What stands between groups of digits in place of a comma. */
static const char *const separators[] = {
    "\xC2\xA0",     "\xE2\x80\xAF",
    "\xE2\x80\x89", "\xE2\x80\x87", /* blanks */
    "\xE2\x80\x99", "'",
    "{,}",          "\\,", /* U+2019 before the ASCII forms */
};

/* The digits above the line in their order. */
static const uint32_t superscripts[] = {0x2070, 0xB9,   0xB2,   0xB3,   0x2074,
                                        0x2075, 0x2076, 0x2077, 0x2078, 0x2079};

static int superscript_of(uint32_t cp)
{
    for (int i = 0; i < 10; i++)
        if (superscripts[i] == cp)
            return i;
    return -1;
}

static bool is_digit(uint32_t cp)
{
    return utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ND;
}

/* The value of a decimal digit of any script: they lie in tens, each from 0 to
 * 9 (Unicode 15, 4.6). */
static int digit_of(uint32_t cp)
{
    int n = 0;
    while (is_digit(cp - 1 - (uint32_t)n))
        n++;
    return n % 10;
}

/* The comma for a separator between two digits.  Returns its length, or 0. */
static size_t add_separator(const char *s, size_t n, struct buf *out)
{
    if (out->len == 0 || !isdigit((unsigned char)out->data[out->len - 1]))
        return 0;
    for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
        size_t length = strlen(separators[i]);
        if (length < n && memcmp(s, separators[i], length) == 0 &&
            isdigit((unsigned char)s[length])) {
            buf_add_char(out, ',');
            return length;
        }
    }
    return 0;
}

static size_t add_spelling(const char *s, size_t n, struct buf *out)
{
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        size_t length = strlen(spellings[i].written);
        if (length <= n && memcmp(s, spellings[i].written, length) == 0) {
            buf_add_str(out, spellings[i].plain);
            return length;
        }
    }
    return 0;
}

/* The length of \frac{ (also d and t), or of the }{ that belongs to one. */
static size_t add_fraction(const char *s, size_t n, struct place *p,
                           struct buf *out)
{
    size_t wide = n > 1 && (s[1] == 'd' || s[1] == 't');
    if (n > 6 + wide && *s == '\\' && memcmp(s + 1 + wide, "frac{", 5) == 0) {
        p->in_fraction = true;
        p->n_open += p->n_open > 0;
        if (out->len > 0 && isdigit((unsigned char)out->data[out->len - 1]))
            buf_add_char(out, ' ');
        return 6 + wide;
    }
    if (!p->in_fraction || n < 2 || memcmp(s, "}{", 2) != 0)
        return 0;
    p->in_fraction = false;
    buf_add_char(out, '/');
    return 2;
}

/* Brackets for the braces of an exponent, a blank for other closing ones. */
static size_t add_brace(const char *s, size_t n, struct place *p,
                        struct buf *out)
{
    if (p->n_open == 0 && n > 1 && memcmp(s, "^{", 2) == 0) {
        buf_add_str(out, "^(");
        p->n_open = 1;
        return 2;
    }
    if (*s == '{' && p->n_open > 0)
        p->n_open++;
    if (*s != '}')
        return 0;
    buf_add_char(out, p->n_open == 1 ? ')' : ' ');
    p->n_open -= p->n_open > 0;
    return 1;
}

/* Copies what is written in one way only. */
static size_t add_run(const char *s, size_t n, struct buf *out)
{
    size_t run = 0;
    while (run < n && (unsigned char)s[run] < 0x80 &&
           strchr("\\^{}'", s[run]) == NULL)
        run++;
    buf_add(out, s, run);
    return run;
}

/* Copies the character at s as a digit if it is one, else as it is. */
static size_t add_character(const char *s, size_t n, struct place *p,
                            struct buf *out)
{
    uint32_t cp;
    size_t step = utf8_decode(s, n, &cp);
    int high = superscript_of(cp);
    bool was_raised = p->raised;
    p->raised = high >= 0 || cp == 0x207B;
    if (p->raised && !was_raised)
        buf_add_char(out, '^');
    if (cp == 0x207B)
        buf_add_char(out, '-');
    else if (high >= 0 || (cp >= 0x80 && is_digit(cp)))
        buf_add_char(out, (char)('0' + (high >= 0 ? high : digit_of(cp))));
    else
        buf_add(out, s, step);
    return step;
}

void exact_plain_add(const char *s, size_t n, struct buf *out)
{
    struct place p = {0};
    while (n > 0) {
        size_t step = add_run(s, n, out);
        p.raised = p.raised && step == 0;
        if (step == 0)
            step = add_separator(s, n, out);
        if (step == 0)
            step = add_fraction(s, n, &p, out);
        if (step == 0)
            step = add_brace(s, n, &p, out);
        if (step == 0)
            step = add_spelling(s, n, out);
        if (step == 0)
            step = add_character(s, n, &p, out);
        s += step;
        n -= step;
    }
}
