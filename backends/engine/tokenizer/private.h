/* What the files of the tokenizer share; see tokenizer.h for the manual. */
#ifndef BACKENDS_ENGINE_TOKENIZER_PRIVATE_H
#define BACKENDS_ENGINE_TOKENIZER_PRIVATE_H

#include "backends/engine/tokenizer/charsmap.h"
#include "backends/engine/tokenizer/merge.h"
#include "backends/engine/tokenizer/split.h"
#include "backends/engine/tokenizer/tokenizer.h"
#include "backends/engine/tokenizer/vocab.h"

/* What a kind of tokenizer does its own way. */
struct tokenizer_kind {
    const char *model; /* as tokenizer.ggml.model names it */

    /* Reads what else the kind needs, once the vocabulary is there. */
    int (*open)(struct tokenizer *t, const struct gguf *g, struct err *e);

    /* Appends the ids of a text in which no special token is: it begins the
     * whole text, or follows a special token. */
    int (*encode)(const struct tokenizer *t, struct merger *m,
                  const char *text, size_t n,
                  struct token_list *out, struct err *e);

    /* Appends the bytes that an ordinary token stands for. */
    void (*piece)(const struct tokenizer *t, int32_t id, struct buf *out);
};

extern const struct tokenizer_kind tokenizer_bpe, tokenizer_spm,
    tokenizer_unigram;

/* Byte-level BPE: which pairs of tokens join. */
struct bpe_merge {
    int32_t left, right, joined;
};

struct tokenizer {
    const struct tokenizer_kind *kind;
    struct vocab vocab;
    int32_t bos, eos, unknown; /* -1: none */
    bool add_bos, add_eos, add_space;

    struct vocab_sorted specials; /* to look for in any text */
    bool begins_special[256]; /* by first byte */

    /* Byte-level BPE only. */
    struct splitter *splitter;
    struct bpe_merge *merges; /* [n_merges] by rank */
    size_t n_merges;
    uint32_t *merge_slots;    /* [n_merge_slots] rank + 1 by pair, 0: free */
    size_t n_merge_slots;     /* a power of two */

    /* SentencePiece unigram only. */
    struct vocab_sorted pieces;
    struct charsmap *charsmap; /* NULL: text is taken as it is */
    bool trim;                 /* runs of spaces become one, ends none */
    double unknown_score;      /* of a character that no token covers */
};

/* --- special.c ----------------------------------------------- */

/* Marks the tokens that end answers, and gathers those to look for in text. */
void tokenizer_find_specials(struct tokenizer *t);

/* Marks the special tokens that swallow blanks around them.  arch and name are
 * the file's general.architecture and general.name. */
void tokenizer_find_strips(struct tokenizer *t, struct gguf_string arch,
                           struct gguf_string name);

/* The longest special token that text[0..n) begins with, -1: none.  Control
 * tokens and those of `barred` (NULL: none) are only considered within the
 * first n_own bytes. */
int32_t tokenizer_match_special(const struct tokenizer *t, const char *text,
                                size_t n, size_t n_own,
                                const struct token_list *barred);

/* The blanks that text[0..n) begins with, in bytes; and its length without
 * those at its end. */
size_t tokenizer_skip_blanks(const char *text, size_t n);
size_t tokenizer_drop_blanks(const char *text, size_t n);

/* --- spm.c: SentencePiece in general ------------------------- */

/* How SentencePiece writes a space: U+2581, lower one eighth block. */
#define SPM_SPACE "\xE2\x96\x81"
#define SPM_SPACE_BYTES 3

/* Appends a text with its spaces written so. */
void spm_add_text(struct buf *out, const char *s, size_t n);

/* The byte that "<0x0A>" names, or -1 if the text has another form. */
int spm_byte_of(const char *text, size_t n);

/* Fills vocab.byte_ids from the tokens of type TOKEN_BYTE.  -1 with ERR_FORMAT
 * if one has no such form. */
int spm_find_bytes(struct tokenizer *t, const char *path, struct err *e);

/* Appends the bytes that a token stands for. */
void spm_piece(const struct tokenizer *t, int32_t id, struct buf *out);

#endif
