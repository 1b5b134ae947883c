#include "tui/commands/rate_settings.h"

#include <math.h>

#include "rating/elo.h"
#include "rating/fit/bt.h"

const struct option_spec rate_options[] = {
    OPTION(0, "method", CHOICE, rate_settings, method, "bt|elo",
           "Bradley-Terry from all votes, or Elo in file order"),
    OPTION(0, "ties", CHOICE, rate_settings, ties,
           "half|drop|davidson|rao-kupper", "how bt counts ties"),
    OPTION(0, "ci", CHOICE, rate_settings, ci, "sandwich|hessian|bootstrap",
           "how the intervals are made"),
    OPTION(0, "rounds", WHOLE, rate_settings, n_rounds, "N",
           "bootstrap samples; 1000 (--seed S draws others)", .min = 2,
           .max = 10000000),
    OPTION(0, "prior", NUMBER, rate_settings, prior, "P",
           "virtual wins and losses a model; 0: none"),
    OPTION(0, "ridge", NUMBER, rate_settings, ridge, "L",
           "penalty L/2 times the sum of squared strengths"),
    OPTION(0, "reweight", WHOLE, rate_settings, reweight, "N",
           "a pair's votes weigh 1/max(n, N)", .min = 1, .max = INT64_MAX),
    OPTION(0, "center", CHOICE, rate_settings, center, "weighted|mean",
           "which mean is 1000: by votes, or plain"),
    OPTION(0, "anchor", TEXT, rate_settings, anchor, "NAME=SCORE",
           "hold a model at a score instead"),
    OPTION(0, "position", FLAG, rate_settings, position, NULL,
           "take the first side's advantage out of the ratings"),
    OPTION(0, "style", FLAG, rate_settings, style, NULL,
           "ratings with length, headings, lists, bold and code of the "
           "answers (or columns NAME_a, NAME_b) held equal"),
    OPTION(0, "with-judge", TEXT, rate_settings, judge, "JUDGE",
           "people's ratings, narrowed by this judge's verdicts on battles "
           "that nobody voted on; needs the column battle_id"),
    OPTION(0, "cluster", CHOICE, rate_settings, cluster, "none|voter|prompt",
           "intervals that allow for correlated votes of a voter, and for "
           "few voters; with a judge also by prompt_id"),
    OPTION(0, "against", TEXT, rate_settings, against, "NAME",
           "difference of each model from this one, and P(better)"),
    OPTION(0, "rank-intervals", FLAG, rate_settings, ranks, NULL,
           "places that hold for all models at once"),
    OPTION(0, "by", TEXT, rate_settings, by, "COLUMN",
           "a leaderboard for each value of a column, too"),
    OPTION(0, "count", TEXT, rate_settings, count, "COLUMN",
           "how many votes a row stands for"),
    OPTION(0, "baseline", TEXT, rate_settings, baseline, "NAME",
           "the model that arena-hard's first judgments do not name"),
    OPTION(0, "k", NUMBER, rate_settings, k, "K", "K-factor of elo; 16"),
    OPTION(0, "matrix", FLAG, rate_settings, matrix, NULL,
           "the record of each pair, in place of ratings (in JSON too)"),
    OPTION(0, "csv", FLAG, rate_settings, csv, NULL, "print CSV"),
    OPTION(0, "md", FLAG, rate_settings, md, NULL, "print Markdown"),
    OPTION('j', "threads", WHOLE, rate_settings, n_threads, "N",
           "threads that read and resample; 0: all cores", .min = 0, .max = 64),
    OPTION_END,
};

struct rate_settings rate_defaults(void)
{
    return (struct rate_settings){.prior = bt_defaults().prior,
                                  .k = elo_defaults().k};
}

/* What an option does not go with. */
enum { NOT_ELO = 1, NOT_JUDGE = 2, NOT_MATRIX = 4 };

/* The first given option that does not go with `with`, or NULL.  An option with
 * its default value counts as not given. */
static const char *misfit(const struct rate_settings *set, int with)
{
    const struct {
        bool given;
        const char *name;
        int misfits;
    } options[] = {
        {set->ties != BT_TIES_HALF, "--ties", NOT_ELO | NOT_JUDGE},
        {set->ci != BT_CI_SANDWICH, "--ci", NOT_ELO | NOT_JUDGE},
        {set->prior != bt_defaults().prior, "--prior", NOT_ELO},
        {set->ridge != 0, "--ridge", NOT_ELO},
        {set->reweight != 0, "--reweight", NOT_ELO | NOT_JUDGE},
        {set->center != BT_CENTER_WEIGHTED, "--center", NOT_ELO},
        {set->anchor != NULL, "--anchor", NOT_ELO},
        {set->position, "--position", NOT_ELO | NOT_JUDGE},
        {set->style, "--style", NOT_ELO | NOT_JUDGE},
        {set->cluster != CLUSTER_NONE, "--cluster", NOT_ELO},
        {set->against != NULL, "--against", NOT_ELO | NOT_MATRIX},
        {set->ranks, "--rank-intervals", NOT_ELO | NOT_MATRIX},
        {set->by != NULL, "--by", NOT_JUDGE},
        {set->count != NULL, "--count", NOT_ELO | NOT_JUDGE},
        {set->judge != NULL, "--with-judge", NOT_ELO},
        {set->baseline != NULL, "--baseline", NOT_JUDGE},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i].given && (options[i].misfits & with))
            return options[i].name;
    return NULL;
}

int rate_check_settings(const struct rate_settings *set, bool json,
                        struct err *e)
{
    bool elo = set->method == METHOD_ELO;
    if (!(set->prior >= 0 && isfinite(set->prior)) &&
        set->prior != bt_defaults().prior)
        return err_set(e, ERR_USAGE, "--prior: a number of votes, 0 or more");
    if (!(set->ridge >= 0 && isfinite(set->ridge)))
        return err_set(e, ERR_USAGE, "--ridge: 0 or more");
    if (!(set->k > 0 && isfinite(set->k)))
        return err_set(e, ERR_USAGE, "--k: more than 0");
    if (elo && misfit(set, NOT_ELO) != NULL)
        return err_set(e, ERR_USAGE, "%s needs --method bt",
                       misfit(set, NOT_ELO));
    if (!elo && set->k != elo_defaults().k)
        return err_set(e, ERR_USAGE, "--k needs --method elo");
    if (set->n_rounds > 0 && set->ci != BT_CI_BOOTSTRAP)
        return err_set(e, ERR_USAGE, "--rounds needs --ci bootstrap");
    if (set->matrix && !json && misfit(set, NOT_MATRIX) != NULL)
        return err_set(e, ERR_USAGE, "--matrix prints records in place of "
                       "ratings: leave out %s, or add --json, which has both",
                       misfit(set, NOT_MATRIX));
    if (set->style && (set->ties != BT_TIES_HALF || set->reweight > 0 ||
                       set->ci == BT_CI_BOOTSTRAP || set->cluster))
        return err_set(e, ERR_USAGE, "--style needs --ties half and --ci "
                       "sandwich or hessian, and excludes --reweight and "
                       "--cluster");
    if (set->count != NULL && set->style)
        return err_set(e, ERR_USAGE, "--count and --style exclude each other");
    if (set->cluster && set->ci != BT_CI_SANDWICH)
        return err_set(e, ERR_USAGE, "--cluster needs --ci sandwich");
    if (set->cluster == CLUSTER_PROMPT && set->judge == NULL)
        return err_set(e, ERR_USAGE, "--cluster prompt needs --with-judge");
    if (set->judge != NULL && misfit(set, NOT_JUDGE) != NULL)
        return err_set(e, ERR_USAGE, "--with-judge and %s exclude each other",
                       misfit(set, NOT_JUDGE));
    if (json + set->csv + set->md > 1)
        return err_set(e, ERR_USAGE, "choose one of --json, --csv and --md");
    return 0;
}
