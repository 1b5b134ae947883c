/* graph: which models can be compared at all.
 *
 * Models are nodes and a pair that met is an edge.  Models in different
 * components never met, even through others: no common scale exists.  With an
 * edge from each winner to its loser (and both ways for a tie), the maximum of
 * the Bradley-Terry likelihood is finite if and only if a component is strongly
 * connected (Ford 1957).  Pure; any thread. */
#ifndef RATING_FIT_GRAPH_H
#define RATING_FIT_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#define GRAPH_NONE UINT32_MAX

struct graph_edge {
    uint32_t from, to;
};

/* Numbers the weak components of n nodes from 0, in the order of their lowest
 * node, into component[n]; nodes without an edge get GRAPH_NONE.  Returns how
 * many there are. */
uint32_t graph_components(size_t n, const struct graph_edge *edges,
                          size_t n_edges, uint32_t *component);

/* Numbers the strong components into strong[n] (Tarjan 1972, without
 * recursion); nodes without an edge are components too.  Sets *n_strong.
 * 0, or -1 if there is no memory. */
int graph_strong(size_t n, const struct graph_edge *edges, size_t n_edges,
                 uint32_t *strong, uint32_t *n_strong);

/* An order of the nodes that keeps neighbours close (reverse Cuthill-McKee
 * 1969), so that a Cholesky factor fills little: order[k] is the k-th node.
 * Directions do not matter.  0, or -1 if there is no memory. */
int graph_order(size_t n, const struct graph_edge *edges, size_t n_edges,
                uint32_t *order);

#endif
