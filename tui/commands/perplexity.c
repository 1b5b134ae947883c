/* `arena perplexity`: how well a model foresees a text. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "backends/local/infer.h"
#include "base/json.h"
#include "tui/command.h"
#include "tui/model_arg.h"

#define MAX_INPUT_BYTES (256u << 20)

struct perplexity_settings {
    struct model_arg_settings model;
    int64_t n_ctx;
};

static const struct option_spec perplexity_options[] = {
    OPTION(0, "ctx", WHOLE, perplexity_settings, n_ctx, "N",
           "tokens of a chunk; 512", .min = 2, .max = 1 << 20),
    MODEL_ARG_OPTIONS(perplexity_settings),
    OPTION_END,
};

static const char perplexity_help[] =
    "The text is cut into chunks of --ctx tokens (with a begin token in each\n"
    "if the model has one), each is read on its own, and the likelihood of\n"
    "every token after the first is averaged; a remainder is dropped.  Prints\n"
    "the mean negative log-likelihood in nats a token and its exponential.\n";

static bool show_progress(void *arg, size_t done, size_t all)
{
    const struct invocation *in = arg;
    if (in->verbose >= 0 && !in->json)
        fprintf(stderr, "chunk %zu of %zu\n", done, all);
    return true;
}

static void print_likelihood(const struct invocation *in,
                             const struct infer_likelihood *l)
{
    double ppl = exp(l->mean_nll);
    if (!in->json) {
        printf("perplexity %.4f  mean nll %.5f  tokens %zu  chunks %zu  "
               "scored %zu\n", ppl, l->mean_nll, l->n_text_tokens,
               l->n_chunks, l->n_scored);
        return;
    }
    struct buf out;
    buf_init(&out, 1000);
    buf_add_str(&out, "{\"mean_nll\": ");
    json_add_number(&out, l->mean_nll);
    buf_add_str(&out, ", \"ppl\": ");
    json_add_number(&out, ppl);
    buf_addf(&out, ", \"n_text_tokens\": %zu, \"chunks\": %zu, "
             "\"scored_tokens\": %zu}", l->n_text_tokens, l->n_chunks,
             l->n_scored);
    puts(out.data);
    buf_free(&out);
}

static int measure(struct invocation *in,
                   const struct perplexity_settings *set, struct model_arg *d,
                   struct err *e)
{
    struct buf text;
    struct infer *f = NULL;
    struct infer_likelihood l;
    buf_init(&text, MAX_INPUT_BYTES);
    int rc = 0;
    if (buf_read_file(&text, in->argv[2]) != 0)
        rc = err_set(e, ERR_FAILURE, "%s: %s", in->argv[2], strerror(errno));
    if (rc == 0)
        rc = infer_open(&f, &d->model, d->n_threads, e);
    if (rc == 0)
        model_arg_say_remarks(in, d, false);
    if (rc == 0)
        rc = infer_perplexity(f, text.data, text.len, (int)set->n_ctx,
                              show_progress, in, &l, e);
    if (rc == 0)
        print_likelihood(in, &l);
    infer_close(f);
    buf_free(&text);
    return rc;
}

static int run_perplexity(struct invocation *in, struct err *e)
{
    struct perplexity_settings set = {
        .model = MODEL_ARG_DEFAULTS, .n_ctx = 512};
    struct model_arg d;
    if (command_parse(in, &set, 2, 2, e) != 0 ||
        model_arg_find(&d, in, &set.model, in->argv[1], e) != 0)
        return -1;
    int rc = model_arg_need_local(&d, "perplexity", e);
    if (rc == 0)
        rc = measure(in, &set, &d, e);
    model_arg_free(&d);
    return rc;
}

const struct command command_perplexity = {
    .name = "perplexity",
    .summary = "how well a model predicts a text",
    .synopsis = "MODEL|WEIGHTS FILE",
    .options = perplexity_options,
    .help = perplexity_help,
    .run = run_perplexity,
};
