#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/leaderboard.h"
#include "arena/votelog.h"
#include "base/json.h"
#include "base/mem.h"
#include "rating/bt.h"
#include "rating/elo.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/ratings.h"

enum rate_method { METHOD_BT, METHOD_ELO };

struct rate_settings {
    int method, ties, ci, center;
    int64_t n_rounds, reweight, n_threads;
    double prior, ridge, k;
    const char *anchor, *by, *count, *against;
    bool position, ranks, matrix, csv, md;
};

static const struct option_spec rate_options[] = {
    OPTION(0, "method", CHOICE, rate_settings, method, "bt|elo",
           "Bradley-Terry from all votes, or Elo in file order"),
    OPTION(0, "ties", CHOICE, rate_settings, ties,
           "half|drop|davidson|rao-kupper", "how bt takes ties"),
    OPTION(0, "ci", CHOICE, rate_settings, ci, "sandwich|hessian|bootstrap",
           "how the intervals are made"),
    OPTION(0, "rounds", WHOLE, rate_settings, n_rounds, "N",
           "of the bootstrap; 1000 (--seed S makes other ones)", .min = 2,
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
    OPTION(0, "against", TEXT, rate_settings, against, "NAME",
           "difference of each model to this one, and P(better)"),
    OPTION(0, "rank-intervals", FLAG, rate_settings, ranks, NULL,
           "places that hold for all models at once"),
    OPTION(0, "by", TEXT, rate_settings, by, "COLUMN",
           "a leaderboard for each value of a column, too"),
    OPTION(0, "count", TEXT, rate_settings, count, "COLUMN",
           "how many votes a row stands for"),
    OPTION(0, "k", NUMBER, rate_settings, k, "K", "of elo; 16"),
    OPTION(0, "matrix", FLAG, rate_settings, matrix, NULL,
           "each pair's record, in place of the ratings (in JSON too)"),
    OPTION(0, "csv", FLAG, rate_settings, csv, NULL, "print CSV"),
    OPTION(0, "md", FLAG, rate_settings, md, NULL, "print Markdown"),
    OPTION('j', "threads", WHOLE, rate_settings, n_threads, "N",
           "to read and resample with; 0: all cores", .min = 0, .max = 64),
    OPTION_END,
};

static const char rate_help[] =
    "FILE is CSV with the columns model_a, model_b and winner (model_a,\n"
    "model_b, tie, or tie (bothbad)), or a Chatbot Arena, arena-hard,\n"
    "alpaca_eval or MT-bench log as JSON or JSONL; - reads stdin.  Rows that\n"
    "cannot be used are listed on stderr, and the exit status is then 6.\n";

/* Votes of one kind: all, or one category. */
struct bucket {
    struct rating_counts counts;
    double *elo; /* [n_elo]; only for Elo, which is read in one part */
    size_t n_elo;
};

struct part_buckets {
    struct bucket all;
    struct bucket *by; /* [n_by] */
    size_t n_by;
};

struct rate {
    const struct rate_settings *set;
    struct invocation *in;
    const char *file; /* as given */
    const char *path; /* as told of in messages */
    struct bt_params bt;
    struct elo_params elo;
    struct votelog log;
    struct part_buckets parts[VOTELOG_MAX_PARTS];
    const char **names; /* [log.models.n] */
};

/* --- taking votes ------------------------------------------------------ */

static void bucket_free(struct bucket *b)
{
    rating_counts_free(&b->counts);
    free(b->elo);
    b->elo = NULL;
    b->n_elo = 0;
}

static void part_free(struct part_buckets *p)
{
    bucket_free(&p->all);
    for (size_t i = 0; i < p->n_by; i++)
        bucket_free(&p->by[i]);
    free(p->by);
    p->by = NULL;
    p->n_by = 0;
}

static void bucket_elo(struct bucket *b, const struct elo_params *p,
                       const struct votelog_vote *v)
{
    size_t last = v->a > v->b ? v->a : v->b;
    if (last >= b->n_elo) {
        size_t n = 2 * (last + 1);
        b->elo = mem_realloc(b->elo, n, sizeof(*b->elo));
        while (b->n_elo < n)
            b->elo[b->n_elo++] = p->start;
    }
    for (uint64_t k = 0; k < v->times; k++)
        elo_update(p, &b->elo[v->a], &b->elo[v->b], v->outcome);
}

static int bucket_add(struct rate *r, struct bucket *b,
                      const struct votelog_vote *v)
{
    if (r->set->method == METHOD_ELO)
        bucket_elo(b, &r->elo, v);
    return rating_counts_add(&b->counts, v->a, v->b, v->outcome, v->times);
}

static struct bucket *bucket_of(struct part_buckets *p, uint32_t category)
{
    if (category >= p->n_by) {
        size_t n = 2 * ((size_t)category + 1);
        p->by = mem_realloc(p->by, n, sizeof(*p->by));
        memset(p->by + p->n_by, 0, (n - p->n_by) * sizeof(*p->by));
        p->n_by = n;
    }
    return &p->by[category];
}

static int take_votes(void *arg, int part, const struct votelog_vote *v,
                      size_t n, const float *x)
{
    struct rate *r = arg;
    struct part_buckets *p = &r->parts[part];
    (void)x;
    for (size_t i = 0; i < n; i++) {
        if (bucket_add(r, &p->all, &v[i]) != 0)
            return -1;
        if (v[i].category != VOTELOG_NONE &&
            bucket_add(r, bucket_of(p, v[i].category), &v[i]) != 0)
            return -1;
    }
    return 0;
}

static void restart_part(void *arg, int part)
{
    struct rate *r = arg;
    part_free(&r->parts[part]);
}

/* Moves all parts' votes into the first, by the common numbers. */
static int join_parts(struct rate *r)
{
    struct part_buckets *to = &r->parts[0];
    for (int k = 1; k < r->log.n_parts; k++) {
        struct part_buckets *from = &r->parts[k];
        const uint32_t *map = r->log.model_map[k];
        if (rating_counts_merge(&to->all.counts, &from->all.counts, map) != 0)
            return -1;
        for (size_t i = 0; i < from->n_by; i++) {
            if (from->by[i].counts.n_cells == 0)
                continue;
            struct bucket *b = bucket_of(to, r->log.category_map[k][i]);
            if (rating_counts_merge(&b->counts, &from->by[i].counts, map) != 0)
                return -1;
        }
        part_free(from);
    }
    return 0;
}

/* --- printing ---------------------------------------------------------- */

static int64_t find_model(const struct rate *r, const char *name)
{
    uint32_t id = names_find(&r->log.models, name, strlen(name));
    return id == NAMES_NONE ? -1 : (int64_t)id;
}

static void set_elo(const struct rate *r, struct bucket *b,
                    struct leaderboard *board)
{
    size_t n = r->log.models.n;
    if (b->n_elo < n) /* the last models were seen in rejected rows only */
        b->elo = mem_realloc(b->elo, n, sizeof(*b->elo));
    for (; b->n_elo < n; b->n_elo++)
        b->elo[b->n_elo] = r->elo.start;
    leaderboard_set_elo(board, b->elo, &r->elo);
}

/* The leaderboard of a bucket. */
static int rate_bucket(const struct rate *r, struct bucket *b,
                       struct leaderboard *out, struct err *e)
{
    struct bt_result fit;
    const char *why = "not enough memory";
    bool elo = r->set->method == METHOD_ELO;
    b->counts.n_models = r->log.models.n;
    int status = elo ? bt_tally(&b->counts, &fit)
                     : bt_fit(&b->counts, &r->bt, &fit, &why);
    if (status == 0) {
        leaderboard_from_fit(out, r->names, &b->counts, &fit, &r->bt);
        if (elo)
            set_elo(r, b, out);
        else if (r->set->against != NULL)
            leaderboard_set_against(
                out, &fit, (size_t)find_model(r, r->set->against));
    } else {
        err_set(e, ERR_FORMAT, "%s: %s", r->path, why);
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

static int print_bucket(struct rate *r, struct bucket *b, struct buf *out,
                        struct err *e)
{
    struct leaderboard board;
    if (rate_bucket(r, b, &board, e) != 0)
        return -1;
    const struct ratings_note rejected = {"rejected", r->log.n_rejected};
    struct ratings_view view = {
        .board = &board,
        .counts = &b->counts,
        .matrix = r->set->matrix,
        .excluded = &rejected,
        .n_excluded = 1,
    };
    int status = ratings_print(&view, format_of(r), out, e);
    leaderboard_free(&board);
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What stands before the leaderboard of a category: a heading, or in JSON its
 * key. */
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

/* Every category after the whole; in JSON as a member of it. */
static int print_categories(struct rate *r, struct buf *out, struct err *e)
{
    size_t n = r->log.categories.n;
    const char **sorted = mem_calloc(n + 1, sizeof(*sorted));
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = names_get(&r->log.categories, i, NULL);
    qsort(sorted, n, sizeof(*sorted), compare_names);
    int status = 0;
    if (r->in->json) {
        buf_cut(out, out->len - strlen("}\n"));
        buf_add_str(out, ",\"categories\":{");
    }
    bool first = true;
    for (size_t i = 0; i < n && status == 0; i++) {
        uint32_t id = names_find(&r->log.categories, sorted[i],
                                 strlen(sorted[i]));
        struct bucket *b = bucket_of(&r->parts[0], id);
        if (b->counts.n_cells == 0)
            continue;
        print_heading(r, sorted[i], first, out);
        first = false;
        status = print_bucket(r, b, out, e);
        if (r->in->json && status == 0)
            buf_cut(out, out->len - strlen("\n"));
    }
    if (r->in->json)
        buf_add_str(out, "}}\n");
    free(sorted);
    return status;
}

/* The rows that were not used, each on a line of its own. */
static void print_rejected(const struct rate *r)
{
    struct buf line;
    buf_init(&line, 4096);
    for (size_t i = 0; i < r->log.n_shown; i++) {
        const struct votelog_reject *x = &r->log.shown[i];
        buf_clear(&line);
        clean_text(r->path, strlen(r->path), true, &line);
        buf_addf(&line, ":%" PRIu64 ": ", x->line);
        clean_text(x->reason, strlen(x->reason), true, &line);
        fprintf(stderr, "%s\n", line.data);
    }
    if (r->log.n_rejected > r->log.n_shown)
        fprintf(stderr, "... and %" PRIu64 " more\n",
                r->log.n_rejected - r->log.n_shown);
    buf_free(&line);
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
    r->bt.rounds = (int)set->n_rounds;
    r->bt.n_threads = (int)set->n_threads;
    r->bt.differences = set->ranks || set->against != NULL;
    if (r->in->options.seeded)
        r->bt.seed = r->in->options.seed;
    if (set->prior < 0 && set->prior != bt_defaults().prior)
        return err_set(e, ERR_USAGE, "--prior: a number of votes, 0 or more");
    if (set->ridge < 0)
        return err_set(e, ERR_USAGE, "--ridge: 0 or more");
    if (!(set->k > 0))
        return err_set(e, ERR_USAGE, "--k: more than 0");
    if (r->in->json + set->csv + set->md > 1)
        return err_set(e, ERR_USAGE, "choose one of --json, --csv and --md");
    return 0;
}

static int check_log(struct rate *r, struct err *e)
{
    if (r->log.n_votes == 0)
        return err_set(e, ERR_FORMAT, "%s: no votes in it%s", r->path,
                       r->log.n_rejected ? " that can be used" : "");
    if (r->set->against != NULL && find_model(r, r->set->against) < 0)
        return err_set(e, ERR_USAGE, "--against: %s has no model %s", r->path,
                       r->set->against);
    return set_anchor(r, e);
}

static int rate_file(struct rate *r, struct buf *out, struct err *e)
{
    struct votelog_options o = {
        .category = r->set->by,
        .count = r->set->count,
        .n_threads =
            r->set->method == METHOD_ELO ? 1 : (int)r->set->n_threads,
    };
    struct votelog_sink sink = {
        .arg = r, .votes = take_votes, .restart = restart_part};
    int status = votelog_read(&r->log, r->file, &o, &sink, e);
    print_rejected(r);
    if (status != 0 || check_log(r, e) != 0)
        return -1;
    if (join_parts(r) != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", r->path);
    r->names = mem_calloc(r->log.models.n + 1, sizeof(*r->names));
    for (uint32_t i = 0; i < r->log.models.n; i++)
        r->names[i] = names_get(&r->log.models, i, NULL);
    if (print_bucket(r, &r->parts[0].all, out, e) != 0)
        return -1;
    return r->set->by == NULL ? 0 : print_categories(r, out, e);
}

static int run_rate(struct invocation *in, struct err *e)
{
    struct rate_settings set = {
        .n_rounds = 1000, .prior = bt_defaults().prior, .k = elo_defaults().k};
    if (command_parse(in, &set, 1, 1, e) != 0)
        return -1;
    struct rate *r = mem_calloc(1, sizeof(*r));
    struct buf out;
    buf_init(&out, (size_t)1 << 30);
    r->set = &set;
    r->in = in;
    r->file = in->argv[1];
    r->path = strcmp(r->file, "-") == 0 ? "stdin" : r->file;
    int status = set_params(r, e);
    if (status == 0)
        status = rate_file(r, &out, e);
    if (status == 0) {
        fwrite(out.data, 1, out.len, stdout);
        if (r->log.n_rejected > 0)
            status = err_set(e, ERR_PARTIAL, "%s: %" PRIu64 " of %" PRIu64
                             " rows could not be used", r->path,
                             r->log.n_rejected,
                             r->log.n_rejected + r->log.n_votes);
    }
    for (int k = 0; k < VOTELOG_MAX_PARTS; k++)
        part_free(&r->parts[k]);
    votelog_free(&r->log);
    free(r->names);
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
    .run = run_rate,
};
