/* keys: the bytes that a terminal sends, as keys.
 *
 * Pure: bytes go in as they were read, keys come out.  Knows UTF-8, the
 * sequences of xterm and similar terminals, and bracketed paste: a paste is one
 * key that carries its text, so that pasted text can neither submit nor vote.
 * On terminals without bracketed paste, `burst` and `more` mark input that only
 * a paste sends.
 * What a mouse sends is one key, too, that no name has.  Its sequence (SGR)
 * holds digits and letters, which are keys that vote: however it is cut, late
 * or damaged, none of these comes out as a key of its own.
 * The owner of the struct owns the bytes.  One thread. */
#ifndef TUI_TERMINAL_KEYS_H
#define TUI_TERMINAL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A code is a character (controls as they are sent: 0x0D is Enter) or one of
 * these.  KEYS_ALT may be added. */
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
    KEYS_REPLY, /* text and n: what the terminal tells of itself (OSC) */
    KEYS_MOUSE, /* the wheel was turned, or a button pressed or released */
    KEYS_ALT = 0x400000,
};
#define KEYS_CTRL(c) ((c) & 0x1F)

struct key {
    uint32_t code;
    bool burst; /* read together with other characters: not typed */
    bool more;  /* more characters were read already */
    const char *text; /* of KEYS_PASTE and KEYS_REPLY; valid until the next
                         call */
    size_t n;
    int row, column; /* of KEYS_MOUSE, from 0: where the pointer is */
    int wheel;       /* of KEYS_MOUSE: -1 up, 1 down, 0 another button */
};

#define KEYS_MAX_PASTE (4u << 20)

struct keys {
    struct buf in;    /* not parsed yet */
    struct buf paste; /* so far, while pasting */
    bool pasting;
    bool mouse;       /* the terminal was asked to tell of it: set it then */
    size_t n_begun;   /* so many bytes of a mouse's sequence came out as keys,
                         because the next one was late */
    bool dropping;    /* what comes is the rest of one, up to a final byte */
    size_t n_late;    /* bytes to come of a mouse's report in the old form */
    size_t at;        /* how much of `in` is consumed */
    int n_burst;      /* characters of the last feed */
};

void keys_init(struct keys *k);
void keys_free(struct keys *k);

/* Takes bytes of one read. */
void keys_feed(struct keys *k, const char *bytes, size_t n);

/* Gets the next key.  False if none is complete.  The code of an unknown
 * sequence is 0.  `waited`: nothing came for the time of keys_wait_ms.  Then an
 * Esc is the Esc key, half a sequence is dropped, and a paste without its end
 * is complete. */
bool keys_next(struct keys *k, bool waited, struct key *out);

/* How long to wait for the rest of an incomplete key; -1: no limit. */
int keys_wait_ms(const struct keys *k);

#define KEYS_NAME_BYTES 24 /* of the longest name, with its NUL */

/* The code of a key by its name, as help and config write it: "Enter", "PgUp",
 * "^L", "a", "Alt-x".  0 if there is no such key. */
uint32_t keys_parse(const char *name, size_t n);

/* Whether one of `keys`, names separated by spaces, is that of the code.  No
 * name is that of code 0. */
bool keys_have(const char *keys, uint32_t code);

/* The name of a key, NUL-terminated. */
void keys_name(uint32_t code, char out[KEYS_NAME_BYTES]);

#endif
