/* `arena bench`: how fast the engine runs a model on this machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/local/speed.h"
#include "base/json.h"
#include "base/path.h"
#include "tui/command.h"
#include "tui/model_arg.h"

#define MAX_VALUES 16
#define MAX_REPEATS 1000

struct bench_settings {
    struct model_arg_settings model;
    const char *n_prompt, *n_gen, *n_threads, *n_sequences;
    int64_t n_repeats, depth;
};

static const struct option_spec bench_options[] = {
    OPTION('p', "prompt", TEXT, bench_settings, n_prompt, "N,…",
           "read prompts of N tokens; 128,512"),
    OPTION('n', "gen", TEXT, bench_settings, n_gen, "N,…",
           "write N tokens; 128"),
    OPTION('t', "threads", TEXT, bench_settings, n_threads, "N,…",
           "kernel threads; all cores"),
    OPTION('b', "sequences", TEXT, bench_settings, n_sequences, "N,…",
           "answers written side by side; 1"),
    OPTION('r', "repeat", WHOLE, bench_settings, n_repeats, "N",
           "runs of each test, after one that does not count; 5",
           .min = 1, .max = MAX_REPEATS),
    OPTION(0, "depth", WHOLE, bench_settings, depth, "N",
           "tokens already in the context; 0", .min = 0, .max = 1 << 20),
    OPTION(0, "tokenizer", TEXT, bench_settings, model.tokenizer, "FILE",
           "of a llama2.c checkpoint; tokenizer.bin beside it"),
    OPTION_END,
};

static const char bench_help[] =
    "Made-up tokens, no sampling: what the engine alone can do.  A 0 skips a\n"
    "test.  Prints tokens per second, mean and standard deviation; --json\n"
    "has every run.\n"
    "\n"
    "With two models, how fast both write at once, as in a battle: each alone,\n"
    "each beside the other (medians), its share of the time; of both, how their\n"
    "sum compares with half of each alone, and how much of the two speeds is\n"
    "kept (1: nothing is lost by sharing).\n";

/* Numbers of one option: "1,2". */
struct values {
    int v[MAX_VALUES];
    int n;
};

static int read_values(struct values *out, const char *text, const char *option,
                       struct err *e)
{
    out->n = 0;
    for (const char *p = text;; p++) {
        char *end;
        long v = strtol(p, &end, 10);
        if (end == p || v < 0 || v > 1 << 20 || out->n == MAX_VALUES ||
            (*end != ',' && *end != '\0'))
            return err_set(e, ERR_USAGE, "%s: \"%.40s\" is not a list of at "
                           "most %d numbers such as 1,2", option, text,
                           MAX_VALUES);
        out->v[out->n++] = (int)v;
        if (*end == '\0')
            return 0;
        p = end;
    }
}

/* What is printed of a test. */
struct outcome {
    struct speed_test test;
    int n_threads;
    int n_samples;
    double mean, deviation;
    double samples[MAX_REPEATS];
};

static void summarize(struct outcome *o)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < o->n_samples; i++)
        sum += o->samples[i];
    o->mean = sum / o->n_samples;
    for (int i = 0; i < o->n_samples; i++)
        squares += (o->samples[i] - o->mean) * (o->samples[i] - o->mean);
    o->deviation = o->n_samples > 1 ? sqrt(squares / (o->n_samples - 1)) : 0;
}

static void add_json(struct buf *out, const struct outcome *o, const char *file)
{
    buf_add_str(out, out->len > 1 ? ",\n {" : "\n {");
    buf_add_str(out, "\"model_filename\": ");
    json_add_string(out, file, strlen(file));
    buf_addf(out, ", \"n_prompt\": %d, \"n_gen\": %d, \"n_threads\": %d, "
             "\"n_sequences\": %d, \"n_depth\": %d, \"avg_ts\": ",
             o->test.n_prompt, o->test.n_gen, o->n_threads,
             o->test.n_sequences, o->test.depth);
    json_add_number(out, o->mean);
    buf_add_str(out, ", \"stddev_ts\": ");
    json_add_number(out, o->deviation);
    buf_add_str(out, ", \"samples_ts\": [");
    for (int i = 0; i < o->n_samples; i++) {
        buf_add_str(out, i ? ", " : "");
        json_add_number(out, o->samples[i]);
    }
    buf_add_str(out, "]}");
}

static void print_row(const struct outcome *o)
{
    printf("%7d  %6d  %6d  %9d  %5d  %10.1f ± %.1f\n", o->n_threads,
           o->test.n_prompt, o->test.n_gen, o->test.n_sequences, o->test.depth,
           o->mean, o->deviation);
    fflush(stdout);
}

struct bench {
    const struct invocation *in;
    const struct bench_settings *set;
    struct values prompt, gen, threads, sequences;
    const char *file; /* name of the weights, for JSON */
    struct buf json;
};

static int run_test(struct bench *b, struct infer *f,
                    const struct speed_test *t, struct err *e)
{
    double warm_up;
    if (speed_measure(f, t, &warm_up, e) != 0)
        return -1;
    struct outcome *o = calloc(1, sizeof(*o));
    if (o == NULL)
        return err_set(e, ERR_FAILURE, "out of memory");
    o->test = *t;
    o->n_threads = infer_n_threads(f);
    o->n_samples = (int)b->set->n_repeats;
    int result = 0;
    for (int i = 0; i < o->n_samples && result == 0; i++)
        result = speed_measure(f, t, &o->samples[i], e);
    if (result == 0) {
        summarize(o);
        if (b->in->json)
            add_json(&b->json, o, b->file);
        else
            print_row(o);
    }
    free(o);
    return result;
}

/* All tests on one number of threads. */
static int run_threads(struct bench *b, struct infer *f, struct err *e)
{
    for (int i = 0; i < b->sequences.n; i++) {
        int n = b->sequences.v[i];
        int depth = (int)b->set->depth;
        for (int k = 0; k < b->prompt.n; k++) {
            struct speed_test t = {b->prompt.v[k], 0, n, depth};
            if (t.n_prompt > 0 && run_test(b, f, &t, e) != 0)
                return -1;
        }
        for (int k = 0; k < b->gen.n; k++) {
            struct speed_test t = {0, b->gen.v[k], n, depth};
            if (t.n_gen > 0 && run_test(b, f, &t, e) != 0)
                return -1;
        }
    }
    return 0;
}

static int measure(struct bench *b, const struct model_arg *d, struct err *e)
{
    b->file = path_name(d->model.file);
    if (!b->in->json)
        puts("threads  prompt  write  sequences  depth  tokens/s");
    for (int i = 0; i < b->threads.n; i++) {
        struct infer *f = NULL;
        int result = infer_open(&f, &d->model, b->threads.v[i], e);
        if (result == 0)
            result = run_threads(b, f, e);
        infer_close(f);
        if (result != 0)
            return -1;
    }
    if (b->in->json)
        printf("[%s\n]\n", b->json.data);
    return 0;
}

/* --- two at once ------------------------------------------------------- */

/* Of the first and of the second, and of both. */
enum {
    ALONE = 0, TOGETHER = 2, TIME = 4,
    KEPT = 6, /* the sum of what each keeps of its speed */
    HALVES,   /* tokens/s of both, in halves of what each makes alone */
    N_MEASURES
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof(*v), compare_doubles);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void print_pair(const struct model_arg d[2], const double *m, int n_gen,
                       int n_threads)
{
    for (int i = 0; i < 2; i++)
        printf("%7d  %5d  %10.1f  %8.1f  %4.2f  %s\n", n_threads, n_gen,
               m[ALONE + i], m[TOGETHER + i], m[TIME + i],
               path_name(d[i].model.file));
    printf("both: %.1f tokens/s, %.2f of half of each alone; kept %.2f\n",
           m[TOGETHER] + m[TOGETHER + 1], m[HALVES], m[KEPT]);
    fflush(stdout);
}

static void add_pair_json(struct buf *out, const struct model_arg d[2],
                          const double *m, int n_gen, int n_threads)
{
    buf_add_str(out, out->len > 1 ? ",\n {" : "\n {");
    for (int i = 0; i < 2; i++) {
        const char *name = path_name(d[i].model.file);
        buf_add_str(out, i ? ", " : "\"model_filenames\": [");
        json_add_string(out, name, strlen(name));
    }
    buf_addf(out, "], \"n_gen\": %d, \"n_threads\": %d, \"alone_ts\": [%.6g, "
             "%.6g], \"together_ts\": [%.6g, %.6g], \"time\": [%.4f, %.4f], "
             "\"kept\": %.4f, \"of_halves\": %.4f}", n_gen, n_threads,
             m[ALONE], m[ALONE + 1], m[TOGETHER], m[TOGETHER + 1], m[TIME],
             m[TIME + 1], m[KEPT], m[HALVES]);
}

static int run_pair_test(struct bench *b, const struct model_arg d[2],
                         struct infer *const f[2], int n_gen, struct err *e)
{
    int n = (int)b->set->n_repeats;
    double *samples[N_MEASURES], medians[N_MEASURES];
    double *all = calloc((size_t)(N_MEASURES * n), sizeof(*all));
    if (all == NULL)
        return err_set(e, ERR_FAILURE, "out of memory");
    for (int k = 0; k < N_MEASURES; k++)
        samples[k] = all + k * n;
    int result = 0;
    for (int i = -1; i < n && result == 0; i++) { /* the first warms up */
        struct speed_pair p;
        result = speed_measure_pair(f, n_gen, &p, e);
        if (i < 0 || result != 0)
            continue;
        for (int k = 0; k < 2; k++) {
            samples[ALONE + k][i] = p.alone_ts[k];
            samples[TOGETHER + k][i] = p.together_ts[k];
            samples[TIME + k][i] = p.time[k];
        }
        samples[KEPT][i] = p.together_ts[0] / p.alone_ts[0] +
                           p.together_ts[1] / p.alone_ts[1];
        samples[HALVES][i] = 2 * (p.together_ts[0] + p.together_ts[1]) /
                             (p.alone_ts[0] + p.alone_ts[1]);
    }
    if (result == 0) {
        for (int k = 0; k < N_MEASURES; k++)
            medians[k] = median(samples[k], n);
        if (b->in->json)
            add_pair_json(&b->json, d, medians, n_gen, infer_n_threads(f[0]));
        else
            print_pair(d, medians, n_gen, infer_n_threads(f[0]));
    }
    free(all);
    return result;
}

static int measure_pair(struct bench *b, const struct model_arg d[2],
                        struct err *e)
{
    if (!b->in->json)
        puts("threads  write  alone tok/s  together  time  model");
    for (int i = 0; i < b->threads.n; i++) {
        struct infer *f[2] = {NULL, NULL};
        int result = infer_open(&f[0], &d[0].model, b->threads.v[i], e);
        if (result == 0)
            result = infer_open_beside(&f[1], &d[1].model, f[0], e);
        for (int k = 0; k < b->gen.n && result == 0; k++)
            if (b->gen.v[k] > 0)
                result = run_pair_test(b, d, f, b->gen.v[k], e);
        infer_close(f[1]);
        infer_close(f[0]);
        if (result != 0)
            return -1;
    }
    if (b->in->json)
        printf("[%s\n]\n", b->json.data);
    return 0;
}

/* --- the command ------------------------------------------------------- */

static int read_lists(struct bench *b, struct err *e)
{
    const struct bench_settings *set = b->set;
    if (read_values(&b->prompt, set->n_prompt, "--prompt", e) != 0 ||
        read_values(&b->gen, set->n_gen, "--gen", e) != 0 ||
        read_values(&b->threads, set->n_threads, "--threads", e) != 0 ||
        read_values(&b->sequences, set->n_sequences, "--sequences", e) != 0)
        return -1;
    for (int i = 0; i < b->sequences.n; i++)
        if (b->sequences.v[i] < 1 || b->sequences.v[i] > 1024)
            return err_set(e, ERR_USAGE, "--sequences: from 1 to 1024");
    return 0;
}

static int run_bench(struct invocation *in, struct err *e)
{
    struct bench_settings set = {
        .model = MODEL_ARG_DEFAULTS, .n_prompt = "128,512", .n_gen = "128",
        .n_threads = "0", .n_sequences = "1", .n_repeats = 5};
    struct model_arg d[2];
    int n = 0, rc = 0;
    if (command_parse(in, &set, 1, 2, e) != 0)
        return -1;
    struct bench b = {.in = in, .set = &set};
    if (read_lists(&b, e) != 0)
        return -1;
    for (; n + 1 < in->argc && rc == 0; n++) {
        if (model_arg_find(&d[n], in, &set.model, in->argv[n + 1], e) != 0)
            break;
        rc = model_arg_need_local(&d[n], "bench", e);
    }
    buf_init(&b.json, 64u << 20);
    if (n + 1 < in->argc)
        rc = -1;
    if (rc == 0)
        rc = n == 2 ? measure_pair(&b, d, e) : measure(&b, &d[0], e);
    buf_free(&b.json);
    while (n-- > 0)
        model_arg_free(&d[n]);
    return rc;
}

const struct command command_bench = {
    .name = "bench",
    .summary = "how fast the engine runs a model here",
    .synopsis = "MODEL|WEIGHTS [MODEL|WEIGHTS]",
    .options = bench_options,
    .help = bench_help,
    .run = run_bench,
};
