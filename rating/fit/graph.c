#include "rating/fit/graph.h"

#include <stdlib.h>
#include <string.h>

static uint32_t find_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

uint32_t graph_components(size_t n, const struct graph_edge *edges,
                          size_t n_edges, uint32_t *component)
{
    /* Union-find, in component[] itself; the lower root wins, so that a root
     * is the lowest node of its component. */
    for (size_t i = 0; i < n; i++)
        component[i] = GRAPH_NONE;
    for (size_t e = 0; e < n_edges; e++) {
        component[edges[e].from] = edges[e].from;
        component[edges[e].to] = edges[e].to;
    }
    for (size_t e = 0; e < n_edges; e++) {
        uint32_t a = find_root(component, edges[e].from);
        uint32_t b = find_root(component, edges[e].to);
        if (a < b)
            component[b] = a;
        else
            component[a] = b;
    }
    for (size_t i = 0; i < n; i++)
        if (component[i] != GRAPH_NONE)
            component[i] = find_root(component, (uint32_t)i);
    /* A root is never above its nodes, so its number is known before them. */
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (component[i] == GRAPH_NONE)
            continue;
        component[i] = component[i] == i ? count++ : component[component[i]];
    }
    return count;
}

/* Neighbours of each node: those of i are to[start[i] .. start[i + 1]). */
struct adjacency {
    uint32_t *start; /* [n + 1] */
    uint32_t *to;
};

static void adjacency_free(struct adjacency *a)
{
    free(a->start);
    free(a->to);
}

static int adjacency_init(struct adjacency *a, size_t n,
                          const struct graph_edge *edges, size_t n_edges,
                          int both_ways)
{
    size_t n_to = both_ways ? 2 * n_edges : n_edges;
    a->start = calloc(n + 2, sizeof(*a->start));
    a->to = malloc((n_to + 1) * sizeof(*a->to));
    if (a->start == NULL || a->to == NULL || n_to > UINT32_MAX) {
        adjacency_free(a);
        return -1;
    }
    /* Counting sort; start[i + 1] is the place of the next neighbour of i. */
    for (size_t e = 0; e < n_edges; e++) {
        a->start[edges[e].from + 2]++;
        if (both_ways)
            a->start[edges[e].to + 2]++;
    }
    for (size_t i = 2; i < n + 2; i++)
        a->start[i] += a->start[i - 1];
    for (size_t e = 0; e < n_edges; e++) {
        a->to[a->start[edges[e].from + 1]++] = edges[e].to;
        if (both_ways)
            a->to[a->start[edges[e].to + 1]++] = edges[e].from;
    }
    return 0;
}

struct tarjan {
    const struct adjacency *adj;
    uint32_t *index;  /* [n] order of the first visit, from 1; 0: not yet */
    uint32_t *low;    /* [n] lowest index reached, if still on the stack */
    uint32_t *next;   /* [n] next neighbour to look at */
    uint32_t *path;   /* nodes being visited, in place of recursion */
    uint32_t *stack;  /* visited nodes not yet in a component */
    uint32_t *strong; /* [n] the answer; GRAPH_NONE until known */
    uint32_t n_visited, n_stack, n_strong;
};

static void tarjan_enter(struct tarjan *t, uint32_t v)
{
    t->index[v] = t->low[v] = ++t->n_visited;
    t->next[v] = t->adj->start[v];
    t->stack[t->n_stack++] = v;
}

static void tarjan_leave(struct tarjan *t, uint32_t v)
{
    if (t->low[v] != t->index[v])
        return;
    uint32_t w;
    do {
        w = t->stack[--t->n_stack];
        t->strong[w] = t->n_strong;
    } while (w != v);
    t->n_strong++;
}

static void tarjan_visit(struct tarjan *t, uint32_t root)
{
    size_t depth = 0;
    t->path[depth++] = root;
    tarjan_enter(t, root);
    while (depth > 0) {
        uint32_t v = t->path[depth - 1];
        if (t->next[v] < t->adj->start[v + 1]) {
            uint32_t w = t->adj->to[t->next[v]++];
            if (t->index[w] == 0) {
                t->path[depth++] = w;
                tarjan_enter(t, w);
            } else if (t->strong[w] == GRAPH_NONE && t->index[w] < t->low[v]) {
                t->low[v] = t->index[w];
            }
            continue;
        }
        tarjan_leave(t, v);
        if (--depth > 0 && t->low[v] < t->low[t->path[depth - 1]])
            t->low[t->path[depth - 1]] = t->low[v];
    }
}

int graph_strong(size_t n, const struct graph_edge *edges, size_t n_edges,
                 uint32_t *strong, uint32_t *n_strong)
{
    struct adjacency adj;
    if (adjacency_init(&adj, n, edges, n_edges, 0) != 0)
        return -1;
    uint32_t *work = calloc(5 * n + 1, sizeof(*work));
    if (work == NULL) {
        adjacency_free(&adj);
        return -1;
    }
    struct tarjan t = {.adj = &adj,
                       .index = work,
                       .low = work + n,
                       .next = work + 2 * n,
                       .path = work + 3 * n,
                       .stack = work + 4 * n,
                       .strong = strong};
    for (size_t i = 0; i < n; i++)
        strong[i] = GRAPH_NONE;
    for (size_t i = 0; i < n; i++)
        if (t.index[i] == 0)
            tarjan_visit(&t, (uint32_t)i);
    *n_strong = t.n_strong;
    free(work);
    adjacency_free(&adj);
    return 0;
}

static uint32_t degree(const struct adjacency *adj, uint32_t v)
{
    return adj->start[v + 1] - adj->start[v];
}

/* Breadth first from `root`, neighbours by rising degree; appends to
 * order[count..) and returns the new count.  seen[] marks what it took. */
static size_t breadth_first(const struct adjacency *adj, uint32_t root,
                            uint8_t *seen, uint32_t *order, size_t count)
{
    size_t head = count;
    order[count++] = root;
    seen[root] = 1;
    for (; head < count; head++) {
        uint32_t v = order[head];
        size_t first = count;
        for (uint32_t k = adj->start[v]; k < adj->start[v + 1]; k++) {
            uint32_t w = adj->to[k];
            if (seen[w])
                continue;
            seen[w] = 1;
            size_t at = count++;
            while (at > first && degree(adj, order[at - 1]) > degree(adj, w)) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = w;
        }
    }
    return count;
}

int graph_order(size_t n, const struct graph_edge *edges, size_t n_edges,
                uint32_t *order)
{
    struct adjacency adj;
    if (adjacency_init(&adj, n, edges, n_edges, 1) != 0)
        return -1;
    uint8_t *seen = calloc(n + 1, 1);
    if (seen == NULL) {
        adjacency_free(&adj);
        return -1;
    }
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (seen[i])
            continue;
        /* The node found last is far from the first: a good end to start
         * from, and a second walk from there makes narrow levels. */
        size_t end = breadth_first(&adj, (uint32_t)i, seen, order, count);
        uint32_t far = order[end - 1];
        for (size_t k = count; k < end; k++)
            seen[order[k]] = 0;
        count = breadth_first(&adj, far, seen, order, count);
    }
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t swap = order[i];
        order[i] = order[n - 1 - i];
        order[n - 1 - i] = swap;
    }
    free(seen);
    adjacency_free(&adj);
    return 0;
}
