#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/leaderboard.h"
#include "arena/votelog/judged.h"
#include "arena/votelog/tally.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/utf8.h"
#include "rating/elo.h"
#include "rating/fit/bt.h"
#include "rating/style.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/commands/rate_settings.h"
#include "tui/print/ratings.h"
#include "tui/print/rejected.h"
#include "tui/terminal/tty.h"

#define OUTPUT_BYTES ((size_t)1 << 30)

static const char rate_help[] =
    "FILE is CSV with the columns model_a, model_b and winner (model_a,\n"
    "model_b, tie, tie (bothbad), or a model's name), or a Chatbot Arena,\n"
    "arena-hard, alpaca_eval or MT-bench log, or what arena history --json\n"
    "prints; gzip is unpacked; - reads stdin.  Votes that the log marks as not\n"
    "anonymous, and those of judges (voter judge:NAME), are not rated.  Rows\n"
    "that cannot be used are listed on stderr, and the exit status is then 6.\n";

struct rate {
    const struct rate_settings *set;
    struct invocation *in;
    const char *file; /* as given */
    const char *path; /* as messages name it */
    struct bt_params bt;
    struct elo_params elo;
    struct tally tally;
    struct judged_log judged;           /* instead, with --with-judge */
    const struct votelog *log;          /* of either */
    const struct rating_counts *counts; /* of either: all votes */
    size_t n_categories, n_unrated; /* that were printed; of them, no ratings */
};

/* --- printing ---------------------------------------------------------- */

/* Models are known without blanks around their names. */
static int64_t find_model(const struct rate *r, const char *name)
{
    size_t n = strlen(name);
    name = utf8_trim(name, &n);
    uint32_t id = names_find(&r->log->models, name, n);
    return id == NAMES_NONE ? -1 : (int64_t)id;
}

/* Refuses if no number that the log has differs between two answers: nothing
 * would then be held equal. */
static int check_effects(const struct rate *r,
                         const struct style_effect *effects, uint64_t n_votes,
                         struct err *e)
{
    const struct votelog *log = &r->tally.log;
    bool any_known = false;
    for (size_t k = 0; k < log->n_features; k++) {
        if (!isnan(effects[k].points))
            return 0;
        any_known |= effects[k].n_missing < n_votes;
    }
    return err_set(e, ERR_FORMAT, "--style: nothing can be held equal: %s",
                   any_known ? "no number differs between two answers"
                             : "no vote has a number or a text of both "
                               "answers");
}

/* The leaderboard of a bucket; style held equal if that is asked for. */
static int rate_bucket(const struct rate *r, const struct tally_bucket *b,
                       struct leaderboard *out, struct style_effect *effects,
                       struct err *e)
{
    struct bt_result fit;
    struct bt_params p = r->bt;
    bool elo = r->set->method == METHOD_ELO;
    p.ballots = b->ballots;
    p.n_ballots = b->n_ballots;
    int status = 0;
    if (!elo)
        status = bt_fit(&b->counts, &p, &fit, e);
    else if (bt_tally(&b->counts, &fit) != 0)
        status = err_set(e, ERR_FAILURE, "not enough memory");
    if (status == 0 && r->set->style)
        status = style_fit(&fit, &b->counts, &p, &b->rows, effects, e);
    if (status == 0 && r->set->style)
        status = check_effects(r, effects, b->rows.n, e);
    if (status == 0) {
        leaderboard_from_fit(out, r->tally.names, &b->counts, &fit, &p);
        if (elo)
            leaderboard_set_elo(out, b->elo, &r->elo);
        else if (r->set->against != NULL)
            leaderboard_set_against(out, &fit,
                                    (size_t)find_model(r, r->set->against));
    }
    bt_free(&fit);
    return status;
}

/* The leaderboard of people's votes, narrowed by a judge. */
static int rate_judged(const struct rate *r, struct leaderboard *out,
                       struct err *e)
{
    static const enum judged_cluster clusters[] = {
        JUDGED_BY_BATTLE, JUDGED_BY_VOTER, JUDGED_BY_PROMPT};
    enum judged_cluster cluster = clusters[r->set->cluster];
    const struct judged_log *j = &r->judged;
    struct judged_worth worth;
    struct bt_result fit;
    struct bt_params p = r->bt;
    if (cluster == JUDGED_BY_VOTER) {
        p.ballots = j->ballots;
        p.n_ballots = j->rows.n_votes;
    }
    int status = bt_fit(&j->counts, &p, &fit, e);
    if (status == 0)
        status = judged_fit(&fit, &j->counts, &p, &j->rows, cluster, &worth,
                            e);
    if (status == 0) {
        leaderboard_from_fit(out, j->names, &j->counts, &fit, &p);
        leaderboard_set_judge(out, r->set->judge, cluster, &worth,
                              j->temperature);
        if (r->set->against != NULL)
            leaderboard_set_against(out, &fit,
                                    (size_t)find_model(r, r->set->against));
    }
    bt_free(&fit);
    return status;
}

static enum ratings_format format_of(const struct rate *r)
{
    if (r->in->json)
        return RATINGS_JSON;
    if (r->set->csv)
        return RATINGS_CSV;
    return r->set->md ? RATINGS_MARKDOWN : RATINGS_TEXT;
}

static int print_board(const struct rate *r, const struct leaderboard *board,
                       const struct rating_counts *counts,
                       const struct style_effect *effects, struct buf *out,
                       struct err *e)
{
    const struct ratings_note excluded[] = {
        {"rejected", r->log->n_rejected},
        {"without a verdict", r->log->n_skipped},
        {"named", r->log->n_marked[VOTELOG_OPEN]},
        {"corrected", r->log->n_marked[VOTELOG_SEEN]},
        {"leaked", r->log->n_marked[VOTELOG_LEAK]},
        {"of judges", r->log->n_marked[VOTELOG_JUDGED]},
        {"of other judges", r->judged.n_other},
    };
    size_t n_excluded = sizeof(excluded) / sizeof(excluded[0]);
    struct ratings_view view = {
        .board = board,
        .counts = counts,
        .matrix = r->set->matrix,
        .columns = format_of(r) == RATINGS_TEXT ? tty_columns(STDOUT_FILENO)
                                                : 0,
        .excluded = excluded,
        .n_excluded = n_excluded - (r->set->judge == NULL),
        .effects = r->set->style ? effects : NULL,
        .features = (const char *const *)r->log->features,
        .n_effects = r->set->style ? r->log->n_features : 0,
    };
    return ratings_print(&view, format_of(r), out, e);
}

static int print_bucket(const struct rate *r, const struct tally_bucket *b,
                        struct buf *out, struct err *e)
{
    struct leaderboard board;
    struct style_effect effects[VOTELOG_MAX_FEATURES];
    if (rate_bucket(r, b, &board, effects, e) != 0)
        return -1;
    int status = print_board(r, &board, &b->counts, effects, out, e);
    leaderboard_free(&board);
    return status;
}

static int print_judged(const struct rate *r, struct buf *out, struct err *e)
{
    struct leaderboard board;
    if (rate_judged(r, &board, e) != 0)
        return -1;
    int status = print_board(r, &board, &r->judged.counts, NULL, out, e);
    leaderboard_free(&board);
    return status;
}

struct category {
    const char *name;
    uint32_t id;
};

static int compare_categories(const void *a, const void *b)
{
    return strcmp(((const struct category *)a)->name,
                  ((const struct category *)b)->name);
}

/* Begins the leaderboard of a category: a heading, or in JSON its key. */
static void print_heading(const struct rate *r, const char *name, bool first,
                          struct buf *out)
{
    if (r->in->json) {
        buf_add_str(out, first ? "" : ",");
        json_add_string(out, name, strlen(name));
        buf_add_char(out, ':');
        return;
    }
    buf_add_str(out, r->set->csv ? "\n# " : r->set->md ? "\n## " : "\n== ");
    clean_text(r->set->by, strlen(r->set->by), true, out);
    buf_add_str(out, ": ");
    clean_text(name, strlen(name), true, out);
    buf_add_str(out, r->set->md ? "\n\n" : "\n");
}

/* A category, or why it has no leaderboard; the others are printed anyway. */
static void print_category(struct rate *r, const struct tally_bucket *b,
                           struct buf *out)
{
    struct err why = {.code = ERR_NONE};
    size_t start = out->len;
    if (print_bucket(r, b, out, &why) == 0) {
        if (r->in->json)
            buf_cut(out, out->len - strlen("\n"));
        return;
    }
    r->n_unrated++;
    buf_cut(out, start);
    if (r->in->json) {
        buf_add_char(out, '{');
        json_put_text(out, "error", why.text);
        buf_add_char(out, '}');
    } else {
        buf_addf(out, "%sno ratings: %s\n", r->set->csv ? "# " : "", why.text);
    }
}

/* All categories after the whole; in JSON as a member of it. */
static void print_categories(struct rate *r, struct buf *out)
{
    size_t n = r->tally.log.categories.n;
    struct category *sorted = mem_calloc(n + 1, sizeof(*sorted));
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = (struct category){
            names_get(&r->tally.log.categories, i, NULL), i};
    qsort(sorted, n, sizeof(*sorted), compare_categories);
    if (r->in->json) {
        buf_cut(out, out->len - strlen("}\n"));
        buf_add_str(out, ",\"categories\":{");
    }
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        const struct tally_bucket *b = &r->tally.by[sorted[i].id];
        if (b->counts.n_cells == 0)
            continue;
        print_heading(r, sorted[i].name, first, out);
        first = false;
        print_category(r, b, out);
        r->n_categories++;
    }
    if (r->in->json)
        buf_add_str(out, "}}\n");
    free(sorted);
}

/* --- the command ------------------------------------------------------- */

static int set_anchor(struct rate *r, struct err *e)
{
    if (r->set->anchor == NULL)
        return 0;
    const char *equals = strrchr(r->set->anchor, '=');
    char *end = NULL;
    double score = equals ? strtod(equals + 1, &end) : 0;
    if (equals == NULL || end == equals + 1 || *end != '\0' ||
        !isfinite(score))
        return err_set(e, ERR_USAGE, "--anchor: \"%s\" is not NAME=SCORE",
                       r->set->anchor);
    char *name = mem_strndup(r->set->anchor,
                             (size_t)(equals - r->set->anchor));
    r->bt.anchor = find_model(r, name);
    r->bt.anchor_score = score;
    int status = 0;
    if (r->bt.anchor < 0)
        status = err_set(e, ERR_USAGE, "--anchor: %s has no model %s", r->path,
                         name);
    free(name);
    return status;
}

static int set_params(struct rate *r, struct err *e)
{
    const struct rate_settings *set = r->set;
    r->elo = elo_defaults();
    r->elo.k = set->k;
    r->bt = bt_defaults();
    r->bt.ties = (enum bt_ties)set->ties;
    r->bt.ci = (enum bt_ci)set->ci;
    r->bt.center = (enum bt_center)set->center;
    r->bt.prior = set->prior;
    r->bt.ridge = set->ridge;
    r->bt.reweight = (uint64_t)set->reweight;
    r->bt.position = set->position;
    if (set->n_rounds > 0)
        r->bt.rounds = (int)set->n_rounds;
    r->bt.n_threads = (int)set->n_threads;
    r->bt.differences = set->ranks || set->against != NULL;
    if (r->in->options.seeded)
        r->bt.seed = r->in->options.seed;
    return rate_check_settings(set, r->in->json, e);
}

/* A model may be named in rejected rows only. */
static bool has_votes(const struct rate *r, const char *name)
{
    const struct rating_counts *c = r->counts;
    int64_t model = find_model(r, name);
    for (size_t k = 0; k < c->n_cells; k++)
        if (c->cells[k].first == model || c->cells[k].second == model)
            return true;
    return false;
}

static int check_log(struct rate *r, struct err *e)
{
    const struct votelog *log = r->log;
    uint64_t n_named = log->n_marked[VOTELOG_OPEN];
    if (log->n_votes == 0 && n_named > 0)
        return err_set(e, ERR_FORMAT, "%s: no votes in it that are rated; %llu "
                       "were given with the names known", r->path,
                       (unsigned long long)n_named);
    uint64_t n_judged = log->n_marked[VOTELOG_JUDGED];
    if (log->n_votes == 0 && n_judged > 0)
        return err_set(e, ERR_FORMAT, "%s: no people's votes in it; %llu are of "
                       "judges, which --with-judge uses beside people's",
                       r->path, (unsigned long long)n_judged);
    if (log->n_votes == 0)
        return err_set(e, ERR_FORMAT, "%s: no votes in it%s", r->path,
                       log->n_rejected ? " that can be used" : "");
    if (r->set->baseline != NULL && !log->uses_baseline)
        return err_set(e, ERR_USAGE, "%s: no games in it whose row leaves the "
                       "baseline out: leave out --baseline", r->path);
    if (r->set->against != NULL && !has_votes(r, r->set->against))
        return err_set(e, ERR_USAGE, "--against: %s has no model %s with a "
                       "vote", r->path, r->set->against);
    if (r->set->style && r->log->n_features == 0)
        return err_set(e, ERR_FORMAT, "%s: --style needs numbers or texts of "
                       "both answers: columns such as tokens_a and tokens_b or "
                       "response_a and response_b, or conversations", r->path);
    return set_anchor(r, e);
}

static int read_tally(struct rate *r, struct err *e)
{
    const struct rate_settings *set = r->set;
    struct tally_options o = {
        .log = {.people = true,
                .category = set->by,
                .count = set->count,
                .baseline = set->baseline,
                .n_threads = (int)set->n_threads},
        .elo = set->method == METHOD_ELO ? &r->elo : NULL,
        .ballots = set->cluster == CLUSTER_VOTER,
        .rows = set->style,
    };
    r->log = &r->tally.log;
    r->counts = &r->tally.all.counts;
    return tally_read(&r->tally, r->file, &o, e);
}

static int read_judged(struct rate *r, struct err *e)
{
    r->log = &r->judged.log;
    r->counts = &r->judged.counts;
    if (judged_log_read(&r->judged, r->file, r->set->judge,
                        r->set->cluster == CLUSTER_PROMPT ? JUDGED_BY_PROMPT
                                                          : JUDGED_BY_BATTLE,
                        e) != 0)
        return -1;
    return judged_log_temper(&r->judged, e);
}

static int rate_file(struct rate *r, struct buf *out, struct err *e)
{
    bool judged = r->set->judge != NULL;
    int status = judged ? read_judged(r, e) : read_tally(r, e);
    rejected_print(r->log, r->path);
    if (status != 0 || check_log(r, e) != 0)
        return -1;
    status = judged ? print_judged(r, out, e)
                    : print_bucket(r, &r->tally.all, out, e);
    if (status != 0)
        return err_wrap(e, "%s", r->path);
    if (r->set->by != NULL)
        print_categories(r, out);
    if (out->overflow)
        return err_set(e, ERR_FAILURE, "%s: the leaderboards take more than "
                       "%zu MiB", r->path, OUTPUT_BYTES >> 20);
    return 0;
}

/* Says what was left out. */
static int tell_partial(const struct rate *r, struct err *e)
{
    if (rejected_tell(r->log, r->path, e) != 0)
        return -1;
    if (r->n_unrated > 0)
        return err_set(e, ERR_PARTIAL, "%s: %zu of %zu value%s of %s could "
                       "not be rated", r->path, r->n_unrated, r->n_categories,
                       plural_s(r->n_categories), r->set->by);
    return 0;
}

static int run_rate(struct invocation *in, struct err *e)
{
    struct rate_settings set = rate_defaults();
    if (command_parse(in, &set, 1, 1, e) != 0)
        return -1;
    struct rate *r = mem_calloc(1, sizeof(*r));
    struct buf out;
    buf_init(&out, OUTPUT_BYTES);
    r->set = &set;
    r->in = in;
    r->file = in->argv[1];
    r->path = votelog_told_name(r->file);
    int status = set_params(r, e);
    if (status == 0)
        status = rate_file(r, &out, e);
    if (status == 0) {
        fwrite(out.data, 1, out.len, stdout);
        status = tell_partial(r, e);
    }
    tally_free(&r->tally);
    judged_log_free(&r->judged);
    free(r);
    buf_free(&out);
    return status;
}

const struct command command_rate = {
    .name = "rate",
    .summary = "a leaderboard of any battle log",
    .synopsis = "FILE|-",
    .options = rate_options,
    .help = rate_help,
    .no_folders = true,
    .run = run_rate,
};
