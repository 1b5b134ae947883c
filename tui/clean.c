#include "tui/clean.h"

#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

#define CLEAN_MAX_MARKS 4

enum { ZWNJ = 0x200C, ZWJ = 0x200D };

void clean_init(struct clean *c)
{
    *c = (struct clean){.n_held = 0};
}

int clean_width(uint32_t cp)
{
    if (cp < 0x300)
        return 1;
    /* If utf8proc and the C library's wcwidth differ, the library is right:
     * ncurses and most terminals use it. */
    if ((cp >= 0x1160 && cp <= 0x11FF) || (cp >= 0xD7B0 && cp <= 0xD7FF))
        return 0; /* vowels and final consonants of Hangul written in parts */
    if ((cp >= 0x3248 && cp <= 0x324F) || (cp >= 0x4DC0 && cp <= 0x4DFF))
        return 2; /* circled numbers, hexagrams */
    if (utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_MC)
        return 1; /* marks that take a column of their own */
    return utf8proc_charwidth((utf8proc_int32_t)cp);
}

static bool is_picture(uint32_t cp)
{
    int bound = (int)utf8proc_get_property((utf8proc_int32_t)cp)->boundclass;
    return bound == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
           bound == UTF8PROC_BOUNDCLASS_E_BASE ||
           bound == UTF8PROC_BOUNDCLASS_E_MODIFIER;
}

/* Honest spelling uses a joiner after a letter of a script without case
 * (Arabic, the Indic scripts) and inside an emoji.  Elsewhere a joiner only
 * hides something. */
static bool is_joiner_at_home(const struct clean *c, uint32_t cp)
{
    if (c->base == 0 || (cp != ZWJ && cp != ZWNJ))
        return false;
    if (is_picture(c->base))
        return cp == ZWJ;
    return utf8proc_category((utf8proc_int32_t)c->base) == UTF8PROC_CATEGORY_LO;
}

/* Whether a terminal must not get this character. */
static bool is_hidden(uint32_t cp)
{
    const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)cp);
    switch (p->category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CN: /* noncharacters too */
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return p->ignorable;
    }
}

/* Whether a character is drawn into the cell before it. */
static bool is_mark(uint32_t cp)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)cp);
    return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME ||
           clean_width(cp) == 0;
}

static void put_visible(struct clean *c, uint32_t cp, struct buf *out)
{
    buf_addf(out, cp < 0x80 ? "<%02X>" : "<U+%04X>", (unsigned)cp);
    c->base = 0;
}

static void put(struct clean *c, uint32_t cp, struct buf *out)
{
    if (cp >= 0x20 && cp < 0x7F) { /* nearly all there is */
        buf_add_char(out, (char)cp);
        c->base = cp;
        c->n_marks = 0;
    } else if (cp == '\n' || cp == '\t') {
        buf_add_char(out, (char)cp);
        c->base = 0;
    } else if (is_joiner_at_home(c, cp) ||
               (cp >= 0xFE00 && cp <= 0xFE0F && c->base != 0)) {
        return;
    } else if (is_hidden(cp) || (c->base == 0 && is_mark(cp))) {
        put_visible(c, cp, out);
    } else if (is_mark(cp)) {
        if (c->n_marks < CLEAN_MAX_MARKS)
            buf_add_utf8(out, cp);
        c->n_marks += c->n_marks < CLEAN_MAX_MARKS;
    } else {
        buf_add_utf8(out, cp);
        c->base = cp;
        c->n_marks = 0;
    }
}

/* Takes the whole characters of s[0..n).  Returns how many bytes they had. */
static size_t take(struct clean *c, const char *s, size_t n, struct buf *out)
{
    size_t at = 0;
    while (at < n) {
        if (s[at] == '\r' && at + 1 == n)
            break;
        if (s[at] == '\r' && s[at + 1] == '\n') {
            at++;
            continue;
        }
        if (s[at] == 0x1B && c->drop_colors) {
            size_t color = sgr_length(s + at, n - at);
            if (color == SGR_INCOMPLETE)
                break;
            at += color;
            if (color > 0)
                continue;
        }
        if ((unsigned char)s[at] >= 0x80 && n - at < UTF8_MAX_BYTES &&
            utf8_incomplete(s + at, n - at) == n - at)
            break;
        uint32_t cp;
        at += utf8_decode(s + at, n - at, &cp);
        put(c, cp, out);
    }
    return at;
}

void clean_add(struct clean *c, const char *bytes, size_t n, struct buf *out)
{
    /* First complete the character that was held back. */
    while (c->n_held > 0 && n > 0) {
        c->held[c->n_held++] = *bytes++;
        n--;
        size_t used = take(c, c->held, c->n_held, out);
        c->n_held -= used;
        memmove(c->held, c->held + used, c->n_held);
    }
    if (n == 0)
        return;
    size_t used = take(c, bytes, n, out);
    c->n_held = n - used;
    memcpy(c->held, bytes + used, c->n_held);
}

void clean_end(struct clean *c, struct buf *out)
{
    if (c->n_held > 0 && c->held[0] != '\r' && c->held[0] != 0x1B)
        put(c, UTF8_REPLACEMENT, out);
    else
        for (size_t i = 0; i < c->n_held; i++)
            put(c, (uint32_t)c->held[i], out);
    c->n_held = 0;
}

size_t clean_blank_start(const char *s, size_t n)
{
    size_t line = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\n')
            line = i + 1;
        else if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
            return line;
    }
    return n;
}

void clean_text(const char *bytes, size_t n, bool one_line, struct buf *out)
{
    struct clean c;
    clean_init(&c);
    size_t start = out->len;
    clean_add(&c, bytes, n, out);
    clean_end(&c, out);
    for (size_t i = start; one_line && i < out->len; i++)
        if (out->data[i] == '\n' || out->data[i] == '\t')
            out->data[i] = ' ';
}
