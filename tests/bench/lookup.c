/* What guessing tokens from what was there before saves (backends/local/
 * lookup.h), and that it changes no answer.
 *
 * usage: lookup WEIGHTS N PROMPTS…
 *
 * Each of the first N prompts of each file is answered without guesses and with
 * them, by one thread, whose processor time after the first token counts: it
 * does not depend on what else the machine does.  Answers are told apart by how
 * much of them stood there before, in the prompt or earlier in the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/prompts.h"
#include "backends/local/infer.h"
#include "base/clock.h"

enum { MAX_TOKENS = 200, RUN = 6 };

/* Groups of answers by the least share of their tokens that lie in runs of RUN
 * which stood there before. */
static const struct {
    double least;
    const char *name;
} groups[] = {
    {0.5, "half and more of it stood there before"},
    {0.1, "a tenth to a half"},
    {0, "less"},
};

enum { N_GROUPS = sizeof(groups) / sizeof(groups[0]) };

struct sum {
    double s[2]; /* without guesses, with them */
    double worst; /* ratio of both, of an answer */
    size_t n_tokens, n_answers;
};

struct timed {
    struct infer_result answer;
    int64_t first_ns, ns;
};

static bool note_first(void *arg, const char *bytes, size_t n)
{
    struct timed *t = arg;
    (void)bytes;
    (void)n;
    if (t->first_ns == 0)
        t->first_ns = clock_thread_ns();
    return true;
}

static int answer(struct infer *f, const char *prompt, struct token_list *ids,
                  struct timed *out, struct err *e)
{
    struct message message = {"user", prompt};
    struct infer_request rq = {.prompt = ids, .max_tokens = MAX_TOKENS,
                               .seed = 1, .n_top = -1, .piece = note_first,
                               .arg = out};
    *out = (struct timed){0};
    infer_result_init(&out->answer);
    int rc = infer_render(f, &message, 1, true, REQUEST_FIXED_CLOCK, NULL,
                          ids, e);
    if (rc == 0)
        rc = infer_generate(f, &rq, &out->answer, e);
    out->ns = out->first_ns > 0 ? clock_thread_ns() - out->first_ns : 0;
    return rc;
}

/* Whether a run that ends before ids[end] stood there before. */
static bool is_repeated(const struct token_list *ids, size_t end)
{
    for (size_t i = 0; i + RUN < end; i++)
        if (memcmp(ids->ids + i, ids->ids + end - RUN,
                   RUN * sizeof(*ids->ids)) == 0)
            return true;
    return false;
}

static double repeated_share(struct token_list *ids,
                             const struct token_list *answer)
{
    size_t n = 0, begin = ids->n, covered = ids->n;
    for (size_t i = 0; i < answer->n; i++)
        token_list_add(ids, answer->ids[i]);
    for (size_t end = begin + 1; end <= ids->n; end++) {
        if (!is_repeated(ids, end))
            continue;
        size_t from = end - RUN > covered ? end - RUN : covered;
        n += end - from;
        covered = end;
    }
    return answer->n > 0 ? (double)n / (double)answer->n : 0;
}

/* One prompt in both ways. */
static int measure(struct infer *f, struct model *m, const char *prompt,
                   struct sum sums[N_GROUPS], struct err *e)
{
    struct timed t[2];
    struct token_list ids[2] = {{0}, {0}};
    int rc = 0;
    for (int k = 0; k < 2; k++) {
        m->lookup = k;
        rc = answer(f, prompt, &ids[k], &t[k], e) != 0 ? -1 : rc;
    }
    double share = repeated_share(&ids[0], &t[0].answer.ids);
    struct sum *s = sums;
    while (share < groups[s - sums].least)
        s++;
    for (int k = 0; k < 2; k++)
        s->s[k] += 1e-9 * (double)t[k].ns;
    double ratio = t[1].ns > 0 ? (double)t[0].ns / (double)t[1].ns : 1;
    s->worst = s->n_answers == 0 || ratio < s->worst ? ratio : s->worst;
    s->n_tokens += t[0].answer.ids.n;
    s->n_answers++;
    if (rc == 0 && strcmp(t[0].answer.text.data, t[1].answer.text.data) != 0)
        rc = err_set(e, ERR_FAILURE, "guesses change the answer to \"%.60s\"",
                     prompt);
    for (int k = 0; k < 2; k++) {
        infer_result_free(&t[k].answer);
        token_list_free(&ids[k]);
    }
    return rc;
}

static void print_sums(const struct sum sums[N_GROUPS])
{
    for (int i = 0; i < N_GROUPS; i++)
        if (sums[i].n_answers > 0)
            printf("%-40s %3zu answers, %5zu tokens, tokens/s without %6.1f, "
                   "with %6.1f: %.3f (worst %.3f)\n", groups[i].name,
                   sums[i].n_answers, sums[i].n_tokens,
                   (double)sums[i].n_tokens / sums[i].s[0],
                   (double)sums[i].n_tokens / sums[i].s[1],
                   sums[i].s[0] / sums[i].s[1], sums[i].worst);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct model m;
    struct infer *f;
    struct prompts p;
    struct sum sums[N_GROUPS] = {0};
    size_t most = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (argc < 4) {
        fprintf(stderr, "usage: lookup WEIGHTS N PROMPTS...\n");
        return 2;
    }
    model_init(&m);
    m.file = argv[1];
    int rc = infer_open(&f, &m, 1, &e);
    for (int i = 3; rc == 0 && i < argc; i++) {
        rc = prompts_read(&p, argv[i], PROMPTS_AUTO, &e);
        if (rc != 0)
            break;
        for (size_t k = 0; rc == 0 && k < p.n && k < most; k++)
            rc = measure(f, &m, p.list[k].turns[0], sums, &e);
        prompts_free(&p);
    }
    print_sums(sums);
    if (rc != 0)
        fprintf(stderr, "lookup: %s\n", e.text);
    return rc == 0 ? 0 : 1;
}
