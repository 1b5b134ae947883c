#include "backends/engine/tokenizer/merge.h"

#include <stdlib.h>

#include "base/mem.h"

void merger_free(struct merger *m)
{
    free(m->symbols);
    free(m->heap);
    *m = (struct merger){0};
}

void merger_clear(struct merger *m)
{
    m->n_symbols = 0;
}

void merger_add(struct merger *m, const char *text, size_t n, int32_t id)
{
    if (m->n_symbols == m->cap_symbols) {
        m->cap_symbols = m->cap_symbols ? 2 * m->cap_symbols : 64;
        m->symbols = mem_realloc(m->symbols, m->cap_symbols,
                                 sizeof(*m->symbols));
    }
    int32_t at = (int32_t)m->n_symbols++;
    m->symbols[at] = (struct symbol){text, (uint32_t)n, id, at - 1, -1};
    if (at > 0)
        m->symbols[at - 1].next = at;
}

static bool before(const struct merge_pair *a, const struct merge_pair *b)
{
    return a->cost < b->cost || (a->cost == b->cost && a->left < b->left);
}

static void heap_push(struct merger *m, struct merge_pair pair)
{
    if (m->n_heap == m->cap_heap) {
        m->cap_heap = m->cap_heap ? 2 * m->cap_heap : 64;
        m->heap = mem_realloc(m->heap, m->cap_heap, sizeof(*m->heap));
    }
    size_t at = m->n_heap++;
    while (at > 0 && before(&pair, &m->heap[(at - 1) / 2])) {
        m->heap[at] = m->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    m->heap[at] = pair;
}

static struct merge_pair heap_pop(struct merger *m)
{
    struct merge_pair top = m->heap[0], last = m->heap[--m->n_heap];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < m->n_heap; at = child) {
        if (child + 1 < m->n_heap &&
            before(&m->heap[child + 1], &m->heap[child]))
            child++;
        if (!before(&m->heap[child], &last))
            break;
        m->heap[at] = m->heap[child];
    }
    m->heap[at] = last;
    return top;
}

/* Notes the pair of a symbol and its right neighbour, if it may join. */
static void offer(struct merger *m, int32_t left, merge_rule *rule,
                  void *arg)
{
    if (left < 0 || m->symbols[left].next < 0)
        return;
    const struct symbol *l = &m->symbols[left], *r = &m->symbols[l->next];
    struct merge_pair pair = {.left = left, .n = l->n + r->n};
    if (rule(arg, l, r, &pair.cost, &pair.id))
        heap_push(m, pair);
}

void merger_run(struct merger *m, merge_rule *rule, void *arg)
{
    m->n_heap = 0;
    for (size_t i = 0; i + 1 < m->n_symbols; i++)
        offer(m, (int32_t)i, rule, arg);
    while (m->n_heap > 0) {
        struct merge_pair pair = heap_pop(m);
        struct symbol *l = &m->symbols[pair.left];
        if (l->n == 0 || l->next < 0)
            continue;
        struct symbol *r = &m->symbols[l->next];
        /* Joins only ever lengthen: the same length is the same text. */
        if (l->n + r->n != pair.n)
            continue;
        l->n = pair.n;
        l->id = pair.id;
        r->n = 0;
        l->next = r->next;
        if (l->next >= 0)
            m->symbols[l->next].prev = pair.left;
        offer(m, l->prev, rule, arg);
        offer(m, pair.left, rule, arg);
    }
}
