#include "tui/text/code.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NAME_BYTES 24

/* Whether the first n bytes of s are a word of the list; any_case: ignoring the
 * case of ASCII letters. */
static bool has_word(const char *list, const char *s, size_t n, bool any_case)
{
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, " ");
        if (len == n && (any_case ? strncasecmp(list, s, n) == 0
                                  : memcmp(list, s, n) == 0))
            return true;
        list += len + strspn(list + len, " ");
    }
    return false;
}

const struct code_language *code_language_find(const char *s, size_t n)
{
    if (n == 0 || n > NAME_BYTES)
        return NULL;
    for (const struct code_language *l = code_languages; l->names; l++)
        if (has_word(l->names, s, n, true))
            return l;
    return NULL;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

/* The length of the word of a list that s[0..n) starts with, or 0; *word is
 * where it stands in the list. */
static size_t starts_with(const char *list, const char *s, size_t n,
                          const char **word)
{
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, " ");
        if (len <= n && memcmp(list, s, len) == 0) {
            *word = list;
            return len;
        }
        list += len + strspn(list + len, " ");
    }
    return 0;
}

/* Up to the end of the open comment or string, which may be on a later line. */
static size_t finish_open(struct code_state *state, const char *s, size_t n,
                          size_t at)
{
    bool escapes = state->class == CODE_STRING;
    for (size_t i = at; i < n; i++) {
        if (escapes && s[i] == '\\') {
            i++;
        } else if (state->n_until <= n - i &&
                   memcmp(s + i, state->until, state->n_until) == 0) {
            size_t end = i + state->n_until;
            state->until = NULL;
            return end - at;
        }
    }
    return n - at;
}

/* A string that ends on its line; without an end, the rest of the line. */
static size_t string_length(const char *s, size_t n, size_t at)
{
    for (size_t i = at + 1; i < n; i++) {
        if (s[i] == '\\')
            i++;
        else if (s[i] == s[at])
            return i + 1 - at;
    }
    return n - at;
}

/* Whether ' at s[at] starts a character ('a', '\n'), not a lifetime ('a). */
static bool is_character(const char *s, size_t n, size_t at)
{
    if (at + 1 < n && s[at + 1] == '\\')
        return true;
    for (size_t i = at + 2; i < n && i <= at + 5; i++)
        if (s[i] == '\'')
            return true;
    return false;
}

/* A comment up to the end of the line.  In most languages with "#" that is
 * only one at the start of a word: not in $#, a#b or a colour. */
static bool is_line_comment(const struct code_language *l, const char *s,
                            size_t n, size_t at)
{
    const char *word;
    if (starts_with(l->line_comment, s + at, n - at, &word) == 0)
        return false;
    return *word == '/' || *word == '-' || at == 0 || s[at - 1] == ' ' ||
           s[at - 1] == '\t' || s[at - 1] == ';';
}

/* Opens a comment or string of many lines; 0 if none starts here. */
static size_t open_long(const struct code_language *l,
                        struct code_state *state, const char *s, size_t n,
                        size_t at)
{
    const char *word;
    size_t len = 0, n_begin;
    if (l->block_comment != NULL) {
        n_begin = strcspn(l->block_comment, " ");
        if (n_begin <= n - at &&
            memcmp(l->block_comment, s + at, n_begin) == 0) {
            state->until = l->block_comment + n_begin + 1;
            state->n_until = strlen(state->until);
            state->class = CODE_COMMENT;
            len = n_begin;
        }
    }
    if (len == 0) {
        len = starts_with(l->long_quotes, s + at, n - at, &word);
        if (len == 0)
            return 0;
        state->until = word;
        state->n_until = len;
        state->class = CODE_STRING;
    }
    return len + finish_open(state, s, n, at + len);
}

static enum code_class word_class(const struct code_language *l, const char *s,
                                  size_t at, size_t n)
{
    if (s[at] >= '0' && s[at] <= '9')
        return CODE_NUMBER;
    bool tag = at > 0 && (s[at - 1] == '<' ||
                          (s[at - 1] == '/' && at > 1 && s[at - 2] == '<'));
    if ((l->flags & CODE_TAGS) != 0)
        return tag ? CODE_KEYWORD : CODE_PLAIN;
    return has_word(l->keywords, s + at, n, l->flags & CODE_ANY_CASE)
               ? CODE_KEYWORD
               : CODE_PLAIN;
}

/* A word or number with what belongs to it. */
static size_t word_length(const char *s, size_t n, size_t at)
{
    bool number = s[at] >= '0' && s[at] <= '9';
    size_t end = at + 1; /* the first byte may be @ or ! */
    while (end < n && (is_word_byte(s[end]) ||
                       (number && s[end] == '.' && end + 1 < n &&
                        s[end + 1] >= '0' && s[end + 1] <= '9')))
        end++;
    return end - at;
}

size_t code_next(const struct code_language *l, struct code_state *state,
                 const char *s, size_t n, size_t at, enum code_class *class)
{
    *class = CODE_PLAIN;
    if (l == NULL)
        return n - at;
    if (state->until != NULL) {
        *class = state->class;
        return finish_open(state, s, n, at);
    }
    size_t len = open_long(l, state, s, n, at);
    if (len > 0) {
        *class = state->class;
        return len;
    }
    if (is_line_comment(l, s, n, at)) {
        *class = CODE_COMMENT;
        return n - at;
    }
    if (l->quotes != NULL && strchr(l->quotes, s[at]) != NULL &&
        s[at] != '\0' &&
        (s[at] != '\'' || (l->flags & CODE_LIFETIMES) == 0 ||
         is_character(s, n, at))) {
        *class = CODE_STRING;
        return string_length(s, n, at);
    }
    if (!is_word_byte(s[at]) && s[at] != '@' && s[at] != '!')
        return 1;
    len = word_length(s, n, at);
    *class = word_class(l, s, at, len);
    return len;
}
