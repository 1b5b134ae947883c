/* Whether answers are the same bytes alone, in pairs and in sixteens, on one
 * thread and on two, with each form of keys and values; and what each way
 * takes.
 *
 * usage: same WEIGHTS N PROMPTS…       (the first N prompts of the files)
 *
 * `make test-same` runs it on real weights; test_same.c does on tiny ones. */
#include <stdio.h>
#include <stdlib.h>

#include "arena/run/prompts.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/company.h"

enum { MAX_TOKENS = 48 };

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

static int compare_ways(struct company *c, struct err *e)
{
    struct answer *first = mem_calloc(c->n, sizeof(*first));
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
    free_all(first, c->n);
    free(first);
    free(other);
    if (rc == 0 && differing > 0)
        rc = err_set(e, ERR_FAILURE, "%zu answers differ", differing);
    return rc;
}

/* In all ways, with keys and values in each form. */
static int compare_forms(struct company *c, struct err *e)
{
    const char *word;
    for (int kv = 0; (word = setting_kv(kv)) != NULL; kv++) {
        printf("kv %s\n", word);
        c->model->kv = kv;
        if (compare_ways(c, e) != 0)
            return -1;
    }
    return 0;
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
    struct model m;
    size_t most = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, n = 0;
    if (most == 0 || argc < 4) {
        fprintf(stderr, "usage: same WEIGHTS N PROMPTS...\n");
        return 2;
    }
    struct prompts *p = mem_calloc((size_t)argc, sizeof(*p));
    const char **texts = mem_calloc(most, sizeof(*texts));
    for (int i = 3; i < argc; i++)
        if (add_prompts(argv[i], texts, &n, most, &p[i], &e) != 0)
            return fail(&e);
    model_init(&m);
    m.file = argv[1];
    struct company c = {.model = &m, .prompts = texts, .n = n,
                        .max_tokens = MAX_TOKENS};
    int rc = answer_open_wake() == 0 ? compare_forms(&c, &e) : -1;
    for (int i = 3; i < argc; i++)
        prompts_free(&p[i]);
    free(p);
    free(texts);
    return rc == 0 ? 0 : fail(&e);
}
