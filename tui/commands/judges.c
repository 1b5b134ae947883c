#include "tui/commands/judges.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/judge/judging.h"
#include "arena/judge/kin.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/interrupts.h"
#include "tui/print/progress.h"
#include "tui/session.h"

#define JUDGES_REPORTS 20 /* failures that are told one by one */
#define JUDGES_LINE_BYTES 8192

struct judges_work {
    const struct invocation *in;
    const struct judges_settings *set;
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
    struct judges_work *w = arg;
    struct buf line;
    if (w->n_reports > JUDGES_REPORTS)
        return;
    if (w->progress.terminal)
        progress_end(&w->progress);
    buf_init(&line, JUDGES_LINE_BYTES);
    buf_addf(&line, "battle %" PRId64 ": %s: %s", battle_id, w->judge, failure);
    say(w->in, w->n_reports++ < JUDGES_REPORTS
                   ? line.data
                   : "more failures are only counted");
    buf_free(&line);
}

/* --- before it begins ----------------------------------------------------- */

static void add_estimate(const struct judges_work *w,
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
    buf_addf(out, ": %zu call%s, about %.0f tokens to read and at most %.0f to "
             "write", x->n_calls, plural_s(x->n_calls), x->n_in,
             x->n_out);
    if (isnan(x->cost))
        buf_add_str(out, "; no price is known");
    else if (x->cost > 0)
        buf_addf(out, "; at most $%.2f", x->cost);
    buf_add_char(out, '\n');
}

/* Whether to begin: asks if it costs, or could, and somebody can be asked. */
static int agree(const struct judges_work *w, struct judging *j, bool *yes,
                 struct err *e)
{
    struct judging_estimate x;
    struct buf text;
    if (judging_survey(j, &x, e) != 0)
        return -1;
    buf_init(&text, JUDGES_LINE_BYTES);
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

static void show_progress(struct judges_work *w, const struct judging_status *s)
{
    struct buf more;
    if (w->in->json || w->in->verbose < 0)
        return;
    buf_init(&more, JUDGES_LINE_BYTES);
    if (s->n_failed > 0)
        buf_addf(&more, "  %zu failed", s->n_failed);
    if (s->spent > 0)
        buf_addf(&more, "  $%.4f", s->spent);
    progress_items(&w->progress, "battles judged", (int64_t)s->n_voted,
                   (int64_t)s->n_battles, more.data);
    buf_free(&more);
}

/* Why it is not whole. */
static int tell_end(const struct judges_work *w, const struct judging_status *s,
                    bool interrupted, struct err *e)
{
    const char *without = s->is_anew ? " without --again" : "";
    const char *are = s->n_battles == 1 ? " is" : "s are";
    if (interrupted)
        return err_set(e, ERR_INTERRUPTED, "interrupted; %zu of %zu battle%s "
                       "judged, and the same command%s goes on from here",
                       s->n_voted, s->n_battles, are, without);
    if (s->is_spent)
        return err_set(e, ERR_PARTIAL, "the next call could go beyond the "
                       "budget of $%g ($%.4f are spent); %zu of %zu battle%s "
                       "judged, and the same command%s with more goes on",
                       w->set->budget, s->spent, s->n_voted, s->n_battles,
                       are, without);
    if (s->n_failed > 0)
        return err_set(e, ERR_PARTIAL, "%zu of %zu battle%s no %sverdict "
                       "of %s; the same command%s tries %s again",
                       s->n_failed, s->n_battles,
                       s->n_battles == 1 ? " has" : "s have",
                       w->set->again ? "new " : "", w->judge, without,
                       s->n_failed == 1 ? "it" : "those");
    return 0;
}

static void add_end(const struct judges_work *w, const struct judging_status *s,
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
    buf_addf(out, ": %zu of %zu battle%s judged, %zu call%s", s->n_voted,
             s->n_battles, plural_s(s->n_battles), s->n_calls,
             plural_s(s->n_calls));
    if (s->n_bare > 0)
        buf_addf(out, ", %zu without a reference", s->n_bare);
    if (s->n_failed > 0)
        buf_addf(out, ", %zu failed", s->n_failed);
    if (s->spent > 0)
        buf_addf(out, ", $%.4f", s->spent);
    if (s->n_swapped > 0)
        buf_addf(out, "\nthe same verdict in both orders %zu time%s of %zu; "
                 "%.0f%% went to the answer shown first (50%%: the order says "
                 "nothing)", s->n_agreed, plural_s(s->n_agreed),
                 s->n_swapped, 100 * s->first);
    buf_add_char(out, '\n');
}

static int drive(struct judges_work *w, struct judging *j, struct err *e)
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
    buf_init(&out, JUDGES_LINE_BYTES);
    add_end(w, &s, &out);
    fputs(out.data, stdout);
    buf_free(&out);
    return tell_end(w, &s, more == 1, e);
}

static int judge_by(const struct invocation *in,
                    const struct judges_settings *set, struct arena *a,
                    const struct judging_spec *spec, struct err *e)
{
    struct judges_work w = {.in = in,
                           .set = set,
                           .arena = a,
                           .judge = a->config.models[spec->judge].name};
    struct judging_spec own = *spec;
    struct judging *j;
    struct buf warning;
    bool yes = false;
    own.tell = take_failure;
    own.arg = &w;
    own.is_stopped = interrupts_came;
    buf_init(&warning, JUDGES_LINE_BYTES);
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

/* --- all of them ---------------------------------------------------------- */

static int judge_as(const struct invocation *in,
                    const struct judges_settings *set, struct arena *a,
                    int64_t run_id, const char *name, struct err *e)
{
    struct judge_form form;
    struct judging_spec spec = {
        .run_id = run_id,
        .references = set->references,
        .n_jobs = set->n_jobs,
        .budget = set->budget,
        .again = set->again,
    };
    if (arena_find_model(a, name, &spec.judge, e) != 0 ||
        judging_choose_form(&spec, a, set->form, set->write, &form, e) != 0)
        return -1;
    int result = 0;
    if (set->references == NULL && form.has_reference)
        result = err_set(e, ERR_USAGE, "the judge prompt \"%.60s\" shows a "
                         "reference: name the prompt file that has them with "
                         "--reference", form.name);
    if (result == 0)
        result = judge_by(in, set, a, &spec, e);
    form_free(&form);
    return result;
}

int judges_run(const struct invocation *in, const struct judges_settings *set,
               struct arena *a, int64_t run_id, struct err *e)
{
    struct err last = {.code = ERR_NONE}; /* those before it were told */
    char *names = mem_strdup(set->names), *rest = NULL;
    for (char *name = strtok_r(names, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        if (judge_as(in, set, a, run_id, name, e) == 0)
            continue;
        if (last.code != ERR_NONE)
            session_say_error(&last);
        last = *e;
        if (last.code != ERR_PARTIAL)
            break;
    }
    free(names);
    if (last.code == ERR_NONE)
        return 0;
    *e = last;
    return -1;
}

int judges_check(struct arena *a, const char *names, struct err *e)
{
    char *list = mem_strdup(names), *rest = NULL;
    size_t model, n = 0;
    int result = 0;
    for (char *name = strtok_r(list, ",", &rest); name != NULL && result == 0;
         name = strtok_r(NULL, ",", &rest), n++) {
        result = arena_find_model(a, name, &model, e);
        if (result == 0 && arena_backend(a, model, e) == NULL)
            result = -1;
    }
    free(list);
    return result != 0 ? -1
           : n > 0     ? 0
                       : err_set(e, ERR_USAGE, "name a model of the config that "
                                 "judges, with --judge");
}
