/* `arena loop`: models play and a judge votes until a question is settled. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/judge/loop.h"
#include "arena/run/prompts.h"
#include "arena/run/sets.h"
#include "arena/store/voter.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/interrupts.h"
#include "tui/print/ratings.h"
#include "tui/session.h"
#include "tui/terminal/tty.h"

#define LOOP_LINE_BYTES 8192
#define LOOP_REPORT_BYTES (16u << 20)
#define LOOP_SEED 1 /* of rounds that were given none: the same each time */

struct loop_settings {
    const char *judge, *until, *models, *name, *form;
    double budget;
    int64_t max_tokens, limit;
};

/* "best", "order" or "width=N". */
static int read_until(const char *text, struct loop_spec *spec, struct err *e)
{
    char *end;
    spec->until = LOOP_BEST;
    if (strcmp(text, "best") == 0)
        return 0;
    spec->until = LOOP_ORDER;
    if (strcmp(text, "order") == 0)
        return 0;
    spec->until = LOOP_WIDTH;
    if (strncmp(text, "width=", 6) == 0) {
        spec->width = strtod(text + 6, &end);
        if (end != text + 6 && *end == '\0' && spec->width > 0 &&
            isfinite(spec->width))
            return 0;
    }
    return err_set(e, ERR_USAGE, "loop: --until \"%s\": want best, order or "
                   "width=POINTS", text);
}

/* --- the report ----------------------------------------------------------- */

static const char *const ENDS[] = {
    [LOOP_GOES_ON] = "interrupted",
    [LOOP_SETTLED] = "settled",
    [LOOP_SPENT] = "budget",
    [LOOP_EXHAUSTED] = "exhausted",
};

static int add_board(const struct invocation *in, const struct leaderboard *b,
                     struct buf *out, struct err *e)
{
    const struct ratings_view view = {
        .board = b, .columns = in->json ? 0 : tty_columns(STDOUT_FILENO)};
    if (b->n_rows == 0)
        return 0;
    return ratings_print(&view, in->json ? RATINGS_JSON : RATINGS_TEXT, out, e);
}

static int add_text(const struct invocation *in, const struct loop_spec *spec,
                    struct loop *l, const struct loop_telling *telling,
                    size_t n, struct buf *out, struct err *e)
{
    struct loop_status s = loop_status(l);
    buf_add_str(out, "by the judge alone (");
    clean_text(spec->voter, strlen(spec->voter), true, out);
    buf_addf(out, "), %zu round%s, %zu battle%s: ", s.round,
             plural_s(s.round), s.n_battles, plural_s(s.n_battles));
    buf_add_str(out, s.end == LOOP_SETTLED     ? "settled\n"
                     : s.end == LOOP_EXHAUSTED ? "not settled, and the prompts "
                                                 "are used up\n"
                                               : "not settled\n");
    if (add_board(in, loop_board(l), out, e) != 0)
        return -1;
    if (n > 0)
        buf_add_str(out, "a person's votes would help most on these battles:");
    for (size_t k = 0; k < n; k++)
        buf_addf(out, "%s %" PRId64, k > 0 ? "," : "", telling[k].battle_id);
    buf_add_str(out, n > 0 ? "\n" : "");
    for (size_t k = 0; k < n; k++) {
        bool again = false;
        for (size_t i = 0; i < k; i++)
            again |= telling[i].round == telling[k].round;
        if (!again)
            buf_addf(out, "  arena vote %s.%zu\n", spec->name,
                     telling[k].round);
    }
    return 0;
}

static int add_json(const struct invocation *in, const struct loop_spec *spec,
                    struct loop *l, const struct loop_telling *telling,
                    size_t n, struct buf *out, struct err *e)
{
    struct loop_status s = loop_status(l);
    buf_add_char(out, '{');
    json_put_text(out, "judge", spec->voter);
    json_put_text(out, "end", ENDS[s.end]);
    json_put_whole(out, "rounds", (int64_t)s.round);
    json_put_whole(out, "battles", (int64_t)s.n_battles);
    json_put_whole(out, "failed", (int64_t)s.n_failed);
    json_put_number(out, "dollars", s.spent);
    json_key(out, "telling");
    buf_add_char(out, '[');
    for (size_t k = 0; k < n; k++)
        buf_addf(out, "%s%" PRId64, k > 0 ? "," : "", telling[k].battle_id);
    buf_add_char(out, ']');
    json_key(out, "board");
    size_t at = out->len;
    if (add_board(in, loop_board(l), out, e) != 0)
        return -1;
    if (out->len == at)
        buf_add_str(out, "null\n");
    buf_cut(out, out->len - 1);
    buf_add_str(out, "}\n");
    return 0;
}

static int report(const struct invocation *in, const struct loop_spec *spec,
                  struct loop *l, struct err *e)
{
    struct loop_telling telling[LOOP_TELLING];
    struct buf out;
    size_t n;
    if (loop_find_telling(l, telling, &n, e) != 0)
        return -1;
    buf_init(&out, LOOP_REPORT_BYTES);
    int result = (in->json ? add_json : add_text)(in, spec, l, telling, n, &out,
                                                  e);
    if (result == 0)
        fputs(out.data, stdout);
    buf_free(&out);
    return result;
}

/* Why it is not settled. */
static int tell_end(const struct loop_spec *spec, const struct loop_status *s,
                    bool interrupted, struct err *e)
{
    if (interrupted)
        return err_set(e, ERR_INTERRUPTED, "interrupted in round %zu; the same "
                       "command goes on from here", s->round);
    if (s->end == LOOP_SPENT)
        return err_set(e, ERR_PARTIAL, "not settled: what is next could go "
                       "beyond the budget of $%g ($%.4f are spent)",
                       spec->budget, s->spent);
    if (s->end == LOOP_EXHAUSTED)
        return err_set(e, ERR_PARTIAL, "not settled: these prompts are used "
                       "up; more prompts go on");
    return 0;
}

static int drive(struct invocation *in, struct arena *a,
                 const struct loop_spec *spec, struct loop *l, struct err *e)
{
    sigset_t while_waiting;
    size_t round = 0;
    int more;
    interrupts_catch(&while_waiting);
    while ((more = loop_step(l, e)) == 1 && !interrupts_came()) {
        struct loop_status s = loop_status(l);
        if (s.round != round && in->verbose >= 0 && !in->json)
            fprintf(stderr, "round %zu: %zu battle%s judged so far\n",
                    s.round, s.n_battles, plural_s(s.n_battles));
        round = s.round;
        interrupts_wait(a, s.n_running == 0, &while_waiting);
    }
    interrupts_release(&while_waiting);
    if (more < 0 || report(in, spec, l, e) != 0)
        return -1;
    struct loop_status s = loop_status(l);
    return tell_end(spec, &s, more == 1, e);
}

/* --- what is asked for ---------------------------------------------------- */

static char *make_name(const struct loop_settings *set, const char *file,
                       const char *judge)
{
    struct buf name;
    const char *base = path_name(file);
    if (set->name != NULL)
        return mem_strdup(set->name);
    buf_init(&name, 1000);
    buf_addf(&name, "loop-%.*s-%.200s", (int)strcspn(base, "."), base, judge);
    return buf_detach(&name);
}

static int loop(struct invocation *in, const struct loop_settings *set,
                struct arena *a, const struct prompts *prompts,
                const char *file, struct loop_spec *spec, struct err *e)
{
    struct judge_form form = {.name = NULL};
    const struct run_pairs all = {.kind = RUN_ALL};
    size_t *models = NULL;
    char *name = NULL, *voter = NULL;
    struct loop *l;
    int result = arena_find_model(a, set->judge, &spec->judge.judge, e);
    if (result == 0)
        result = run_parse_models(a, set->models, &all, &models,
                                  &spec->run.n_models, e);
    if (result == 0) {
        const struct model *judge = &a->config.models[spec->judge.judge];
        result = judging_choose_form(&spec->judge, a, set->form, false, &form,
                                     e);
        spec->judge.is_stopped = interrupts_came;
        spec->voter = voter = voter_of_judge(judge->name);
        spec->name = name = make_name(set, file, judge->name);
    }
    if (result == 0 && form.has_reference)
        result = err_set(e, ERR_USAGE, "loop: the judge prompt \"%.60s\" shows "
                         "a reference", form.name);
    spec->run.models = models;
    spec->run.prompts = prompts;
    spec->run.file = file;
    if (result == 0)
        result = loop_open(&l, a, spec, e);
    if (result == 0) {
        session_say_notes(in, a);
        result = drive(in, a, spec, l, e);
        loop_close(l);
    }
    free(name);
    free(models);
    form_free(&form);
    free(voter);
    return result;
}

static int run_loop(struct invocation *in, struct err *e)
{
    struct loop_settings set = {.budget = NAN, .until = "best"};
    struct prompts prompts = {0};
    struct arena a;
    if (command_parse(in, &set, 1, 1, e) != 0)
        return -1;
    struct loop_spec spec = {
        .budget = set.budget,
        .run = {.seed = in->options.seeded ? in->options.seed : LOOP_SEED,
                .limit = (size_t)set.limit},
    };
    if (set.judge == NULL)
        return err_set(e, ERR_USAGE, "loop: name a model of the config that "
                       "judges, with --judge");
    if (read_until(set.until, &spec, e) != 0)
        return -1;
    char *file = prompt_set_path(in->argv[1], e);
    if (file == NULL)
        return -1;
    int result = prompts_read(&prompts, file, PROMPTS_AUTO, e);
    if (result == 0)
        result = session_open(&a, in, e);
    if (result == 0) {
        a.max_tokens_cap = (int)set.max_tokens;
        run_choose_prompts(&prompts, false, (size_t)set.limit, spec.run.seed);
        result = loop(in, &set, &a, &prompts, file, &spec, e);
        arena_close(&a);
    }
    prompts_free(&prompts);
    free(file);
    return result;
}

static const struct option_spec loop_options[] = {
    OPTION(0, "judge", TEXT, loop_settings, judge, "M",
           "the model of the config that judges"),
    OPTION(0, "until", TEXT, loop_settings, until, "best|order|width=N",
           "until one model is told from the others (default), every two "
           "are told apart, or all intervals are at most N points wide"),
    OPTION(0, "budget", NUMBER, loop_settings, budget, "USD",
           "begin nothing that could cost more than is left of this", .min = 0,
           .max = INT64_MAX),
    OPTION(0, "models", TEXT, loop_settings, models, "A,B,...",
           "only these models of the config play"),
    OPTION(0, "form", TEXT, loop_settings, form, "NAME|FILE[:NAME]",
           "judge prompt, as of arena judge"),
    OPTION(0, "max-tokens", WHOLE, loop_settings, max_tokens, "N",
           "cut every answer there, whatever is configured", .min = 1,
           .max = 1000000),
    OPTION(0, "limit", WHOLE, loop_settings, limit, "N",
           "only the first N prompts", .min = 1, .max = PROMPTS_MAX),
    OPTION(0, "run", TEXT, loop_settings, name, "NAME",
           "the rounds are the runs NAME.1, NAME.2, ..."),
    OPTION_END,
};

const struct command command_loop = {
    .name = "loop",
    .summary = "play and judge without a person until it is settled",
    .synopsis = "PROMPTS",
    .options = loop_options,
    .help =
        "In rounds: the pairs whose order is most open play some prompts, the\n"
        "judge votes, and its votes are rated.  The same command continues\n"
        "what was interrupted.  The result is the judge's opinion, and never\n"
        "counts as people's; the report ends with the battles on which a\n"
        "person's vote would help most.\n",
    .run = run_loop,
};
