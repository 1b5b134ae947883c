/* `arena settle`: whether one model is better than another, and whether that is
 * certain enough to stop voting. */
#include <stdlib.h>
#include <string.h>

#include "arena/settled.h"
#include "arena/store/voter.h"
#include "arena/votelog/judged.h"
#include "arena/votelog/tally.h"
#include "tui/commands/settle_ask.h"
#include "tui/database.h"
#include "tui/options.h"
#include "tui/print/rejected.h"
#include "tui/print/settled.h"

/* It is printed with so many nines. */
#define LEAST_RISK 1e-9

struct settle_settings {
    double margin;
    const char *risk, *voter, *category, *log, *judge;
    struct settle_asked ask;
};

static const struct option_spec settle_options[] = {
    OPTION(0, "margin", NUMBER, settle_settings, margin, "POINTS",
           "a lead up to which a difference does not matter; 30"),
    OPTION(0, "risk", TEXT, settle_settings, risk, "P%",
           "chance of a false verdict, however often you look; 5%"),
    OPTION(0, "voter", TEXT, settle_settings, voter, "WHO",
           "only votes of: human (all people; default), human:NAME, "
           "judge:NAME"),
    OPTION(0, "with-judge", TEXT, settle_settings, judge, "JUDGE",
           "people's votes, narrowed by this judge's on other battles"),
    OPTION(0, "log", TEXT, settle_settings, log, "FILE|-",
           "by a battle log (as arena rate reads), instead of the arena's "
           "votes"),
    OPTION(0, "category", TEXT, settle_settings, category, "C",
           "only prompts of this category"),
    OPTION(0, "vote", TEXT, settle_settings, ask.run, "RUN",
           "ask you for votes on this run's battles of the two until it is "
           "settled"),
    OPTION(0, "play", TEXT, settle_settings, ask.prompts, "PROMPTS",
           "let the two answer the prompts of a file or set, and ask you "
           "likewise"),
    OPTION_END,
};

/* "5%", "0.5%" or "0.05". */
static int read_risk(const char *text, double *out, struct err *e)
{
    char *end;
    *out = strtod(text, &end);
    bool percent = end != text && *end == '%';
    if (percent) {
        *out /= 100;
        end++;
    }
    if (end == text || *end != '\0' || !(*out > 0 && *out < 1) ||
        (!percent && *out >= 0.5))
        return err_set(e, ERR_USAGE, "settle: --risk \"%s\": want a chance such "
                       "as 5%%", text);
    if (*out < LEAST_RISK)
        return err_set(e, ERR_USAGE, "settle: --risk \"%s\": the least is %g",
                       text, LEAST_RISK);
    return 0;
}

static int read_settings(const struct settle_settings *set,
                         struct settle_params *p, struct err *e)
{
    p->margin = set->margin;
    if (!(p->margin > 0 && p->margin <= 1000))
        return err_set(e, ERR_USAGE, "settle: --margin: more than 0 and at "
                       "most 1000 points");
    if (set->risk != NULL && read_risk(set->risk, &p->risk, e) != 0)
        return -1;
    if (!voter_can_filter(set->voter))
        return err_set(e, ERR_USAGE, "settle: --voter \"%s\": want human, "
                       "human:NAME or judge:NAME", set->voter);
    return 0;
}

/* --- by what ------------------------------------------------------------- */

static int by_store(struct settled *out, struct invocation *in,
                    const struct settle_settings *set,
                    const struct settled_question *q, struct err *e)
{
    struct store *s;
    if (set->ask.run != NULL || set->ask.prompts != NULL)
        return settle_ask(out, in, q, &set->ask, e);
    if (database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = settled_load(out, s, q, e);
    store_close(s);
    return result;
}

/* The two models of a log. */
static int find_models(const struct invocation *in, const struct votelog *log,
                       const char *told, uint32_t model[2], struct err *e)
{
    for (int side = 0; side < 2; side++) {
        const char *name = in->argv[1 + side];
        model[side] = names_find(&log->models, name, strlen(name));
        if (model[side] == NAMES_NONE)
            return err_set(e, ERR_USAGE, "settle: %s has no votes on a model "
                           "%s", told, name);
    }
    return 0;
}

/* By a log's votes of people.  Rows that cannot be used are told in *partial,
 * as the verdict is then of a part. */
static int by_log(struct settled *out, const struct invocation *in,
                  const char *path, const struct settle_params *p,
                  struct err *partial, struct err *e)
{
    struct tally tally;
    const struct tally_options o = {.log = {.people = true}};
    const char *told = votelog_told_name(path);
    uint32_t model[2];
    int result = tally_read(&tally, path, &o, e);
    rejected_print(&tally.log, told);
    if (result == 0)
        result = find_models(in, &tally.log, told, model, e);
    if (result == 0) {
        settled_count(out, &tally.all.counts, model[0], model[1], p);
        rejected_tell(&tally.log, told, partial);
    }
    tally_free(&tally);
    return result;
}

/* The same with a judge of the log. */
static int by_judged_log(struct settled *out, const struct invocation *in,
                         const struct settle_settings *set,
                         const struct settle_params *p, struct err *partial,
                         struct err *e)
{
    struct judged_log log;
    const char *told = votelog_told_name(set->log);
    uint32_t model[2];
    int result = judged_log_read(&log, set->log, set->judge, JUDGED_BY_BATTLE,
                                 e);
    rejected_print(&log.log, told);
    if (result == 0)
        result = find_models(in, &log.log, told, model, e);
    if (result == 0)
        result = settled_judge(out, &log.rows, NULL, model[0], model[1], p, e);
    if (result == 0)
        rejected_tell(&log.log, told, partial);
    judged_log_free(&log);
    return result;
}

static int find(struct settled *out, struct invocation *in,
                const struct settle_settings *set,
                const struct settled_question *q, struct err *partial,
                struct err *e)
{
    if (set->log == NULL)
        return by_store(out, in, set, q, e);
    return set->judge != NULL
               ? by_judged_log(out, in, set, &q->params, partial, e)
               : by_log(out, in, set->log, &q->params, partial, e);
}

/* Options that do not go together. */
static int check_options(const struct invocation *in,
                         const struct settle_settings *set, struct err *e)
{
    bool by_voter = strcmp(set->voter, "human") != 0;
    bool asks = set->ask.run != NULL || set->ask.prompts != NULL;
    if (strcmp(in->argv[1], in->argv[2]) == 0)
        return err_set(e, ERR_USAGE, "settle: name two models");
    if (set->log != NULL && (set->category != NULL || by_voter || asks))
        return err_set(e, ERR_USAGE, "settle: --log is of all people in it; "
                       "leave out --voter, --category, --vote and --play");
    if (set->judge != NULL && by_voter)
        return err_set(e, ERR_USAGE, "settle: --with-judge is of all people's "
                       "votes; leave out --voter");
    if (asks && by_voter)
        return err_set(e, ERR_USAGE, "settle: --vote and --play go on from all "
                       "people's votes; leave out --voter");
    if (set->ask.run != NULL && set->ask.prompts != NULL)
        return err_set(e, ERR_USAGE, "settle: --vote is of battles that are "
                       "there, --play of new ones: leave out one");
    return 0;
}

static int run_settle(struct invocation *in, struct err *e)
{
    struct settle_settings set = {.voter = "human"};
    struct settled_question q = {.params = settle_defaults()};
    struct settled settled;
    struct err partial = {.code = ERR_NONE};
    set.margin = q.params.margin;
    if (command_parse(in, &set, 2, 2, e) != 0 ||
        read_settings(&set, &q.params, e) != 0 ||
        check_options(in, &set, e) != 0)
        return -1;
    q.names[0] = in->argv[1];
    q.names[1] = in->argv[2];
    q.filter = (struct store_filter){.voter = set.voter,
                                     .category = set.category};
    q.judge = set.judge;
    if (find(&settled, in, &set, &q, &partial, e) != 0)
        return -1;
    struct buf out;
    buf_init(&out, 1 << 16);
    (in->json ? settled_add_json : settled_add_text)(&settled, &q, &out);
    if (database_print(&out, e) != 0)
        return -1;
    if (partial.code != ERR_NONE) {
        *e = partial;
        return -1;
    }
    in->exit_status = settled_exit_status(&settled);
    return 0;
}

const struct command command_settle = {
    .name = "settle",
    .summary = "is one model better than another? may I stop voting?",
    .synopsis = "A B",
    .options = settle_options,
    .help =
        "Exit status: 0 A is better, 10 worse, 11 no difference that matters "
        "(the lead\nis certain to be within the margin), 12 undecided.  Only "
        "votes on A against B\ncount, one per prompt.  Look as often as you "
        "like: the risk covers all looks.\n",
    .run = run_settle,
};
