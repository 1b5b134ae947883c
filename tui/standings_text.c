/* The standings as a person reads them: a table of plain text, or Markdown. */
#include "tui/standings.h"
#include "tui/standings_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "tui/clean.h"

static double win_share(const struct bt_model *m)
{
    return ((double)m->wins + (double)(m->ties + m->bad) / 2) /
           (double)m->votes;
}

static int display_width(const char *s, size_t n)
{
    int width = 0;
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        i += utf8_decode(s + i, n - i, &cp);
        width += clean_width(cp);
    }
    return width;
}

/* "1012", or how a missing one is written. */
static void text_rating(double v, char *to, size_t n)
{
    if (isnan(v))
        snprintf(to, n, "-");
    else
        snprintf(to, n, "%.0f", v);
}

/* "-45/+50" around the rating; a side without a bound is "?", and a bound
 * without a rating is written out. */
static void text_interval(const struct bt_model *m, char *to, size_t n)
{
    if (isnan(m->rating) && isnan(m->lower) && isnan(m->upper))
        snprintf(to, n, "no bound");
    else if (isnan(m->rating) && isnan(m->upper))
        snprintf(to, n, "above %.0f", m->lower);
    else if (isnan(m->rating))
        snprintf(to, n, "below %.0f", m->upper);
    else if (isnan(m->lower) || isnan(m->upper))
        snprintf(to, n, "unknown");
    else
        snprintf(to, n, "-%.0f/+%.0f", m->rating - m->lower,
                 m->upper - m->rating);
}

struct text_row {
    struct buf name;
    char rank[32], rating[32], interval[48], against[64];
    const char *mark; /* what the footnote explains */
};

static void fill_row(const struct standings *s, size_t i, struct text_row *t)
{
    uint32_t id = s->order[i];
    const struct bt_model *m = &s->result->models[id];
    buf_init(&t->name, 4096);
    clean_text(s->names[id], strlen(s->names[id]), true, &t->name);
    snprintf(t->rank, sizeof(t->rank), "-");
    if (standings_rank_of(s, i) > 0)
        snprintf(t->rank, sizeof(t->rank), "%" PRIu32, standings_rank_of(s, i));
    if (!s->is_elo && s->bt.differences && m->rank > 0)
        snprintf(t->rank, sizeof(t->rank), "%" PRIu32 " (%" PRIu32
                 "-%" PRIu32 ")", m->rank, m->rank_best, m->rank_worst);
    text_rating(standings_rating_of(s, id), t->rating, sizeof(t->rating));
    t->interval[0] = t->against[0] = '\0';
    t->mark = " ";
    if (s->is_elo)
        return;
    text_interval(m, t->interval, sizeof(t->interval));
    if (!m->bounded && m->component != BT_NO_COMPONENT)
        t->mark = "!";
    else if (m->votes < 20)
        t->mark = "*";
    if (s->against >= 0) {
        struct bt_difference d = bt_compare(s->result, id, (size_t)s->against);
        if (isnan(d.points))
            snprintf(t->against, sizeof(t->against), "not comparable");
        else
            snprintf(t->against, sizeof(t->against),
                     "%+.0f (%+.0f to %+.0f) P %.3f", d.points, d.lower,
                     d.upper, d.probability);
    }
}

static void add_padded(struct buf *out, const char *s, size_t n, int width)
{
    buf_add(out, s, n);
    for (int w = display_width(s, n); w < width; w++)
        buf_add_char(out, ' ');
}

static void table_row(const struct standings *s, size_t i, int width,
                      int rank_width, struct buf *out)
{
    struct text_row t;
    const struct bt_model *m = &s->result->models[s->order[i]];
    fill_row(s, i, &t);
    buf_addf(out, "%*s ", rank_width, t.rank);
    add_padded(out, t.name.data, t.name.len, width);
    buf_addf(out, "  %6s", t.rating);
    if (!s->is_elo)
        buf_addf(out, "  %-11s%s", t.interval, t.mark);
    buf_addf(out, " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %7" PRIu64
             " %6" PRIu64 "  %5.1f", m->votes, m->wins, m->losses, m->ties,
             m->bad, 100 * win_share(m));
    if (t.against[0] != '\0')
        buf_addf(out, "  %s", t.against);
    buf_add_char(out, '\n');
    buf_free(&t.name);
}

/* How a win share is shown in the matrix, or a dot where they never met. */
static void table_matrix(const struct standings *s, struct buf *out)
{
    buf_add_str(out, "\nWin% of row against column, ties as half:\n    ");
    for (size_t j = 0; j < s->n; j++)
        buf_addf(out, " %4zu", j + 1);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < s->n; i++) {
        buf_addf(out, "%4zu", i + 1);
        for (size_t j = 0; j < s->n; j++) {
            uint32_t a = s->order[i], b = s->order[j];
            double won = (double)standings_wins_over(s, a, b);
            double lost = (double)standings_wins_over(s, b, a);
            double tied = (double)standings_ties_with(s, a, b);
            if (won + lost + tied > 0)
                buf_addf(out, " %4.0f",
                         100 * (won + tied / 2) / (won + lost + tied));
            else
                buf_add_str(out, "    .");
        }
        buf_add_str(out, "  ");
        const char *name = s->names[s->order[i]];
        clean_text(name, strlen(name), true, out);
        buf_add_char(out, '\n');
    }
}

/* The members of each group, where there is more than one. */
static void table_groups(const struct standings *s, struct buf *out)
{
    const struct bt_result *r = s->result;
    buf_addf(out, "The votes fall into %" PRIu32 " groups that never met; "
             "ratings and ranks hold within a group:\n", r->n_components);
    for (size_t i = 0; i < s->n; i++) {
        const struct bt_model *m = &r->models[s->order[i]];
        const char *name = s->names[s->order[i]];
        if (m->component == BT_NO_COMPONENT)
            continue;
        bool first = i == 0 || r->models[s->order[i - 1]].component !=
                                   m->component;
        if (first)
            buf_addf(out, "%s  group %" PRIu32 ": ", i ? "\n" : "",
                     m->component + 1);
        else
            buf_add_str(out, ", ");
        clean_text(name, strlen(name), true, out);
    }
    buf_add_char(out, '\n');
}

static void foot_prior(const struct standings *s, struct buf *out)
{
    const struct bt_result *r = s->result;
    if (r->prior > 0)
        buf_addf(out, ", prior of %g virtual win%s and loss%s a model%s",
                 r->prior, r->prior == 1 ? "" : "s", r->prior == 1 ? "" : "es",
                 s->bt.prior < 0 ? " (automatic; --prior 0 leaves it out)"
                                 : "");
    else
        buf_add_str(out, ", no prior");
}

/* What the numbers are, in a few lines. */
static void table_foot(const struct standings *s, struct buf *out)
{
    const struct bt_result *r = s->result;
    if (s->is_elo) {
        buf_addf(out, "%" PRIu64 " votes; elo in file order, K %g\n",
                 r->n_votes, s->elo.k);
        return;
    }
    buf_addf(out, "%" PRIu64 " votes; bt, ties %s, 95%% intervals by %s",
             r->n_votes, standings_ties(s->bt.ties), standings_ci(s->bt.ci));
    if (s->bt.ci == BT_CI_BOOTSTRAP)
        buf_addf(out, " (%d rounds, seed %" PRIu64 ", %" PRIu32 " failed)",
                 s->bt.rounds, s->bt.seed, r->n_rounds_failed);
    foot_prior(s, out);
    if (s->bt.ridge > 0)
        buf_addf(out, ", ridge %g", s->bt.ridge);
    if (s->bt.reweight > 0)
        buf_addf(out, ", pairs weighted by 1/max(n, %" PRIu64 ")",
                 s->bt.reweight);
    buf_add_char(out, '\n');
    if (isnan(r->position))
        buf_add_str(out, "first side: no effect can be told from these "
                         "votes\n");
    else
        buf_addf(out, "first side: %+.1f +/- %.1f points%s\n", r->position,
                 1.959964 * r->position_se,
                 s->bt.position ? ", removed from the ratings" : "");
    if (r->n_unbounded > 0)
        buf_addf(out, "! only won or only lost against the rest, so the votes "
                 "alone bound no rating%s\n",
                 r->prior > 0 || s->bt.ridge > 0
                     ? ": the number shown comes from the prior"
                     : "; --prior 1 gives one");
    bool few = false;
    for (size_t i = 0; i < s->n; i++)
        few |= r->models[s->order[i]].votes < 20;
    if (few)
        buf_add_str(out, "* fewer than 20 votes: preliminary\n");
    if (r->n_components > 1)
        table_groups(s, out);
}

void standings_table(const struct standings *s, struct buf *out)
{
    int width = 5, rank_width = 4;
    for (size_t i = 0; i < s->n; i++) {
        struct text_row t;
        fill_row(s, i, &t);
        int w = display_width(t.name.data, t.name.len);
        int rank = (int)strlen(t.rank);
        width = w > width ? w : width;
        rank_width = rank > rank_width ? rank : rank_width;
        buf_free(&t.name);
    }
    buf_addf(out, "%*s %-*s  %6s", rank_width, "Rank", width, "Model",
             "Score");
    if (!s->is_elo)
        buf_addf(out, "  %-12s", "95% CI");
    buf_addf(out, " %8s %8s %8s %7s %6s  %5s", "Votes", "W", "L", "T", "BB",
             "Win%");
    if (s->against >= 0 && !s->is_elo) {
        const char *name = s->names[s->against];
        buf_add_str(out, "  against ");
        clean_text(name, strlen(name), true, out);
    }
    buf_add_char(out, '\n');
    for (size_t i = 0; i < s->n; i++)
        table_row(s, i, width, rank_width, out);
    if (s->matrix)
        table_matrix(s, out);
    table_foot(s, out);
}

/* A cleaned name with what Markdown would take for markup disarmed. */
static void markdown_name(const struct buf *name, struct buf *out)
{
    for (size_t i = 0; i < name->len; i++) {
        if (strchr("\\|*_`<>[]#", name->data[i]) != NULL)
            buf_add_char(out, '\\');
        buf_add_char(out, name->data[i]);
    }
}

void standings_markdown(const struct standings *s, struct buf *out)
{
    buf_add_str(out, "| Rank | Model | Score | 95% CI | Votes | W | L | T | BB "
                     "| Win% |\n|---:|---|---:|---|---:|---:|---:|---:|---:|"
                     "---:|\n");
    for (size_t i = 0; i < s->n; i++) {
        struct text_row t;
        const struct bt_model *m = &s->result->models[s->order[i]];
        fill_row(s, i, &t);
        buf_addf(out, "| %s | ", t.rank);
        markdown_name(&t.name, out);
        buf_addf(out, " | %s | %s%s | %" PRIu64 " | %" PRIu64 " | %" PRIu64
                 " | %" PRIu64 " | %" PRIu64 " | %.1f |\n", t.rating,
                 t.interval, t.mark[0] == ' ' ? "" : t.mark, m->votes, m->wins,
                 m->losses, m->ties, m->bad, 100 * win_share(m));
        buf_free(&t.name);
    }
    buf_add_char(out, '\n');
    table_foot(s, out);
}
