#include "arena/run/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

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
    char *end = NULL;
    errno = 0;
    if (strncmp(text, "sample:", 7) == 0 && text[7] >= '0' && text[7] <= '9')
        out->n_sample = strtoul(text + 7, &end, 10);
    if (end == NULL || *end != '\0' || errno != 0 || out->n_sample == 0)
        return err_set(e, ERR_USAGE, "pairs are \"all\", \"baseline:NAME\" or "
                       "\"sample:N\", not \"%s\"", text);
    out->kind = RUN_SAMPLE;
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

/* n of the numbers below `total`, in order: the begin of a shuffle (Fisher and
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

int run_make_plan(const struct run_pairs *pairs, const size_t *models,
                  size_t n_models, size_t n_prompts, uint64_t seed,
                  struct run_planned **plan, size_t *n, double *probability,
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
    bool sample = pairs->kind == RUN_SAMPLE && pairs->n_sample < total;
    *n = sample ? pairs->n_sample : total;
    *probability = (double)*n / (double)total;
    uint32_t *cells = draw_cells(total, *n, &rng);
    *plan = mem_calloc(*n, sizeof(**plan));
    for (size_t i = 0; i < *n; i++) {
        const uint32_t *pair = all[cells[i] % n_pairs];
        size_t swap = (size_t)rng_below(&rng, 2);
        (*plan)[i] = (struct run_planned){
            .prompt = (uint32_t)(cells[i] / n_pairs),
            .model = {pair[swap], pair[1 - swap]},
        };
    }
    free(cells);
    free(all);
    return 0;
}
