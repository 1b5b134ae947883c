/* split: cuts text into the words that byte-level BPE merges within.
 *
 * Each family of models publishes one or more regular expressions for it, and
 * a weights file names the family (tokenizer.ggml.pre).  They are run in turn:
 * what the first one matches, and what lies between its matches, is cut by the
 * second, and so on.  The table is in split.c; a new family is a line
 * there.
 *
 * A splitter is immutable once open: any thread may run it. */
#ifndef BACKENDS_ENGINE_TOKENIZER_SPLIT_H
#define BACKENDS_ENGINE_TOKENIZER_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct splitter;

/* The splitter of a family by name[0..n).  0, or -1 with ERR_BACKEND for a name
 * that is not known. */
int splitter_open(struct splitter **out, const char *name, size_t n,
                  struct err *e);
void splitter_close(struct splitter *s); /* NULL is allowed */

/* Whether a word that is a token is taken as such, without merging. */
bool splitter_whole_words(const struct splitter *s);

/* Whether the family begins a text with the begin token when the file does not
 * say. */
bool splitter_adds_bos(const struct splitter *s);

/* Whether the family brings text into Unicode's form NFC before it is cut
 * (nfc.h). */
bool splitter_wants_nfc(const struct splitter *s);

/* Takes one word; 0 to go on, -1 with *e set to stop. */
typedef int split_word(void *arg, const char *text, size_t n, struct err *e);

/* Calls word for each piece of text[0..n), in order; together they are the
 * whole text.  Bytes that are no UTF-8 are pieces of their own.  0, or -1. */
int splitter_run(const struct splitter *s, const char *text, size_t n,
                 split_word *word, void *arg, struct err *e);

#endif
