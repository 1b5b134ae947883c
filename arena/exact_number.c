#include "arena/exact_number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena/exact_plain.h"
#include "arena/exact_scan.h"
#include "base/buf.h"

#define PLAIN_MAX_BYTES (64u << 20)

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

/* Whether what begins at s is an exponent of a unit or a variable, behind "^",
 * "^-" or "^(-", or an index behind "_{". */
static bool is_exponent(const char *s, const char *begin)
{
    s -= s > begin && (s[-1] == '-' || s[-1] == '+');
    s -= s > begin && (s[-1] == '(' || s[-1] == '{');
    return s > begin && (s[-1] == '^' || (s[-1] == '_' && *s == '{'));
}

/* Whether a number, without sign, begins here: not inside a word, nor as an
 * exponent or an index. */
static bool begins_number(const char *s, const char *begin)
{
    bool is_point = *s == '.';
    if (!is_digit_at(s + is_point) || is_exponent(s, begin))
        return false;
    if (s == begin)
        return true;
    unsigned char before = (unsigned char)s[-1];
    if (before == '_') /* an index, or Markdown */
        return s - 1 == begin || !isalnum((unsigned char)s[-2]);
    return !isalnum(before) && before != '.' && !(is_point && before >= 0x80);
}

/* Where a minus sign, or a word for it, begins before the number at s, unless
 * it stands between two things; s if there is none. */
static const char *sign_before(const char *s, const char *begin)
{
    static const char *const words[] = {"minus", "negative"};
    const char *end = s - (s > begin && s[-1] == '$'); /* "-$5" */
    if (end > begin && end[-1] == '-')
        return end - 1 == begin ||
                       (!isalnum((unsigned char)end[-2]) && end[-2] != ')')
                   ? end - 1
                   : s;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(end - begin) < n || strncasecmp(end - n, words[i], n) != 0)
            continue;
        const char *left = end - n;
        while (left > begin && left[-1] == ' ')
            left--;
        return left == begin || (!is_digit_at(left - 1) && left[-1] != ')')
                   ? end - n
                   : s;
    }
    return s;
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

/* The number at s, with a sign, as an exponent; in brackets it may be a
 * fraction.  Returns behind it; s if there is none. */
static const char *read_exponent(const char *s, double *out)
{
    struct exact_number number, below = {.value = 1};
    bool in_brackets = *s == '(';
    const char *sign = s + in_brackets;
    const char *digits = sign + (*sign == '-' || *sign == '+');
    if (!is_digit_at(digits + (*digits == '.')))
        return s;
    const char *end = read_digits(digits, &number);
    if (in_brackets && *end == '/' && is_digit_at(end + 1))
        end = read_digits(end + 1, &below);
    if (in_brackets && *(end = skip_blanks(end)) != ')')
        return s;
    *out = number.value / below.value * (*sign == '-' ? -1 : 1);
    return end + in_brackets;
}

/* Behind the character at s, and behind the exponent that it may begin. */
static const char *behind_character(const char *s)
{
    double exponent;
    return *s == '^' ? read_exponent(s + 1, &exponent) : s + 1;
}

/* "e3", "* 10^3" (or "x") or "^3" behind a number. */
static const char *read_power(const char *s, struct exact_number *out)
{
    double exponent;
    const char *times = skip_blanks(s), *begin = NULL;
    if (*s == 'e' || *s == 'E')
        begin = s + 1;
    else if ((*times == '*' || *times == 'x') &&
             strncmp(skip_blanks(times + 1), "10^", 3) == 0)
        begin = skip_blanks(times + 1) + 3;
    else if (*s == '^')
        begin = s + 1;
    if (begin == NULL)
        return s;
    const char *end = read_exponent(begin, &exponent);
    if (end == begin || (end[-1] != ')' && isalpha((unsigned char)*end)))
        return s;
    if (*s == '^')
        out->value = pow(out->value, exponent);
    else
        out->value *= pow(10, exponent);
    out->digits[0] = '\0';
    out->n_places = 0;
    return end;
}

/* What digits are. */
enum reading { A_NUMBER, A_DATE, A_NAME };

/* Behind a name like 1.2.3, 1/2/3 or 8:15 that goes on at s, behind its first
 * number; s if it does not.  The year is read if it is a date. */
static const char *read_name(const char *s, struct exact_number *out,
                             enum reading *what)
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
    *what = joint != ':' && is_date ? A_DATE : A_NAME;
    if (*what == A_DATE)
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

/* " 1/2" behind a whole number. */
static const char *read_mixed(const char *s, struct exact_number *out)
{
    struct exact_number part;
    enum reading what = A_NUMBER;
    if (out->digits[0] == '\0' || *s != ' ' || !is_digit_at(s + 1))
        return s;
    const char *slash = read_digits(s + 1, &part);
    const char *end = read_divisor(slash, &part);
    read_name(slash, &part, &what);
    if (end == slash || what != A_NUMBER || !(part.value < 1))
        return s;
    out->value += part.value;
    out->digits[0] = '\0';
    return end;
}

/* Reads the number at s, of which a sign before it is `negative`.  Returns
 * behind it. */
static const char *read_number(const char *s, bool negative,
                               struct exact_number *out, enum reading *what)
{
    *what = A_NUMBER;
    s = read_digits(s, out);
    const char *end = read_name(s, out, what);
    if (end == s)
        end = read_mixed(s, out);
    if (end == s) {
        s = read_power(s, out);
        end = read_divisor(s, out);
    }
    if (negative)
        out->value = -out->value;
    return end;
}

/* --- the rule ------------------------------------------------------------- */

bool exact_number_last(const char *s, size_t n, struct exact_number *out)
{
    struct buf plain;
    buf_init(&plain, PLAIN_MAX_BYTES);
    exact_plain_add(s, n, &plain);
    struct exact_scan scan = {.begin = plain.data};
    for (s = plain.data; s != NULL && *s != '\0';) {
        if (!begins_number(s, plain.data)) {
            const char *end = behind_character(s);
            while (s < end)
                exact_scan_pass(&scan, s++);
            continue;
        }
        struct exact_number number;
        enum reading what;
        const char *sign = sign_before(s, plain.data);
        s = read_number(s, sign < s, &number, &what);
        if (what != A_NAME && exact_scan_takes(&scan, sign))
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
    enum reading what;
    buf_init(&plain, PLAIN_MAX_BYTES);
    s = skip_blanks(s);
    exact_plain_add(s, strlen(s), &plain);
    bool negative = plain.len > 0 && *plain.data == '-';
    const char *at = plain.data + (negative || *s == '+');
    if (plain.len > 0 && begins_number(at, plain.data)) {
        at = read_number(at, negative, out, &what);
        is_number = what == A_NUMBER && *skip_blanks(at) == '\0' &&
                    isfinite(out->value);
    }
    buf_free(&plain);
    return is_number;
}

bool exact_number_same(const struct exact_number *got,
                       const struct exact_number *wanted)
{
    if (got->digits[0] != '\0' && wanted->digits[0] != '\0')
        return (got->value < 0) == (wanted->value < 0) &&
               strcmp(got->digits, wanted->digits) == 0;
    double room = wanted->n_places > 0 ? 0.5 * pow(10, -wanted->n_places) : 0;
    return fabs(got->value - wanted->value) <=
           room * (1 + 1e-9) + 1e-9 * fabs(wanted->value);
}
