#include "arena/blind/fold.h"

#include <string.h>
#include <utf8proc.h>

#include "base/sgr.h"
#include "base/utf8.h"

/* Letters of other scripts that look like ASCII ones (after case folding).
 * Source: Unicode's confusables.txt (UTS 39), the Cyrillic, Greek, Armenian
 * and Latin lower-case letters whose skeleton is one ASCII letter. */
static const struct {
    uint16_t cp;
    char ascii;
} look_alikes[] = {
    {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
    {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'},
    {0x04BB, 'h'}, {0x0501, 'd'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x04CF, 'l'},
    {0x043A, 'k'}, {0x043C, 'm'}, {0x0442, 't'}, {0x0432, 'b'}, {0x043D, 'h'},
    {0x0433, 'r'}, {0x0475, 'v'}, {0x0491, 'r'}, {0x0437, '3'}, {0x0431, '6'},
    {0x03B1, 'a'}, {0x03B5, 'e'}, {0x03BF, 'o'}, {0x03C1, 'p'}, {0x03C5, 'u'},
    {0x03C7, 'x'}, {0x03B9, 'i'}, {0x03BD, 'v'}, {0x03BA, 'k'}, {0x03C4, 't'},
    {0x03B2, 'b'}, {0x03B7, 'n'}, {0x03BC, 'm'}, {0x03B6, 'z'}, {0x03C9, 'w'},
    {0x03C3, 'o'}, {0x03F2, 'c'}, {0x03F3, 'j'}, {0x0561, 'w'}, {0x0566, 'q'},
    {0x0570, 'h'}, {0x0578, 'n'}, {0x057D, 'u'}, {0x0585, 'o'}, {0x0581, 'g'},
    {0x0251, 'a'}, {0x0261, 'g'}, {0x0131, 'i'}, {0x0269, 'i'}, {0x026A, 'i'},
    {0x029F, 'l'}, {0x1D0F, 'o'}, {0x1D1C, 'u'}, {0x1D20, 'v'}, {0x1D21, 'w'},
    {0x1D22, 'z'}, {0x1D04, 'c'}, {0x1D05, 'd'}, {0x1D07, 'e'}, {0x1D0B, 'k'},
    {0x1D0D, 'm'}, {0x1D18, 'p'}, {0x1D1B, 't'}, {0x1D00, 'a'}, {0x0262, 'g'},
    {0x0274, 'n'}, {0x0280, 'r'}, {0x029C, 'h'}, {0x028F, 'y'}, {0x0299, 'b'},
};

static char look_alike(utf8proc_int32_t cp)
{
    for (size_t i = 0; i < sizeof(look_alikes) / sizeof(look_alikes[0]); i++)
        if (look_alikes[i].cp == cp)
            return look_alikes[i].ascii;
    return '\0';
}

static enum leak_class class_of_ascii(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9'))
        return LEAK_LETTER;
    if (c == '\n' || c == '!' || c == '?')
        return LEAK_STOP;
    if (strchr("*_`~'\\", c) != NULL || c < ' ' || c == 0x7F)
        return c == '\t' ? LEAK_SEPARATOR : LEAK_INVISIBLE;
    return strchr(" -./", c) != NULL ? LEAK_SEPARATOR : LEAK_OTHER;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A character beyond ASCII: first what it is, then what it looks like. */
static void fold_wide(uint32_t cp, struct leak_char *out)
{
    utf8proc_int32_t folded[8];
    int last_class = 0;
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
        out->class = LEAK_INVISIBLE;
        return;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_PD:
        out->class = LEAK_SEPARATOR;
        return;
    default:
        break;
    }
    if (cp == 0x2019 || cp == 0x2018) { /* as in I’m */
        out->class = LEAK_INVISIBLE;
        return;
    }
    if (cp == 0x3002 || cp == 0xFF01 || cp == 0xFF1F || cp == 0x2028) {
        out->class = LEAK_STOP; /* the full stops of CJK */
        return;
    }
    utf8proc_ssize_t n = utf8proc_decompose_char(
        (utf8proc_int32_t)cp, folded, 8,
        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
            UTF8PROC_STRIPMARK | UTF8PROC_IGNORE, &last_class);
    if (n == 0)
        out->class = LEAK_INVISIBLE;
    if (n != 1)
        return;
    char seen = folded[0] < 0x80 ? (char)folded[0] : look_alike(folded[0]);
    if (seen == '\0')
        return;
    out->class = class_of_ascii((unsigned char)seen);
    out->letter = lower(seen);
}

bool leak_is_cut(const char *s, size_t n)
{
    return utf8_incomplete(s, n) == n || sgr_length(s, n) == SGR_INCOMPLETE;
}

struct leak_char leak_fold(const char *s, size_t n)
{
    uint32_t cp;
    struct leak_char out = {.class = LEAK_OTHER};
    size_t color = sgr_length(s, n);
    if (color > 0 && color != SGR_INCOMPLETE)
        return (struct leak_char){.class = LEAK_INVISIBLE, .n_bytes = color};
    out.n_bytes = utf8_decode(s, n, &cp);
    if (cp >= 0x80) {
        fold_wide(cp, &out);
    } else {
        out.class = class_of_ascii((unsigned char)cp);
        out.letter = lower((char)cp);
    }
    return out;
}
