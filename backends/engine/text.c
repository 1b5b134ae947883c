/* The text half of engine.h. */
#include "backends/engine/engine_private.h"

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
    return tokenizer_is_end(g->tokenizer, id);
}

bool engine_adds_space(const struct engine *g)
{
    return tokenizer_adds_space(g->tokenizer);
}

int engine_render(const struct engine *g, const char *template_name,
                  const struct message *messages, size_t n,
                  unsigned flags, struct buf *text, struct token_list *ids,
                  struct err *e)
{
    return chat_render(&g->chat, template_name, messages, n, flags, text, ids,
                       e);
}
