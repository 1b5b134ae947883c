/* tokenizer: text to tokens and back.
 *
 * Three kinds exist: byte-level BPE (GPT-2 and its children: text is cut into
 * words by a regular expression, the bytes of a word are merged by rank),
 * SentencePiece BPE (Llama 1 and 2, Gemma: the characters of the whole text
 * are merged by score) and SentencePiece unigram (T5: the likeliest of all
 * ways to cut the text).  What the latter two do not cover falls back to bytes.
 *
 * What a person or a model wrote never becomes a control token: those are only
 * looked for if the caller says that the text is its own.  Other special
 * tokens (Gemma's runs of spaces) are ordinary vocabulary and found anywhere.
 *
 * Immutable once open; any thread may use it. */
#ifndef BACKENDS_ENGINE_TOKENIZER_H
#define BACKENDS_ENGINE_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/file/gguf.h"
#include "backends/engine/tokenizer/tokens.h"
#include "base/buf.h"
#include "base/err.h"

struct tokenizer;

/* Reads tokenizer.ggml.* of a file.  0, or -1 with ERR_FORMAT (the file is
 * broken) or ERR_BACKEND (a kind of tokenizer that is not known). */
int tokenizer_open(struct tokenizer **out, const struct gguf *g,
                   struct err *e);

/* Reads the tokenizer.bin of a llama2.c checkpoint with n_vocab tokens
 * (karpathy/llama2.c, tokenizer.py).  0, or -1 with ERR_BACKEND (not there) or
 * ERR_FORMAT. */
int tokenizer_open_llama2c(struct tokenizer **out, const char *path,
                           int n_vocab, struct err *e);

void tokenizer_close(struct tokenizer *t); /* NULL is allowed */

/* Number of tokens; engine.c refuses a file whose embedding has another. */
int tokenizer_n_vocab(const struct tokenizer *t);

/* What may stand around a text. */
struct tokenizer_ends {
    int bos, eos; /* ids, -1 if there is none */
    bool add_bos; /* the file asks for the begin token */
};
struct tokenizer_ends tokenizer_ends(const struct tokenizer *t);

/* Whether a text gets a space in front when it is encoded; then the first
 * space of decoded text is not part of it. */
bool tokenizer_adds_space(const struct tokenizer *t);

/* Part of a text that somebody else wrote. */
struct foreign {
    size_t from, to; /* bytes */
    const struct token_list *barred; /* more tokens not to be found in it, see
                                        tokenizer_find_markers; or NULL */
};

/* Adds the tokens by which a template, text[0..n) of its own, marks turns,
 * though the file does not call them control tokens: those that stand in it
 * and are more than words and blanks.  Each is added once. */
void tokenizer_find_markers(const struct tokenizer *t, const char *text,
                            size_t n, struct token_list *out);

/* The control token or marker that text[0..n) begins with; -1: none. */
int32_t tokenizer_marker(const struct tokenizer *t, const char *text,
                         size_t n);

/* Appends the ids of text[0..n).  flags: enum tokenize_flags.  If
 * TOKENIZE_SPECIAL is set, control tokens are found everywhere but in the
 * n_foreign parts (in order, not overlapping).  0, or -1 with ERR_FORMAT. */
int tokenizer_encode(const struct tokenizer *t, const char *text, size_t n,
                     const struct foreign *foreign, size_t n_foreign,
                     unsigned flags, struct token_list *out, struct err *e);

/* Appends the bytes of a token; control tokens only if `special`. */
void tokenizer_piece(const struct tokenizer *t, int32_t id, bool special,
                     struct buf *out);

/* Whether an answer ends here. */
bool tokenizer_is_end(const struct tokenizer *t, int32_t id);

/* The text of a control token as templates write it, "" if id is -1. */
void tokenizer_name(const struct tokenizer *t, int32_t id, struct buf *out);

#endif
