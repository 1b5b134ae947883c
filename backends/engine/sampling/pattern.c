#include "backends/engine/sampling/pattern_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_PLACES 1024 /* of the automaton of places (Thompson's) */
#define MAX_WORK (8u << 20) /* places that are looked at in all */

/* --- places ------------------------------------------------------------ */

/* A place goes on by a character of a set, or by up to two free steps. */
struct place {
    int set;   /* a node of the expression, -1: free steps */
    int to[2]; /* -1: none */
};

struct machine {
    const struct regex *r;
    struct place *places; /* [n] */
    int n;
    bool full;
};

static int add_place(struct machine *m, int set, int a, int b)
{
    if (m->n == MAX_PLACES) {
        m->full = true;
        return 0;
    }
    m->places[m->n] = (struct place){set, {a, b}};
    return m->n++;
}

/* The place from which the node leads to `to`. */
static int build(struct machine *m, int node, int to)
{
    const struct regex_node *x = &m->r->nodes[node];
    if (m->full)
        return 0;
    switch (x->kind) {
    case REGEX_EMPTY: return to;
    case REGEX_SET: return add_place(m, node, to, -1);
    case REGEX_CAT: return build(m, x->left, build(m, x->right, to));
    case REGEX_EITHER: {
        int left = build(m, x->left, to);
        return add_place(m, -1, left, build(m, x->right, to));
    }
    default: break;
    }
    int at = to;
    if (x->max == REGEX_UNBOUNDED) {
        at = add_place(m, -1, -1, to); /* again, or on */
        int again = build(m, x->left, at);
        if (!m->full)
            m->places[at].to[0] = again;
    } else {
        for (uint32_t i = x->min; i < x->max && !m->full; i++)
            at = add_place(m, -1, build(m, x->left, at), to);
    }
    for (uint32_t i = 0; i < x->min && !m->full; i++)
        at = build(m, x->left, at);
    return at;
}

/* --- classes of characters --------------------------------------------- */

static int by_number(const void *va, const void *vb)
{
    const uint32_t *a = va, *b = vb;
    return (*a > *b) - (*a < *b);
}

/* Characters that no range tells apart are one class.  False: too many. */
static bool find_classes(struct pattern *p, const struct regex *r)
{
    size_t n = 0;
    uint32_t *all = mem_calloc(2 * r->n_ranges + 4, sizeof(*all));
    all[n++] = 0;
    all[n++] = REGEX_BEGIN;
    all[n++] = REGEX_END;
    for (size_t i = 0; i < r->n_ranges; i++) {
        all[n++] = r->ranges[i].from;
        if (r->ranges[i].to < REGEX_LAST)
            all[n++] = r->ranges[i].to + 1;
    }
    qsort(all, n, sizeof(*all), by_number);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && all[i] == all[i - 1])
            continue;
        if (p->n_classes == PATTERN_MAX_CLASSES) {
            free(all);
            return false;
        }
        p->starts[p->n_classes++] = all[i];
    }
    free(all);
    return true;
}

static size_t class_of(const struct pattern *p, uint32_t cp)
{
    size_t low = 0, high = p->n_classes;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (p->starts[mid] <= cp)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static bool set_has(const struct regex *r, int node, uint32_t cp)
{
    const struct regex_node *x = &r->nodes[node];
    for (size_t i = x->first; i < x->first + x->n; i++)
        if (r->ranges[i].from <= cp && cp <= r->ranges[i].to)
            return true;
    return false;
}

/* --- states ------------------------------------------------------------ */

#define SET_WORDS (MAX_PLACES / 64)
#define N_SLOTS (4 * PATTERN_MAX_STATES)

struct subsets {
    const struct machine *m;
    const struct pattern *p;     /* for the classes */
    bool *has;                   /* [place][n_classes] a character leads on */
    uint64_t (*behind)[SET_WORDS]; /* [place] where it leads to then */
    uint64_t (*sets)[SET_WORDS]; /* [state] the places of each */
    int16_t slots[N_SLOTS];      /* states by the hash of their set; 0: free,
                                    else 1 + state */
    int *stack;                  /* [2 n + 2] places still to be followed */
    int accept;
    uint32_t work;
};

static bool set_get(const uint64_t *set, int i)
{
    return set[i / 64] >> (i % 64) & 1;
}

/* Adds a place and those that free steps lead to. */
static void add_closure(const struct subsets *s, uint64_t *set, int place)
{
    int n = 0;
    s->stack[n++] = place;
    while (n > 0) {
        int at = s->stack[--n];
        if (at < 0 || set_get(set, at))
            continue;
        set[at / 64] |= (uint64_t)1 << (at % 64);
        if (s->m->places[at].set >= 0 || at == s->accept)
            continue;
        s->stack[n++] = s->m->places[at].to[0];
        s->stack[n++] = s->m->places[at].to[1];
    }
}

static void find_steps(struct subsets *s)
{
    size_t n = s->p->n_classes, n_places = (size_t)s->m->n;
    s->has = mem_calloc(n_places * n, sizeof(*s->has));
    s->behind = mem_calloc(n_places, sizeof(*s->behind));
    for (size_t i = 0; i < n_places; i++) {
        const struct place *place = &s->m->places[i];
        if (place->set < 0)
            continue;
        add_closure(s, s->behind[i], place->to[0]);
        for (size_t c = 0; c < n; c++)
            s->has[i * n + c] = set_has(s->m->r, place->set, s->p->starts[c]);
    }
}

static void step_set(struct subsets *s, const uint64_t *from, size_t class,
                     uint64_t *to)
{
    memset(to, 0, SET_WORDS * sizeof(*to));
    for (size_t i = 0; i < (size_t)s->m->n; i++) {
        if (from[i / 64] == 0) {
            i |= 63; /* none of this word */
            continue;
        }
        if (!set_get(from, (int)i))
            continue;
        s->work++;
        if (s->has[i * s->p->n_classes + class])
            for (int w = 0; w < SET_WORDS; w++)
                to[w] |= s->behind[i][w];
    }
}

static bool is_empty(const uint64_t *set)
{
    for (int i = 0; i < SET_WORDS; i++)
        if (set[i] != 0)
            return false;
    return true;
}

/* The state of a set of places, a new one if need be; -1: too many. */
static int state_of(struct pattern *p, struct subsets *s, const uint64_t *set)
{
    size_t bytes = sizeof(s->sets[0]);
    uint64_t hash = 0;
    for (int i = 0; i < SET_WORDS; i++)
        hash = (hash ^ set[i]) * 0x9E3779B97F4A7C15u; /* Knuth's ratio */
    size_t at = (size_t)(hash >> 40) % N_SLOTS;
    for (; s->slots[at] != 0; at = (at + 1) % N_SLOTS)
        if (memcmp(s->sets[s->slots[at] - 1], set, bytes) == 0)
            return s->slots[at] - 1;
    if (p->n_states == PATTERN_MAX_STATES || s->work > MAX_WORK)
        return -1;
    memcpy(s->sets[p->n_states++], set, bytes);
    s->slots[at] = (int16_t)p->n_states;
    return (int)p->n_states - 1;
}

/* All states and their steps; false: too many. */
static bool find_states(struct pattern *p, struct subsets *s, int start)
{
    uint64_t set[SET_WORDS] = {0}, to[SET_WORDS];
    add_closure(s, set, start);
    step_set(s, set, class_of(p, REGEX_BEGIN), to);
    if (is_empty(to) || state_of(p, s, to) < 0)
        return false;
    for (size_t i = 0; i < p->n_states; i++) {
        step_set(s, s->sets[i], class_of(p, REGEX_END), to);
        p->ends[i] = set_get(to, s->accept);
        for (size_t c = 0; c < p->n_classes; c++) {
            uint16_t *next = &p->next[i * p->n_classes + c];
            *next = PATTERN_DEAD;
            if (p->starts[c] >= REGEX_BEGIN)
                continue;
            step_set(s, s->sets[i], c, to);
            if (is_empty(to))
                continue;
            int state = state_of(p, s, to);
            if (state < 0)
                return false;
            *next = (uint16_t)state;
        }
    }
    return true;
}

/* --- the module -------------------------------------------------------- */

static bool compile(struct pattern *p, const struct regex *r, int root,
                    const char **why)
{
    struct machine m = {.r = r};
    struct subsets *s = mem_calloc(1, sizeof(*s));
    bool good = false;
    s->m = &m;
    s->p = p;
    m.places = mem_calloc(MAX_PLACES, sizeof(*m.places));
    s->stack = mem_calloc(2 * MAX_PLACES + 2, sizeof(*s->stack));
    s->sets = mem_calloc(PATTERN_MAX_STATES, sizeof(*s->sets));
    s->accept = add_place(&m, -1, -1, -1);
    int start = build(&m, root, s->accept);
    *why = "the expression is too large";
    if (!m.full && find_classes(p, r)) {
        pattern_make_room(p);
        find_steps(s);
        good = find_states(p, s, start);
    }
    if (good)
        pattern_find_ways(p);
    free(m.places);
    free(s->stack);
    free(s->sets);
    free(s->has);
    free(s->behind);
    free(s);
    return good;
}

static struct pattern *open_part(const char *text, size_t n, bool at_begin,
                                 const char **why)
{
    struct regex r;
    struct pattern *p = mem_calloc(1, sizeof(*p));
    int root = regex_parse(&r, text, n, at_begin, why);
    if (root < 0 || !compile(p, &r, root, why)) {
        pattern_close(p);
        p = NULL;
    }
    regex_free(&r);
    return p;
}

struct pattern *pattern_open(const char *text, const char **why)
{
    struct regex_ahead ahead;
    const char *rest = *text == '^' ? text + 1 : text;
    const char *next = *text == '^' ? regex_take_ahead(rest, &ahead) : NULL;
    if (next == NULL)
        return open_part(text, strlen(text), false, why);
    const char *last = next;
    while ((next = regex_take_ahead(last, &ahead)) != NULL)
        last = next;
    struct pattern *p = open_part(last, strlen(last), true, why);
    while (p != NULL && (next = regex_take_ahead(rest, &ahead)) != NULL) {
        struct pattern *a = open_part(ahead.text, ahead.n, true, why);
        struct pattern *both =
            a != NULL ? pattern_join(p, a, ahead.negative, why) : NULL;
        pattern_close(p);
        pattern_close(a);
        p = both;
        rest = next;
    }
    return p;
}

void pattern_close(struct pattern *p)
{
    if (p == NULL)
        return;
    free(p->next);
    free(p->ends);
    free(p->ways);
    free(p);
}

uint16_t pattern_next(const struct pattern *p, uint16_t state, uint32_t cp)
{
    return p->next[state * p->n_classes + class_of(p, cp)];
}

bool pattern_ends(const struct pattern *p, uint16_t state)
{
    return p->ends[state];
}

bool pattern_reaches(const struct pattern *p, uint16_t state, uint32_t min,
                     uint32_t max)
{
    /* Beyond what is known, the last half speaks for what follows. */
    uint32_t from = min < PATTERN_MAX_STEPS ? min : PATTERN_MAX_STEPS / 2;
    uint32_t to = max < PATTERN_MAX_STEPS ? max : PATTERN_MAX_STEPS - 1;
    for (uint32_t k = from; k <= to; k++)
        if (p->ways[state][k / 64] >> (k % 64) & 1)
            return true;
    return false;
}

bool pattern_reaches_by(const struct pattern *p, uint16_t state, uint32_t first,
                        uint32_t last, uint32_t min, uint32_t max)
{
    for (size_t c = class_of(p, first);
         c < p->n_classes && p->starts[c] <= last; c++) {
        uint16_t next = p->next[state * p->n_classes + c];
        if (next != PATTERN_DEAD && pattern_reaches(p, next, min, max))
            return true;
    }
    return false;
}
