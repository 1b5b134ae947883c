/* What the files of the engine share; nobody else includes it.
 *
 * tokenizer.c and chat.c implement the text half of engine.h on this struct;
 * engine.c opens them, forward.c and weights.c the numbers. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "backends/engine/engine.h"
#include "backends/engine/gguf.h"

struct chat_template;
struct mapping;
struct tokenizer;
struct weights;

struct engine {
    char *path;
    struct engine_info info;
    struct gguf *gguf;       /* NULL for a llama2.c checkpoint … */
    struct mapping *mapping; /* … which has this instead */
    struct tokenizer *tokenizer;
    const struct chat_template *chat; /* recognised in the file, or NULL */
    struct pool *pool;                /* borrowed */
    struct weights *weights;
};

/* --- tokenizer.c ------------------------------------------------------- */

/* Reads tokenizer.ggml.* of a file.  0, or -1 with ERR_FORMAT (the file is
 * broken) or ERR_BACKEND (a kind of tokenizer that is not known). */
int tokenizer_open(struct tokenizer **out, const struct gguf *g,
                   struct err *e);
/* Reads the tokenizer.bin of a llama2.c checkpoint with n_vocab tokens. */
int tokenizer_open_llama2c(struct tokenizer **out, const char *path,
                           int n_vocab, struct err *e);
void tokenizer_close(struct tokenizer *t); /* NULL is allowed */

/* Number of tokens; engine.c refuses a file whose embedding has another. */
int tokenizer_n_vocab(const struct tokenizer *t);

/* Fills bos, eos and add_bos. */
void tokenizer_describe(const struct tokenizer *t, struct engine_info *info);

/* --- chat.c ------------------------------------------------------------ */

/* Fills g->chat, info.has_template and info.template_name from the file's
 * template, if it has one.  An unknown template is no error here. */
void chat_recognise(struct engine *g);

#endif
