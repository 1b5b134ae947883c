#include "tui/terminal/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define KEYS_BURST 4          /* so many characters in one read: not typed */
#define KEYS_MAX_SEQUENCE 32  /* bytes; longer ones are noise */
#define KEYS_MAX_REPLY 256
#define KEYS_MAX_CELL 9999    /* row or column of a pointer */
#define KEYS_X10_BYTES 3      /* of a mouse, after CSI M */

/* How a mouse's report begins, and bits of its button.  Source: xterm's
 * ctlseqs document ("Mouse Tracking", "Extended coordinates", SGR). */
static const char mouse_begin[] = "\x1B[<";
enum {
    MOUSE_HELD = 4 | 8 | 16, /* Shift, Meta, Ctrl */
    MOUSE_WHEEL_UP = 64,
    MOUSE_WHEEL_DOWN = 65,
};

static const char paste_begin[] = "\x1B[200~", paste_end[] = "\x1B[201~";

/* Sources: ECMA-48, and xterm's ctlseqs document ("PC-Style Function Keys").
 * The introducer CSI or SS3 is left out. */
static const struct {
    const char *sequence;
    uint32_t code;
} sequences[] = {
    {"A", KEYS_UP},         {"B", KEYS_DOWN},       {"C", KEYS_RIGHT},
    {"D", KEYS_LEFT},       {"H", KEYS_HOME},       {"F", KEYS_END},
    {"1~", KEYS_HOME},      {"2~", KEYS_INSERT},    {"3~", KEYS_DELETE},
    {"4~", KEYS_END},       {"5~", KEYS_PAGE_UP},   {"6~", KEYS_PAGE_DOWN},
    {"7~", KEYS_HOME},      {"8~", KEYS_END},       {"Z", KEYS_BACK_TAB},
    {"P", KEYS_F1},         {"Q", KEYS_F1 + 1},     {"R", KEYS_F1 + 2},
    {"S", KEYS_F1 + 3},     {"11~", KEYS_F1},       {"12~", KEYS_F1 + 1},
    {"13~", KEYS_F1 + 2},   {"14~", KEYS_F1 + 3},   {"15~", KEYS_F1 + 4},
    {"17~", KEYS_F1 + 5},   {"18~", KEYS_F1 + 6},   {"19~", KEYS_F1 + 7},
    {"20~", KEYS_F1 + 8},   {"21~", KEYS_F1 + 9},   {"23~", KEYS_F1 + 10},
    {"24~", KEYS_F1 + 11},  {"M", KEYS_ENTER},      {"[A", KEYS_F1},
    {"1;5D", KEYS_WORD_LEFT}, {"1;5C", KEYS_WORD_RIGHT},
    {"1;3D", KEYS_WORD_LEFT}, {"1;3C", KEYS_WORD_RIGHT},
    {"1;5H", KEYS_HOME},    {"1;5F", KEYS_END},
};

static const struct {
    const char *name;
    uint32_t code;
} names[] = {
    {"Enter", KEYS_ENTER},   {"Tab", KEYS_TAB},     {"Esc", KEYS_ESC},
    {"Space", ' '},          {"Backspace", KEYS_BACKSPACE},
    {"Up", KEYS_UP},         {"Down", KEYS_DOWN},   {"Left", KEYS_LEFT},
    {"Right", KEYS_RIGHT},   {"Home", KEYS_HOME},   {"End", KEYS_END},
    {"PgUp", KEYS_PAGE_UP},  {"PgDn", KEYS_PAGE_DOWN},
    {"Del", KEYS_DELETE},    {"Ins", KEYS_INSERT},  {"S-Tab", KEYS_BACK_TAB},
    {"C-Left", KEYS_WORD_LEFT}, {"C-Right", KEYS_WORD_RIGHT},
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

void keys_init(struct keys *k)
{
    *k = (struct keys){.at = 0};
    buf_init(&k->in, KEYS_MAX_PASTE);
    buf_init(&k->paste, KEYS_MAX_PASTE);
}

void keys_free(struct keys *k)
{
    buf_free(&k->in);
    buf_free(&k->paste);
}

void keys_feed(struct keys *k, const char *bytes, size_t n)
{
    buf_shift(&k->in, k->at);
    k->at = 0;
    buf_add(&k->in, bytes, n);
    k->n_burst = 0;
    for (size_t i = 0; i < n; i++)
        k->n_burst += (unsigned char)bytes[i] >= 0x20 && bytes[i] != 0x7F;
    if (memchr(bytes, 0x1B, n) != NULL)
        k->n_burst = 0; /* sequences: keys, even if many */
}

static const char *rest(const struct keys *k, size_t *n)
{
    *n = k->in.len - k->at;
    return k->in.data + k->at;
}

/* The length of the escape sequence after ESC; 0 if it is incomplete.  CSI has
 * parameters, intermediates and one final byte; SS3 has one byte; function keys
 * of the Linux console have a second '['. */
static size_t sequence_length(const char *s, size_t n)
{
    if (n < 2)
        return 0;
    if (s[0] == 'O')
        return 2;
    size_t at = s[1] == '[' ? 2 : 1;
    for (; at < n; at++) {
        unsigned char c = (unsigned char)s[at];
        if (c >= 0x40 && c <= 0x7E)
            return at + 1;
        if (c < 0x20 || c > 0x7E || at > KEYS_MAX_SEQUENCE)
            return at; /* broken off */
    }
    return at > KEYS_MAX_SEQUENCE ? at : 0;
}

static uint32_t sequence_code(const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
        if (strlen(sequences[i].sequence) == n &&
            memcmp(sequences[i].sequence, s, n) == 0)
            return sequences[i].code;
    if (n == 2 && s[0] == '[' && s[1] >= 'A' && s[1] <= 'E')
        return KEYS_F1 + (uint32_t)(s[1] - 'A');
    return 0;
}

/* Reads a number that ends with a byte of `ends`, behind which *s is put.
 * -1: there is none. */
static int read_number(const char **s, const char *end, const char *ends)
{
    int number = 0;
    const char *digit = *s;
    for (; digit < end && *digit >= '0' && *digit <= '9'; digit++) {
        number = 10 * number + (*digit - '0');
        if (number > KEYS_MAX_CELL)
            return -1;
    }
    if (digit == *s || digit == end || strchr(ends, *digit) == NULL)
        return -1;
    *s = digit + 1;
    return number;
}

/* What a mouse tells: "button;column;row" and M, or m for a release.  If it is
 * damaged the code stays 0. */
static void read_mouse(const char *s, size_t n, struct key *out)
{
    const char *end = s + n;
    int button = read_number(&s, end, ";");
    int column = button < 0 ? -1 : read_number(&s, end, ";");
    int row = column < 0 ? -1 : read_number(&s, end, "Mm");
    if (row < 1 || column < 1 || s != end)
        return;
    *out = (struct key){.code = KEYS_MOUSE, .row = row - 1,
                        .column = column - 1};
    button &= ~MOUSE_HELD;
    if (end[-1] == 'M')
        out->wheel = button == MOUSE_WHEEL_UP     ? -1
                     : button == MOUSE_WHEEL_DOWN ? 1
                                                  : 0;
}

/* Drops what is left of a mouse's report that was late or broken off: up to its
 * final byte, or to the next ESC. */
static void drop_rest(struct keys *k)
{
    size_t n;
    const char *s = rest(k, &n);
    size_t i = k->n_late < n ? k->n_late : n;
    k->n_late -= i;
    for (; i < n && k->dropping && s[i] != 0x1B; i++)
        k->dropping = s[i] < 0x40 || s[i] > 0x7E;
    if (i < n)
        k->dropping = false;
    k->at += i;
}

/* If ESC, or ESC and '[', came out as keys for want of more: is this the late
 * rest of a mouse's sequence?  False: not enough is there to tell. */
static bool drop_late(struct keys *k, bool waited)
{
    size_t n, n_more = sizeof(mouse_begin) - 1 - k->n_begun;
    const char *s = rest(k, &n);
    bool is_same = memcmp(s, mouse_begin + k->n_begun,
                          n < n_more ? n : n_more) == 0;
    if (is_same && n < n_more && !waited)
        return false;
    bool is_whole = is_same && n >= n_more;
    k->at += is_whole ? n_more : 0;
    k->dropping = is_whole;
    k->n_begun = is_same && !is_whole ? k->n_begun + n : 0;
    return true;
}

/* Collects a paste.  True at its end. */
static bool next_paste(struct keys *k, bool waited, struct key *out)
{
    size_t n, n_end = sizeof(paste_end) - 1;
    const char *s = rest(k, &n);
    const char *esc = s;
    while ((esc = memchr(esc, 0x1B, n - (size_t)(esc - s))) != NULL) {
        size_t left = n - (size_t)(esc - s);
        if (memcmp(esc, paste_end, left < n_end ? left : n_end) == 0)
            break;
        esc++;
    }
    size_t take = esc ? (size_t)(esc - s) : n;
    bool ended = esc != NULL && n - take >= n_end;
    buf_add(&k->paste, s, take);
    k->at += take + (ended ? n_end : 0);
    if (!ended && !waited)
        return false;
    k->pasting = false;
    *out = (struct key){.code = KEYS_PASTE, .text = k->paste.data,
                        .n = k->paste.len};
    return true;
}

/* An OSC: up to BEL or ST (ESC and a backslash).  One that does not end is
 * dropped. */
static bool next_reply(struct keys *k, bool waited, struct key *out)
{
    size_t n;
    const char *s = rest(k, &n);
    for (size_t i = 2; i < n && i < KEYS_MAX_REPLY; i++) {
        bool st = s[i] == 0x1B && i + 1 < n && s[i + 1] == '\\';
        if (s[i] != 0x07 && !st)
            continue;
        *out = (struct key){.code = KEYS_REPLY, .text = s + 2, .n = i - 2};
        k->at += i + 1 + st;
        return true;
    }
    if (!waited && n < KEYS_MAX_REPLY)
        return false;
    out->code = n == 2 ? ']' | KEYS_ALT : 0;
    k->at = k->in.len;
    return true;
}

/* What a terminal without SGR reports sends of its mouse: CSI M and three bytes
 * that may be any letters. */
static bool next_x10(struct keys *k, size_t n, bool waited)
{
    size_t whole = 3 + KEYS_X10_BYTES;
    if (n < whole && !waited)
        return false;
    k->at += n < whole ? n : whole;
    k->n_late = n < whole ? whole - n : 0;
    return true;
}

/* CSI or SS3. */
static bool next_sequence(struct keys *k, bool waited, struct key *out)
{
    size_t n;
    const char *s = rest(k, &n);
    size_t len = sequence_length(s + 1, n - 1);
    size_t n_mouse = sizeof(mouse_begin) - 1;
    bool is_mouse = n >= n_mouse && memcmp(s, mouse_begin, n_mouse) == 0;
    if (len == 0 && !waited)
        return false;
    if (len == 0) { /* Alt-[, Alt-O, or half a key */
        out->code = n == 2 ? (uint32_t)s[1] | KEYS_ALT : 0;
        k->n_begun = n == 2 && s[1] == '[' ? n : 0;
        k->dropping = is_mouse;
        k->at = k->in.len;
        return true;
    }
    if (k->mouse && len == 2 && s[1] == '[' && s[2] == 'M')
        return next_x10(k, n, waited);
    k->at += 1 + len;
    if (s[1] == '[' && len == sizeof(paste_begin) - 2 &&
        memcmp(s, paste_begin, len + 1) == 0) {
        k->pasting = true;
        buf_clear(&k->paste);
        return next_paste(k, false, out);
    }
    if (!is_mouse) {
        out->code = sequence_code(s + 2, len - 1);
        return true;
    }
    bool is_ended = s[len] >= 0x40 && s[len] <= 0x7E && len >= n_mouse;
    k->dropping = !is_ended;
    if (is_ended)
        read_mouse(s + n_mouse, len + 1 - n_mouse, out);
    return true;
}

/* A key that starts with ESC: a sequence, Alt with a key, or Esc itself. */
static bool next_escape(struct keys *k, bool waited, struct key *out)
{
    size_t n;
    const char *s = rest(k, &n);
    if (n == 1) {
        k->at += waited;
        k->n_begun = waited;
        out->code = KEYS_ESC;
        return waited;
    }
    if (s[1] == ']')
        return next_reply(k, waited, out);
    if (s[1] != '[' && s[1] != 'O') {
        k->at++; /* a complete key follows, pressed with Alt */
        if (s[1] == 0x1B) {
            out->code = KEYS_ESC;
            return true;
        }
        bool whole = keys_next(k, waited, out);
        if (whole)
            out->code |= KEYS_ALT;
        else
            k->at--;
        return whole;
    }
    return next_sequence(k, waited, out);
}

bool keys_next(struct keys *k, bool waited, struct key *out)
{
    *out = (struct key){.code = 0};
    if (k->pasting)
        return next_paste(k, waited, out);
    size_t n;
    rest(k, &n);
    if (n > 0 && k->n_begun > 0 && !drop_late(k, waited))
        return false;
    drop_rest(k);
    const char *s = rest(k, &n);
    if (n == 0)
        return false;
    if (s[0] == 0x1B)
        return next_escape(k, waited, out);
    if (utf8_incomplete(s, n) == n && !waited)
        return false;
    size_t len = utf8_decode(s, n, &out->code);
    k->at += len;
    if (out->code == 0x08)
        out->code = KEYS_BACKSPACE;
    out->burst = k->n_burst >= KEYS_BURST;
    out->more = len < n;
    return true;
}

int keys_wait_ms(const struct keys *k)
{
    if (k->pasting)
        return 5000;
    return k->at < k->in.len ? 25 : -1;
}

void keys_name(uint32_t code, char out[KEYS_NAME_BYTES])
{
    const char *alt = code & KEYS_ALT ? "Alt-" : "";
    code &= ~(uint32_t)KEYS_ALT;
    for (size_t i = 0; i < N_NAMES; i++)
        if (names[i].code == code) {
            snprintf(out, KEYS_NAME_BYTES, "%s%s", alt, names[i].name);
            return;
        }
    char utf8[UTF8_MAX_BYTES + 1] = "";
    if (code >= KEYS_F1 && code <= KEYS_F12)
        snprintf(out, KEYS_NAME_BYTES, "%sF%u", alt, code - KEYS_F1 + 1);
    else if (code < 0x20)
        snprintf(out, KEYS_NAME_BYTES, "%s^%c", alt, (char)(code + '@'));
    else {
        utf8_encode(code, utf8);
        snprintf(out, KEYS_NAME_BYTES, "%s%s", alt, utf8);
    }
}

uint32_t keys_parse(const char *name, size_t n)
{
    if (n > 4 && memcmp(name, "Alt-", 4) == 0) {
        uint32_t code = keys_parse(name + 4, n - 4);
        return code ? code | KEYS_ALT : 0;
    }
    for (size_t i = 0; i < N_NAMES; i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0)
            return names[i].code;
    if (n == 2 && name[0] == '^' && name[1] >= '@' && name[1] <= '_')
        return (uint32_t)(name[1] - '@');
    if ((n == 2 || n == 3) && name[0] == 'F' && name[1] >= '1' &&
        name[1] <= '9') {
        uint32_t f = (uint32_t)(name[1] - '0');
        if (n == 3)
            f = name[2] >= '0' && name[2] <= '9'
                    ? 10 * f + (uint32_t)(name[2] - '0')
                    : 0;
        return f >= 1 && f <= 12 ? KEYS_F1 + f - 1 : 0;
    }
    uint32_t code;
    return n > 0 && utf8_decode(name, n, &code) == n && code > 0x20 &&
                   code != UTF8_REPLACEMENT
               ? code
               : 0;
}

bool keys_have(const char *keys, uint32_t code)
{
    while (*keys != '\0') {
        size_t n = strcspn(keys, " ");
        if (code != 0 && keys_parse(keys, n) == code)
            return true;
        keys += n + strspn(keys + n, " ");
    }
    return false;
}
