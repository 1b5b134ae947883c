#include "arena/exact.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define NUMBER_MAX_BYTES 64
#define WORDS_MAX_BYTES (64u << 20)

/* --- what is compared ----------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

/* Behind "Answer:" at the beginning of a line, or NULL.  Signs of Markdown may
 * stand around it. */
static const char *behind_marker(const char *line)
{
    const char *s = line + strspn(line, " \t*_#>`");
    if (strncasecmp(s, "answer", 6) != 0)
        return NULL;
    s += 6 + strspn(s + 6, "*_` \t");
    return *s == ':' ? s + 1 : NULL;
}

/* The part that is compared: *n bytes of it. */
static const char *final_part(const char *answer, size_t *n)
{
    const char *part = NULL;
    for (const char *line = answer; line != NULL;) {
        const char *found = behind_marker(line), *end = strchr(line, '\n');
        part = found ? found : part;
        line = end ? end + 1 : NULL;
    }
    if (part == NULL) {
        *n = strlen(answer);
        return answer;
    }
    /* It may stand on the lines below. */
    size_t blank = strspn(part, " \t\r\n*_`");
    if (memchr(part, '\n', blank) != NULL)
        *n = strlen(part);
    else
        *n = strcspn(part, "\n");
    return part;
}

/* --- numbers -------------------------------------------------------------- */

/* The sign before a digit: "-" or U+2212, unless it joins two things. */
static size_t sign_at(const char *s, const char *begin)
{
    size_t n = *s == '-' ? 1 : strncmp(s, "\xE2\x88\x92", 3) == 0 ? 3 : 0;
    if (n == 0 || !isdigit((unsigned char)s[n]))
        return 0;
    if (s > begin && (isalnum((unsigned char)s[-1]) || s[-1] == ')'))
        return 0;
    return n;
}

/* Whether three digits and no fourth follow a comma. */
static bool is_group(const char *s)
{
    return *s == ',' && isdigit((unsigned char)s[1]) &&
           isdigit((unsigned char)s[2]) && isdigit((unsigned char)s[3]) &&
           !isdigit((unsigned char)s[4]);
}

/* Copies the number at s, of which the first character is a sign or a digit,
 * without commas.  Returns behind it. */
static const char *copy_number(const char *s, size_t n_sign, char *out,
                               int *n_places)
{
    size_t n = 0;
    bool in_places = false;
    *n_places = 0;
    if (n_sign > 0)
        out[n++] = '-';
    for (s += n_sign; n < NUMBER_MAX_BYTES - 1;) {
        if (isdigit((unsigned char)*s)) {
            *n_places += in_places;
            out[n++] = *s++;
        } else if (!in_places && *s == '.' && isdigit((unsigned char)s[1])) {
            in_places = true;
            out[n++] = *s++;
        } else if (!in_places && is_group(s)) {
            s++;
        } else {
            break;
        }
    }
    out[n] = '\0';
    return s;
}

/* Whether a digit here begins a number: not inside a word, nor an exponent or
 * an index. */
static bool begins_number(const char *s, const char *begin)
{
    if (!isdigit((unsigned char)*s))
        return false;
    return s == begin || (!isalnum((unsigned char)s[-1]) &&
                          strchr("^_.", s[-1]) == NULL);
}

/* The last number of s[0..n).  False if there is none. */
static bool last_number(const char *s, size_t n, double *out)
{
    const char *begin = s, *end = s + n;
    char digits[NUMBER_MAX_BYTES];
    int n_places;
    bool any = false;
    while (s < end) {
        size_t n_sign = sign_at(s, begin);
        if (n_sign == 0 && !begins_number(s, begin)) {
            s++;
            continue;
        }
        s = copy_number(s, n_sign, digits, &n_places);
        *out = strtod(digits, NULL);
        any = true;
    }
    return any;
}

/* The whole reference as a number.  False if it is none. */
static bool read_number(const char *s, double *out, int *n_places)
{
    char digits[NUMBER_MAX_BYTES];
    s = skip_blanks(s);
    size_t n_sign = sign_at(s, s);
    if (n_sign == 0 && !isdigit((unsigned char)*s))
        return false;
    s = copy_number(s, n_sign, digits, n_places);
    *out = strtod(digits, NULL);
    return *skip_blanks(s) == '\0';
}

static bool same_number(double got, double wanted, int n_places)
{
    double room = n_places > 0 ? 0.5 * pow(10, -n_places) : 0;
    return fabs(got - wanted) <= room + 1e-9 * fmax(1, fabs(wanted));
}

/* --- letters and words ---------------------------------------------------- */

static bool is_letter(const char *s)
{
    return isalpha((unsigned char)s[0]) && s[1] == '\0';
}

/* The last capital letter in s[0..n) with no letter or digit beside it; 0 if
 * there is none. */
static char last_capital(const char *s, size_t n)
{
    char last = '\0';
    for (size_t i = 0; i < n; i++) {
        bool alone = (i == 0 || !(isalnum((unsigned char)s[i - 1]) ||
                                  (unsigned char)s[i - 1] >= 0x80)) &&
                     (i + 1 == n || !(isalnum((unsigned char)s[i + 1]) ||
                                      (unsigned char)s[i + 1] >= 0x80));
        if (alone && s[i] >= 'A' && s[i] <= 'Z')
            last = s[i];
    }
    return last;
}

static bool is_word_char(utf8proc_int32_t cp)
{
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_MC:
        return true;
    default:
        return false;
    }
}

/* Appends " word word ": folded, without accents. */
static void add_words(const char *s, size_t n, struct buf *out)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t length = utf8proc_map(
        (const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &folded,
        UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
            UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
    const char *text = (const char *)folded;
    size_t left = length > 0 ? (size_t)length : 0;
    buf_add_char(out, ' ');
    while (left > 0) {
        uint32_t cp;
        size_t step = utf8_decode(text, left, &cp);
        if (is_word_char((utf8proc_int32_t)cp))
            buf_add(out, text, step);
        else if (out->data[out->len - 1] != ' ')
            buf_add_char(out, ' ');
        text += step;
        left -= step;
    }
    if (out->data[out->len - 1] != ' ')
        buf_add_char(out, ' ');
    free(folded);
}

static bool has_words(const char *s, size_t n, const char *reference)
{
    struct buf text, wanted;
    buf_init(&text, WORDS_MAX_BYTES);
    buf_init(&wanted, WORDS_MAX_BYTES);
    add_words(s, n, &text);
    add_words(reference, strlen(reference), &wanted);
    bool found = !text.overflow && strstr(text.data, wanted.data) != NULL;
    buf_free(&text);
    buf_free(&wanted);
    return found;
}

/* --- the rule ------------------------------------------------------------- */

bool exact_is_checkable(const char *reference)
{
    if (strlen(reference) > EXACT_MAX_BYTES || strchr(reference, '\n') != NULL)
        return false;
    struct buf words;
    buf_init(&words, WORDS_MAX_BYTES);
    add_words(reference, strlen(reference), &words);
    bool any = words.len > 1;
    buf_free(&words);
    return any;
}

bool exact_agrees(const char *answer, const char *reference)
{
    size_t n;
    const char *part = final_part(answer, &n);
    double got, wanted;
    int n_places;
    if (read_number(reference, &wanted, &n_places))
        return last_number(part, n, &got) &&
               same_number(got, wanted, n_places);
    if (is_letter(reference))
        return last_capital(part, n) == toupper((unsigned char)*reference);
    return has_words(part, n, reference);
}

/* --- two answers ---------------------------------------------------------- */

static int by_text(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The words of a text, sorted; they lie in `text`. */
static char **sort_words(const char *s, struct buf *text, size_t *n)
{
    char *rest, **words = NULL;
    *n = 0;
    buf_init(text, WORDS_MAX_BYTES);
    add_words(s, strlen(s), text);
    for (char *word = strtok_r(text->data, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        words = mem_grow(words, *n, sizeof(*words));
        words[(*n)++] = word;
    }
    if (*n > 0)
        qsort(words, *n, sizeof(*words), by_text);
    return words;
}

static double share_words(const char *x, const char *y)
{
    struct buf text[2];
    size_t n[2], i = 0, k = 0, n_both = 0;
    char **a = sort_words(x, &text[0], &n[0]);
    char **b = sort_words(y, &text[1], &n[1]);
    while (i < n[0] && k < n[1]) {
        int order = strcmp(a[i], b[k]);
        n_both += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    free(a);
    free(b);
    buf_free(&text[0]);
    buf_free(&text[1]);
    return n[0] + n[1] == 0 ? 1 : 2.0 * (double)n_both / (double)(n[0] + n[1]);
}

double exact_agreement(const char *x, const char *y)
{
    size_t n[2];
    double number[2];
    const char *part[2] = {final_part(x, &n[0]), final_part(y, &n[1])};
    if (part[0] == x || part[1] == y)
        return share_words(x, y);
    if (last_number(part[0], n[0], &number[0]) &&
        last_number(part[1], n[1], &number[1]))
        return same_number(number[0], number[1], 0);
    struct buf text[2];
    for (int i = 0; i < 2; i++) {
        buf_init(&text[i], WORDS_MAX_BYTES);
        add_words(part[i], n[i], &text[i]);
    }
    bool same = strcmp(text[0].data, text[1].data) == 0;
    buf_free(&text[0]);
    buf_free(&text[1]);
    return same;
}
