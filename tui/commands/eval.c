/* `arena eval`: a run of battles over a prompt file. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#include "arena/run/prompts.h"
#include "arena/run/run.h"
#include "arena/run/sets.h"
#include "base/json.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/print/accuracy.h"
#include "tui/print/progress.h"
#include "tui/session.h"

#define EVAL_SEED 1   /* of a run that was given none: the same each time */
#define EVAL_JOBS 2
#define EVAL_REPORTS 20 /* failures that are printed one by one */
#define EVAL_LINE_BYTES 8192
#define EVAL_REPORT_BYTES (64u << 20)

struct eval_settings {
    const char *models, *pairs, *name;
    int64_t n_jobs;
    int format;
};

/* What the report of a failure needs. */
struct eval {
    const struct invocation *in;
    struct progress progress;
    int n_reports;
};

/* A handler can reach nothing else. */
static volatile sig_atomic_t eval_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    eval_interrupted = 1;
}

/* Signals are delivered only while we wait, so none is missed between the check
 * and the wait.  A second one ends the program as if there were no handler. */
static void catch_signals(sigset_t *while_waiting)
{
    struct sigaction action = {.sa_handler = on_interrupt,
                               .sa_flags = (int)SA_RESETHAND};
    sigset_t blocked;
    eval_interrupted = 0;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
}

static void release_signals(const sigset_t *before)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* Waits for news of an answer or a signal; does not wait with at_once. */
static void wait_for_news(struct arena *a, bool at_once,
                          const sigset_t *while_waiting)
{
    fd_set fds;
    struct timespec limit = {.tv_sec = at_once ? 0 : 1};
    FD_ZERO(&fds);
    FD_SET(a->wake[0], &fds);
    if (pselect(a->wake[0] + 1, &fds, NULL, NULL, &limit, while_waiting) > 0)
        arena_drain_wake(a);
}

static void say(const char *text)
{
    struct buf line;
    buf_init(&line, EVAL_LINE_BYTES);
    clean_text(text, strlen(text), true, &line);
    fprintf(stderr, "%s\n", line.data);
    buf_free(&line);
}

static void report_failure(void *arg, const char *line)
{
    struct eval *x = arg;
    if (x->n_reports > EVAL_REPORTS || x->in->verbose < 0)
        return;
    if (x->progress.terminal)
        progress_end(&x->progress);
    say(x->n_reports++ < EVAL_REPORTS ? line
                                      : "more failures are only counted");
}

/* Says "; N WHAT" unless N is 0. */
static void add_note(struct buf *line, size_t n, const char *what)
{
    if (n > 0)
        buf_addf(line, "; %zu %s", n, what);
}

static void show_begin(const struct eval *x, const struct run *r,
                       const struct run_spec *spec)
{
    struct run_status s = run_status(r);
    struct buf line;
    if (x->in->verbose < 0)
        return;
    if (spec->prompts->purpose != NULL)
        say(spec->prompts->purpose);
    buf_init(&line, EVAL_LINE_BYTES);
    buf_addf(&line, "run %s: %zu prompts, %zu models, %zu battles, %zu answers",
             run_name(r), spec->prompts->n, spec->n_models, s.n_battles,
             s.n_answers);
    add_note(&line, spec->prompts->n_repeated, "repeated prompts left out");
    add_note(&line, spec->prompts->n_same_id,
             "under the id of another prompt, all are asked");
    add_note(&line, spec->prompts->n_answered,
             "answers after the last turn left out");
    say(line.data);
    buf_free(&line);
}

/* Steps until the end, an error or a signal.  0 or -1. */
static int drive(struct eval *x, struct arena *a, struct run *r, struct err *e)
{
    sigset_t while_waiting;
    int more;
    catch_signals(&while_waiting);
    while ((more = run_step(r, e)) == 1 && !eval_interrupted) {
        struct run_status s = run_status(r);
        if (x->in->verbose >= 0)
            progress_items(&x->progress, "answers",
                           (int64_t)(s.n_found + s.n_made),
                           (int64_t)s.n_answers);
        wait_for_news(a, s.n_running == 0, &while_waiting);
    }
    release_signals(&while_waiting);
    progress_end(&x->progress);
    if (more < 0)
        return -1;
    struct run_status s = run_status(r);
    if (more == 1)
        return err_set(e, ERR_INTERRUPTED, "interrupted; %zu of %zu battles "
                       "are ready, and the same command goes on from here",
                       s.n_ready, s.n_battles);
    if (s.n_void > 0)
        return err_set(e, ERR_PARTIAL, "%zu of %zu battles are void, because "
                       "an answer failed; the same command tries those again",
                       s.n_void, s.n_battles);
    return 0;
}

static void show_end(const struct invocation *in, const struct run *r,
                     const struct accuracy_view *accuracy, bool whole)
{
    struct run_status s = run_status(r);
    struct buf out;
    buf_init(&out, EVAL_REPORT_BYTES);
    if (in->json) {
        buf_add_str(&out, "{\"run\":");
        json_add_string(&out, run_name(r), strlen(run_name(r)));
        buf_addf(&out, ",\"battles\":%zu,\"ready\":%zu,\"void\":%zu,"
                 "\"answers\":%zu,\"found\":%zu,\"made\":%zu", s.n_battles,
                 s.n_ready, s.n_void, s.n_answers, s.n_found, s.n_made);
        if (accuracy->accuracy->n_checked > 0) {
            buf_add_str(&out, ",\"accuracy\":");
            accuracy_add_json(accuracy, &out);
        }
        printf("%s}\n", out.data);
    } else {
        clean_text(run_name(r), strlen(run_name(r)), true, &out);
        printf("%s: %zu of %zu battles ready, %zu void, %zu answers made\n",
               out.data, s.n_ready, s.n_battles, s.n_void, s.n_made);
        if (whole && s.n_ready > 0 && in->verbose >= 0)
            fprintf(stderr, "vote on them without knowing the names: "
                    "arena vote %s\n", out.data);
        buf_clear(&out);
        accuracy_print(accuracy, &out);
        fputs(out.data, stdout);
    }
    buf_free(&out);
}

static int eval_prompts(struct invocation *in, const struct eval_settings *s,
                        const struct prompts *prompts, const char *file,
                        struct arena *a, struct err *e)
{
    struct eval x = {.in = in};
    struct run *r;
    size_t *models = NULL;
    struct run_spec spec = {
        .name = s->name,
        .file = file,
        .prompts = prompts,
        .pairs_text = s->pairs,
        .seed = in->options.seeded ? in->options.seed : EVAL_SEED,
        .n_jobs = (int)s->n_jobs,
        .report = report_failure,
        .arg = &x,
    };
    if (run_parse_pairs(a, s->pairs, &spec.pairs, e) != 0 ||
        run_parse_models(a, s->models, &spec.pairs, &models, &spec.n_models,
                         e) != 0)
        return -1;
    spec.models = models;
    progress_init(&x.progress, in->plain);
    int result = run_open(&r, a, &spec, e);
    if (result == 0) {
        session_say_notes(in, a);
        show_begin(&x, r, &spec);
        result = drive(&x, a, r, e);
        struct accuracy_view accuracy = {.accuracy = run_accuracy(r),
                                         .arena = a,
                                         .models = models,
                                         .n_models = spec.n_models};
        show_end(in, r, &accuracy, result == 0 || e->code == ERR_PARTIAL);
        run_close(r);
    }
    free(models);
    return result;
}

static int run_eval(struct invocation *in, struct err *e)
{
    static const enum prompts_format formats[] = {
        PROMPTS_AUTO, PROMPTS_TEXT, PROMPTS_JSONL, PROMPTS_CSV};
    struct eval_settings s = {.pairs = "all", .n_jobs = EVAL_JOBS};
    struct prompts prompts = {0};
    struct arena a;
    if (command_parse(in, &s, 1, 1, e) != 0)
        return -1;
    char *file = prompt_set_path(in->argv[1], e);
    if (file == NULL)
        return -1;
    int result = prompts_read(&prompts, file, formats[s.format], e);
    if (result == 0)
        result = session_open(&a, in, e);
    if (result == 0) {
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
    OPTION(0, "pairs", TEXT, eval_settings, pairs, "all|baseline:M|sample:N",
           "every pair, all against M, or N battles drawn; all"),
    OPTION('j', "jobs", WHOLE, eval_settings, n_jobs, "N",
           "answers under way at the same time; 2", .min = 1, .max = 256),
    OPTION(0, "run", TEXT, eval_settings, name, "NAME",
           "name of the run; by default made of file and settings"),
    OPTION(0, "format", CHOICE, eval_settings, format, "auto|text|jsonl|csv",
           "form of PROMPTS; auto looks at the content"),
    OPTION_END,
};

const struct command command_eval = {
    .name = "eval",
    .summary = "fight a batch of battles over a prompt file",
    .synopsis = "PROMPTS",
    .options = eval_options,
    .help =
        "PROMPTS is a file with a prompt a line (or blocks between lines of\n"
        "---), JSON objects, or a table with a header; gzip is unpacked; - is\n"
        "stdin; or a set that comes with arena: mini, general, facts, reversal,\n"
        "deliberate.  Each model answers each prompt once.  The same command\n"
        "continues a run that was interrupted, and tries again what failed.\n"
        "Then: arena vote RUN.\n",
    .run = run_eval,
};
