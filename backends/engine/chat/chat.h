/* chat: how a conversation is written for a model.
 *
 * Weights files carry a template for it (format.h); a config may name another,
 * or a file.  What a message says is never parsed for control tokens, whatever
 * the template does with it.
 *
 * Any thread may call all but chat_open and chat_forget. */
#ifndef BACKENDS_ENGINE_CHAT_H
#define BACKENDS_ENGINE_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/engine/chat/format.h"
#include "backends/engine/chat/message.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/tokenizer/tokenizer.h"
#include "base/buf.h"
#include "base/err.h"

/* What is known of how one weights file writes conversations. */
struct chat {
    const char *path;     /* of the file, for messages; borrowed */
    const struct tokenizer *tokenizer; /* borrowed; NULL: nothing is encoded */
    bool has_template;    /* the file carries one, usable or not */
    struct format *own;   /* the file's, or NULL */
    struct err fault;     /* why it is not usable */
    struct chat_others *others; /* formats that were asked for by name */
};

/* Looks for a template in the file (NULL: it is none that could have one).
 * One that cannot be used is no error here, but when it is used. */
void chat_open(struct chat *c, const char *path,
               const struct tokenizer *tokenizer, const struct gguf *file);
void chat_forget(struct chat *c);

/* Writes a conversation: engine_render of engine.h. */
int chat_render(const struct chat *c, const struct rendering *how,
                const struct message *messages, size_t n, struct buf *text,
                struct token_list *ids, struct err *e);

/* Whether a template that was used here writes this token after an answer. */
bool chat_is_end(const struct chat *c, int32_t id);

/* Appends which template is used, and what differs: "its own template: …".
 * 0, or -1 as chat_render for one that cannot be used. */
int chat_describe(const struct chat *c, const struct rendering *how,
                  struct buf *out, struct err *e);

#endif
