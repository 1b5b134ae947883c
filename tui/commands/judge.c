/* `arena judge`: a model votes on the battles of a run. */
#include <math.h>
#include <string.h>

#include "arena/run/promptlist.h"
#include "arena/run/sets.h"
#include "tui/command.h"
#include "tui/commands/judges.h"
#include "tui/session.h"

struct judge_settings {
    const char *judges, *form, *reference;
    int64_t n_jobs;
    double budget;
    bool again, write, dry;
};

/* Reads the right answers.  A file without any is a slip: --again would
 * withdraw votes for nothing. */
static int read_references(struct prompts *out, const char *which,
                           struct err *e)
{
    if (prompt_set_read(which, out, e) != 0)
        return -1;
    for (size_t i = 0; i < out->n; i++)
        if (out->list[i].n_references > 0)
            return 0;
    prompts_free(out);
    return err_set(e, ERR_USAGE, "judge: no prompt of %.200s has a reference",
                   which);
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
        read_references(&prompts, set.reference, e) != 0)
        return -1;
    const struct judges_settings judges = {
        .names = set.judges,
        .form = set.form,
        .references = set.reference == NULL ? NULL : &prompts,
        .n_jobs = (int)set.n_jobs,
        .budget = set.budget,
        .again = set.again,
        .write = set.write,
        .dry = set.dry,
    };
    int64_t run_id;
    int result = session_open(&a, in, e);
    if (result == 0) {
        result = store_find_run(a.store, in->argv[1], &run_id, e);
        if (result == 0)
            result = judges_run(in, &judges, &a, run_id, e);
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
           "begin no call that could cost more than is left of this", .min = 0,
           .max = INT64_MAX),
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
