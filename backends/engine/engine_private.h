/* What the files of the engine share; nobody else includes it.
 *
 * text.c implements the text half of engine.h on this struct, engine.c opens
 * both halves, forward.c and weights.c are the numbers. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "backends/engine/chat/chat.h"
#include "backends/engine/engine.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/tokenizer/tokenizer.h"

struct checkpoint;
struct forward;
struct weights;

struct engine {
    char *path;
    struct engine_info info;
    struct gguf *gguf;             /* one of these two is NULL */
    struct checkpoint *checkpoint; /* of llama2.c */
    struct tokenizer *tokenizer;
    struct chat chat;
    struct pool *pool;                /* borrowed */
    struct weights *weights;
    struct forward *forward; /* scratch memory of passes */
};

/* Makes what `e` (may be NULL) says a fault of the backend, as every fault of a
 * weights file is.  Returns -1, always. */
int engine_refuse(struct err *e);

#endif
