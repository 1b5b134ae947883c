#include "arena/blind/leak.h"

#include <string.h>

#include "arena/blind/fold.h"

/* --- the sentence so far ------------------------------------------------- */

/* Folded, with one space for whatever stands between words, and one in front,
 * so that " i am " is found as a word. */
static void context_add(struct leak_scan *s, char c)
{
    if (c == ' ' && s->context[s->n_context - 1] == ' ')
        return;
    if (s->n_context == LEAK_CONTEXT_BYTES) {
        size_t drop = LEAK_CONTEXT_BYTES / 2;
        memmove(s->context, s->context + drop, s->n_context - drop);
        s->n_context -= drop;
    }
    s->context[s->n_context++] = c;
    s->context[s->n_context] = '\0';
}

static void context_clear(struct leak_scan *s)
{
    s->context[0] = ' ';
    s->context[1] = '\0';
    s->n_context = 1;
}

/* Other scripts go into the context as their bytes. */
static void context_take(struct leak_scan *s, const char *bytes,
                         struct leak_char c)
{
    bool ends = c.class == LEAK_STOP || (s->after_dot && bytes[0] == ' ');
    s->after_dot = bytes[0] == '.';
    if (ends) {
        context_clear(s);
    } else if (c.class == LEAK_LETTER) {
        context_add(s, c.letter);
    } else if (c.class == LEAK_SEPARATOR || bytes[0] == ',' ||
               bytes[0] == ':' || bytes[0] == '"' || bytes[0] == '(') {
        context_add(s, ' ');
    } else if (c.class == LEAK_OTHER) {
        for (size_t i = 0; i < c.n_bytes; i++)
            context_add(s, bytes[i]);
    }
}

/* --- matching ------------------------------------------------------------ */

#define MAX_SPAN 400 /* bytes that a disguised name may take */
#define MAX_GAP 3 /* separators between two letters of a name */

enum match { MATCH_NO, MATCH_YES, MATCH_PERHAPS };

/* How many bytes of the word this character is, 0 if it is another. */
static size_t same_letter(const char *word, const char *text,
                          struct leak_char c)
{
    if (c.class == LEAK_LETTER)
        return c.letter == *word;
    bool same = c.class == LEAK_OTHER && strncmp(word, text, c.n_bytes) == 0;
    return same ? c.n_bytes : 0;
}

/* Whether the word begins at text; *n_match is then what it covers.  Between
 * two of its letters there may be anything invisible and a small gap. */
static enum match match_word(const char *word, const char *text, size_t n,
                             bool done, size_t *n_match)
{
    size_t at = 0;
    int gap = MAX_GAP; /* no separators before the first letter */
    bool ascii = true;     /* the last letter */
    if (n > MAX_SPAN) { /* padding must not make us look again and again */
        n = MAX_SPAN;
        done = true;
    }
    while (*word != '\0') {
        size_t left = n - at;
        if (left == 0 || (!done && leak_is_cut(text + at, left)))
            return done ? MATCH_NO : MATCH_PERHAPS;
        struct leak_char c = leak_fold(text + at, left);
        size_t same = same_letter(word, text + at, c);
        at += c.n_bytes;
        if (same > 0) {
            word += same;
            gap = 0;
            ascii = c.class == LEAK_LETTER;
            *n_match = at;
        } else if (c.class == LEAK_SEPARATOR) {
            /* "g - p" is a gap in a name, "g. p" the end of a sentence. */
            gap += text[at - 1] == '.' ? MAX_GAP : 1;
            if (gap > MAX_GAP)
                return MATCH_NO;
        } else if (c.class != LEAK_INVISIBLE) {
            return MATCH_NO;
        }
    }
    /* A letter behind it makes it another word; so does a digit behind a
     * digit, but behind a letter it is a version. */
    bool digit = word[-1] >= '0' && word[-1] <= '9';
    while (at < n && ascii) {
        if (!done && leak_is_cut(text + at, n - at))
            return MATCH_PERHAPS;
        struct leak_char c = leak_fold(text + at, n - at);
        if (c.class != LEAK_INVISIBLE)
            return c.class == LEAK_LETTER &&
                           (digit || c.letter < '0' || c.letter > '9')
                       ? MATCH_NO
                       : MATCH_YES;
        at += c.n_bytes;
    }
    return done || !ascii ? MATCH_YES : MATCH_PERHAPS;
}

#define MAX_VERSION 40 /* bytes between a name and the sign behind it */

/* Whether a sign that sets off a speaker's name stands behind it, or behind
 * its version. */
static enum match match_label(const char *text, size_t n, bool done)
{
    for (size_t at = 0; at < n && at < MAX_VERSION;) {
        if (!done && leak_is_cut(text + at, n - at))
            return MATCH_PERHAPS;
        struct leak_char c = leak_fold(text + at, n - at);
        bool version = c.class == LEAK_LETTER && c.letter >= '0' &&
                       c.letter <= '9';
        if (text[at] == ',' || text[at] == ':')
            return MATCH_YES;
        if (!version && c.class != LEAK_INVISIBLE && text[at] != '.' &&
            text[at] != '-')
            return MATCH_NO;
        at += c.n_bytes;
    }
    return done || n >= MAX_VERSION ? MATCH_NO : MATCH_PERHAPS;
}

/* The longest word that begins at text. */
static enum match match_any(const struct leak_scan *s, const char *text,
                            size_t n, bool done, size_t *n_match)
{
    struct leak_char first = leak_fold(text, n);
    enum match best = MATCH_NO;
    *n_match = 0;
    for (size_t i = 0; i < s->words->n; i++) {
        const struct leak_word *word = &s->words->list[i];
        size_t covered = 0;
        if (same_letter(word->folded, text, first) == 0)
            continue;
        enum match m = match_word(word->folded, text, n, done, &covered);
        bool fits = leak_context_fits(s->context, word->kind);
        if (!fits && (!word->is_coined || s->began))
            continue;
        if (m == MATCH_YES && !fits)
            m = match_label(text + covered, n - covered, done);
        if (m == MATCH_NO)
            continue;
        if (m == MATCH_PERHAPS)
            return MATCH_PERHAPS;
        best = MATCH_YES;
        if (covered > *n_match)
            *n_match = covered;
    }
    return best;
}

void leak_scan_init(struct leak_scan *s, const struct leak_words *words)
{
    *s = (struct leak_scan){.words = words};
    context_clear(s);
}

void leak_scan_step(struct leak_scan *s, const char *text, size_t n, bool done,
                    struct buf *out)
{
    while (s->at < n) {
        const char *here = text + s->at;
        size_t left = n - s->at, n_match;
        if (!done && leak_is_cut(here, left))
            return;
        struct leak_char c = leak_fold(here, left);
        enum match m = MATCH_NO;
        if (c.class == LEAK_OTHER || (c.class == LEAK_LETTER && !s->in_word))
            m = match_any(s, here, left, done, &n_match);
        if (m == MATCH_PERHAPS)
            return;
        if (m == MATCH_YES) {
            buf_add_str(out, LEAK_HIDDEN);
            s->found = s->began = true;
            s->in_word = true; /* what follows directly, a version, is not */
            s->at += n_match;
            continue;
        }
        buf_add(out, here, c.n_bytes);
        context_take(s, here, c);
        s->began |= c.class == LEAK_LETTER || /* not of "#" and "[" */
                    (c.class == LEAK_OTHER && (unsigned char)here[0] >= 0x80);
        if (c.class != LEAK_INVISIBLE)
            s->in_word = c.class == LEAK_LETTER;
        s->at += c.n_bytes;
    }
}
