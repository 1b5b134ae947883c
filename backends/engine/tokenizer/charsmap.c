#include "backends/engine/tokenizer/charsmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/file/cursor.h"
#include "base/mem.h"
#include "base/utf8.h"

/* NFKC with case folding has 320 kB. */
#define MAX_BYTES (16u << 20)

/* A longer replacement is none: the longest of Unicode's has 33 bytes. */
#define MAX_REPLACEMENT 1024

/* Nor is a longer key, of which Unicode's have up to 12 bytes: a trie whose
 * branches lead back into themselves would be followed to the end of a text
 * from every place in it. */
#define MAX_KEY 64

struct charsmap {
    uint32_t *units; /* [n_units] the trie */
    size_t n_units;
    char *texts; /* [n_texts], the last one is NUL */
    size_t n_texts;
};

void charsmap_close(struct charsmap *c)
{
    if (c == NULL)
        return;
    free(c->units);
    free(c->texts);
    free(c);
}

int charsmap_open(struct charsmap **out, const void *bytes, size_t n,
                  struct err *e)
{
    struct cursor at = cursor_of(bytes, n);
    uint32_t n_trie = cursor_u32(&at);
    if (at.bad || n > MAX_BYTES || n_trie % 4 != 0 ||
        n_trie >= cursor_left(&at))
        return err_set(e, ERR_FORMAT, "precompiled_charsmap is broken: a trie "
                       "of %u bytes in %zu", (unsigned)n_trie, n);
    struct charsmap *c = mem_calloc(1, sizeof(*c));
    c->n_units = n_trie / 4;
    c->n_texts = cursor_left(&at) - n_trie;
    c->units = mem_try(c->n_units, sizeof(*c->units));
    c->texts = mem_try(c->n_texts, 1);
    if (c->units == NULL || c->texts == NULL) {
        charsmap_close(c);
        return err_set(e, ERR_BACKEND, "no memory for precompiled_charsmap");
    }
    for (size_t i = 0; i < c->n_units; i++)
        c->units[i] = cursor_u32(&at);
    memcpy(c->texts, cursor_take(&at, c->n_texts), c->n_texts);
    c->texts[c->n_texts - 1] = '\0';
    *out = c;
    return 0;
}

/* --- the trie -----------------------------------------------------------
 *
 * A unit is 32 bits.  The children of the one at i stand at i ^ offset ^ byte,
 * for each byte that goes on, and have that byte as their label; if the
 * unit is the end of a key, its value stands at i ^ offset. */

#define UNIT_IS_VALUE 0x80000000u

static uint32_t offset_of(uint32_t unit)
{
    return unit >> 10 << ((unit & 0x200) >> 6);
}

/* The label of a unit; no byte's for one that holds a value. */
static uint32_t label_of(uint32_t unit)
{
    return unit & (UNIT_IS_VALUE | 0xFF);
}

static bool ends_key(uint32_t unit)
{
    return (unit & 0x100) != 0;
}

/* The value of the longest key that text[0..n) begins with; -1: there is none.
 * *n_key is its length. */
static int64_t find_longest(const struct charsmap *c, const char *text,
                            size_t n, size_t *n_key)
{
    int64_t best = -1;
    if (c->n_units == 0)
        return -1;
    size_t at = offset_of(c->units[0]);
    for (size_t i = 0; i < n && i < MAX_KEY && text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i];
        at ^= byte;
        if (at >= c->n_units || label_of(c->units[at]) != byte)
            break;
        bool ends = ends_key(c->units[at]);
        at ^= offset_of(c->units[at]);
        if (!ends || at >= c->n_units)
            continue;
        best = c->units[at] & ~UNIT_IS_VALUE;
        *n_key = i + 1;
    }
    return best;
}

/* The replacement that a value points to, or NULL. */
static const char *text_of(const struct charsmap *c, int64_t value)
{
    if (value < 0 || (uint64_t)value >= c->n_texts)
        return NULL;
    const char *s = c->texts + value;
    return strnlen(s, MAX_REPLACEMENT + 1) > MAX_REPLACEMENT ? NULL : s;
}

size_t charsmap_replace(const struct charsmap *c, const char *text, size_t n,
                        const char **to, size_t *n_to)
{
    size_t n_key = 0;
    *to = c != NULL ? text_of(c, find_longest(c, text, n, &n_key)) : NULL;
    if (*to != NULL) {
        *n_to = strlen(*to);
        return n_key;
    }
    uint32_t cp;
    size_t len = utf8_decode(text, n, &cp);
    bool valid = cp != UTF8_REPLACEMENT || utf8_valid(text, len);
    *to = valid ? text : "\xEF\xBF\xBD";
    *n_to = valid ? len : 3;
    return valid ? len : 1;
}
