/* keys: the bytes that a terminal sends, as keys.
 *
 * Pure: bytes go in as they were read, keys come out.  Knows UTF-8, the
 * sequences that xterm and its kin send, and bracketed paste: a paste is one
 * key that carries its text, so nothing pasted can submit or vote.  On
 * terminals without bracketed paste, `burst` and `more` tell what only a paste
 * can look like.
 * The owner of the struct owns the bytes.  One thread. */
#ifndef TUI_TERMINAL_KEYS_H
#define TUI_TERMINAL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A code is a character (controls as they are sent: 0x0D is Enter), or one of
 * these, and may have KEY_ALT added. */
enum {
    KEYS_ENTER = 0x0D,
    KEYS_TAB = 0x09,
    KEYS_ESC = 0x1B,
    KEYS_BACKSPACE = 0x7F,
    KEYS_UP = 0x110000,
    KEYS_DOWN,
    KEYS_LEFT,
    KEYS_RIGHT,
    KEYS_HOME,
    KEYS_END,
    KEYS_PAGE_UP,
    KEYS_PAGE_DOWN,
    KEYS_DELETE,
    KEYS_INSERT,
    KEYS_BACK_TAB,
    KEYS_F1, /* to F12 */
    KEYS_F12 = KEYS_F1 + 11,
    KEYS_WORD_LEFT, /* with Ctrl */
    KEYS_WORD_RIGHT,
    KEYS_PASTE, /* text and n are the paste, as it was sent */
    KEYS_ALT = 0x400000,
};
#define KEYS_CTRL(c) ((c) & 0x1F)

struct key {
    uint32_t code;
    bool burst; /* came with other characters at once: not typed */
    bool more;  /* characters follow that were already there */
    const char *text; /* of KEYS_PASTE; valid until the next call */
    size_t n;
};

#define KEYS_MAX_PASTE (4u << 20)

struct keys {
    struct buf in;    /* not yet understood */
    struct buf paste; /* so far, while pasting */
    bool pasting;
    size_t at;        /* how much of `in` is consumed */
    int n_burst;      /* characters of the last feed */
};

void keys_init(struct keys *k);
void keys_free(struct keys *k);

/* Takes bytes of one read. */
void keys_feed(struct keys *k, const char *bytes, size_t n);

/* The next key, if one is whole; its code is 0 for a sequence that we do not
 * know.  `waited`: nothing came for as long as keys_wait_ms said, so an Esc
 * stands for itself, half a sequence is nothing, and a paste whose end got lost
 * is over. */
bool keys_next(struct keys *k, bool waited, struct key *out);

/* How long to wait for the rest of what is incomplete; -1: for ever. */
int keys_wait_ms(const struct keys *k);

/* "Enter", "PgUp", "^L", "a", "Alt-x" into out, NUL-terminated, as help and
 * config write them; and back, 0 where there is no such key. */
#define KEYS_NAME_BYTES 24
void keys_name(uint32_t code, char out[KEYS_NAME_BYTES]);
uint32_t keys_parse(const char *name, size_t n);

#endif
