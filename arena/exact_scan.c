#include "arena/exact_scan.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

void exact_scan_pass(struct exact_scan *scan, const char *s)
{
    bool is_escaped = s > scan->begin && s[-1] == '\\';
    if (*s == '\n')
        scan->depth = 0;
    else if ((*s == '(' || *s == '[') && !is_escaped)
        scan->depth++;
    else if ((*s == ')' || *s == ']') && !is_escaped && scan->depth > 0)
        scan->depth--;
}

bool exact_scan_takes(struct exact_scan *scan, const char *s)
{
    bool inside = scan->depth > 0;
    if (scan->any && inside && !scan->inside)
        return false;
    if (exact_scan_is_rejected(scan->begin, s))
        return false;
    scan->any = true;
    scan->inside = inside;
    return true;
}

/* Whether the text from begin to s ends with the words, which are whole if they
 * begin with a blank. */
static bool ends_with(const char *begin, const char *s, const char *words)
{
    bool whole = *words == ' ';
    words += whole;
    size_t n = strlen(words);
    if ((size_t)(s - begin) < n || strncasecmp(s - n, words, n) != 0)
        return false;
    s -= n;
    return !whole || s == begin || !isalnum((unsigned char)s[-1]);
}

bool exact_scan_is_rejected(const char *begin, const char *s)
{
    static const char *const rejections[] = {
        " not", "n't", "n\xE2\x80\x99t", "n t", " rather than", " instead of",
        "\\neq", "\\ne", "\xE2\x89\xA0",
    };
    while (s > begin && strchr(" \t*_`\"'$([{=", s[-1]) != NULL)
        s--;
    for (size_t i = 0; i < sizeof(rejections) / sizeof(rejections[0]); i++)
        if (ends_with(begin, s, rejections[i]))
            return true;
    return false;
}
