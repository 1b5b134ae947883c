/* What the files of the engine share; nobody else includes it.
 *
 * tokenizer.c and chat.c implement the text half of engine.h on this struct;
 * engine.c opens them, forward.c and weights.c the numbers. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "backends/engine/engine.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/tokenizer/tokenizer.h"

struct chat_template;
struct checkpoint;
struct forward;
struct weights;

struct engine {
    char *path;
    struct engine_info info;
    struct gguf *gguf;             /* one of these two is NULL */
    struct checkpoint *checkpoint; /* of llama2.c */
    struct tokenizer *tokenizer;
    const struct chat_template *chat; /* recognised in the file, or NULL */
    char *system_text[2]; /* the file's own, without and with thinking */
    struct pool *pool;                /* borrowed */
    struct weights *weights;
    struct forward *forward; /* scratch memory of passes */
};

/* --- chat.c ------------------------------------------------------------ */

/* Fills g->chat, g->system_text, info.has_template and info.template_name from
 * the file's template, if it has one.  An unknown template is no error here.
 * chat_forget frees what that took. */
void chat_recognise(struct engine *g);
void chat_forget(struct engine *g);

#endif
