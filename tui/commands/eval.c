/* `arena eval`: a run of battles over a prompt file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/finished.h"
#include "arena/run/prompts.h"
#include "arena/run/run.h"
#include "arena/run/sets.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/commands/judges.h"
#include "tui/interrupts.h"
#include "tui/print/accuracy.h"
#include "tui/print/estimate.h"
#include "tui/print/progress.h"
#include "tui/session.h"

#define EVAL_SEED 1   /* of a run that was given none: the same each time */
#define EVAL_REPORTS 20 /* failures that are told one by one */
#define EVAL_LINE_BYTES 8192
#define EVAL_REPORT_BYTES (64u << 20)

struct eval_settings {
    const char *models, *pairs, *name, *judges;
    int64_t n_jobs, max_tokens, limit;
    double budget;
    bool shuffle, fresh, dry;
    int format;
};

struct eval {
    const struct invocation *in;
    const struct run_spec *spec;
    struct arena *arena;
    struct progress progress;
    int64_t begun_ms;
    int n_reports;
};

/* --- what happens --------------------------------------------------------- */

/* A prompt as its file calls it. */
static void add_prompt_name(const struct prompts *prompts, size_t prompt,
                            struct buf *out)
{
    if (prompts->list[prompt].id != NULL)
        buf_addf(out, "%.40s", prompts->list[prompt].id);
    else
        buf_addf(out, "%zu", prompt + 1);
}

/* With --json what happens is told on stderr, an object a line, and stdout has
 * the one that says how it ended. */
static void print_event(const struct eval *x, const struct run_news *news,
                        const char *prompt)
{
    const char *model = x->arena->config.models[news->model].name;
    struct buf line;
    buf_init(&line, EVAL_LINE_BYTES);
    buf_addf(&line, "{\"event\":\"%s\",\"prompt\":",
             news->failure ? "failure" : "answer");
    json_add_string(&line, prompt, strlen(prompt));
    buf_add_str(&line, ",\"model\":");
    json_add_string(&line, model, strlen(model));
    if (news->failure != NULL) {
        buf_add_str(&line, ",\"error\":");
        json_add_string(&line, news->failure, strlen(news->failure));
    }
    fprintf(stderr, "%s}\n", line.data);
    buf_free(&line);
}

static void report_failure(struct eval *x, const struct run_news *news,
                           const char *prompt)
{
    struct buf line;
    if (x->n_reports > EVAL_REPORTS || x->in->verbose < 0)
        return;
    if (x->progress.terminal)
        progress_end(&x->progress);
    buf_init(&line, EVAL_LINE_BYTES);
    buf_addf(&line, "prompt %s, %s: %s", prompt,
             x->arena->config.models[news->model].name, news->failure);
    session_say(stderr, NULL,
                x->n_reports++ < EVAL_REPORTS
                    ? line.data
                    : "more failures are only counted");
    buf_free(&line);
}

/* Says "; N WHAT" (base/plural.h) unless N is 0. */
static void add_note(struct buf *line, size_t n, const char *what)
{
    if (n == 0)
        return;
    buf_add_str(line, "; ");
    plural_add(line, n, what);
}

static void take_news(void *arg, const struct run_news *news)
{
    struct eval *x = arg;
    struct buf prompt;
    buf_init(&prompt, EVAL_LINE_BYTES);
    add_prompt_name(x->spec->prompts, news->prompt, &prompt);
    if (x->in->json)
        print_event(x, news, prompt.data);
    if (news->failure != NULL)
        report_failure(x, news, prompt.data);
    buf_free(&prompt);
}

/* --- how far it is -------------------------------------------------------- */

/* Seconds until all answers are made, at the speed so far; -1: not known. */
static double seconds_left(const struct run_status *s, double elapsed)
{
    size_t n_left = s->n_answers - s->n_found - s->n_made;
    return s->n_made > 0 ? elapsed * (double)n_left / (double)s->n_made : -1;
}

static void print_progress(const struct run_status *s, double elapsed,
                           double speed)
{
    double left = seconds_left(s, elapsed);
    fprintf(stderr, "{\"event\":\"progress\",\"done\":%zu,\"failed\":%zu,"
            "\"answers\":%zu,\"tokens_per_second\":%.1f,\"dollars\":%.6f,"
            "\"seconds_left\":", s->n_found + s->n_made, s->n_failed,
            s->n_answers, speed, s->spent);
    fprintf(stderr, left < 0 ? "null}\n" : "%.0f}\n", left);
}

/* "  2 failed  35.2 tok/s  $0.0100  3m20s left" */
static void show_progress(struct eval *x, const struct run_status *s)
{
    struct buf more;
    double elapsed = (double)(clock_monotonic_ms() - x->begun_ms) / 1000;
    double speed = elapsed > 0 ? (double)s->n_tokens / elapsed : 0;
    double left = seconds_left(s, elapsed);
    if (x->in->json)
        print_progress(s, elapsed, speed);
    if (x->in->json || x->in->verbose < 0)
        return;
    buf_init(&more, EVAL_LINE_BYTES);
    if (s->n_failed > 0)
        buf_addf(&more, "  %zu failed", s->n_failed);
    if (speed > 0)
        buf_addf(&more, "  %.1f tok/s", speed);
    if (s->spent > 0)
        buf_addf(&more, "  $%.4f", s->spent);
    if (left > 0) {
        buf_add_str(&more, "  ");
        progress_add_time((int64_t)left, &more);
        buf_add_str(&more, " left");
    }
    progress_items(&x->progress, "answers", (int64_t)(s->n_found + s->n_made),
                   (int64_t)s->n_answers, more.data);
    buf_free(&more);
}

/* At temperature 0 a model says the same each time.  (A config that asks for
 * both is refused.) */
static void tell_equal_tries(const struct eval *x)
{
    const struct prompts *prompts = x->spec->prompts;
    size_t n_cold = 0;
    for (size_t i = 0; i < prompts->n; i++) {
        const double *temperature = prompt_temperature(&prompts->list[i]);
        n_cold += temperature != NULL && *temperature == 0;
    }
    for (size_t i = 0; i < x->spec->n_models && n_cold > 0; i++) {
        const struct model *m = &x->arena->config.models[x->spec->models[i]];
        char line[200];
        if (m->best_of < 2 || !isnan(m->temperature))
            continue;
        snprintf(line, sizeof(line), "its %d tries are likely equal on %zu "
                 "prompt%s of temperature 0; a \"temperature\" of its own "
                 "takes %s place", m->best_of, n_cold, plural_s(n_cold),
                 n_cold == 1 ? "its" : "their");
        session_say(stderr, m->name, line);
    }
}

static void show_begin(const struct eval *x, const struct run *r)
{
    const struct run_spec *spec = x->spec;
    struct run_status s = run_status(r);
    struct buf line;
    buf_init(&line, EVAL_LINE_BYTES);
    if (x->in->json) {
        buf_add_str(&line, "{\"event\":\"begin\",\"run\":");
        json_add_string(&line, run_name(r), strlen(run_name(r)));
        fprintf(stderr, "%s,\"prompts\":%zu,\"models\":%zu,\"battles\":%zu,"
                "\"answers\":%zu}\n", line.data, spec->prompts->n,
                spec->n_models, s.n_battles, s.n_answers);
        buf_clear(&line);
    }
    buf_addf(&line, "run %s: ", run_name(r));
    plural_add(&line, spec->prompts->n, "[prompt|prompts], ");
    plural_add(&line, spec->n_models, "[model|models], ");
    plural_add(&line, s.n_battles, "[battle|battles], ");
    plural_add(&line, s.n_answers, "[answer|answers]");
    add_note(&line, spec->prompts->n_repeated,
             "repeated [prompt|prompts] left out");
    add_note(&line, spec->prompts->n_tempered,
             "[prompt with a temperature of its|prompts with a temperature of "
             "their] own, for models that configure none");
    add_note(&line, spec->prompts->n_same_id,
             "under the id of another prompt, all are asked");
    if (x->in->verbose >= 0 && spec->prompts->purpose != NULL)
        session_say(stderr, NULL, spec->prompts->purpose);
    if (x->in->verbose >= 0)
        session_say(stderr, NULL, line.data);
    if (x->in->verbose >= 0)
        tell_equal_tries(x);
    buf_free(&line);
}

/* --- the run -------------------------------------------------------------- */

/* Why it is not whole. */
static int tell_end(const struct eval *x, struct run_status s, bool interrupted,
                    struct err *e)
{
    const char *are = s.n_battles == 1 ? "is" : "are";
    if (interrupted)
        return err_set(e, ERR_INTERRUPTED, "interrupted; %zu of %zu battle%s "
                       "%s ready, and the same command goes on from here",
                       s.n_ready, s.n_battles, plural_s(s.n_battles), are);
    if (s.is_spent)
        return err_set(e, ERR_PARTIAL, "the next answer could go beyond the "
                       "budget of $%g ($%.4f are spent); %zu of %zu battle%s "
                       "%s ready, and the same command with more goes on",
                       x->spec->budget, s.spent, s.n_ready, s.n_battles,
                       plural_s(s.n_battles), are);
    if (s.n_void > 0)
        return err_set(e, ERR_PARTIAL, "%zu of %zu battle%s %s void, because "
                       "an answer failed; the same command tries %s again",
                       s.n_void, s.n_battles, plural_s(s.n_battles), are,
                       s.n_void == 1 ? "it" : "those");
    return 0;
}

/* Steps until the end, an error or a signal.  0 or -1. */
static int drive(struct eval *x, struct arena *a, struct run *r, struct err *e)
{
    sigset_t while_waiting;
    int more;
    interrupts_catch(&while_waiting);
    x->begun_ms = clock_monotonic_ms();
    while ((more = run_step(r, e)) == 1 && !interrupts_came()) {
        struct run_status s = run_status(r);
        if (progress_is_due(&x->progress))
            show_progress(x, &s);
        interrupts_wait(a, s.n_running == 0, &while_waiting);
    }
    interrupts_release(&while_waiting);
    struct run_status s = run_status(r);
    if (s.n_made > 0)
        show_progress(x, &s); /* the last line is true */
    progress_end(&x->progress);
    return more < 0 ? -1 : tell_end(x, s, more == 1, e);
}

static void show_end(const struct invocation *in, const struct run *r,
                     const struct accuracy_view *accuracy, bool whole)
{
    struct run_status s = run_status(r);
    struct buf out;
    buf_init(&out, EVAL_REPORT_BYTES);
    if (in->json) {
        buf_add_str(&out, "{\"event\":\"end\",\"run\":");
        json_add_string(&out, run_name(r), strlen(run_name(r)));
        buf_addf(&out, ",\"battles\":%zu,\"ready\":%zu,\"void\":%zu,"
                 "\"answers\":%zu,\"found\":%zu,\"reused\":%zu,\"made\":%zu,"
                 "\"failed\":%zu,\"tokens\":%lld,\"dollars\":%.6f",
                 s.n_battles, s.n_ready, s.n_void, s.n_answers, s.n_found,
                 s.n_reused, s.n_made, s.n_failed, (long long)s.n_tokens,
                 s.spent);
        if (accuracy->accuracy->n_checked > 0) {
            buf_add_str(&out, ",\"accuracy\":");
            accuracy_add_json(accuracy, &out);
        }
        printf("%s}\n", out.data);
    } else {
        clean_text(run_name(r), strlen(run_name(r)), true, &out);
        printf("%s: %zu of %zu battle%s ready, %zu void, %zu answer%s made",
               out.data, s.n_ready, s.n_battles, plural_s(s.n_battles),
               s.n_void, s.n_made, plural_s(s.n_made));
        if (s.n_reused > 0)
            printf(", %zu taken from other runs", s.n_reused);
        putchar('\n');
        if (whole && s.n_ready > 0 && in->verbose >= 0)
            fprintf(stderr, "vote on them blind: arena vote %s\n", out.data);
        buf_clear(&out);
        accuracy_print(accuracy, &out);
        fputs(out.data, stdout);
    }
    buf_free(&out);
}

static int play(struct eval *x, struct run *r, struct err *e)
{
    show_begin(x, r);
    int result = drive(x, x->arena, r, e);
    struct accuracy_view accuracy = {.accuracy = run_accuracy(r),
                                     .arena = x->arena,
                                     .models = x->spec->models,
                                     .n_models = x->spec->n_models};
    show_end(x->in, r, &accuracy, result == 0 || e->code == ERR_PARTIAL);
    return result;
}

/* Lets the judges vote on what is ready.  A run that stopped is not judged: the
 * same command goes on with it first. */
static int play_and_judge(struct eval *x, const char *judges, struct run *r,
                          struct err *e)
{
    struct err why = {.code = ERR_NONE};
    double budget = x->spec->budget;
    int result = play(x, r, &why);
    struct run_status s = run_status(r);
    bool stopped = why.code != ERR_PARTIAL || s.is_spent;
    if (result != 0)
        *e = why;
    if (judges == NULL || (result != 0 && stopped))
        return result;
    const struct judges_settings set = {
        .names = judges,
        .n_jobs = x->spec->n_jobs,
        .budget = isnan(budget) ? NAN : fmax(budget - s.spent, 0)};
    if (judges_run(x->in, &set, x->arena, run_id(r), e) == 0)
        return result;
    if (result != 0)
        session_say_error(&why);
    return -1;
}

/* What it would take. */
static int look_ahead(const struct eval *x, struct run *r, struct err *e)
{
    struct buf out;
    struct run_estimate *of =
        mem_calloc(x->arena->config.n_models, sizeof(*of));
    struct estimate_view view = {.arena = x->arena,
                                 .run = r,
                                 .of = of,
                                 .models = x->spec->models,
                                 .n_models = x->spec->n_models};
    buf_init(&out, EVAL_REPORT_BYTES);
    int result = run_survey(r, of, e);
    if (result == 0)
        result = estimate_print(&view, x->in->json, &out, e);
    if (result == 0)
        fputs(out.data, stdout);
    buf_free(&out);
    free(of);
    return result;
}

static int eval_prompts(struct invocation *in, const struct eval_settings *s,
                        const struct prompts *prompts, const char *file,
                        struct arena *a, struct err *e)
{
    struct eval x = {.in = in, .arena = a};
    struct run *r;
    size_t *models = NULL;
    struct run_spec spec = {
        .name = s->name,
        .file = file,
        .prompts = prompts,
        .limit = (size_t)s->limit,
        .shuffle = s->shuffle,
        .pairs_text = s->pairs,
        .seed = in->options.seeded ? in->options.seed : EVAL_SEED,
        .n_jobs = (int)s->n_jobs,
        .fresh = s->fresh,
        .dry = s->dry,
        .budget = s->budget,
        .tell = take_news,
        .arg = &x,
    };
    if ((s->judges != NULL && judges_check(a, s->judges, e) != 0) ||
        run_parse_pairs(a, s->pairs, &spec.pairs, e) != 0 ||
        run_parse_models(a, s->models, &spec.pairs, &models, &spec.n_models,
                         e) != 0)
        return -1;
    spec.models = models;
    x.spec = &spec;
    progress_init(&x.progress, in->plain);
    int result = run_open(&r, a, &spec, e);
    if (result == 0) {
        session_say_notes(in, a);
        result = s->dry ? look_ahead(&x, r, e)
                        : play_and_judge(&x, s->judges, r, e);
        run_close(r);
    }
    free(models);
    return result;
}

static int run_eval(struct invocation *in, struct err *e)
{
    static const enum prompts_format formats[] = {
        PROMPTS_AUTO, PROMPTS_TEXT, PROMPTS_JSONL, PROMPTS_CSV};
    struct eval_settings s = {.pairs = "all", .budget = NAN};
    struct prompts prompts = {0};
    struct arena a;
    if (command_parse(in, &s, 1, 1, e) != 0)
        return -1;
    char *file = prompt_set_path(in->argv[1], e);
    if (file == NULL)
        return -1;
    int result = prompts_read(&prompts, file, formats[s.format], e);
    /* Finished answers can meet each other without any config. */
    in->options.config_optional = s.models != NULL;
    if (result == 0)
        result = session_open(&a, in, e);
    if (result == 0) {
        a.max_tokens_cap = (int)s.max_tokens;
        run_choose_prompts(&prompts, s.shuffle, (size_t)s.limit,
                           in->options.seeded ? in->options.seed : EVAL_SEED);
        result = run_add_finished(&a, s.models, s.pairs, &prompts, e);
        if (result == 0)
            result = eval_prompts(in, &s, &prompts, file, &a, e);
        arena_close(&a);
    }
    prompts_free(&prompts);
    free(file);
    return result;
}

static const struct option_spec eval_options[] = {
    OPTION(0, "models", TEXT, eval_settings, models, "A,B,...",
           "only these models of the config"),
    OPTION(0, "pairs", TEXT, eval_settings, pairs,
           "all|baseline:M|sample:N|uncertain:N",
           "every pair, all against M, N battles drawn, or N between models "
           "whose order the votes so far leave open; all"),
    OPTION(0, "judge", TEXT, eval_settings, judges, "M,...",
           "then let these models of the config vote, as arena judge does"),
    OPTION('j', "jobs", WHOLE, eval_settings, n_jobs, "N",
           "answers under way at each backend; 16 local, else 4", .min = 1,
           .max = 256),
    OPTION(0, "max-tokens", WHOLE, eval_settings, max_tokens, "N",
           "cut every answer there, whatever is configured", .min = 1,
           .max = 1000000),
    OPTION(0, "limit", WHOLE, eval_settings, limit, "N",
           "only the first N prompts", .min = 1, .max = PROMPTS_MAX),
    OPTION(0, "shuffle", FLAG, eval_settings, shuffle, NULL,
           "the prompts in another order (of --seed), before --limit"),
    OPTION(0, "fresh", FLAG, eval_settings, fresh, NULL,
           "ask again, even if another run has the answer"),
    OPTION(0, "budget", NUMBER, eval_settings, budget, "USD",
           "begin no answer that could exceed what is left of this", .min = 0,
           .max = INT64_MAX),
    OPTION(0, "dry-run", FLAG, eval_settings, dry, NULL,
           "only estimate calls, tokens, dollars and minutes"),
    OPTION(0, "run", TEXT, eval_settings, name, "NAME",
           "name of the run; by default made of file and settings"),
    OPTION(0, "format", CHOICE, eval_settings, format, "auto|text|jsonl|csv",
           "form of PROMPTS; auto looks at the content"),
    OPTION_END,
};

const struct command command_eval = {
    .name = "eval",
    .summary = "run a batch of battles over a prompt file",
    .synopsis = "PROMPTS",
    .options = eval_options,
    .help =
        "PROMPTS is a file with a prompt a line (or blocks between lines of\n"
        "---), JSON objects, or a table with a header; gzip is unpacked; - is\n"
        "stdin; or a set that comes with arena: mini, general, facts,\n"
        "reversal, deliberate.  Each model answers each prompt once.  The same\n"
        "command continues a run that was interrupted, and tries again what\n"
        "failed.\n"
        "Then: arena vote RUN.\n",
    .run = run_eval,
};
