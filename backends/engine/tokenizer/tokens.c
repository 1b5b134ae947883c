#include "backends/engine/tokenizer/tokens.h"

#include <stdlib.h>

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

size_t token_list_common(const struct token_list *a, const struct token_list *b)
{
    size_t n = 0;
    while (n < a->n && n < b->n && a->ids[n] == b->ids[n])
        n++;
    return n;
}

size_t token_list_known(const struct token_list *ids,
                        const struct token_list *held)
{
    size_t n = token_list_common(ids, held);
    return n < ids->n ? n : n - 1;
}
