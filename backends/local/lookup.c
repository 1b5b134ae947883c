#include "backends/local/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define HEADS 16384   /* lists of the index */
#define SHORTEST 2    /* match that counts */
#define LONGEST (SHORTEST + LOOKUP_LENGTHS - 1)
#define TRIES 64      /* places before that are compared */

#define FIRST_ALLOWANCE 0.45 /* passes */
#define A_TOKEN 0.01
#define MOST_ALLOWANCE 4.0
#define WORTH 1.05    /* tokens a pass of one row's cost must promise */
#define NEWEST 0.1f   /* weight of the newest observation in a mean */
#define FORGOTTEN 0.002 /* of what a wide pass took, at each pass of one row */

/* How often guesses are right, before anything is known of an answer. */
static const float first_right[LOOKUP_LENGTHS] = {
    0.3f, 0.45f, 0.55f, 0.65f, 0.7f, 0.75f, 0.8f, 0.8f, 0.85f,
};

/* The rows of a pass that are tried, and what they cost before it is known,
 * beside a pass of one: on a processor with AVX-512 (docs/PERFORMANCE.md). */
static const struct {
    size_t rows;
    double cost;
} widths[] = {{2, 1.2}, {4, 1.4}, {8, 2.0}};

#define N_WIDTHS (sizeof(widths) / sizeof(widths[0]))

void lookup_init(struct lookup *l, bool off)
{
    *l = (struct lookup){.off = off, .allowance = FIRST_ALLOWANCE};
    memcpy(l->right, first_right, sizeof(first_right));
}

void lookup_free(struct lookup *l)
{
    free(l->index.heads);
    free(l->index.previous);
    free(l->logits);
    *l = (struct lookup){0};
}

/* --- where it was before ----------------------------------------------- */

static size_t hash_pair(int32_t a, int32_t b)
{
    uint64_t both = (uint64_t)(uint32_t)a << 32 | (uint32_t)b;
    return (size_t)(both * 0x9E3779B97F4A7C15u >> 32) % HEADS;
}

/* Takes in the tokens that were added, but not the last: it is what is looked
 * for. */
static void index_tokens(struct lookup_index *x, const struct token_list *ids)
{
    if (x->heads == NULL) {
        x->heads = mem_calloc(HEADS, sizeof(*x->heads));
        memset(x->heads, 0xff, HEADS * sizeof(*x->heads));
    }
    if (ids->n > x->cap) {
        x->cap = 2 * ids->n;
        x->previous = mem_realloc(x->previous, x->cap, sizeof(*x->previous));
    }
    for (; x->n + 1 < ids->n; x->n++) {
        int32_t *head = x->n == 0 ? NULL
                                  : &x->heads[hash_pair(ids->ids[x->n - 1],
                                                        ids->ids[x->n])];
        x->previous[x->n] = head ? *head : -1;
        if (head)
            *head = (int32_t)x->n;
    }
}

/* How many tokens up to `at` are as the last ones. */
static size_t match_length(const struct token_list *ids, size_t at)
{
    size_t n = 0;
    while (n <= at && n < LONGEST &&
           ids->ids[at - n] == ids->ids[ids->n - 1 - n])
        n++;
    return n;
}

/* The position before the guesses: the end of the longest match, the latest of
 * several.  Returns its length, 0 if there is none. */
static size_t find_match(struct lookup_index *x, const struct token_list *ids,
                         size_t *at)
{
    size_t best = 0, tries = 0, n = ids->n;
    index_tokens(x, ids);
    if (n < SHORTEST + 1)
        return 0;
    int32_t p = x->heads[hash_pair(ids->ids[n - 2], ids->ids[n - 1])];
    for (; p >= 0 && tries < TRIES && best < LONGEST; tries++) {
        size_t length = match_length(ids, (size_t)p);
        if (length > best) {
            best = length;
            *at = (size_t)p;
        }
        p = x->previous[p];
    }
    return best >= SHORTEST ? best : 0;
}

/* --- how many ---------------------------------------------------------- */

/* What a pass of so many rows costs beside one of one row. */
static double cost_of(const struct lookup *l, size_t width)
{
    double one = l->pass_ns[1], wide = l->pass_ns[widths[width].rows];
    if (one <= 0 || wide <= 0)
        return widths[width].cost;
    double cost = wide / one;
    return cost > 1 ? cost : 1;
}

/* Rows of the pass that promises most tokens for its cost; 1: none is worth
 * it. */
static size_t choose_rows(const struct lookup *l, size_t length, size_t most)
{
    double p = (double)l->right[length - SHORTEST], best = WORTH;
    size_t rows = 1;
    for (size_t w = 0; w < N_WIDTHS && widths[w].rows <= most + 1; w++) {
        double cost = cost_of(l, w), tokens = 1, chance = 1;
        for (size_t i = 1; i < widths[w].rows; i++)
            tokens += chance *= p;
        if (tokens / cost > best && cost - 1 <= l->allowance) {
            best = tokens / cost;
            rows = widths[w].rows;
        }
    }
    return rows;
}

static bool reserve_logits(struct lookup *l, const struct engine *g,
                           size_t rows)
{
    if (rows <= l->cap_logits)
        return true;
    free(l->logits);
    l->logits = mem_try(rows * (size_t)engine_info(g)->n_vocab,
                        sizeof(*l->logits));
    l->cap_logits = l->logits ? rows : 0;
    return l->logits != NULL;
}

/* --- the pass ---------------------------------------------------------- */

/* Adds guesses to the pass.  If the match is so late that what follows it ends,
 * it goes on with the guesses: a repetition repeats. */
static void guess(struct lookup *l, const struct engine *g,
                  const struct token_list *ids, size_t most)
{
    size_t at = 0, length = find_match(&l->index, ids, &at);
    size_t rows = length > 0 ? choose_rows(l, length, most) : 1;
    if (rows == 1 || !reserve_logits(l, g, rows))
        return;
    l->length = length;
    for (size_t i = at + 1; l->n_fed < rows; i++)
        l->fed[l->n_fed++] = i < ids->n ? ids->ids[i]
                                        : l->fed[i - ids->n + 1];
}

void lookup_feed(struct lookup *l, const struct engine *g,
                 struct engine_session *s, const struct token_list *ids,
                 size_t most, struct engine_feed *feed)
{
    bool alone = most > 0;
    l->n_past = engine_session_length(s);
    l->fed[0] = ids->ids[ids->n - 1];
    l->n_fed = 1;
    l->n_taken = 0;
    size_t room = (size_t)(engine_session_limit(s) - l->n_past);
    most = most + 1 < room ? most : room - 1;
    if (!l->off && most > 0)
        guess(l, g, ids, most);
    *feed = (struct engine_feed){s, l->fed, l->n_fed,
                                 l->n_fed > 1 ? l->logits : NULL};
    l->begin_ns = alone ? clock_monotonic_ns() : 0;
}

/* If others took the processor away during a wide pass, it seems dear and is
 * not chosen again: so what is known of it fades. */
static void forget(struct lookup *l)
{
    for (size_t w = 0; w < N_WIDTHS; w++) {
        double *mean = &l->pass_ns[widths[w].rows];
        if (*mean > 0)
            *mean += FORGOTTEN * (widths[w].cost * l->pass_ns[1] - *mean);
    }
}

void lookup_passed(struct lookup *l)
{
    if (l->begin_ns == 0)
        return;
    double *mean = &l->pass_ns[l->n_fed];
    double ns = (double)(clock_monotonic_ns() - l->begin_ns);
    *mean += *mean > 0 ? (double)NEWEST * (ns - *mean) : ns;
    if (l->n_fed == 1)
        forget(l);
}

const float *lookup_logits(const struct lookup *l, const struct engine *g,
                           const struct engine_session *s)
{
    size_t n_vocab = (size_t)engine_info(g)->n_vocab;
    return l->n_fed > 1 ? l->logits + l->n_taken * n_vocab
                        : engine_session_logits(s);
}

/* Learns from a pass whose end is known: `wrong` says that a guess was. */
static void learn(struct lookup *l, bool wrong)
{
    float *right = &l->right[l->length - SHORTEST];
    for (size_t i = 0; i < l->n_taken; i++)
        *right += NEWEST * (1 - *right);
    if (wrong)
        *right -= NEWEST * *right;
    size_t width = 0;
    while (widths[width].rows != l->n_fed)
        width++;
    l->allowance += (double)l->n_taken - (cost_of(l, width) - 1);
}

bool lookup_take(struct lookup *l, struct engine_session *s, int32_t id)
{
    l->allowance += A_TOKEN;
    if (l->allowance > MOST_ALLOWANCE)
        l->allowance = MOST_ALLOWANCE;
    bool guessed = l->n_taken + 1 < l->n_fed && l->fed[l->n_taken + 1] == id;
    if (guessed) {
        l->n_taken++;
        return true;
    }
    if (l->n_fed > 1)
        learn(l, l->n_taken + 1 < l->n_fed);
    lookup_drop(l, s);
    return false;
}

void lookup_drop(struct lookup *l, struct engine_session *s)
{
    if (l->n_fed > 1)
        engine_session_rewind(s, l->n_past + 1 + (int)l->n_taken);
    l->n_fed = 0;
}
