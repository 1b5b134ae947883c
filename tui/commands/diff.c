/* `arena diff`: where two local models part on the same prompts. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/plan.h"
#include "arena/run/sets.h"
#include "backends/local/divergence.h"
#include "base/json.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/commands/diff_run.h"
#include "tui/database.h"
#include "tui/model_arg.h"

#define DIFF_TOKENS 32
#define TOGETHER 16 /* prompts that are answered at once */
#define DIFF_TEXT_BYTES (256u << 20)

struct diff_settings {
    struct model_arg_settings model;
    const char *text, *run;
    int64_t max_tokens, limit, n_ctx;
};

/* Two models that are open, and what came of them so far. */
struct diff {
    const struct invocation *in;
    const struct diff_settings *set;
    struct model_arg arg[2];
    struct infer *f[2];
    struct store *store; /* that battles go to; NULL: none */
    int64_t run_id, model_id[2];
    struct divergence sum;
    size_t n_prompts, n_same, n_long; /* of several turns, cut to the first */
};

/* Prompts that are answered at once. */
struct group {
    const struct prompt *prompts; /* [n] */
    size_t first, n;              /* number of the first, from 0 */
    struct token_list ids[TOGETHER];
    struct infer_request rq[TOGETHER];
    struct infer_result answers[TOGETHER]; /* of the first model */
    struct divergence one[TOGETHER];
};

static const struct option_spec diff_options[] = {
    OPTION(0, "max-tokens", WHOLE, diff_settings, max_tokens, "N",
           "of each answer; 32", .min = 1, .max = 100000),
    OPTION(0, "limit", WHOLE, diff_settings, limit, "N",
           "only the first N prompts", .min = 1, .max = PROMPTS_MAX),
    OPTION(0, "run", TEXT, diff_settings, run, "NAME",
           "store both answers where they part as this run, for arena vote"),
    OPTION(0, "text", TEXT, diff_settings, text, "FILE",
           "in place of PROMPTS: the divergence along a text"),
    OPTION(0, "ctx", WHOLE, diff_settings, n_ctx, "N",
           "tokens of a chunk of it; 512", .min = 4, .max = 1 << 20),
    MODEL_ARG_OPTIONS(diff_settings),
    OPTION_END,
};

/* --- along answers -------------------------------------------------------- */

static bool is_apart(const struct divergence *one)
{
    return one->first < one->n;
}

static void print_prompt(const struct diff *d, const struct prompt *p, size_t i,
                         const struct divergence *one)
{
    bool parts = is_apart(one);
    struct buf out;
    buf_init(&out, 4096);
    if (d->in->json) {
        buf_add_char(&out, '{');
        json_put_whole(&out, "prompt", (int64_t)i + 1);
        json_put_text(&out, "id", p->id);
        json_put_whole(&out, "tokens", (int64_t)one->n);
        json_put_number(&out, "first_difference",
                        parts ? (double)one->first + 1 : NAN);
        json_put_number(&out, "kl", one->n ? one->kl / (double)one->n : 0);
        buf_add_char(&out, '}');
    } else if (parts) {
        buf_addf(&out, "prompt ");
        if (p->id != NULL)
            clean_text(p->id, strlen(p->id), true, &out);
        else
            buf_addf(&out, "%zu", i + 1);
        buf_addf(&out, ": they part at token %zu of %zu, mean KL %.5f",
                 one->first + 1, one->n, one->kl / (double)one->n);
    }
    if (out.len > 0)
        puts(out.data);
    buf_free(&out);
}

/* Asks the second model what the two do not answer alike, and stores both
 * answers as battles. */
static int store_pairs(struct diff *d, const struct group *g, struct err *e)
{
    struct infer_request rq[TOGETHER];
    struct infer_result second[TOGETHER];
    size_t which[TOGETHER], n = 0;
    for (size_t i = 0; i < g->n; i++) {
        if (!is_apart(&g->one[i]))
            continue;
        which[n] = i;
        rq[n] = g->rq[i];
        infer_result_init(&second[n++]);
    }
    int result = 0;
    if (n > 0)
        result = infer_generate_together(d->f[1], rq, n, second, NULL, e);
    for (size_t k = 0; k < n; k++) {
        const struct infer_result *both[2] = {&g->answers[which[k]],
                                              &second[k]};
        if (result == 0)
            result = diff_store_battle(d->store, d->run_id, d->model_id,
                                       &g->prompts[which[k]], both, e);
        infer_result_free(&second[k]);
    }
    return result;
}

/* Writes a prompt by both models' templates, which must agree. */
static int take_prompt(struct diff *d, const struct prompt *p, size_t i,
                       struct token_list *out, struct err *e)
{
    struct token_list other = {0};
    struct token_list *ids[2] = {out, &other};
    const struct message messages[2] = {{"system", p->system},
                                        {"user", p->turns[0]}};
    const struct message *from = p->system ? messages : messages + 1;
    size_t n = p->system ? 2 : 1;
    struct buf text;
    int result = 0;
    for (int side = 0; side < 2 && result == 0; side++) {
        buf_init(&text, DIFF_TEXT_BYTES);
        result = infer_render(d->f[side], from, n, true, REQUEST_FIXED_CLOCK,
                              &text, ids[side], e);
        buf_free(&text);
    }
    bool same = out->n == other.n &&
                (out->n == 0 ||
                 memcmp(out->ids, other.ids, out->n * sizeof(*out->ids)) == 0);
    if (result == 0 && (!same || out->n == 0))
        result = err_set(e, ERR_USAGE, "the models write prompt %zu in "
                         "different tokens (another template, or system "
                         "prompt)", i + 1);
    token_list_free(&other);
    return result;
}

static int open_group(struct diff *d, struct group *g, struct err *e)
{
    int result = 0;
    for (size_t i = 0; i < g->n; i++) {
        infer_result_init(&g->answers[i]);
        g->ids[i] = (struct token_list){0};
        g->rq[i] = (struct infer_request){
            .prompt = &g->ids[i],
            .max_tokens = (int)d->set->max_tokens,
            .n_top = -1};
        if (result == 0)
            result = take_prompt(d, &g->prompts[i], g->first + i, &g->ids[i],
                                 e);
    }
    return result;
}

/* Both models follow the answers of the first. */
static int compare_group(struct diff *d, struct group *g, struct err *e)
{
    int result = open_group(d, g, e);
    if (result == 0)
        result = divergence_of_answers(d->f[0], d->f[1], g->rq, g->n,
                                       g->answers, g->one, e);
    for (size_t i = 0; i < g->n && result == 0; i++) {
        d->n_same += !is_apart(&g->one[i]);
        divergence_add(&d->sum, &g->one[i]);
        print_prompt(d, &g->prompts[i], g->first + i, &g->one[i]);
    }
    if (result == 0 && d->store != NULL)
        result = store_pairs(d, g, e);
    for (size_t i = 0; i < g->n; i++) {
        token_list_free(&g->ids[i]);
        infer_result_free(&g->answers[i]);
    }
    return result;
}

static void print_sum(const struct diff *d)
{
    const struct divergence *s = &d->sum;
    double kl = s->n > 0 ? s->kl / (double)s->n : 0;
    double share = s->n > 0 ? (double)s->n_same / (double)s->n : 1;
    if (d->in->json) {
        printf("{\"prompts\":%zu,\"identical\":%zu,\"tokens\":%zu,"
               "\"same_top\":%.6f,\"mean_kl\":%.9g}\n", d->n_prompts, d->n_same,
               s->n, share, kl);
        return;
    }
    printf("%zu of %zu answer%s identical (%.1f%%); mean KL %.6f nats over %zu "
           "token%s; the same likeliest token at %.2f%%\n", d->n_same,
           d->n_prompts, plural_s(d->n_prompts),
           100.0 * (double)d->n_same / (double)d->n_prompts, kl, s->n,
           plural_s(s->n), 100 * share);
}

static int compare_prompts(struct diff *d, const char *name, struct err *e)
{
    struct prompts prompts;
    if (prompt_set_read(name, &prompts, e) != 0)
        return -1;
    run_choose_prompts(&prompts, false, (size_t)d->set->limit, 0);
    int result = 0;
    if (d->set->run != NULL)
        result = diff_open_run(d->store, d->set->run, d->arg, &d->run_id,
                               d->model_id, e);
    for (size_t i = 0; i < prompts.n; i++)
        d->n_long += prompts.list[i].n_turns > 1 || prompts.list[i].n_given > 0;
    for (size_t i = 0; i < prompts.n && result == 0; i += TOGETHER) {
        size_t left = prompts.n - i;
        struct group g = {.prompts = prompts.list + i, .first = i,
                          .n = left < TOGETHER ? left : TOGETHER};
        result = compare_group(d, &g, e);
    }
    d->n_prompts = prompts.n;
    prompts_free(&prompts);
    if (result != 0)
        return -1;
    if (d->n_long > 0 && d->in->verbose >= 0)
        fprintf(stderr, "%zu prompt%s several turns: only the first one is "
                "asked\n", d->n_long, d->n_long == 1 ? " has" : "s have");
    print_sum(d);
    if (d->set->run != NULL && d->in->verbose >= 0)
        fprintf(stderr, "vote on the others without knowing which is which: "
                "arena vote %s\n", d->set->run);
    return 0;
}

/* --- along a text --------------------------------------------------------- */

static int compare_text(struct diff *d, struct err *e)
{
    struct buf text;
    const struct divergence *s = &d->sum;
    buf_init(&text, DIFF_TEXT_BYTES);
    int result = 0;
    if (buf_read_file(&text, d->set->text) != 0)
        result = err_set(e, ERR_FAILURE, "%s: %s", d->set->text,
                         strerror(errno));
    if (result == 0)
        result = divergence_of_text(d->f[0], d->f[1], text.data, text.len,
                                    (size_t)d->set->n_ctx, &d->sum, e);
    buf_free(&text);
    if (result != 0)
        return -1;
    double kl = s->kl / (double)s->n, share = (double)s->n_same / (double)s->n;
    printf(d->in->json ? "{\"tokens\":%zu,\"mean_kl\":%.9g,"
                         "\"same_top\":%.6f}\n"
                       : "%zu tokens compared; mean KL %.6f nats; the same "
                         "likeliest token at a share of %.4f\n", s->n, kl,
           share);
    return 0;
}

/* --- beginning and end ---------------------------------------------------- */

static int open_models(struct diff *d, struct err *e)
{
    for (int i = 0; i < 2; i++)
        d->arg[i].model.temperature = 0;
    if (infer_open(&d->f[0], &d->arg[0].model, d->arg[0].n_threads, e) != 0 ||
        infer_open_beside(&d->f[1], &d->arg[1].model, d->f[0], e) != 0)
        return -1;
    return divergence_check(d->f[0], d->f[1], e);
}

static int compare(struct diff *d, struct err *e)
{
    if (open_models(d, e) != 0)
        return -1;
    if (d->set->text != NULL)
        return compare_text(d, e);
    if (d->set->run != NULL &&
        database_open(&d->store, d->in, DATABASE_WRITE, e) != 0)
        return -1;
    int result = compare_prompts(d, d->in->argv[3], e);
    if (d->store != NULL)
        store_close(d->store);
    return result;
}

static int run_diff(struct invocation *in, struct err *e)
{
    struct diff_settings set = {
        .model = MODEL_ARG_DEFAULTS, .max_tokens = DIFF_TOKENS, .n_ctx = 512};
    struct diff d = {.in = in, .set = &set};
    if (command_parse(in, &set, 2, 3, e) != 0)
        return -1;
    if ((set.text == NULL) == (in->argc == 3))
        return err_set(e, ERR_USAGE, "diff takes two models, and PROMPTS or "
                       "--text FILE");
    if (set.text != NULL && set.run != NULL)
        return err_set(e, ERR_USAGE, "--run stores answers, and --text has "
                       "none");
    int n_found = 0, result = 0;
    for (int i = 0; i < 2 && result == 0; i++) {
        result = model_arg_find(&d.arg[i], in, &set.model, in->argv[1 + i], e);
        n_found += result == 0;
        if (result == 0)
            result = model_arg_need_local(&d.arg[i], "diff", e);
    }
    if (result == 0)
        result = compare(&d, e);
    infer_close(d.f[1]);
    infer_close(d.f[0]);
    for (int i = 0; i < n_found; i++)
        model_arg_free(&d.arg[i]);
    return result;
}

const struct command command_diff = {
    .name = "diff",
    .summary = "where two local models part on the same prompts",
    .synopsis = "A B [PROMPTS]",
    .options = diff_options,
    .help =
        "A and B are models of the config or weights files with the same\n"
        "vocabulary, as two quantizations of one model have.  Both answer\n"
        "greedily.  Told are the first token at which they part, how far their\n"
        "probabilities are apart along A's answers (mean KL(A || B), in nats),\n"
        "and how many answers are identical.  With --run, votes are only on "
        "what\ndiffers.\n",
    .run = run_diff,
};
