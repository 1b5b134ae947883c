#include "backends/engine/chat/template/letters.h"

#include <utf8proc.h>

#include "base/utf8.h"

size_t letters_size(const char *s, size_t n)
{
    uint32_t cp;
    return utf8_decode(s, n, &cp);
}

static bool is_blank(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x20) ||
           cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
           cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

size_t letters_blank(const char *s, size_t n)
{
    uint32_t cp;
    if (n == 0)
        return 0;
    size_t size = utf8_decode(s, n, &cp);
    return is_blank(cp) ? size : 0;
}

size_t letters_blank_before(const char *s, size_t n)
{
    for (size_t size = 1; size <= 3 && size <= n; size++)
        if (letters_blank(s + n - size, size) == size)
            return size;
    return 0;
}

bool letters_is_word(unsigned char c)
{
    return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* --- kinds --------------------------------------------------------------- */

struct range {
    uint32_t from, to;
};

static bool lies_in(uint32_t cp, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cp >= r[i].from && cp <= r[i].to)
            return true;
    return false;
}
#define LIES_IN(cp, ranges) \
    lies_in(cp, ranges, sizeof(ranges) / sizeof(*(ranges)))

/* Other_Lowercase and Other_Uppercase of Unicode's PropList.txt. */
static const struct range lower_too[] = {
    {0xaa, 0xaa},     {0xba, 0xba},     {0x2b0, 0x2b8},   {0x2c0, 0x2c1},
    {0x2e0, 0x2e4},   {0x345, 0x345},   {0x37a, 0x37a},   {0x1d2c, 0x1d6a},
    {0x1d78, 0x1d78}, {0x1d9b, 0x1dbf}, {0x2071, 0x2071}, {0x207f, 0x207f},
    {0x2090, 0x209c}, {0x2170, 0x217f}, {0x24d0, 0x24e9}, {0x2c7c, 0x2c7d},
    {0xa69c, 0xa69d}, {0xa770, 0xa770}, {0xa7f8, 0xa7f9}, {0xab5c, 0xab5f},
};
static const struct range upper_too[] = {
    {0x2160, 0x216f}, {0x24b6, 0x24cf}, {0x1f130, 0x1f149},
    {0x1f150, 0x1f169}, {0x1f170, 0x1f189},
};
/* Digits that are no decimals (Numeric_Type=Digit). */
static const struct range digit_too[] = {
    {0xb2, 0xb3},     {0xb9, 0xb9},     {0x1369, 0x1371}, {0x19da, 0x19da},
    {0x2070, 0x2070}, {0x2074, 0x2079}, {0x2080, 0x2089}, {0x2460, 0x2468},
    {0x2474, 0x247c}, {0x2488, 0x2490}, {0x24ea, 0x24ea}, {0x24f5, 0x24fd},
    {0x24ff, 0x24ff}, {0x2776, 0x277e}, {0x2780, 0x2788}, {0x278a, 0x2792},
    {0x10a40, 0x10a43}, {0x10e60, 0x10e68}, {0x11052, 0x1105a},
    {0x1f100, 0x1f10a},
};

unsigned letters_kind(uint32_t cp)
{
    unsigned kind = 0;
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU: kind = LETTERS_ALPHA | LETTERS_UPPER; break;
    case UTF8PROC_CATEGORY_LL: kind = LETTERS_ALPHA | LETTERS_LOWER; break;
    case UTF8PROC_CATEGORY_LT: kind = LETTERS_ALPHA | LETTERS_TITLE; break;
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: kind = LETTERS_ALPHA; break;
    case UTF8PROC_CATEGORY_ND:
        kind = LETTERS_DIGIT | LETTERS_DECIMAL | LETTERS_NUMERIC;
        break;
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: kind = LETTERS_NUMERIC; break;
    default: break;
    }
    if (cp < 0xaa)
        return kind;
    kind |= LIES_IN(cp, lower_too) ? LETTERS_LOWER : 0;
    kind |= LIES_IN(cp, upper_too) ? LETTERS_UPPER : 0;
    return kind | (LIES_IN(cp, digit_too) ? LETTERS_DIGIT : 0);
}

bool letters_in_word(const char *s, size_t n)
{
    uint32_t cp;
    utf8_decode(s, n, &cp);
    return cp == '_' || (letters_kind(cp) & (LETTERS_ALPHA | LETTERS_DIGIT |
                                             LETTERS_NUMERIC)) != 0;
}

bool letters_ignored(uint32_t cp)
{
    /* Word_Break of MidLetter, MidNumLet and Single_Quote. */
    static const struct range middles[] = {
        {0x27, 0x27},     {0x2e, 0x2e},     {0x3a, 0x3a},     {0xb7, 0xb7},
        {0x387, 0x387},   {0x55f, 0x55f},   {0x5f4, 0x5f4},   {0x2018, 0x2019},
        {0x2024, 0x2024}, {0x2027, 0x2027}, {0xfe13, 0xfe13}, {0xfe52, 0xfe52},
        {0xfe55, 0xfe55}, {0xff07, 0xff07}, {0xff0e, 0xff0e}, {0xff1a, 0xff1a},
    };
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return LIES_IN(cp, middles);
    }
}

/* --- case ---------------------------------------------------------------- */

/* Characters whose upper case is more than one (Unicode, SpecialCasing.txt),
 * but for U+1F80 to U+1FAF, which follow a rule. */
static const uint16_t long_uppers[][4] = {
    {0xdf, 0x53, 0x53},           {0x149, 0x2bc, 0x4e},
    {0x1f0, 0x4a, 0x30c},         {0x390, 0x399, 0x308, 0x301},
    {0x3b0, 0x3a5, 0x308, 0x301}, {0x587, 0x535, 0x552},
    {0x1e96, 0x48, 0x331},        {0x1e97, 0x54, 0x308},
    {0x1e98, 0x57, 0x30a},        {0x1e99, 0x59, 0x30a},
    {0x1e9a, 0x41, 0x2be},        {0x1f50, 0x3a5, 0x313},
    {0x1f52, 0x3a5, 0x313, 0x300}, {0x1f54, 0x3a5, 0x313, 0x301},
    {0x1f56, 0x3a5, 0x313, 0x342}, {0x1fb2, 0x1fba, 0x399},
    {0x1fb3, 0x391, 0x399},       {0x1fb4, 0x386, 0x399},
    {0x1fb6, 0x391, 0x342},       {0x1fb7, 0x391, 0x342, 0x399},
    {0x1fbc, 0x391, 0x399},       {0x1fc2, 0x1fca, 0x399},
    {0x1fc3, 0x397, 0x399},       {0x1fc4, 0x389, 0x399},
    {0x1fc6, 0x397, 0x342},       {0x1fc7, 0x397, 0x342, 0x399},
    {0x1fcc, 0x397, 0x399},       {0x1fd2, 0x399, 0x308, 0x300},
    {0x1fd3, 0x399, 0x308, 0x301}, {0x1fd6, 0x399, 0x342},
    {0x1fd7, 0x399, 0x308, 0x342}, {0x1fe2, 0x3a5, 0x308, 0x300},
    {0x1fe3, 0x3a5, 0x308, 0x301}, {0x1fe4, 0x3a1, 0x313},
    {0x1fe6, 0x3a5, 0x342},       {0x1fe7, 0x3a5, 0x308, 0x342},
    {0x1ff2, 0x1ffa, 0x399},      {0x1ff3, 0x3a9, 0x399},
    {0x1ff4, 0x38f, 0x399},       {0x1ff6, 0x3a9, 0x342},
    {0x1ff7, 0x3a9, 0x342, 0x399}, {0x1ffc, 0x3a9, 0x399},
    {0xfb00, 0x46, 0x46},         {0xfb01, 0x46, 0x49},
    {0xfb02, 0x46, 0x4c},         {0xfb03, 0x46, 0x46, 0x49},
    {0xfb04, 0x46, 0x46, 0x4c},   {0xfb05, 0x53, 0x54},
    {0xfb06, 0x53, 0x54},         {0xfb13, 0x544, 0x546},
    {0xfb14, 0x544, 0x535},       {0xfb15, 0x544, 0x53b},
    {0xfb16, 0x54e, 0x546},       {0xfb17, 0x544, 0x53d},
};

size_t letters_upper(uint32_t cp, uint32_t out[LETTERS_MAX])
{
    static const uint32_t bases[] = {0x1f08, 0x1f28, 0x1f68};
    if (cp >= 0x1f80 && cp <= 0x1faf) {
        out[0] = bases[(cp - 0x1f80) >> 4] + (cp & 7);
        out[1] = 0x399;
        return 2;
    }
    for (size_t i = 0;
         cp >= 0xdf && i < sizeof(long_uppers) / sizeof(*long_uppers); i++) {
        if (long_uppers[i][0] != cp)
            continue;
        size_t n = 0;
        while (n < LETTERS_MAX && long_uppers[i][n + 1] != 0) {
            out[n] = long_uppers[i][n + 1];
            n++;
        }
        return n;
    }
    out[0] = (uint32_t)utf8proc_toupper((utf8proc_int32_t)cp);
    return 1;
}

size_t letters_lower(uint32_t cp, uint32_t out[LETTERS_MAX])
{
    if (cp == 0x130) {
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
    return 1;
}

size_t letters_title(uint32_t cp, uint32_t out[LETTERS_MAX])
{
    out[0] = (uint32_t)utf8proc_totitle((utf8proc_int32_t)cp);
    if (letters_kind(cp) & LETTERS_TITLE)
        out[0] = cp;
    if (out[0] != cp && cp != 0xdf)
        return 1;
    if (letters_kind(cp) & (LETTERS_TITLE | LETTERS_UPPER))
        return 1;
    size_t n = letters_upper(cp, out);
    for (size_t i = 1; i < n && cp != 0x149; i++)
        out[i] = out[i] == 0x399 ? 0x345
                                 : (uint32_t)utf8proc_tolower(
                                       (utf8proc_int32_t)out[i]);
    return n;
}
