/* leak: finds the places in which an answer tells its model, and hides them.
 *
 * Models name themselves ("I am Qwen, made by Alibaba").  Shown to a voter,
 * that ends the blindness; so the words are replaced before they are shown and
 * the vote is marked.  The stored answer stays as it was.
 *
 * Kinds of words:
 *   anywhere  names that stand for nothing else (a configured name or id with
 *             a digit in it, and what the person lists as "hide_words")
 *   family    "qwen": in a sentence that speaks of the speaker, and, if the
 *             word was coined for models, where an answer begins with it as
 *             with the name of a speaker ("Qwen: …")
 *   ordinary  "command", "falcon", a name like "terse": only directly behind
 *             "I am" and its like
 *   vendor    "google": only behind "by", in a sentence about the speaker
 * Compared is what a reader sees: case, accents, zero-width characters,
 * markdown marks, colour sequences, look-alike letters of other scripts and
 * small gaps inside a word make no difference.  A style cannot be hidden, and
 * a model that wants to be known finds a way; docs say so.
 *
 * The word list is made once and only read; a scan belongs to one answer.  One
 * thread each. */
#ifndef ARENA_BLIND_LEAK_H
#define ARENA_BLIND_LEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define LEAK_HIDDEN "[hidden]" /* what is shown instead */

enum leak_kind { LEAK_ANYWHERE, LEAK_FAMILY, LEAK_ORDINARY, LEAK_VENDOR };

struct leak_word {
    char *folded; /* letters and digits only, those of ASCII lower-case */
    enum leak_kind kind;
    bool is_coined; /* means nothing but a model */
};

struct leak_words {
    struct leak_word *list;
    size_t n;
};

/* The family that a name, id or file says a model is of ("qwen"), static; NULL:
 * it says none that is known. */
const char *leak_family(const char *name);

/* The families and vendors that are known to everyone. */
void leak_words_init(struct leak_words *w);
void leak_words_free(struct leak_words *w);

/* Adds a word or name; what is too short to mean anything is left out. */
void leak_words_add(struct leak_words *w, const char *word,
                    enum leak_kind kind);

/* Adds what a model is known by: a name, id or weights file.  The whole of it,
 * if it has a digit; and what stands before the digit, whole and its first
 * word, as ordinary words (or, if it begins with a family's name, as that). */
void leak_words_add_name(struct leak_words *w, const char *name);

/* The same of a file: without folders and what follows the first dot. */
void leak_words_add_file(struct leak_words *w, const char *path);

#define LEAK_CONTEXT_BYTES 160

struct leak_scan {
    const struct leak_words *words;
    size_t at;      /* bytes of the answer that were taken */
    bool found;     /* something was hidden */
    bool began;     /* there was a letter */
    bool in_word;   /* the last character was an ASCII letter or digit */
    bool after_dot; /* the last one was a dot: with a space, a sentence ends */
    char context[LEAK_CONTEXT_BYTES + 1]; /* this sentence so far, folded */
    size_t n_context;
};

void leak_scan_init(struct leak_scan *s, const struct leak_words *words);

/* Takes more of an answer, of which text[0..n) is there and `done` tells
 * whether that is all, and appends what may be shown to *out.  What could
 * still become a name is held back. */
void leak_scan_step(struct leak_scan *s, const char *text, size_t n, bool done,
                    struct buf *out);

#endif
