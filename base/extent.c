#include "base/extent.h"

#include <string.h>

enum expects {
    EXPECTS_VALUE,
    EXPECTS_FIRST,   /* of an array: a value, or its end */
    EXPECTS_FIRST_KEY,
    EXPECTS_KEY,
    EXPECTS_COLON,
    EXPECTS_COMMA,   /* or the end of what it is in */
};

static bool is_object(const struct extent *x)
{
    int level = x->depth - 1;
    return (x->in_object[level / 8] >> level % 8 & 1) != 0;
}

static bool push(struct extent *x, bool object)
{
    if (x->depth == EXTENT_DEPTH)
        return false;
    int level = x->depth++;
    x->in_object[level / 8] &= (uint8_t)~(1u << level % 8);
    x->in_object[level / 8] |= (uint8_t)((unsigned)object << level % 8);
    x->expects = object ? EXPECTS_FIRST_KEY : EXPECTS_FIRST;
    return true;
}

static bool takes_value(const struct extent *x)
{
    return x->expects == EXPECTS_VALUE || x->expects == EXPECTS_FIRST;
}

/* A string begins or ended, a word ended: what may come next. */
static void end_scalar(struct extent *x, bool is_string)
{
    bool key = is_string && (x->expects == EXPECTS_KEY ||
                             x->expects == EXPECTS_FIRST_KEY);
    x->expects = key ? EXPECTS_COLON : EXPECTS_COMMA;
}

static bool close_with(struct extent *x, char c)
{
    bool object = c == '}';
    bool empty = x->expects == (object ? EXPECTS_FIRST_KEY : EXPECTS_FIRST);
    if (x->depth == 0 || is_object(x) != object ||
        (!empty && x->expects != EXPECTS_COMMA))
        return false;
    x->depth--;
    x->expects = EXPECTS_COMMA;
    return true;
}

static bool take_punctuation(struct extent *x, char c)
{
    switch (c) {
    case '{':
    case '[':
        return takes_value(x) && push(x, c == '{');
    case '}':
    case ']':
        return close_with(x, c);
    case ':':
        if (x->expects != EXPECTS_COLON)
            return false;
        x->expects = EXPECTS_VALUE;
        return true;
    case ',':
        if (x->depth == 0 || x->expects != EXPECTS_COMMA)
            return false;
        x->expects = is_object(x) ? EXPECTS_KEY : EXPECTS_VALUE;
        return true;
    default:
        return false;
    }
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

/* How many of s[0..n) a string has before a character that means something in
 * it: nearly all of most texts. */
static size_t plain_length(const char *s, size_t n)
{
    static const bool is_special[256] = {
        ['\n'] = true, ['\\'] = true, ['"'] = true};
    size_t at = 0;
    while (at < n && !is_special[(unsigned char)s[at]])
        at++;
    return at;
}

/* Moves behind the string that `at` is in.  A line break cannot be in one. */
static enum extent_state skip_string(struct extent *x, const char *s, size_t n)
{
    for (; x->at < n; x->at++) {
        if (!x->is_escaped)
            x->at += plain_length(s + x->at, n - x->at);
        if (x->at == n)
            break;
        char c = s[x->at];
        if (c == '\n')
            return EXTENT_BROKEN;
        if (c == '"' && !x->is_escaped)
            break;
        x->is_escaped = c == '\\' && !x->is_escaped;
    }
    if (x->at == n)
        return EXTENT_MORE;
    x->at++;
    x->in_string = false;
    end_scalar(x, true);
    return EXTENT_WHOLE;
}

/* Begins a string or a word, or takes one character between them. */
static bool take(struct extent *x, char c)
{
    if (c == '"') {
        x->in_string = takes_value(x) || x->expects == EXPECTS_KEY ||
                       x->expects == EXPECTS_FIRST_KEY;
        return x->in_string;
    }
    if (is_word(c)) {
        x->in_word = takes_value(x);
        return x->in_word;
    }
    return take_punctuation(x, c);
}

enum extent_state extent_find(struct extent *x, const char *s, size_t n)
{
    for (;;) {
        if (x->in_string) {
            enum extent_state state = skip_string(x, s, n);
            if (state != EXTENT_WHOLE)
                return state;
        }
        while (x->in_word && x->at < n && is_word(s[x->at]))
            x->at++;
        if (x->in_word && x->at < n) {
            x->in_word = false;
            end_scalar(x, false);
        }
        if (x->depth == 0 && x->expects == EXPECTS_COMMA)
            return EXTENT_WHOLE;
        while (x->at < n && strchr(" \t\r\n", s[x->at]) != NULL &&
               s[x->at] != '\0')
            x->at++;
        if (x->at == n)
            return EXTENT_MORE;
        if (!take(x, s[x->at]))
            return EXTENT_BROKEN;
        x->at++;
    }
}
