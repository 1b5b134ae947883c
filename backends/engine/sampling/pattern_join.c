/* What is said of an automaton as a whole: the ways to its ends, and that of
 * two which must both take a text. */
#include "backends/engine/sampling/pattern_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void pattern_make_room(struct pattern *p)
{
    p->next = mem_calloc(PATTERN_MAX_STATES * p->n_classes, sizeof(*p->next));
    p->ends = mem_calloc(PATTERN_MAX_STATES, sizeof(*p->ends));
    p->ways = mem_calloc(PATTERN_MAX_STATES, sizeof(*p->ways));
}

/* --- ways to an end ---------------------------------------------------- */

/* Whether JSON written here can hold a character of a class: controls only by
 * their short escapes. */
static bool is_writable(const struct pattern *p, size_t c)
{
    uint32_t from = p->starts[c];
    uint32_t to = c + 1 < p->n_classes ? p->starts[c + 1] - 1 : REGEX_LAST;
    for (uint32_t cp = from; cp <= to && cp < 0x20; cp++)
        if (cp == '\b' || cp == '\t' || cp == '\n' || cp == '\f' || cp == '\r')
            return true;
    return to >= 0x20 && from < REGEX_BEGIN &&
           !(from >= 0xD800 && to <= 0xDFFF);
}

/* Lists the states that writable characters lead to from a state. */
static size_t list_next(const struct pattern *p, size_t state,
                        const bool *writable, uint16_t *list)
{
    size_t n = 0;
    for (size_t c = 0; c < p->n_classes; c++) {
        uint16_t next = p->next[state * p->n_classes + c];
        bool have = next == PATTERN_DEAD || !writable[c];
        for (size_t i = 0; i < n && !have; i++)
            have = list[i] == next;
        if (!have)
            list[n++] = next;
    }
    return n;
}

/* A way of k characters from a state is one of k - 1 from a next one: until
 * nothing changes, at most PATTERN_MAX_STEPS times. */
void pattern_find_ways(struct pattern *p)
{
    bool writable[PATTERN_MAX_CLASSES];
    uint16_t *lists = mem_calloc(p->n_states * p->n_classes, sizeof(*lists));
    size_t *counts = mem_calloc(p->n_states, sizeof(*counts));
    for (size_t c = 0; c < p->n_classes; c++)
        writable[c] = is_writable(p, c);
    for (size_t i = 0; i < p->n_states; i++) {
        p->ways[i][0] = p->ends[i];
        counts[i] = list_next(p, i, writable, &lists[i * p->n_classes]);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < p->n_states; i++) {
            uint64_t all[PATTERN_STEP_WORDS] = {0}, carry = p->ends[i];
            for (size_t k = 0; k < counts[i]; k++)
                for (int w = 0; w < PATTERN_STEP_WORDS; w++)
                    all[w] |= p->ways[lists[i * p->n_classes + k]][w];
            for (int w = 0; w < PATTERN_STEP_WORDS; w++) {
                uint64_t shifted = all[w] << 1 | carry;
                carry = all[w] >> 63;
                changed = changed || shifted != p->ways[i][w];
                p->ways[i][w] = shifted;
            }
        }
    }
    free(lists);
    free(counts);
}

/* --- two that hold together -------------------------------------------- */

/* The product of two automata (Hopcroft and Ullman, "Introduction to Automata
 * Theory", 3.3); of the complement of b, its dead state is one more. */
struct product {
    const struct pattern *a, *b;
    bool negative;
    uint16_t *number; /* [a's states][b's states + 1]: of the pair, from 1 */
    uint32_t *pairs;  /* [state] a's state times (b's states + 1), and b's */
};

/* The classes of both.  False: too many. */
static bool join_classes(struct pattern *p, const struct pattern *a,
                         const struct pattern *b)
{
    size_t i = 0, k = 0;
    while (i < a->n_classes || k < b->n_classes) {
        uint32_t x = i < a->n_classes ? a->starts[i] : UINT32_MAX;
        uint32_t y = k < b->n_classes ? b->starts[k] : UINT32_MAX;
        if (p->n_classes == PATTERN_MAX_CLASSES)
            return false;
        p->starts[p->n_classes++] = x < y ? x : y;
        i += x <= y;
        k += y <= x;
    }
    return true;
}

/* The state of a pair, a new one if need be; PATTERN_DEAD if no text goes on
 * from there, and -1 for too many. */
static int pair_state(struct pattern *p, struct product *m, uint16_t a,
                      uint16_t b)
{
    size_t width = m->b->n_states + 1;
    if (a == PATTERN_DEAD || (b == PATTERN_DEAD && !m->negative))
        return PATTERN_DEAD;
    size_t at = a * width + (b == PATTERN_DEAD ? width - 1 : b);
    if (m->number[at] != 0)
        return m->number[at] - 1;
    if (p->n_states == PATTERN_MAX_STATES)
        return -1;
    m->pairs[p->n_states] = (uint32_t)at;
    p->ends[p->n_states] =
        pattern_ends(m->a, a) &&
        (b != PATTERN_DEAD && pattern_ends(m->b, b)) != m->negative;
    m->number[at] = (uint16_t)++p->n_states;
    return m->number[at] - 1;
}

static bool join_states(struct pattern *p, struct product *m)
{
    size_t width = m->b->n_states + 1;
    if (pair_state(p, m, PATTERN_START, PATTERN_START) < 0)
        return false;
    for (size_t i = 0; i < p->n_states; i++) {
        uint16_t a = (uint16_t)(m->pairs[i] / width);
        uint16_t b = (uint16_t)(m->pairs[i] % width);
        for (size_t c = 0; c < p->n_classes; c++) {
            uint16_t of_b = b == width - 1
                                ? PATTERN_DEAD
                                : pattern_next(m->b, b, p->starts[c]);
            int to = pair_state(p, m, pattern_next(m->a, a, p->starts[c]),
                                of_b);
            if (to < 0)
                return false;
            p->next[i * p->n_classes + c] = (uint16_t)to;
        }
    }
    return true;
}

struct pattern *pattern_join(const struct pattern *a, const struct pattern *b,
                             bool negative, const char **why)
{
    struct pattern *p = mem_calloc(1, sizeof(*p));
    struct product m = {.a = a, .b = b, .negative = negative};
    bool good = join_classes(p, a, b);
    *why = "the expressions that hold together are too large";
    if (good) {
        pattern_make_room(p);
        m.number = mem_calloc(a->n_states * (b->n_states + 1),
                              sizeof(*m.number));
        m.pairs = mem_calloc(PATTERN_MAX_STATES, sizeof(*m.pairs));
        good = join_states(p, &m);
    }
    if (good)
        pattern_find_ways(p);
    free(m.number);
    free(m.pairs);
    if (good)
        return p;
    pattern_close(p);
    return NULL;
}
