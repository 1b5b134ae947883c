#include "arena/exact_number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "arena/exact_scan.h"
#include "base/buf.h"
#include "base/utf8.h"

#define PLAIN_MAX_BYTES (64u << 20)

/* --- one way of writing --------------------------------------------------- */

struct spelling {
    const char *written, *plain;
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
    {"\\times", "*"},
    {"\\cdot", "*"},
    {"^{", "^"},
    {"^(", "^"},
};

/* What stands between groups of digits in place of a comma. */
static const char *const separators[] = {
    "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", "\xE2\x80\x87", /* blanks */
    "\xE2\x80\x99", "'", "{,}", "\\,", /* U+2019 before the ASCII forms */
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
static size_t add_fraction(const char *s, size_t n, bool *in_fraction,
                           struct buf *out)
{
    size_t wide = n > 1 && (s[1] == 'd' || s[1] == 't');
    if (n > 6 + wide && *s == '\\' && memcmp(s + 1 + wide, "frac{", 5) == 0) {
        *in_fraction = true;
        return 6 + wide;
    }
    if (!*in_fraction || n < 2 || memcmp(s, "}{", 2) != 0)
        return 0;
    *in_fraction = false;
    buf_add_char(out, '/');
    return 2;
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
static size_t add_character(const char *s, size_t n, bool *raised,
                            struct buf *out)
{
    uint32_t cp;
    size_t step = utf8_decode(s, n, &cp);
    int high = superscript_of(cp);
    bool was_raised = *raised;
    *raised = high >= 0 || cp == 0x207B;
    if (*raised && !was_raised)
        buf_add_char(out, '^');
    if (cp == 0x207B)
        buf_add_char(out, '-');
    else if (high >= 0 || (cp >= 0x80 && is_digit(cp)))
        buf_add_char(out, (char)('0' + (high >= 0 ? high : digit_of(cp))));
    else
        buf_add(out, s, step);
    return step;
}

static void add_plain(const char *s, size_t n, struct buf *out)
{
    bool in_fraction = false, raised = false;
    while (n > 0) {
        size_t step = add_run(s, n, out);
        raised = raised && step == 0;
        if (step == 0)
            step = add_separator(s, n, out);
        if (step == 0)
            step = add_spelling(s, n, out);
        if (step == 0)
            step = add_fraction(s, n, &in_fraction, out);
        if (step == 0)
            step = add_character(s, n, &raised, out);
        s += step;
        n -= step;
    }
}

/* --- one number ----------------------------------------------------------- */

static bool is_digit_at(const char *s)
{
    return isdigit((unsigned char)*s);
}

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

static const char *skip_digits(const char *s)
{
    return s + strspn(s, "0123456789");
}

/* Whether a number, without sign, begins here: not inside a word, nor as an
 * exponent or an index. */
static bool begins_number(const char *s, const char *begin)
{
    bool is_point = *s == '.';
    if (!is_digit_at(s + is_point))
        return false;
    if (s == begin)
        return true;
    unsigned char before = (unsigned char)s[-1];
    if (before == '_') /* an index, or Markdown */
        return s - 1 == begin || !isalnum((unsigned char)s[-2]);
    return !isalnum(before) && before != '^' && before != '.' &&
           !(is_point && before >= 0x80);
}

/* Whether a sign, or a word for it, stands before the number at s: not between
 * two things. */
static bool is_negative(const char *s, const char *begin)
{
    static const char *const words[] = {"minus", "negative"};
    if (s > begin && s[-1] == '-')
        return s - 1 == begin ||
               (!isalnum((unsigned char)s[-2]) && s[-2] != ')');
    while (s > begin && (s[-1] == ' ' || s[-1] == '\t'))
        s--;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(s - begin) < n || strncasecmp(s - n, words[i], n) != 0)
            continue;
        const char *left = s - n;
        while (left > begin && left[-1] == ' ')
            left--;
        return left == begin || (!is_digit_at(left - 1) && left[-1] != ')');
    }
    return false;
}

/* Whether three digits and no fourth follow a comma. */
static bool is_group(const char *s)
{
    return *s == ',' && skip_digits(s + 1) == s + 4;
}

/* Reads digits, commas between groups and decimal places. */
static const char *read_digits(const char *s, struct exact_number *out)
{
    char text[EXACT_NUMBER_DIGITS + 1];
    size_t n = 0, n_before = strspn(s, "0123456789");
    bool in_places = false, grouped = n_before <= 3 && *s != '0';
    bool comma_is_point = n_before == 1 && *s == '0';
    out->n_places = 0;
    for (;; s++) {
        bool is_sign = !in_places && is_digit_at(s + (*s != '\0')) &&
                       (*s == '.' || (comma_is_point && is_group(s)));
        if (is_sign || is_digit_at(s)) {
            out->n_places += in_places;
            in_places = in_places || is_sign;
            if (n < EXACT_NUMBER_DIGITS)
                text[n++] = is_sign ? '.' : *s;
        } else if (in_places || !grouped || !is_group(s)) {
            break;
        }
    }
    text[n] = '\0';
    out->value = strtod(text, NULL);
    const char *digits = text + strspn(text, "0");
    out->digits[0] = '\0';
    if (!in_places && n < EXACT_NUMBER_DIGITS)
        snprintf(out->digits, sizeof(out->digits), "%s",
                 *digits ? digits : "0");
    return s;
}

/* The whole number at s, with a sign, as an exponent.  Returns behind it; s if
 * there is none. */
static const char *read_exponent(const char *s, double *out)
{
    const char *digits = s + (*s == '-' || *s == '+');
    const char *end = skip_digits(digits);
    if (end == digits)
        return s;
    *out = strtod(s, NULL);
    return end;
}

/* "e3", "* 10^3" or "^3" behind a number. */
static const char *read_power(const char *s, struct exact_number *out)
{
    double exponent, base = 10;
    const char *times = skip_blanks(s), *begin = NULL;
    if (*s == 'e' || *s == 'E')
        begin = s + 1;
    else if (*times == '*' && strncmp(skip_blanks(times + 1), "10^", 3) == 0)
        begin = skip_blanks(times + 1) + 3;
    else if (*s == '^')
        begin = s + 1;
    if (begin == NULL)
        return s;
    const char *end = read_exponent(begin, &exponent);
    if (end == begin || isalpha((unsigned char)*end))
        return s;
    if (*s == '^')
        out->value = pow(out->value, exponent);
    else
        out->value *= pow(base, exponent);
    out->digits[0] = '\0';
    out->n_places = 0;
    return end;
}

/* Behind a name like 1.2.3, 1/2/3 or 8:15 that goes on at s, behind its first
 * number; s if it does not.  The year is read if it is a date. */
static const char *read_name(const char *s, struct exact_number *out,
                             bool *is_number)
{
    const char *end = s, *last = s;
    size_t n = 0;
    char joint = *s;
    if (joint != '.' && joint != '/' && joint != ':')
        return s;
    while (*end == joint && is_digit_at(end + 1)) {
        last = end + 1;
        end = skip_digits(last);
        n++;
    }
    bool is_date = end - last == 4;
    if (n == 0 || (n == 1 && joint == '/')) /* the latter is a fraction */
        return s;
    *is_number = joint != ':' && is_date;
    if (*is_number)
        read_digits(last, out);
    return end;
}

static const char *read_divisor(const char *s, struct exact_number *out)
{
    struct exact_number below;
    const char *slash = skip_blanks(s);
    if (*slash != '/' || !is_digit_at(skip_blanks(slash + 1)))
        return s;
    s = read_digits(skip_blanks(slash + 1), &below);
    out->value /= below.value;
    out->digits[0] = '\0';
    out->n_places = 0;
    return s;
}

/* Reads the number at s.  Returns behind it; *is_number tells whether it is
 * one, and not a name. */
static const char *read_number(const char *s, const char *begin,
                               struct exact_number *out, bool *is_number)
{
    bool negative = is_negative(s, begin);
    *is_number = true;
    out->is_negative = false;
    s = read_digits(s, out);
    const char *end = read_name(s, out, is_number);
    if (end == s) {
        s = read_power(s, out);
        end = read_divisor(s, out);
    }
    if (negative) {
        out->value = -out->value;
        out->is_negative = strcmp(out->digits, "0") != 0;
    }
    return end;
}

/* --- the rule ------------------------------------------------------------- */

bool exact_number_last(const char *s, size_t n, struct exact_number *out)
{
    struct buf plain;
    buf_init(&plain, PLAIN_MAX_BYTES);
    add_plain(s, n, &plain);
    struct exact_scan scan = {.begin = plain.data};
    for (s = plain.data; s != NULL && *s != '\0';) {
        if (!begins_number(s, plain.data)) {
            exact_scan_pass(&scan, s++);
            continue;
        }
        struct exact_number number;
        bool is_number;
        const char *at = s;
        s = read_number(s, plain.data, &number, &is_number);
        at -= at > plain.data && at[-1] == '-';
        if (is_number && exact_scan_takes(&scan, at))
            *out = number;
    }
    bool any = scan.any && !plain.overflow;
    buf_free(&plain);
    return any;
}

bool exact_number_read(const char *s, struct exact_number *out)
{
    struct buf plain;
    bool is_number = false;
    buf_init(&plain, PLAIN_MAX_BYTES);
    s = skip_blanks(s);
    add_plain(s, strlen(s), &plain);
    const char *at = plain.data + (plain.len > 0 && *plain.data == '-');
    if (plain.len > 0 && begins_number(at, plain.data)) {
        at = read_number(at, plain.data, out, &is_number);
        is_number = is_number && *skip_blanks(at) == '\0' &&
                    isfinite(out->value);
    }
    buf_free(&plain);
    return is_number;
}

bool exact_number_same(const struct exact_number *got,
                       const struct exact_number *wanted)
{
    if (got->digits[0] != '\0' && wanted->digits[0] != '\0')
        return got->is_negative == wanted->is_negative &&
               strcmp(got->digits, wanted->digits) == 0;
    double room = wanted->n_places > 0 ? 0.5 * pow(10, -wanted->n_places) : 0;
    return fabs(got->value - wanted->value) <=
           room + 1e-9 * fmax(1, fabs(wanted->value));
}
