/* The text half of engine.h. */
#include "backends/engine/engine_private.h"

#include <stdlib.h>

#include "backends/engine/tokenizer/tokenizer.h"
#include "base/mem.h"

void token_list_add(struct token_list *l, int32_t id)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 64;
        l->ids = mem_realloc(l->ids, l->cap, sizeof(*l->ids));
    }
    l->ids[l->n++] = id;
}

void token_list_free(struct token_list *l)
{
    free(l->ids);
    *l = (struct token_list){0};
}

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

size_t token_list_common(const struct token_list *a, const struct token_list *b)
{
    size_t n = 0;
    while (n < a->n && n < b->n && a->ids[n] == b->ids[n])
        n++;
    return n;
}
