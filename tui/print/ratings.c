#include "tui/print/ratings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "tui/print/ratings_private.h"
#include "tui/print/table.h"

#define NAME_COLUMNS 40
#define N(a) (sizeof(a) / sizeof((a)[0]))

const char *ratings_ties_name(enum bt_ties ties)
{
    static const char *const names[] = {
        [BT_TIES_HALF] = "half",
        [BT_TIES_DROP] = "drop",
        [BT_TIES_DAVIDSON] = "davidson",
        [BT_TIES_RAO_KUPPER] = "rao-kupper",
    };
    return names[ties];
}

const char *ratings_ci_name(enum bt_ci ci)
{
    static const char *const names[] = {
        [BT_CI_SANDWICH] = "sandwich",
        [BT_CI_HESSIAN] = "hessian",
        [BT_CI_BOOTSTRAP] = "bootstrap",
    };
    return names[ci];
}

const char *ratings_center_name(enum bt_center center)
{
    return center == BT_CENTER_MEAN ? "mean" : "weighted";
}

const char *ratings_model_name(const struct leaderboard *l, int64_t model)
{
    for (size_t i = 0; i < l->n_rows; i++)
        if (l->rows[i].model == model)
            return l->rows[i].name;
    return NULL;
}

/* --- for people --------------------------------------------------------- */

/* "-45/+50"; without an estimate, the one bound there is. */
static void add_interval(struct table *t, const struct leaderboard_row *row)
{
    const char *mark = row->preliminary ? " *" : "";
    if (!isnan(row->rating) && !isnan(row->lower) && !isnan(row->upper))
        table_addf(t, "-%.0f/+%.0f%s", row->rating - row->lower,
                   row->upper - row->rating, mark);
    else if (isnan(row->rating) && !isnan(row->lower))
        table_addf(t, "above %.0f%s", row->lower, mark);
    else if (isnan(row->rating) && !isnan(row->upper))
        table_addf(t, "below %.0f%s", row->upper, mark);
    else
        table_add(t, row->preliminary ? "*" : "");
}

/* "3", or with rank intervals "3 (2-5)". */
static void add_rank(struct table *t, const struct leaderboard_row *row)
{
    if (row->rank == 0)
        table_add(t, "-");
    else if (row->rank_best == 0)
        table_addf(t, "%u", row->rank);
    else
        table_addf(t, "%u (%u-%u)", row->rank, row->rank_best,
                   row->rank_worst);
}

/* "+23 (+5 to +41)   0.994": the difference and the chance to be better. */
static void add_against(struct table *t, const struct bt_difference *d)
{
    if (isnan(d->points)) {
        table_add(t, "-");
        table_add(t, "-");
        return;
    }
    table_addf(t, "%+.0f (%+.0f to %+.0f)", d->points, d->lower, d->upper);
    table_addf(t, "%.3f", d->probability);
}

/* Cost, time to the first token and speed. */
static void add_usage(struct table *t, const struct store_usage *u)
{
    if (isnan(u->cost_per_1k))
        table_add(t, "-");
    else
        table_addf(t, "%.3g", u->cost_per_1k);
    if (isnan(u->first_ms))
        table_add(t, "-");
    else
        table_addf(t, "%.*fs", u->first_ms < 100 ? 2 : 1, u->first_ms / 1000);
    if (isnan(u->tokens_per_second))
        table_add(t, "-");
    else
        table_addf(t, "%.*f", u->tokens_per_second < 10 ? 1 : 0,
                   u->tokens_per_second);
}

/* Seconds and dollars of one answer. */
static void add_per_answer(struct table *t, const struct store_per_answer *each)
{
    if (isnan(each->seconds))
        table_add(t, "-");
    else
        table_addf(t, "%.*f", each->seconds < 10 ? 2 : 1, each->seconds);
    if (isnan(each->cost))
        table_add(t, "-");
    else
        table_addf(t, "%.3g", each->cost);
}

static void print_table(const struct leaderboard *l, enum table_format format,
                        bool usage, int width, struct buf *out)
{
    /* Columns from the group on are left out if they say nothing. */
    struct table_column columns[] = {
        {"Rank", true, 0},  {"Model", false, TABLE_NAME},
        {"Score", true, 0}, {"95% CI", false, 0},
        {"Votes", true, 0}, {"W", true, 0},
        {"L", true, 0},     {"T", true, 0},
        {"BB", true, 0},    {"Win%", true, 0},
        {"Group", true, 0}, {NULL, true, 0},
        {NULL, true, 0},    {NULL, true, 0},
        {NULL, true, 0},    {NULL, true, 0},
        {NULL, true, 0},    {NULL, true, 0},
    };
    bool groups = l->n_components > 1 && l->method == LEADERBOARD_BT;
    size_t n = N(columns) - 7 - !groups;
    if (l->method == LEADERBOARD_ELO)
        columns[3].title = ""; /* it has no interval, but the stars */
    if (usage) {
        columns[n++] = (struct table_column){"$/1k", true, 0};
        columns[n++] = (struct table_column){"TTFT", true, 0};
        columns[n++] = (struct table_column){"tok/s", true, 0};
    }
    if (l->has_per_answer) {
        columns[n++] = (struct table_column){"s/answer", true, 0};
        columns[n++] = (struct table_column){"$/answer", true, 0};
    }
    struct table t;
    struct buf title;
    buf_init(&title, 4096);
    if (l->against >= 0) {
        buf_add_str(&title, "To ");
        table_add_middle(ratings_model_name(l, l->against), NAME_COLUMNS,
                         &title);
        columns[n++] = (struct table_column){title.data, false, 0};
        columns[n++] = (struct table_column){"P(better)", true, 0};
    }
    table_init(&t, columns, n);
    t.width = width;
    for (size_t i = 0; i < l->n_rows; i++) {
        const struct leaderboard_row *row = &l->rows[i];
        add_rank(&t, row);
        table_add(&t, row->name);
        if (isnan(row->rating))
            table_add(&t, "-");
        else
            table_addf(&t, "%.0f", row->rating);
        add_interval(&t, row);
        table_addf(&t, "%llu", (unsigned long long)row->votes);
        table_addf(&t, "%llu", (unsigned long long)row->wins);
        table_addf(&t, "%llu", (unsigned long long)row->losses);
        table_addf(&t, "%llu", (unsigned long long)row->ties);
        table_addf(&t, "%llu", (unsigned long long)row->bad);
        table_addf(&t, "%.1f", leaderboard_win_rate(row));
        if (groups && row->component != BT_NO_COMPONENT)
            table_addf(&t, "%u", row->component + 1);
        else if (groups)
            table_add(&t, "-");
        if (usage)
            add_usage(&t, &row->usage);
        if (l->has_per_answer)
            add_per_answer(&t, &row->per_answer);
        if (l->against >= 0)
            add_against(&t, &row->against);
    }
    table_print(&t, format, out);
    table_free(&t);
    buf_free(&title);
}

static bool usage_is_known(const struct leaderboard *l)
{
    bool known = false;
    for (size_t i = 0; i < l->n_rows; i++) {
        const struct store_usage *u = &l->rows[i].usage;
        known |= !isnan(u->cost_per_1k) || !isnan(u->first_ms) ||
                 !isnan(u->tokens_per_second);
    }
    return known;
}

/* The line of titles is as wide as the table, for the last column is a number,
 * and it is ASCII. */
void ratings_add_table(const struct ratings_view *v, enum table_format format,
                       struct buf *out)
{
    size_t start = out->len;
    bool usage = usage_is_known(v->board);
    print_table(v->board, format, usage, 0, out);
    size_t width = strcspn(out->data + start, "\n");
    if (v->columns > 0 && width > (size_t)v->columns) {
        buf_cut(out, start);
        print_table(v->board, format, false, v->columns, out);
    }
}

static void add_excluded(const struct ratings_view *v, struct buf *out)
{
    uint64_t dropped = v->board->n_dropped;
    bool first = true;
    for (size_t i = 0; i <= v->n_excluded; i++) {
        struct ratings_note note = {dropped == 1 ? "tie" : "ties", dropped};
        if (i < v->n_excluded)
            note = v->excluded[i];
        if (note.n == 0)
            continue;
        buf_addf(out, "%s%llu %s", first ? "; excluded: " : ", ",
                 (unsigned long long)note.n, note.what);
        first = false;
    }
}

static void add_method(const struct leaderboard *l, struct buf *out)
{
    if (l->method == LEADERBOARD_ELO) {
        buf_addf(out, "elo, K %g, %g points make %g to 1, start %g", l->elo.k,
                 l->elo.scale, l->elo.base, l->elo.start);
        return;
    }
    buf_addf(out, "bt, ties %s, ", ratings_ties_name(l->bt.ties));
    if (l->bt.ci == BT_CI_BOOTSTRAP)
        buf_addf(out, "bootstrap %d, seed %llu", l->bt.rounds,
                 (unsigned long long)l->bt.seed);
    else
        buf_add_str(out, ratings_ci_name(l->bt.ci));
    if (l->bt.ballots != NULL)
        buf_add_str(out, " clustered by voter");
    else if (l->judge != NULL && l->cluster == JUDGED_BY_PROMPT)
        buf_add_str(out, " clustered by prompt");
    if (l->prior > 0)
        buf_addf(out, ", prior %g win and loss a model", l->prior);
    else
        buf_add_str(out, ", no prior");
    const char *anchor = ratings_model_name(l, l->bt.anchor);
    if (anchor != NULL) {
        buf_add_str(out, ", ");
        table_add_middle(anchor, NAME_COLUMNS, out);
        buf_addf(out, " at %g", l->bt.anchor_score);
    }
    if (l->bt.ridge > 0)
        buf_addf(out, ", ridge %g", l->bt.ridge);
    if (l->bt.reweight > 0)
        buf_addf(out, ", reweight %llu", (unsigned long long)l->bt.reweight);
    if (l->bt.position)
        buf_add_str(out, ", position held equal");
}

static void add_position(const struct leaderboard *l, struct buf *out)
{
    uint64_t decided = l->n_first + l->n_second;
    if (decided == 0)
        return;
    buf_addf(out, "side A won %.1f%% of %llu decided vote%s",
             100 * (double)l->n_first / (double)decided,
             (unsigned long long)decided, plural_s(decided));
    if (!isnan(l->position))
        buf_addf(out, ": %+.1f points", l->position);
    if (!isnan(l->position) && !isnan(l->position_se))
        buf_addf(out, " (95%% CI %+.1f to %+.1f)",
                 l->position - 1.959964 * l->position_se,
                 l->position + 1.959964 * l->position_se);
    buf_add_char(out, '\n');
}

/* What one standard deviation more of a number is worth. */
static void add_effects(const struct ratings_view *v, struct buf *out)
{
    if (v->n_effects > 0)
        buf_add_str(out, "style held equal; points for one standard deviation "
                         "more than the other answer:\n");
    for (size_t k = 0; k < v->n_effects; k++) {
        const struct style_effect *x = &v->effects[k];
        buf_add_str(out, "  ");
        table_add_clipped(v->features[k], NAME_COLUMNS, out);
        if (isnan(x->points))
            buf_add_str(out, ": never differs");
        else
            buf_addf(out, ": %+.1f (95%% CI %+.1f to %+.1f)", x->points,
                     x->lower, x->upper);
        if (x->n_missing > 0)
            buf_addf(out, ", missing in %llu vote%s",
                     (unsigned long long)x->n_missing, plural_s(x->n_missing));
        buf_add_char(out, '\n');
    }
}

/* What the means of an answer are of. */
static void add_answers(const struct leaderboard *l, struct buf *out)
{
    struct store_per_answer all = {0};
    if (!l->has_per_answer)
        return;
    for (size_t i = 0; i < l->n_rows; i++) {
        all.n += l->rows[i].per_answer.n;
        all.n_timed += l->rows[i].per_answer.n_timed;
        all.n_priced += l->rows[i].per_answer.n_priced;
    }
    buf_addf(out, "an answer: means over the %llu of %llu answer%s whose time "
             "is known, and the %llu whose cost is\n",
             (unsigned long long)all.n_timed, (unsigned long long)all.n,
             plural_s(all.n), (unsigned long long)all.n_priced);
}

/* "x leads by 11 votes of 110: without them y leads". */
static void add_lead(const struct leaderboard *l, struct buf *out)
{
    const char *leader = ratings_model_name(l, l->lead.leader);
    const char *next = ratings_model_name(l, l->lead.next);
    if (l->lead.n_votes == 0 || l->method != LEADERBOARD_BT ||
        leader == NULL || next == NULL)
        return;
    table_add_clipped(leader, NAME_COLUMNS, out);
    buf_addf(out, " leads by %llu vote%s of %llu: without %s ",
             (unsigned long long)l->lead.n_votes,
             plural_s(l->lead.n_votes), (unsigned long long)l->n_votes,
             l->lead.n_votes == 1 ? "it" : "them");
    table_add_clipped(next, NAME_COLUMNS, out);
    buf_add_str(out, " would (those with the most influence, left out)\n");
}

/* "with judge NAME: 212 votes, worth 301". */
static void add_worth(const struct leaderboard *l, struct buf *out)
{
    const struct judged_worth *w = &l->worth;
    if (l->judge == NULL)
        return;
    buf_add_str(out, "with judge ");
    table_add_clipped(l->judge, NAME_COLUMNS, out);
    buf_addf(out, ": %llu vote%s", (unsigned long long)w->n_votes,
             plural_s(w->n_votes));
    if (w->weight == 0)
        buf_add_str(out, "; the judge does not help, and has no weight");
    else if (!isnan(w->worth))
        buf_addf(out, ", worth %.0f", w->worth);
    buf_addf(out, " (%llu on battles that it judged; %llu more judged",
             (unsigned long long)w->n_shared, (unsigned long long)w->n_judged);
    if (w->n_apart > 0)
        buf_addf(out, "; %llu of pairs without a person's vote, not used",
                 (unsigned long long)w->n_apart);
    buf_addf(out, ", weight %.2f", w->weight);
    if (l->temperature > 0)
        buf_addf(out, ", its probabilities at temperature %.2f",
                 l->temperature);
    buf_add_str(out, ")\n");
    for (size_t i = 0; i < l->n_rows; i++) {
        if (isnan(l->rows[i].rating) || !isnan(l->rows[i].se))
            continue;
        buf_add_str(out, "no interval: people's votes on a model cannot give "
                         "one yet (under 20, or all one way)\n");
        break;
    }
}

/* "tiers: x, y | z": rows are in order of group, then of rating. */
static void add_tiers(const struct leaderboard *l, struct buf *out)
{
    bool several = false;
    for (size_t i = 0; i < l->n_rows; i++)
        several |= l->rows[i].tier > 1;
    if (!several)
        return;
    buf_add_str(out, "tiers: ");
    const struct leaderboard_row *last = NULL;
    for (size_t i = 0; i < l->n_rows; i++) {
        const struct leaderboard_row *row = &l->rows[i];
        if (row->tier == 0)
            continue;
        if (last != NULL && last->component != row->component)
            buf_add_str(out, " || ");
        else if (last != NULL)
            buf_add_str(out, last->tier == row->tier ? ", " : " | ");
        table_add_clipped(row->name, NAME_COLUMNS, out);
        last = row;
    }
    buf_add_str(out, " (not told from their first one, all at once 95%)\n");
}

/* Whether one scale fits all categories. */
static void add_scale(const struct leaderboard *l, struct buf *out)
{
    if (l->scale.n_parts < 2)
        return;
    if (l->scale.p < 0.05)
        buf_addf(out, "ratings differ by category (likelihood-ratio test of "
                 "%zu, p %.2g): see --category\n", l->scale.n_parts,
                 l->scale.p);
    else
        buf_addf(out, "one scale fits all %zu categories (likelihood-ratio "
                 "test, p %.2f)\n", l->scale.n_parts, l->scale.p);
}

void ratings_add_footer(const struct ratings_view *v, struct buf *out)
{
    const struct leaderboard *l = v->board;
    bool preliminary = false;
    for (size_t i = 0; i < l->n_rows; i++)
        preliminary |= l->rows[i].preliminary;
    if (preliminary)
        buf_add_str(out, "* preliminary. ");
    buf_addf(out, "%llu vote%s rated", (unsigned long long)l->n_votes,
             plural_s(l->n_votes));
    add_excluded(v, out);
    buf_add_str(out, ". ");
    if (l->n_weighted > 0)
        buf_addf(out, "%llu by weight, neither won nor lost. ",
                 (unsigned long long)l->n_weighted);
    add_method(l, out);
    buf_add_char(out, '\n');
    add_position(l, out);
    add_effects(v, out);
    add_worth(l, out);
    add_answers(l, out);
    add_lead(l, out);
    add_tiers(l, out);
    add_scale(l, out);
    if (l->n_components > 1 && l->method == LEADERBOARD_BT)
        buf_addf(out, "%u groups of models never met; scores and ranks compare "
                 "only within a group\n", l->n_components);
    bool tie_model = !isnan(l->tie_parameter);
    if (l->n_unbounded > 0 && l->method == LEADERBOARD_BT)
        buf_addf(out, "%u model%s %s: %s\n", l->n_unbounded,
                 plural_s(l->n_unbounded),
                 tie_model ? "without a finite estimate"
                           : "only won or only lost",
                 l->prior > 0 || l->bt.ridge > 0
                     ? "such scores come from the prior"
                     : "the votes give no score, at most a bound");
    if (l->n_rounds_failed > 0)
        buf_addf(out, "%u bootstrap sample%s a model without a finite "
                 "estimate; a prior held it\n", l->n_rounds_failed,
                 l->n_rounds_failed == 1 ? " left" : "s left");
}

/* --- for spreadsheets --------------------------------------------------- */

static void add_real(struct table *t, double v)
{
    if (isnan(v))
        table_add(t, "");
    else
        table_addf(t, "%.6f", v);
}

/* They may be far below a cent. */
static void add_dollars(struct table *t, double v)
{
    if (isnan(v))
        table_add(t, "");
    else
        table_addf(t, "%.9g", v);
}

static void csv_per_answer(struct table *t, const struct store_per_answer *each)
{
    const uint64_t numbers[] = {each->n, each->n_timed, each->n_priced};
    add_real(t, each->seconds);
    add_dollars(t, each->cost);
    for (size_t k = 0; k < N(numbers); k++)
        table_addf(t, "%llu", (unsigned long long)numbers[k]);
}

static void print_csv(const struct leaderboard *l, struct buf *out)
{
    static const struct table_column columns[] = {
        {"rank", true, 0},   {"model", false, 0},  {"rating", true, 0},
        {"lower", true, 0},  {"upper", true, 0},   {"se", true, 0},
        {"votes", true, 0},  {"wins", true, 0},    {"losses", true, 0},
        {"ties", true, 0},   {"both_bad", true, 0}, {"win_rate", true, 0},
        {"group", true, 0},  {"preliminary", true, 0},
        {"cost_per_1k", true, 0},
        {"first_ms", true, 0},
        {"tokens_per_second", true, 0},
        {"seconds_per_answer", true, 0},
        {"cost_per_answer", true, 0},
        {"answers", true, 0},
        {"answers_timed", true, 0},
        {"answers_priced", true, 0},
    };
    struct table t;
    table_init(&t, columns, N(columns) - (l->has_per_answer ? 0
                                          : l->has_usage    ? 5
                                                            : 8));
    for (size_t i = 0; i < l->n_rows; i++) {
        const struct leaderboard_row *row = &l->rows[i];
        if (row->rank == 0)
            table_add(&t, "");
        else
            table_addf(&t, "%u", row->rank);
        table_add(&t, row->name);
        add_real(&t, row->rating);
        add_real(&t, row->lower);
        add_real(&t, row->upper);
        add_real(&t, row->se);
        const uint64_t numbers[] = {row->votes, row->wins, row->losses,
                                    row->ties, row->bad};
        for (size_t k = 0; k < N(numbers); k++)
            table_addf(&t, "%llu", (unsigned long long)numbers[k]);
        table_addf(&t, "%.2f", leaderboard_win_rate(row));
        if (row->component == BT_NO_COMPONENT)
            table_add(&t, "");
        else
            table_addf(&t, "%u", row->component + 1);
        table_addf(&t, "%d", row->preliminary);
        if (l->has_usage) {
            add_dollars(&t, row->usage.cost_per_1k);
            add_real(&t, row->usage.first_ms);
            add_real(&t, row->usage.tokens_per_second);
        }
        if (l->has_per_answer)
            csv_per_answer(&t, &row->per_answer);
    }
    table_print(&t, TABLE_CSV, out);
    table_free(&t);
}

static enum table_format table_format(enum ratings_format format)
{
    return format == RATINGS_MARKDOWN ? TABLE_MARKDOWN
           : format == RATINGS_CSV    ? TABLE_CSV
                                      : TABLE_TEXT;
}

static void print_ratings(const struct ratings_view *v,
                          enum ratings_format format, struct buf *out)
{
    if (format == RATINGS_CSV) {
        print_csv(v->board, out);
        return;
    }
    ratings_add_table(v, table_format(format), out);
    if (format == RATINGS_MARKDOWN)
        buf_add_char(out, '\n');
    ratings_add_footer(v, out);
}

int ratings_print(const struct ratings_view *v, enum ratings_format format,
                  struct buf *out, struct err *e)
{
    struct matrix m = {0};
    if (v->matrix && matrix_init(&m, v->board, v->counts, e) != 0)
        return -1;
    if (format == RATINGS_JSON)
        ratings_print_json(v, v->matrix ? &m : NULL, out);
    else if (v->matrix)
        matrix_print(&m, v->board, table_format(format), out);
    else
        print_ratings(v, format, out);
    free(m.cells);
    return 0;
}
