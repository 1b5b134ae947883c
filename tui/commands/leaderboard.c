/* `arena leaderboard`: the models of this arena, best first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/agreement.h"
#include "arena/leaderboard.h"
#include "arena/store/voter.h"
#include "base/clock.h"
#include "base/path.h"
#include "tui/clean.h"
#include "tui/database.h"
#include "tui/options.h"
#include "tui/print/agreement.h"
#include "tui/print/ratings.h"
#include "tui/report/report.h"
#include "tui/terminal/tty.h"

#define COURSE_STEPS 240 /* of a line, at most */

struct leaderboard_settings {
    int method;
    const char *category, *voter, *since, *judge;
    const char *html;
    int svg; /* enum report_plot; -1: none */
    bool matrix, exclude_suspects, csv, md, agreement, per_answer;
};

static const struct option_spec leaderboard_options[] = {
    OPTION(0, "method", CHOICE, leaderboard_settings, method, "bt|elo",
           "Bradley-Terry with intervals (default), or the running Elo"),
    OPTION(0, "category", TEXT, leaderboard_settings, category, "C",
           "only prompts of this category"),
    OPTION(0, "voter", TEXT, leaderboard_settings, voter, "WHO",
           "only votes of: human (all people; default), human:NAME, "
           "judge:NAME"),
    OPTION(0, "with-judge", TEXT, leaderboard_settings, judge, "JUDGE",
           "people's ratings, narrowed by this judge's votes"),
    OPTION(0, "agreement", FLAG, leaderboard_settings, agreement, NULL,
           "how far judges agree with people, and what else moves them"),
    OPTION(0, "since", TEXT, leaderboard_settings, since, "DATE",
           "only votes since YYYY-MM-DD (UTC)"),
    OPTION(0, "matrix", FLAG, leaderboard_settings, matrix, NULL,
           "the record of each pair"),
    OPTION(0, "per-answer", FLAG, leaderboard_settings, per_answer, NULL,
           "also seconds and dollars of one answer"),
    OPTION(0, "exclude-suspects", FLAG, leaderboard_settings,
           exclude_suspects, NULL,
           "without voters whose votes do not fit (arena voters), then with"),
    OPTION(0, "csv", FLAG, leaderboard_settings, csv, NULL, "print CSV"),
    OPTION(0, "md", FLAG, leaderboard_settings, md, NULL, "print Markdown"),
    OPTION(0, "html", TEXT, leaderboard_settings, html, "FILE",
           "write a page with plots for a browser; -: to stdout"),
    OPTION(0, "svg", CHOICE, leaderboard_settings, svg,
           "intervals|matrix|history|cost|speed|seconds|price",
           "print one plot"),
    OPTION_END,
};

static enum ratings_format format_of(const struct invocation *in,
                                     const struct leaderboard_settings *set)
{
    if (in->json)
        return RATINGS_JSON;
    if (set->csv)
        return RATINGS_CSV;
    return set->md ? RATINGS_MARKDOWN : RATINGS_TEXT;
}

static int read_filter(const struct leaderboard_settings *set,
                       struct store_filter *f, struct err *e)
{
    *f = (struct store_filter){.category = set->category, .voter = set->voter};
    if (set->since && !clock_parse(set->since, &f->since_ms))
        return err_set(e, ERR_USAGE, "leaderboard: --since \"%s\": want "
                       "YYYY-MM-DD, or \"YYYY-MM-DD hh:mm:ss\" (UTC)",
                       set->since);
    if (set->voter && !voter_can_filter(set->voter))
        return err_set(e, ERR_USAGE, "leaderboard: --voter \"%s\": want human, "
                       "human:NAME or judge:NAME", set->voter);
    if (set->method == LEADERBOARD_ELO &&
        (f->category || f->voter || set->since))
        return err_set(e, ERR_USAGE, "leaderboard: the running Elo is over all "
                       "votes; leave out --category, --voter and --since, or "
                       "--method elo");
    if (set->judge && (set->method == LEADERBOARD_ELO || set->voter ||
                       set->exclude_suspects))
        return err_set(e, ERR_USAGE, "leaderboard: --with-judge rates all "
                       "people's votes by bt; leave out --voter, --method elo "
                       "and --exclude-suspects");
    if (set->method == LEADERBOARD_ELO && set->exclude_suspects)
        return err_set(e, ERR_USAGE, "leaderboard: --exclude-suspects needs "
                       "--method bt");
    return 0;
}

static int check_forms(const struct invocation *in,
                       const struct leaderboard_settings *set, struct err *e)
{
    int n = in->json + set->csv + set->md + (set->html != NULL) +
            (set->svg >= 0);
    if (n > 1)
        return err_set(e, ERR_USAGE, "leaderboard: one of --json, --csv, --md, "
                       "--html and --svg at a time");
    if (set->matrix && (set->html != NULL || set->svg >= 0))
        return err_set(e, ERR_USAGE, "leaderboard: --html includes the matrix, "
                       "and --svg matrix draws it; leave out --matrix");
    return 0;
}

/* Which votes the report is of, in words. */
static void add_scope(const struct leaderboard_settings *set, struct buf *out)
{
    const char *const words[][2] = {{"of the category", set->category},
                                    {"by", set->voter},
                                    {"since", set->since},
                                    {"with judge", set->judge}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i][1] != NULL)
            buf_addf(out, "%s%s %s", out->len > 0 ? ", " : "", words[i][0],
                     words[i][1]);
}

/* The page, or one plot. */
static int add_report(const struct leaderboard_settings *set, struct store *s,
                      const struct ratings_view *ratings, struct buf *out,
                      struct err *e)
{
    struct store_model *models;
    struct store_course course;
    struct buf scope;
    size_t n;
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    int result = store_course(s, models, n, COURSE_STEPS, &course, e);
    store_free_models(models, n);
    if (result != 0)
        return -1;
    buf_init(&scope, 1 << 16);
    add_scope(set, &scope);
    struct report_view v = {.ratings = ratings, .course = &course,
                            .scope = scope.data, .made_ms = clock_wall_ms()};
    result = set->html != NULL
                 ? report_add_page(&v, out, e)
                 : report_add_svg(&v, (enum report_plot)set->svg, out, e);
    buf_free(&scope);
    store_free_course(&course);
    return result;
}

/* Whether the board is of a part of what is in the store. */
static bool is_part(const struct leaderboard_settings *set)
{
    return set->category != NULL || set->since != NULL ||
           (set->voter != NULL && strcmp(set->voter, "human") != 0);
}

/* A mistyped category looks like one without votes.  n_votes: with those of
 * suspects. */
static void say_nothing_found(const struct invocation *in,
                              const struct leaderboard_settings *set,
                              uint64_t n_votes)
{
    struct buf name;
    if (set->category == NULL || n_votes > 0 || in->verbose < 0)
        return;
    buf_init(&name, 1 << 16);
    clean_text(set->category, strlen(set->category), true, &name);
    fprintf(stderr, "no rated vote here is of the category \"%s\"; arena "
            "history tells the category of each battle\n", name.data);
    buf_free(&name);
}

static int print(const struct invocation *in,
                 const struct leaderboard_settings *set, struct store *s,
                 const struct leaderboard *l, const struct rating_counts *c,
                 const struct leaderboard_suspects *suspects, struct buf *out,
                 struct err *e)
{
    struct store_totals of_store;
    const struct store_totals *totals = &of_store;
    enum ratings_format format = format_of(in, set);
    bool of_judges = l->judge != NULL ||
                     (set->voter != NULL && voter_is_judge(set->voter));
    if (store_totals(s, &of_store, e) != 0)
        return -1;
    const struct ratings_note excluded[] = {
        {"void", totals->n_void},           {"skipped", totals->n_skipped},
        {"named", totals->n_compare},         {"corrected", totals->n_seen},
        {"leaked", totals->n_leak},       {"withdrawn", totals->n_withdrawn},
        {"of suspect voters", suspects->n_votes},
        {"of judges", of_judges ? 0 : totals->n_judged},
        {"of other judges", l->n_other_judges},
    };
    /* What is counted over the whole store tells nothing of a part of it. */
    const struct ratings_note of_part[] = {
        {"of suspect voters", suspects->n_votes},
        {"of other judges", l->n_other_judges},
    };
    struct ratings_view v = {
        .board = l,
        .counts = c,
        .matrix = set->matrix,
        .excluded = is_part(set) ? of_part : excluded,
        .n_excluded = is_part(set) ? sizeof(of_part) / sizeof(of_part[0])
                                   : sizeof(excluded) / sizeof(excluded[0]),
    };
    if (set->html != NULL || set->svg >= 0)
        return add_report(set, s, &v, out, e);
    if (format == RATINGS_TEXT)
        v.columns = tty_columns(STDOUT_FILENO);
    return ratings_print(&v, format, out, e);
}

/* All votes, or without those of suspects. */
static int add_board(struct invocation *in, struct store *s,
                     const struct leaderboard_settings *set,
                     const struct store_filter *filter, bool sift,
                     struct buf *out, struct err *e)
{
    struct leaderboard l;
    struct leaderboard_suspects suspects = {0};
    struct rating_counts counts;
    struct leaderboard_params p = {
        .method = (enum leaderboard_method)set->method,
        .bt = bt_defaults(),
        .elo = elo_defaults(),
        .remarks = true,
        .per_answer = set->per_answer || set->html != NULL ||
                      set->svg == REPORT_SECONDS || set->svg == REPORT_PRICE,
    };
    if (p.method == LEADERBOARD_ELO && database_elo(in, &p.elo, e) != 0)
        return -1;
    int result;
    if (set->judge != NULL)
        result = leaderboard_load_judged(&l, &counts, s, filter, set->judge, &p,
                                         e);
    else if (sift)
        result = leaderboard_load_unsuspected(&l, &counts, s, filter, &p,
                                              &suspects, e);
    else
        result = leaderboard_load(&l, &counts, s, filter, &p, e);
    if (result != 0)
        return -1;
    if (sift == set->exclude_suspects) /* once of two boards */
        say_nothing_found(in, set, l.n_votes + suspects.n_votes);
    result = print(in, set, s, &l, &counts, &suspects, out, e);
    leaderboard_free(&l);
    rating_counts_free(&counts);
    return result;
}

/* Prints the board without the suspects, then with them.  In JSON the second is
 * a member of the first; CSV and reports have only the first. */
static int add_both(struct invocation *in, struct store *s,
                    const struct leaderboard_settings *set,
                    const struct store_filter *filter, struct buf *out,
                    struct err *e)
{
    if (add_board(in, s, set, filter, true, out, e) != 0)
        return -1;
    enum ratings_format format = format_of(in, set);
    if (format == RATINGS_CSV || set->html != NULL || set->svg >= 0)
        return 0;
    if (format == RATINGS_JSON) {
        buf_cut(out, out->len - strlen("}\n"));
        buf_add_str(out, ",\"with_suspects\":");
    } else {
        buf_add_str(out, format == RATINGS_MARKDOWN
                             ? "\nWith the suspects:\n\n"
                             : "\nWith the suspects:\n");
    }
    if (add_board(in, s, set, filter, false, out, e) != 0)
        return -1;
    if (format == RATINGS_JSON) {
        buf_cut(out, out->len - strlen("\n"));
        buf_add_str(out, "}\n");
    }
    return 0;
}

/* As any program would make it. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* How far judges agree with people, in place of the board. */
static int show_agreement(const struct invocation *in, struct store *s,
                          const struct leaderboard_settings *set,
                          struct err *e)
{
    struct store_filter filter;
    struct agreement agreement = {.n = 0};
    struct config config;
    struct buf out;
    if (set->voter || set->judge || set->matrix || set->exclude_suspects ||
        set->csv || set->md || set->html || set->svg >= 0 ||
        set->per_answer || set->method == LEADERBOARD_ELO)
        return err_set(e, ERR_USAGE, "leaderboard: --agreement goes with "
                       "--category, --since and --json only");
    if (read_filter(set, &filter, e) != 0)
        return -1;
    int found = database_config(in, &config, e);
    if (found < 0)
        return -1;
    buf_init(&out, 1 << 30);
    int result = agreement_load(&agreement, s, &filter,
                                found == 1 ? &config : NULL, e);
    if (found == 1)
        config_free(&config);
    if (result == 0)
        agreement_print(&agreement, in->json, &out);
    agreement_free(&agreement);
    if (result == 0)
        return database_print(&out, e);
    buf_free(&out);
    return -1;
}

static int leaderboard(struct invocation *in, struct store *s,
                       const struct leaderboard_settings *set, struct err *e)
{
    struct store_filter filter;
    struct buf out;
    if (check_forms(in, set, e) != 0 || read_filter(set, &filter, e) != 0)
        return -1;
    buf_init(&out, 1 << 30);
    int result = set->exclude_suspects
                     ? add_both(in, s, set, &filter, &out, e)
                     : add_board(in, s, set, &filter, false, &out, e);
    bool to_file = set->html != NULL && strcmp(set->html, "-") != 0;
    if (result == 0 && !to_file)
        return database_print(&out, e);
    if (result == 0)
        result = path_write_file(set->html, out.data, out.len, usual_mode(), e);
    buf_free(&out);
    return result;
}

static int run_leaderboard(struct invocation *in, struct err *e)
{
    struct leaderboard_settings set = {.method = LEADERBOARD_BT, .svg = -1};
    struct store *s;
    if (command_parse(in, &set, 0, 0, e) != 0 ||
        database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = set.agreement ? show_agreement(in, s, &set, e)
                               : leaderboard(in, s, &set, e);
    store_close(s);
    return result;
}

const struct command command_leaderboard = {
    .name = "leaderboard",
    .summary = "the models of this arena, best first",
    .synopsis = "",
    .options = leaderboard_options,
    .help = "Equal ranks: intervals overlap.  A star: preliminary (under 20 "
            "votes, only\nwins or only losses, or models that never met).  T "
            "is ties, BB both bad;\nboth rate as ties.  $/1k (of tokens "
            "written), TTFT (start to first token) and\ntok/s are means over "
            "all answers; a narrow terminal has no room for them.\n"
            "--per-answer: what one answer took from its start to its end, and "
            "its cost.\n",
    .run = run_leaderboard,
};
