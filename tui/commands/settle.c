/* `arena settle`: whether one model is better than another, and whether that is
 * certain enough to stop voting. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/settled.h"
#include "arena/store/voter.h"
#include "arena/votelog/judged.h"
#include "arena/votelog/tally.h"
#include "base/json.h"
#include "tui/clean.h"
#include "tui/database.h"
#include "tui/options.h"
#include "tui/print/rejected.h"

struct settle_settings {
    double margin;
    const char *risk, *voter, *category, *log, *judge;
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
    OPTION_END,
};

/* A verdict's word, its exit status, and what it says of A and B. */
static const struct {
    const char *word, *says;
    int exit_status;
} VERDICTS[] = {
    [SETTLE_BETTER] = {"better", "is better than", 0},
    [SETTLE_WORSE] = {"worse", "is worse than", 10},
    [SETTLE_SAME] = {"same", "is practically equal to", 11},
    [SETTLE_UNDECIDED] = {"undecided", "cannot yet be told from", 12},
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
    if (end != text && *end == '\0' && *out > 0 && *out < 1 &&
        (percent || *out < 0.5))
        return 0;
    return err_set(e, ERR_USAGE, "settle: --risk \"%s\": want a chance such as "
                   "5%%", text);
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

static void add_name(const char *name, struct buf *out)
{
    clean_text(name, strlen(name), true, out);
}

/* "+12", or "no bound". */
static void add_bound(double points, struct buf *out)
{
    if (isinf(points))
        buf_add_str(out, "no bound");
    else
        buf_addf(out, "%+.0f", points);
}

static void add_worth(const struct decision_worth *w, struct buf *out)
{
    buf_addf(out, "\nthe judge has judged %zu of these battles; %zu are "
             "compared with others that it judged, now at the weight %.2f",
             w->n_shared, w->n_compared, w->weight);
}

static void add_text(const struct settled *x, const struct settle_params *p,
                     char **names, struct buf *out)
{
    const struct settle_result *r = &x->result;
    uint64_t n = x->votes.wins + x->votes.losses + x->votes.ties;
    add_name(names[0], out);
    buf_addf(out, " %s ", VERDICTS[r->verdict].says);
    add_name(names[1], out);
    buf_addf(out, "\n%" PRIu64 " vote%s, one per prompt: %" PRIu64 " won, %"
             PRIu64 " lost, %" PRIu64 " tied", n, n == 1 ? "" : "s",
             x->votes.wins, x->votes.losses, x->votes.ties);
    if (x->n_weighted > 0)
        buf_addf(out, "; %" PRIu64 " by weight do not count", x->n_weighted);
    if (x->n_repeated > 0)
        buf_addf(out, "; %" PRIu64 " more on the same prompts do not count",
                 x->n_repeated);
    if (x->has_judge)
        add_worth(&x->worth, out);
    buf_addf(out, "\nlead in points, %g%% sure at any time: ",
             100 * (1 - p->risk));
    add_bound(r->lower, out);
    buf_add_str(out, " to ");
    add_bound(r->upper, out);
    if (isfinite(r->lead))
        buf_addf(out, " (of these votes: %+.0f)", r->lead);
    buf_addf(out, "; up to %g does not matter\n", p->margin);
    if (r->verdict != SETTLE_UNDECIDED)
        return;
    const char *how = isnan(r->lead) ? "the two are alike"
                                     : "they continue like these";
    if (isinf(r->to_go))
        buf_addf(out, "too many votes to go to be worth it, if %s\n", how);
    else
        buf_addf(out, "about %.0f more vote%s to go, if %s\n", r->to_go,
                 r->to_go == 1 ? "" : "s", how);
}

static void add_json(const struct settled *x, const struct settle_params *p,
                     char **names, struct buf *out)
{
    const struct settle_result *r = &x->result;
    buf_add_char(out, '{');
    json_put_text(out, "model", names[0]);
    json_put_text(out, "against", names[1]);
    json_put_text(out, "verdict", VERDICTS[r->verdict].word);
    json_put_whole(out, "wins", (int64_t)x->votes.wins);
    json_put_whole(out, "losses", (int64_t)x->votes.losses);
    json_put_whole(out, "ties", (int64_t)x->votes.ties);
    json_put_whole(out, "repeated", (int64_t)x->n_repeated);
    const struct {
        const char *key;
        double value; /* null if it is none or infinite */
    } numbers[] = {
        {"lead", r->lead},     {"lower", r->lower},   {"upper", r->upper},
        {"to_go", r->to_go},   {"margin", p->margin}, {"risk", p->risk},
    };
    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
        json_put_number(out, numbers[k].key, numbers[k].value);
    if (x->has_judge) {
        json_key(out, "judge");
        buf_add_char(out, '{');
        json_put_whole(out, "shared", (int64_t)x->worth.n_shared);
        json_put_whole(out, "compared", (int64_t)x->worth.n_compared);
        json_put_number(out, "weight", x->worth.weight);
        buf_add_char(out, '}');
    }
    buf_add_str(out, "}\n");
}

/* --- by what ------------------------------------------------------------- */

static int by_store(struct settled *out, const struct invocation *in,
                    const struct settle_settings *set,
                    const struct settle_params *p, struct err *e)
{
    struct store *s;
    if (database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    struct store_filter filter = {.voter = set->voter,
                                  .category = set->category};
    const char *a = in->argv[1], *b = in->argv[2];
    int result = set->judge != NULL
                     ? settled_load_judged(out, s, &filter, set->judge, a, b, p,
                                           e)
                     : settled_load(out, s, &filter, a, b, p, e);
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

static int find(struct settled *out, const struct invocation *in,
                const struct settle_settings *set,
                const struct settle_params *p, struct err *partial,
                struct err *e)
{
    if (set->log == NULL)
        return by_store(out, in, set, p, e);
    return set->judge != NULL ? by_judged_log(out, in, set, p, partial, e)
                              : by_log(out, in, set->log, p, partial, e);
}

static int run_settle(struct invocation *in, struct err *e)
{
    struct settle_params p = settle_defaults();
    struct settle_settings set = {.margin = p.margin, .voter = "human"};
    struct settled settled;
    struct err partial = {.code = ERR_NONE};
    if (command_parse(in, &set, 2, 2, e) != 0 ||
        read_settings(&set, &p, e) != 0)
        return -1;
    if (strcmp(in->argv[1], in->argv[2]) == 0)
        return err_set(e, ERR_USAGE, "settle: name two models");
    if (set.log != NULL && (set.category != NULL ||
                            strcmp(set.voter, "human") != 0))
        return err_set(e, ERR_USAGE, "settle: --log is of all people in it; "
                       "leave out --voter and --category");
    if (set.judge != NULL && strcmp(set.voter, "human") != 0)
        return err_set(e, ERR_USAGE, "settle: --with-judge is of all people's "
                       "votes; leave out --voter");
    if (find(&settled, in, &set, &p, &partial, e) != 0)
        return -1;
    struct buf out;
    buf_init(&out, 1 << 16);
    if (in->json)
        add_json(&settled, &p, in->argv + 1, &out);
    else
        add_text(&settled, &p, in->argv + 1, &out);
    if (database_print(&out, e) != 0)
        return -1;
    if (partial.code != ERR_NONE) {
        *e = partial;
        return -1;
    }
    in->exit_status = VERDICTS[settled.result.verdict].exit_status;
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
