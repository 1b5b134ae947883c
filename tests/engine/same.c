/* Whether answers are the same bytes alone, in pairs and in sixteens, on one
 * thread and on two, with guesses at the next tokens and without, with each
 * form of keys and values, without adapters and beside others with adapters;
 * and what each way takes.
 *
 * usage: same WEIGHTS N TOKENS PROMPTS…
 *
 * The first N prompts of the files are asked, for TOKENS tokens each.  If fewer
 * answers than half are other ones with adapters, these were not tried, and it
 * fails, too.
 *
 * `make test-same` runs it on real weights; test_same.c does on tiny ones. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arena/run/prompts.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/bench/random_adapter.h"
#include "tests/unit/company.h"

enum { N_ADAPTERS = 2, RANK = 8, SCALE = 3 };

static int fail(const struct err *e)
{
    fprintf(stderr, "same: %s\n", e->text);
    return 1;
}

/* Answers made in one way; the time is printed. */
static int answer_all(const struct company *c, const char *name,
                      struct answer *out, struct err *e)
{
    int64_t begin_ms = clock_monotonic_ms(), n_tokens = 0;
    for (size_t i = 0; i < c->n; i++)
        answer_init(&out[i]);
    if (company_answer(c, out, e) != 0)
        return -1;
    for (size_t i = 0; i < c->n; i++)
        n_tokens += out[i].end.n_in + out[i].end.n_out;
    double s = (double)(clock_monotonic_ms() - begin_ms) / 1000;
    printf("%-24s %6.1f s %8.0f tokens/s", name, s, (double)n_tokens / s);
    return 0;
}

static void free_all(struct answer *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        answer_free(&a[i]);
}

/* In all ways; first[c->n] are the answers of the first. */
static int compare_ways(struct company *c, struct answer *first, struct err *e)
{
    struct answer *other = mem_calloc(c->n, sizeof(*other));
    size_t differing = 0;
    int rc = 0;
    for (size_t k = 0; k < COMPANY_N_WAYS && rc == 0; k++) {
        struct answer *out = k == 0 ? first : other;
        company_go(c, &company_ways[k]);
        rc = answer_all(c, company_ways[k].name, out, e);
        size_t n = rc == 0 ? company_differing(first, out, c->n) : 0;
        if (rc == 0)
            printf("  %zu of %zu differ\n", n, c->n);
        fflush(stdout);
        differing += n;
        if (k > 0)
            free_all(other, c->n);
    }
    free(other);
    if (rc == 0 && differing > 0)
        rc = err_set(e, ERR_FAILURE, "%zu answers differ", differing);
    return rc;
}

/* Whether adapters make most answers of the models that have some other ones
 * than `bare`. */
static int expect_others(const struct company *c, const struct answer *bare,
                         const struct answer *adapted, struct err *e)
{
    size_t n = company_differing(bare, adapted, c->n);
    size_t n_adapted = c->n - (c->n + c->n_models - 1) / c->n_models;
    printf("%zu of %zu are others with adapters\n", n, n_adapted);
    return 2 * n >= n_adapted ? 0
                              : err_set(e, ERR_FAILURE,
                                        "the adapters change too little");
}

/* In all ways, without adapters and with the models' in turn. */
static int compare_adapters(struct company *c, struct err *e)
{
    struct answer *answers[2];
    size_t n_models = c->n_models;
    int rc = 0;
    for (int adapted = 0; adapted < 2; adapted++) {
        answers[adapted] = mem_calloc(c->n, sizeof(**answers));
        c->n_models = adapted ? n_models : 1;
        if (rc == 0 && adapted)
            printf("in turn without adapters, with one, with two\n");
        if (rc == 0)
            rc = compare_ways(c, answers[adapted], e);
    }
    if (rc == 0)
        rc = expect_others(c, answers[0], answers[1], e);
    for (int adapted = 0; adapted < 2; adapted++) {
        free_all(answers[adapted], c->n);
        free(answers[adapted]);
    }
    return rc;
}

/* With keys and values in each form. */
static int compare_forms(struct company *c, struct err *e)
{
    const char *word;
    for (int kv = 0; (word = setting_kv(kv)) != NULL; kv++) {
        printf("kv %s\n", word);
        for (size_t i = 0; i < c->n_models; i++)
            c->models[i].kv = kv;
        if (compare_adapters(c, e) != 0)
            return -1;
    }
    return 0;
}

/* Of the same weights: bare, with one adapter, and with two. */
static int compare_models(struct company *c, char *weights, struct err *e)
{
    static char paths[N_ADAPTERS][32] = {"/tmp/sameXXXXXX", "/tmp/sameXXXXXX"};
    struct lora loras[N_ADAPTERS];
    struct model models[COMPANY_MODELS];
    int rc = 0;
    for (uint64_t i = 0; i < N_ADAPTERS; i++) {
        int fd = mkstemp(paths[i]);
        if (fd >= 0)
            close(fd);
        if (rc == 0)
            rc = random_adapter_write(weights, RANK, i + 1, paths[i], e);
        loras[i] = (struct lora){paths[i], NULL, SCALE};
    }
    for (size_t i = 0; i < COMPANY_MODELS; i++) {
        model_init(&models[i]);
        models[i].file = weights;
        models[i].lora = (struct lora_list){loras, i};
    }
    c->models = models;
    c->n_models = COMPANY_MODELS;
    if (rc == 0)
        rc = compare_forms(c, e);
    for (size_t i = 0; i < N_ADAPTERS; i++)
        unlink(paths[i]);
    return rc;
}

/* The first turns of a file's prompts, until there are `most`.  The words stay
 * in *p. */
static int add_prompts(const char *path, const char **texts, size_t *n,
                       size_t most, struct prompts *p, struct err *e)
{
    if (prompts_read(p, path, PROMPTS_AUTO, e) != 0)
        return -1;
    for (size_t i = 0; i < p->n && *n < most; i++)
        texts[(*n)++] = p->list[i].turns[0];
    return 0;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    size_t most = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, n = 0;
    int max_tokens = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0;
    if (most == 0 || max_tokens <= 0 || argc < 5) {
        fprintf(stderr, "usage: same WEIGHTS N TOKENS PROMPTS...\n");
        return 2;
    }
    struct prompts *p = mem_calloc((size_t)argc, sizeof(*p));
    const char **texts = mem_calloc(most, sizeof(*texts));
    for (int i = 4; i < argc; i++)
        if (add_prompts(argv[i], texts, &n, most, &p[i], &e) != 0)
            return fail(&e);
    struct company c = {.prompts = texts, .n = n, .max_tokens = max_tokens};
    int rc = answer_open_wake() == 0 ? compare_models(&c, argv[1], &e) : -1;
    for (int i = 4; i < argc; i++)
        prompts_free(&p[i]);
    free(p);
    free(texts);
    return rc == 0 ? 0 : fail(&e);
}
