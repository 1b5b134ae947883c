#include "arena/exact.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "arena/exact_number.h"
#include "arena/exact_scan.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define WORDS_MAX_BYTES (64u << 20)

/* --- what is compared ----------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

/* Behind "Answer:" or "Final answer:" at the beginning of a line, or NULL.
 * Signs of Markdown may stand around it. */
static const char *behind_marker(const char *line)
{
    const char *s = line + strspn(line, " \t*_#>`|+-");
    if (strncasecmp(s, "final ", 6) == 0)
        s = skip_blanks(s + 6);
    if (strncasecmp(s, "answer", 6) != 0)
        return NULL;
    s += 6 + strspn(s + 6, "*_` \t");
    if (strncmp(s, "\xEF\xBC\x9A", 3) == 0) /* U+FF1A, a wide colon */
        return s + 3;
    return *s == ':' ? s + 1 : NULL;
}

/* The bytes of s up to the next blank line. */
static size_t paragraph_length(const char *s)
{
    const char *end = strchr(s, '\n');
    while (end != NULL && end[1 + strspn(end + 1, " \t\r")] != '\n')
        end = strchr(end + 1, '\n');
    return end ? (size_t)(end - s) : strlen(s);
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
    /* It may stand on the lines below, down to a blank one. */
    size_t blank = strspn(part, " \t\r\n*_`$|\\[");
    if (memchr(part, '\n', blank) != NULL)
        *n = blank + paragraph_length(part + blank);
    else
        *n = strcspn(part, "\n");
    return part;
}

/* --- letters and words ---------------------------------------------------- */

/* The capital of a reference that is one letter, as "b", "(B)" or "B."; 0 if it
 * is something else. */
static char letter_of(const char *s)
{
    s += strspn(s, " \t(");
    if (!isalpha((unsigned char)*s) || s[1 + strspn(s + 1, " \t).:")] != '\0')
        return '\0';
    return (char)toupper((unsigned char)*s);
}

static bool is_in_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* The last capital letter in s[0..n) with no letter or digit beside it, by
 * exact_scan's rule; 0 if there is none.  "I" is a pronoun unless wanted. */
static char last_capital(const char *s, size_t n, char wanted)
{
    struct exact_scan scan = {.begin = s};
    char last = '\0';
    for (size_t i = 0; i < n; i++) {
        bool alone = (i == 0 || !is_in_word(s[i - 1])) &&
                     (i + 1 == n || !is_in_word(s[i + 1]));
        if (alone && s[i] >= 'A' && s[i] <= 'Z' &&
            (s[i] != 'I' || wanted == 'I') && exact_scan_takes(&scan, s + i))
            last = s[i];
        exact_scan_pass(&scan, s + i);
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

/* Before the last word of the text from begin to s, if it is an article or a
 * preposition; s if not. */
static const char *without_filler(const char *begin, const char *s)
{
    static const char *const fillers[] = {" the", " a",  " an", " in",
                                          " on",  " at", " by"};
    for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
        size_t n = strlen(fillers[i]);
        if ((size_t)(s - begin) >= n && memcmp(s - n, fillers[i], n) == 0)
            return s - n;
    }
    return s;
}

/* Whether what stands at s, in folded words, is rejected: "not in the". */
static bool is_rejected(const char *begin, const char *s)
{
    s = without_filler(begin, without_filler(begin, s));
    return exact_scan_is_rejected(begin, s);
}

static bool has_words(const char *s, size_t n, const char *reference)
{
    struct buf text, wanted;
    bool found = false;
    buf_init(&text, WORDS_MAX_BYTES);
    buf_init(&wanted, WORDS_MAX_BYTES);
    add_words(s, n, &text);
    add_words(reference, strlen(reference), &wanted);
    for (const char *at = text.data; !text.overflow && !found; at++) {
        at = strstr(at, wanted.data);
        if (at == NULL)
            break;
        found = !is_rejected(text.data, at);
    }
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
    struct exact_number got, wanted;
    if (exact_number_read(reference, &wanted))
        return exact_number_last(part, n, &got) &&
               exact_number_same(&got, &wanted);
    char letter = letter_of(reference);
    if (letter != '\0')
        return last_capital(part, n, letter) == letter;
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
    struct exact_number number[2];
    const char *part[2] = {final_part(x, &n[0]), final_part(y, &n[1])};
    if (part[0] == x || part[1] == y)
        return share_words(x, y);
    if (exact_number_last(part[0], n[0], &number[0]) &&
        exact_number_last(part[1], n[1], &number[1])) {
        number[1].n_places = 0;
        return exact_number_same(&number[0], &number[1]);
    }
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
