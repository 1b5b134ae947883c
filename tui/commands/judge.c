/* `arena judge`: a model votes on the battles of a run. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/judge/judging.h"
#include "arena/judge/kin.h"
#include "arena/run/promptlist.h"
#include "arena/run/sets.h"
#include "base/json.h"
#include "base/mem.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/interrupts.h"
#include "tui/print/progress.h"
#include "tui/session.h"

#define JUDGE_REPORTS 20 /* failures that are told one by one */
#define JUDGE_LINE_BYTES 8192

struct judge_settings {
    const char *judges, *form, *reference;
    int64_t n_jobs;
    double budget;
    bool again, write, dry;
};

struct judge_work {
    const struct invocation *in;
    const struct judge_settings *set;
    struct arena *arena;
    const char *judge; /* its name */
    struct progress progress;
    int n_reports;
};

static void say(const struct invocation *in, const char *text)
{
    if (in->verbose >= 0)
        session_say(stderr, NULL, text);
}

static void take_failure(void *arg, int64_t battle_id, const char *failure)
{
    struct judge_work *w = arg;
    struct buf line;
    if (w->n_reports > JUDGE_REPORTS)
        return;
    if (w->progress.terminal)
        progress_end(&w->progress);
    buf_init(&line, JUDGE_LINE_BYTES);
    buf_addf(&line, "battle %" PRId64 ": %s: %s", battle_id, w->judge, failure);
    say(w->in, w->n_reports++ < JUDGE_REPORTS
                   ? line.data
                   : "more failures are only counted");
    buf_free(&line);
}

/* --- before it begins ----------------------------------------------------- */

static void add_estimate(const struct judge_work *w,
                         const struct judging_estimate *x, struct buf *out)
{
    if (w->in->json) {
        buf_add_char(out, '{');
        json_put_text(out, "judge", w->judge);
        json_put_whole(out, "calls", (int64_t)x->n_calls);
        json_put_number(out, "tokens_in", round(x->n_in));
        json_put_number(out, "tokens_out", round(x->n_out));
        json_put_number(out, "dollars", x->cost);
        buf_add_str(out, "}\n");
        return;
    }
    clean_text(w->judge, strlen(w->judge), true, out);
    buf_addf(out, ": %zu calls, about %.0f tokens to read and at most %.0f to "
             "write", x->n_calls, x->n_in, x->n_out);
    if (isnan(x->cost))
        buf_add_str(out, "; no price is known");
    else if (x->cost > 0)
        buf_addf(out, "; at most $%.2f", x->cost);
    buf_add_char(out, '\n');
}

/* Whether to begin: asks if it costs, or could, and somebody can be asked. */
static int agree(const struct judge_work *w, struct judging *j, bool *yes,
                 struct err *e)
{
    struct judging_estimate x;
    struct buf text;
    if (judging_survey(j, &x, e) != 0)
        return -1;
    buf_init(&text, JUDGE_LINE_BYTES);
    add_estimate(w, &x, &text);
    *yes = !w->set->dry;
    if (w->set->dry)
        fputs(text.data, stdout);
    else if (!w->in->json && w->in->verbose >= 0 && x.n_calls > 0)
        fputs(text.data, stderr);
    bool costs = x.n_calls > 0 && !(x.cost == 0) && isnan(w->set->budget);
    if (*yes && costs && session_may_ask(w->in)) {
        fputs("Begin? [y/N] ", stderr);
        buf_clear(&text);
        *yes = session_read_line(stdin, &text) &&
               (text.data[0] == 'y' || text.data[0] == 'Y');
    }
    buf_free(&text);
    return 0;
}

/* --- while it goes on ----------------------------------------------------- */

static void show_progress(struct judge_work *w, const struct judging_status *s)
{
    struct buf more;
    if (w->in->json || w->in->verbose < 0)
        return;
    buf_init(&more, JUDGE_LINE_BYTES);
    if (s->n_failed > 0)
        buf_addf(&more, "  %zu failed", s->n_failed);
    if (s->spent > 0)
        buf_addf(&more, "  $%.4f", s->spent);
    progress_items(&w->progress, "battles judged", (int64_t)s->n_voted,
                   (int64_t)s->n_battles, more.data);
    buf_free(&more);
}

/* Why it is not whole. */
static int tell_end(const struct judge_work *w, const struct judging_status *s,
                    bool interrupted, struct err *e)
{
    if (interrupted)
        return err_set(e, ERR_INTERRUPTED, "interrupted; %zu of %zu battles are "
                       "judged, and the same command goes on from here",
                       s->n_voted, s->n_battles);
    if (s->is_spent)
        return err_set(e, ERR_PARTIAL, "the next call could go beyond the "
                       "budget of $%g ($%.4f are spent); %zu of %zu battles are "
                       "judged, and the same command with more goes on",
                       w->set->budget, s->spent, s->n_voted, s->n_battles);
    if (s->n_failed > 0)
        return err_set(e, ERR_PARTIAL, "%zu of %zu battles have no verdict of "
                       "%s; the same command tries those again", s->n_failed,
                       s->n_battles, w->judge);
    return 0;
}

static void add_end(const struct judge_work *w, const struct judging_status *s,
                    struct buf *out)
{
    if (w->in->json) {
        buf_add_char(out, '{');
        json_put_text(out, "judge", w->judge);
        json_put_whole(out, "battles", (int64_t)s->n_battles);
        json_put_whole(out, "judged", (int64_t)s->n_voted);
        json_put_whole(out, "failed", (int64_t)s->n_failed);
        json_put_whole(out, "without_reference", (int64_t)s->n_bare);
        json_put_whole(out, "withdrawn", (int64_t)s->n_withdrawn);
        json_put_whole(out, "calls", (int64_t)s->n_calls);
        json_put_whole(out, "tokens", s->n_tokens);
        buf_addf(out, ",\"dollars\":%.6f", s->spent);
        json_put_whole(out, "both_orders", (int64_t)s->n_swapped);
        json_put_whole(out, "same_in_both", (int64_t)s->n_agreed);
        json_put_number(out, "first", s->first);
        buf_add_str(out, "}\n");
        return;
    }
    clean_text(w->judge, strlen(w->judge), true, out);
    buf_addf(out, ": %zu of %zu battles judged, %zu calls", s->n_voted,
             s->n_battles, s->n_calls);
    if (s->n_bare > 0)
        buf_addf(out, ", %zu without a reference", s->n_bare);
    if (s->n_failed > 0)
        buf_addf(out, ", %zu failed", s->n_failed);
    if (s->spent > 0)
        buf_addf(out, ", $%.4f", s->spent);
    if (s->n_swapped > 0)
        buf_addf(out, "\nthe same verdict in both orders %zu times of %zu; "
                 "%.0f%% went to the answer shown first (50%%: the order says "
                 "nothing)", s->n_agreed, s->n_swapped, 100 * s->first);
    buf_add_char(out, '\n');
}

static int drive(struct judge_work *w, struct judging *j, struct err *e)
{
    sigset_t while_waiting;
    int more;
    interrupts_catch(&while_waiting);
    while ((more = judging_step(j, e)) == 1 && !interrupts_came()) {
        struct judging_status s = judging_status(j);
        if (progress_is_due(&w->progress))
            show_progress(w, &s);
        interrupts_wait(w->arena, s.n_running == 0, &while_waiting);
    }
    interrupts_release(&while_waiting);
    struct judging_status s = judging_status(j);
    if (s.n_calls > 0)
        show_progress(w, &s);
    progress_end(&w->progress);
    if (more < 0)
        return -1;
    struct buf out;
    buf_init(&out, JUDGE_LINE_BYTES);
    add_end(w, &s, &out);
    fputs(out.data, stdout);
    buf_free(&out);
    return tell_end(w, &s, more == 1, e);
}

static int judge_by(struct invocation *in, const struct judge_settings *set,
                    struct arena *a, const struct judging_spec *spec,
                    struct err *e)
{
    struct judge_work w = {.in = in,
                           .set = set,
                           .arena = a,
                           .judge = a->config.models[spec->judge].name};
    struct judging_spec own = *spec;
    struct judging *j;
    struct buf warning;
    bool yes = false;
    own.tell = take_failure;
    own.arg = &w;
    buf_init(&warning, JUDGE_LINE_BYTES);
    int result = kin_warn(a, spec->judge, spec->run_id, &warning, e);
    if (warning.len > 0)
        say(in, warning.data);
    buf_free(&warning);
    if (result != 0 || judging_open(&j, a, &own, e) != 0)
        return -1;
    progress_init(&w.progress, in->plain);
    result = agree(&w, j, &yes, e);
    if (result == 0 && yes)
        result = drive(&w, j, e);
    judging_close(j);
    return result;
}

/* --- what is asked for ---------------------------------------------------- */

static int judge_as(struct invocation *in, const struct judge_settings *set,
                    struct arena *a, struct judging_spec *spec,
                    const char *name, struct err *e)
{
    struct judge_form form;
    if (arena_find_model(a, name, &spec->judge, e) != 0 ||
        judging_choose_form(spec, a, set->form, set->write, &form, e) != 0)
        return -1;
    int result = 0;
    if (set->reference == NULL && form.has_reference)
        result = err_set(e, ERR_USAGE, "the judge prompt \"%.60s\" shows a "
                         "reference: name the prompt file that has them with "
                         "--reference", form.name);
    if (result == 0)
        result = judge_by(in, set, a, spec, e);
    form_free(&form);
    return result;
}

/* One judge after the other.  What one leaves open does not keep the next from
 * its work; the first such error is the command's. */
static int judge_all(struct invocation *in, const struct judge_settings *set,
                     struct arena *a, struct judging_spec *spec, struct err *e)
{
    struct err first = {.code = ERR_NONE};
    char *names = mem_strdup(set->judges), *rest = NULL;
    for (char *name = strtok_r(names, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        if (judge_as(in, set, a, spec, name, e) == 0)
            continue;
        bool partial = e->code == ERR_PARTIAL;
        if (first.code == ERR_NONE)
            first = *e;
        else if (partial)
            session_say_error(e);
        if (!partial)
            break;
    }
    free(names);
    if (first.code == ERR_NONE)
        return 0;
    *e = first;
    return -1;
}

static int run_judge(struct invocation *in, struct err *e)
{
    struct judge_settings set = {.budget = NAN};
    struct prompts prompts = {0};
    struct arena a;
    if (command_parse(in, &set, 1, 1, e) != 0)
        return -1;
    if (set.judges == NULL || set.judges[strspn(set.judges, ",")] == '\0')
        return err_set(e, ERR_USAGE, "judge: name a model of the config that "
                       "judges, with --judge");
    if (set.reference != NULL &&
        prompt_set_read(set.reference, &prompts, e) != 0)
        return -1;
    struct judging_spec spec = {
        .references = set.reference == NULL ? NULL : &prompts,
        .n_jobs = (int)set.n_jobs,
        .budget = set.budget,
        .again = set.again && !set.dry,
    };
    int result = session_open(&a, in, e);
    if (result == 0) {
        result = store_find_run(a.store, in->argv[1], &spec.run_id, e);
        if (result == 0)
            result = judge_all(in, &set, &a, &spec, e);
        arena_close(&a);
    }
    prompts_free(&prompts);
    return result;
}

static const struct option_spec judge_options[] = {
    OPTION(0, "judge", TEXT, judge_settings, judges, "M,...",
           "models of the config that judge, one after the other"),
    OPTION(0, "form", TEXT, judge_settings, form, "NAME|FILE[:NAME]",
           "judge prompt: pair, brief, single, pair-reference, "
           "brief-reference, single-reference, or a file as MT-bench has"),
    OPTION(0, "reference", TEXT, judge_settings, reference, "PROMPTS",
           "the prompt file or set with the answers that are right"),
    OPTION(0, "write", FLAG, judge_settings, write, NULL,
           "let a judge write whose probabilities could be read"),
    OPTION(0, "again", FLAG, judge_settings, again, NULL,
           "withdraw its votes on this run, and judge anew"),
    OPTION(0, "budget", NUMBER, judge_settings, budget, "USD",
           "begin no call that could cost more than is left of this"),
    OPTION('j', "jobs", WHOLE, judge_settings, n_jobs, "N",
           "calls under way; 16 local, else 4", .min = 1, .max = 256),
    OPTION(0, "dry-run", FLAG, judge_settings, dry, NULL,
           "only tell calls, tokens and dollars"),
    OPTION_END,
};

const struct command command_judge = {
    .name = "judge",
    .summary = "let a model vote on the battles of a run",
    .synopsis = "RUN",
    .options = judge_options,
    .help =
        "Each battle is judged in both orders.  The same command goes on with\n"
        "what was interrupted.  A local judge does not write: how probable it\n"
        "finds A, B and a tie is read in one step, and kept.  Its votes are\n"
        "those of the voter judge:M, and never count as people's:\n"
        "arena leaderboard --with-judge M uses them, --agreement measures "
        "them.\n",
    .run = run_judge,
};
