/* vocab: the tokens of a vocabulary, by id and by text.
 *
 * Texts are as the weights file has them: byte-level BPE writes its bytes in
 * an alphabet of printable characters, SentencePiece writes a space as U+2581.
 * Filled once by whoever opens the tokenizer, then read from any thread. */
#ifndef BACKENDS_ENGINE_TOKENIZER_VOCAB_H
#define BACKENDS_ENGINE_TOKENIZER_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* By their number in tokenizer.ggml.token_type. */
enum token_type {
    TOKEN_UNDEFINED = 0, /* treated as normal */
    TOKEN_NORMAL = 1,
    TOKEN_UNKNOWN = 2, /* stands for text that nothing covers */
    TOKEN_CONTROL = 3, /* never made of a person's text */
    TOKEN_USER = 4,    /* found in any text before all else: runs of spaces */
    TOKEN_UNUSED = 5,
    TOKEN_BYTE = 6, /* SentencePiece's fallback, "<0x0A>" */
    TOKEN_N_TYPES
};

struct token {
    uint32_t at, n; /* text: vocab.bytes[at..at+n) */
    float score;    /* SentencePiece: the larger, the sooner it is taken */
    uint8_t type;
    bool is_end; /* an answer ends here */
    bool lstrip, rstrip; /* a special one swallows blanks before, behind it */
};

/* The hash stands beside the id: most texts that are looked up are no token,
 * and to see that takes no more than this slot. */
struct vocab_slot {
    uint32_t hash;
    int32_t id; /* -1: free */
};

struct vocab {
    struct token *tokens; /* [n], room for cap */
    size_t n, cap;
    char *bytes; /* all texts, room for max_bytes */
    size_t n_bytes, max_bytes;
    struct vocab_slot *slots;
    size_t n_slots;        /* a power of two */
    uint64_t seed;         /* of the hash, another one each time: a file could
                              have tokens that would all fall into one slot */
    size_t longest;        /* bytes of the longest text */
    int32_t byte_ids[256]; /* the token of a single byte, -1: none */
};

/* Makes room for n_tokens with n_bytes of text in all.  -1 with ERR_BACKEND
 * if that is more than there is memory for. */
int vocab_init(struct vocab *v, size_t n_tokens, size_t n_bytes,
               struct err *e);
void vocab_free(struct vocab *v);

/* Appends the next token; it must fit the room asked for.  Returns the id that
 * already has this text (and keeps finding that one), or -1 if it is new.
 * Empty texts are never found. */
int32_t vocab_add(struct vocab *v, const char *text, size_t n, float score,
                  enum token_type type);

/* The id of a text, or -1. */
int32_t vocab_find(const struct vocab *v, const char *text, size_t n);

/* The id of a text that is given in two parts, or -1. */
int32_t vocab_find_joined(const struct vocab *v, const char *a, size_t n_a,
                          const char *b, size_t n_b);

/* Some of the tokens, sorted by their bytes, to look for all those that a text
 * begins with: they are found by narrowing a range byte after byte. */
struct vocab_sorted {
    int32_t *ids; /* [n], owned */
    size_t n;
};

/* Positions [from, to) in ids; empty: no token begins so. */
struct vocab_range {
    size_t from, to;
};

/* Takes those that are wanted; an empty text never is. */
void vocab_sort(const struct vocab *v, bool (*wanted)(const struct token *k),
                struct vocab_sorted *out);
void vocab_sorted_free(struct vocab_sorted *s);

/* Of a range of tokens that agree in their first `at` bytes (at 0: all), those
 * that have c there.  One that ends with c, if there is one, comes first. */
struct vocab_range vocab_narrow(const struct vocab *v,
                                const struct vocab_sorted *s,
                                struct vocab_range r, size_t at,
                                unsigned char c);

static inline const char *vocab_text(const struct vocab *v, int32_t id,
                                     size_t *n)
{
    *n = v->tokens[id].n;
    return v->bytes + v->tokens[id].at;
}

/* Whether text that was written by anyone may become this token by merging:
 * control, unknown, unused and byte tokens never. */
static inline bool vocab_is_text(const struct vocab *v, int32_t id)
{
    return id >= 0 && (v->tokens[id].type == TOKEN_NORMAL ||
                       v->tokens[id].type == TOKEN_UNDEFINED);
}

#endif
