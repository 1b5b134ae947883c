#include "arena/run/plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "rating/pairing.h"

/* The positive number behind a word; false if it is anything else. */
static bool read_number(const char *text, const char *word, size_t *out)
{
    size_t n = strlen(word);
    char *end;
    if (strncmp(text, word, n) != 0 || text[n] < '0' || text[n] > '9')
        return false;
    errno = 0;
    *out = strtoul(text + n, &end, 10);
    return *end == '\0' && errno == 0 && *out > 0;
}

int run_parse_pairs(const struct arena *a, const char *text,
                    struct run_pairs *out, struct err *e)
{
    *out = (struct run_pairs){.kind = RUN_ALL};
    if (strcmp(text, "all") == 0)
        return 0;
    if (strncmp(text, "baseline:", 9) == 0) {
        out->kind = RUN_BASELINE;
        return arena_find_model(a, text + 9, &out->baseline, e);
    }
    if (read_number(text, "sample:", &out->n_sample))
        out->kind = RUN_SAMPLE;
    else if (read_number(text, "uncertain:", &out->n_sample))
        out->kind = RUN_UNCERTAIN;
    else
        return err_set(e, ERR_USAGE, "pairs are \"all\", \"baseline:NAME\", "
                       "\"sample:N\" or \"uncertain:N\", not \"%s\"", text);
    return 0;
}

/* Marks the models of a comma-separated list. */
static int choose_models(const struct arena *a, const char *text, bool *chosen,
                         struct err *e)
{
    char *list = mem_strdup(text), *rest = list, *name;
    int result = 0;
    while (result == 0 && (name = strsep(&rest, ",")) != NULL) {
        size_t i;
        result = arena_find_model(a, name, &i, e);
        if (result == 0 && chosen[i])
            result = err_set(e, ERR_USAGE, "model \"%s\" is named twice", name);
        if (result == 0)
            chosen[i] = true;
    }
    free(list);
    return result;
}

int run_parse_models(const struct arena *a, const char *text,
                     const struct run_pairs *pairs, size_t **models, size_t *n,
                     struct err *e)
{
    size_t n_all = a->config.n_models;
    bool *chosen = mem_calloc(n_all, sizeof(*chosen));
    int result = text != NULL ? choose_models(a, text, chosen, e) : 0;
    *n = 0;
    *models = mem_calloc(n_all, sizeof(**models));
    for (size_t i = 0; i < n_all; i++)
        if (text == NULL || chosen[i] ||
            (pairs->kind == RUN_BASELINE && pairs->baseline == i))
            (*models)[(*n)++] = i;
    if (result == 0 && *n < 2)
        result = err_set(e, ERR_CONFIG, "a run needs two models, here %s %zu; "
                         "\"arena models add\" adds one: the same weights with "
                         "another temperature or system prompt are another "
                         "model", *n == 1 ? "is" : "are", *n);
    free(chosen);
    if (result != 0) {
        free(*models);
        *models = NULL;
    }
    return result;
}

/* The pairs that meet on each prompt, as places in `models`. */
static size_t list_pairs(const struct run_pairs *pairs, const size_t *models,
                         size_t n, uint32_t (*out)[2])
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (pairs->kind == RUN_BASELINE && models[i] != pairs->baseline &&
                models[j] != pairs->baseline)
                continue;
            out[count][0] = (uint32_t)models[i];
            out[count][1] = (uint32_t)models[j];
            count++;
        }
    }
    return count;
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* n of the numbers below `total`, in order: the start of a shuffle (Fisher and
 * Yates). */
static uint32_t *draw_cells(size_t total, size_t n, struct rng *rng)
{
    uint32_t *cells = mem_calloc(total, sizeof(*cells));
    for (size_t i = 0; i < total; i++)
        cells[i] = (uint32_t)i;
    for (size_t i = 0; n < total && i < n; i++) {
        size_t j = i + (size_t)rng_below(rng, total - i);
        uint32_t kept = cells[i];
        cells[i] = cells[j];
        cells[j] = kept;
    }
    if (n < total)
        qsort(cells, n, sizeof(*cells), by_number);
    return cells;
}

/* The chances of pairs of the models, in the order of list_pairs, which with
 * RUN_UNCERTAIN lists all. */
static double *order_chances(const double *chances, size_t n_models)
{
    double *out = mem_calloc(n_models * n_models, sizeof(*out));
    size_t count = 0;
    for (size_t i = 0; i < n_models; i++)
        for (size_t j = i + 1; j < n_models; j++)
            out[count++] = chances[rating_pair_index(i, j)];
    return out;
}

/* A pair by its chance, of those that have a prompt left. */
static size_t draw_pair(const double *chances, const size_t *n_used,
                        size_t n_pairs, size_t n_prompts, struct rng *rng)
{
    double sum = 0;
    size_t last = n_pairs;
    for (size_t k = 0; k < n_pairs; k++)
        if (n_used[k] < n_prompts)
            sum += chances[k];
    double point = rng_double(rng) * sum;
    for (size_t k = 0; k < n_pairs; k++) {
        if (n_used[k] == n_prompts || !(chances[k] > 0))
            continue;
        last = k;
        if (point < chances[k])
            break;
        point -= chances[k];
    }
    return last;
}

/* A prompt that the pair has not yet: by trial while most are free. */
static size_t draw_prompt(const bool *used, size_t n_pairs, size_t pair,
                          size_t n_used, size_t n_prompts, struct rng *rng)
{
    size_t i;
    if (n_used < n_prompts / 2) {
        do
            i = (size_t)rng_below(rng, n_prompts);
        while (used[i * n_pairs + pair]);
        return i;
    }
    size_t left = (size_t)rng_below(rng, n_prompts - n_used);
    for (i = 0; used[i * n_pairs + pair] || left-- > 0;)
        i++;
    return i;
}

/* n cells (prompt, pair) in order, the pairs by their chances. */
static uint32_t *draw_uncertain(const double *chances, size_t n_pairs,
                                size_t n_prompts, size_t *n, struct rng *rng)
{
    bool *used = mem_calloc(n_prompts, n_pairs * sizeof(*used));
    size_t *n_used = mem_calloc(n_pairs, sizeof(*n_used));
    size_t count = 0;
    for (; count < *n; count++) {
        size_t pair = draw_pair(chances, n_used, n_pairs, n_prompts, rng);
        if (pair == n_pairs)
            break;
        size_t i = draw_prompt(used, n_pairs, pair, n_used[pair], n_prompts,
                               rng);
        used[i * n_pairs + pair] = true;
        n_used[pair]++;
    }
    uint32_t *cells = mem_calloc(count + 1, sizeof(*cells));
    size_t k = 0;
    for (size_t i = 0; i < n_prompts * n_pairs; i++)
        if (used[i])
            cells[k++] = (uint32_t)i;
    *n = count;
    free(n_used);
    free(used);
    return cells;
}

static struct run_planned *make_battles(const uint32_t *cells, size_t n,
                                        uint32_t (*all)[2], size_t n_pairs,
                                        struct rng *rng)
{
    struct run_planned *plan = mem_calloc(n + 1, sizeof(*plan));
    for (size_t i = 0; i < n; i++) {
        const uint32_t *pair = all[cells[i] % n_pairs];
        size_t swap = (size_t)rng_below(rng, 2);
        plan[i].prompt = (uint32_t)(cells[i] / n_pairs);
        plan[i].model[0] = pair[swap];
        plan[i].model[1] = pair[1 - swap];
    }
    return plan;
}

int run_make_plan(const struct run_pairs *pairs, const double *chances,
                  const size_t *models, size_t n_models, size_t n_prompts,
                  uint64_t seed, struct run_planned **plan, size_t *n,
                  struct err *e)
{
    uint32_t (*all)[2] = mem_calloc(n_models * n_models, sizeof(*all));
    size_t n_pairs = list_pairs(pairs, models, n_models, all);
    if (n_prompts > RUN_MAX_BATTLES / n_pairs) {
        free(all);
        return err_set(e, ERR_USAGE, "%zu prompts with %zu pairs each are more "
                       "than the %d battles that a run can have; take fewer "
                       "models or prompts", n_prompts, n_pairs,
                       RUN_MAX_BATTLES);
    }
    struct rng rng;
    rng_init(&rng, seed);
    size_t total = n_prompts * n_pairs;
    bool is_part = pairs->n_sample > 0 && pairs->n_sample < total;
    double *weights = NULL;
    *n = is_part ? pairs->n_sample : total;
    if (is_part && chances != NULL)
        weights = order_chances(chances, n_models);
    uint32_t *cells =
        weights ? draw_uncertain(weights, n_pairs, n_prompts, n, &rng)
                : draw_cells(total, *n, &rng);
    *plan = make_battles(cells, *n, all, n_pairs, &rng);
    for (size_t i = 0; i < *n; i++)
        (*plan)[i].probability =
            weights ? fmin(1, (double)*n * weights[cells[i] % n_pairs] /
                                  (double)n_prompts)
                    : (double)*n / (double)total;
    free(weights);
    free(cells);
    free(all);
    return 0;
}

void run_choose_prompts(struct prompts *p, bool shuffle, size_t limit,
                        uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t i = 0; shuffle && i + 1 < p->n; i++) {
        size_t j = i + (size_t)rng_below(&rng, p->n - i);
        struct prompt kept = p->list[i];
        p->list[i] = p->list[j];
        p->list[j] = kept;
    }
    while (limit > 0 && p->n > limit)
        prompt_free(&p->list[--p->n]);
}
