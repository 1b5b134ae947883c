/* The text half of engine.h. */
#include "backends/engine/engine_private.h"

#include "backends/engine/checkpoint.h"
#include "backends/engine/file/mapping.h"
#include "backends/engine/tokenizer/tokenizer.h"

int engine_tokenize(const struct engine *g, const char *text, size_t n,
                    unsigned flags, struct token_list *out, struct err *e)
{
    return tokenizer_encode(g->tokenizer, text, n, NULL, 0, flags, out, e);
}

void engine_piece(const struct engine *g, int32_t id, bool special,
                  struct buf *out)
{
    tokenizer_piece(g->tokenizer, id, special, out);
}

bool engine_is_end(const struct engine *g, int32_t id)
{
    return tokenizer_is_end(g->tokenizer, id) || chat_is_end(&g->chat, id);
}

bool engine_adds_space(const struct engine *g)
{
    return tokenizer_adds_space(g->tokenizer);
}

int engine_render(const struct engine *g, const struct rendering *how,
                  const struct message *messages, size_t n, struct buf *text,
                  struct token_list *ids, struct err *e)
{
    return chat_render(&g->chat, how, messages, n, text, ids, e);
}

int engine_describe_template(const char *path, const struct rendering *how,
                             struct buf *out, struct err *e)
{
    struct mapping *m;
    struct gguf *file = NULL;
    struct chat chat;
    if (mapping_open(&m, path, e) != 0)
        return -1;
    bool gguf = !checkpoint_is(mapping_data(m), mapping_bytes(m));
    mapping_close(m);
    if (gguf && gguf_open(&file, path, e) != 0)
        return -1;
    chat_open(&chat, path, NULL, file);
    int rc = chat_describe(&chat, how, out, e);
    chat_forget(&chat);
    gguf_close(file);
    return rc;
}
