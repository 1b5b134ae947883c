#include "rating/votes/counts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void rating_counts_init(struct rating_counts *c)
{
    memset(c, 0, sizeof(*c));
}

void rating_counts_free(struct rating_counts *c)
{
    free(c->cells);
    free(c->slots);
    free(c->weighted);
    rating_counts_init(c);
}

/* A square of this side takes 1 MiB; beyond it pairs are hashed.  They also are
 * if a square would have more than so many slots for a cell: a log may be split
 * into a hundred thousand sets of a few cells each. */
enum { MAX_SIDE = 512, MIN_SIDE = 32, MAX_SLOTS = 64 };

static size_t hash_of(uint32_t first, uint32_t second, size_t n_slots)
{
    /* Fibonacci hashing: the golden ratio spreads neighbouring keys. */
    uint64_t key = (uint64_t)first << 32 | second;
    return (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & (n_slots - 1);
}

/* The slot of a pair, or the free one for it; NULL if the square is too small
 * for it. */
static uint32_t *find_slot(const struct rating_counts *c, uint32_t first,
                           uint32_t second)
{
    if (c->side > 0) {
        bool inside = first < c->side && second < c->side;
        return inside ? &c->slots[first * c->side + second] : NULL;
    }
    if (c->n_slots == 0)
        return NULL;
    size_t s = hash_of(first, second, c->n_slots);
    while (c->slots[s] != 0) {
        const struct rating_cell *cell = &c->cells[c->slots[s] - 1];
        if (cell->first == first && cell->second == second)
            break;
        s = (s + 1) & (c->n_slots - 1);
    }
    return &c->slots[s];
}

/* Lays the slots out anew, for one more cell of these models. */
static int remake_slots(struct rating_counts *c, uint32_t first,
                        uint32_t second)
{
    uint32_t last = first > second ? first : second;
    if (c->n_models > 0 && last < c->n_models - 1)
        last = (uint32_t)(c->n_models - 1);
    size_t side = MIN_SIDE, n_slots = 4 * c->cap;
    while (side <= last)
        side *= 2;
    if (side > MAX_SIDE || side * side > MAX_SLOTS * c->cap)
        side = 0;
    else
        n_slots = side * side;
    uint32_t *slots = calloc(n_slots, sizeof(*slots));
    if (slots == NULL)
        return -1;
    free(c->slots);
    c->slots = slots;
    c->n_slots = n_slots;
    c->side = side;
    for (size_t i = 0; i < c->n_cells; i++)
        *find_slot(c, c->cells[i].first, c->cells[i].second) =
            (uint32_t)(i + 1);
    return 0;
}

/* Room for one more cell; a hash table stays at most half full. */
static int grow(struct rating_counts *c, uint32_t first, uint32_t second)
{
    if (c->n_cells == c->cap) {
        size_t cap = c->cap == 0 ? 4 : 2 * c->cap;
        if (cap > UINT32_MAX / 4)
            return -1;
        struct rating_cell *cells = realloc(c->cells, cap * sizeof(*cells));
        if (cells == NULL)
            return -1;
        c->cells = cells;
        c->cap = cap;
    }
    if (find_slot(c, first, second) != NULL &&
        (c->side > 0 || 2 * (c->n_cells + 1) <= c->n_slots))
        return 0;
    return remake_slots(c, first, second);
}

/* The cell of an ordered pair, made if it is not there; NULL: no memory. */
static struct rating_cell *have_cell(struct rating_counts *c, uint32_t first,
                                     uint32_t second)
{
    uint32_t *slot = find_slot(c, first, second);
    if (slot == NULL || *slot == 0) {
        if (grow(c, first, second) != 0)
            return NULL;
        slot = find_slot(c, first, second);
        struct rating_cell *cell = &c->cells[c->n_cells];
        *cell = (struct rating_cell){.first = first, .second = second};
        *slot = (uint32_t)++c->n_cells;
        size_t last = first > second ? first : second;
        if (c->n_models <= last)
            c->n_models = last + 1;
    }
    return &c->cells[*slot - 1];
}

int rating_counts_add(struct rating_counts *c, uint32_t first, uint32_t second,
                      enum rating_outcome outcome, uint64_t n)
{
    struct rating_cell *cell = have_cell(c, first, second);
    if (cell == NULL)
        return -1;
    cell->n[outcome] += n;
    return 0;
}

int rating_counts_add_all(struct rating_counts *c, uint32_t first,
                          uint32_t second, const uint64_t n[RATING_N_OUTCOMES])
{
    struct rating_cell *cell = have_cell(c, first, second);
    if (cell == NULL)
        return -1;
    for (int o = 0; o < RATING_N_OUTCOMES; o++)
        cell->n[o] += n[o];
    return 0;
}

uint64_t rating_cell_votes(const struct rating_cell *cell)
{
    uint64_t n = cell->n_weighted;
    for (int o = 0; o < RATING_N_OUTCOMES; o++)
        n += cell->n[o];
    return n;
}

/* Adds weighted votes to the sums of their cell. */
static void sum_weighted(struct rating_cell *cell, double lean, uint64_t n)
{
    cell->n_weighted += n;
    cell->won += (double)n * (0.5 + lean);
    cell->spread += (double)n * (0.25 - lean * lean);
}

int rating_counts_add_weighted(struct rating_counts *c, uint32_t first,
                               uint32_t second, double lean, uint64_t n)
{
    struct rating_cell *cell = have_cell(c, first, second);
    if (cell == NULL)
        return -1;
    if (c->n_weighted == c->cap_weighted) {
        size_t cap = c->cap_weighted == 0 ? 64 : 2 * c->cap_weighted;
        struct rating_weighted *more =
            realloc(c->weighted, cap * sizeof(*more));
        if (more == NULL)
            return -1;
        c->weighted = more;
        c->cap_weighted = cap;
    }
    c->weighted[c->n_weighted++] =
        (struct rating_weighted){first, second, lean, n};
    sum_weighted(cell, lean, n);
    return 0;
}

int rating_counts_merge(struct rating_counts *c,
                        const struct rating_counts *from, const uint32_t *map)
{
    for (size_t i = 0; i < from->n_cells; i++) {
        const struct rating_cell *cell = &from->cells[i];
        uint32_t a = map == NULL ? cell->first : map[cell->first];
        uint32_t b = map == NULL ? cell->second : map[cell->second];
        if (rating_counts_add_all(c, a, b, cell->n) != 0)
            return -1;
    }
    for (size_t i = 0; i < from->n_weighted; i++) {
        const struct rating_weighted *w = &from->weighted[i];
        uint32_t a = map == NULL ? w->first : map[w->first];
        uint32_t b = map == NULL ? w->second : map[w->second];
        if (rating_counts_add_weighted(c, a, b, w->lean, w->n) != 0)
            return -1;
    }
    return 0;
}

/* Makes the slots of a hash table anew, after the cells have moved. */
static void relink(struct rating_counts *c)
{
    if (c->n_slots > 0)
        memset(c->slots, 0, c->n_slots * sizeof(*c->slots));
    for (size_t i = 0; i < c->n_cells; i++)
        *find_slot(c, c->cells[i].first, c->cells[i].second) =
            (uint32_t)(i + 1);
}

static int compare_cells(const void *a, const void *b)
{
    const struct rating_cell *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->second > y->second) - (x->second < y->second);
}

static int compare_weighted(const void *a, const void *b)
{
    const struct rating_weighted *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->second != y->second)
        return x->second < y->second ? -1 : 1;
    return (x->lean > y->lean) - (x->lean < y->lean);
}

/* Sorts the weighted votes, brings equal ones together, and sums anew. */
static void sort_weighted(struct rating_counts *c)
{
    size_t n = 0;
    if (c->n_weighted == 0)
        return;
    qsort(c->weighted, c->n_weighted, sizeof(*c->weighted), compare_weighted);
    for (size_t k = 0; k < c->n_cells; k++) {
        c->cells[k].n_weighted = 0;
        c->cells[k].won = c->cells[k].spread = 0;
    }
    for (size_t i = 0; i < c->n_weighted; i++) {
        struct rating_weighted *w = &c->weighted[i];
        if (n > 0 && compare_weighted(&c->weighted[n - 1], w) == 0)
            c->weighted[n - 1].n += w->n;
        else
            c->weighted[n++] = *w;
    }
    c->n_weighted = n;
    for (size_t i = 0; i < n; i++) {
        const struct rating_weighted *w = &c->weighted[i];
        sum_weighted(have_cell(c, w->first, w->second), w->lean, w->n);
    }
}

static int sort_cells(struct rating_counts *c)
{
    if (c->side == 0) {
        if (c->n_cells > 0)
            qsort(c->cells, c->n_cells, sizeof(*c->cells), compare_cells);
        relink(c);
        return 0;
    }
    /* The square is the order. */
    struct rating_cell *sorted = malloc(c->cap * sizeof(*sorted));
    if (sorted == NULL)
        return -1;
    size_t n = 0;
    for (size_t k = 0; k < c->n_slots; k++) {
        if (c->slots[k] == 0)
            continue;
        sorted[n++] = c->cells[c->slots[k] - 1];
        c->slots[k] = (uint32_t)n;
    }
    free(c->cells);
    c->cells = sorted;
    return 0;
}

int rating_counts_sort(struct rating_counts *c)
{
    if (sort_cells(c) != 0)
        return -1;
    sort_weighted(c);
    return 0;
}

const struct rating_cell *rating_counts_find(const struct rating_counts *c,
                                             uint32_t first, uint32_t second)
{
    const uint32_t *slot = find_slot(c, first, second);
    return slot == NULL || *slot == 0 ? NULL : &c->cells[*slot - 1];
}
