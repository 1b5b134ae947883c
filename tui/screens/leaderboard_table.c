/* The leaderboard as a table, and its intervals as bars. */
#include "tui/screens/leaderboard_private.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tui/clean.h"
#include "tui/wrap.h"

#define NARROW_COLUMNS 54 /* below, short notes */
#define NAME_COLUMN 6     /* behind the rank */
#define NAME_LEAST 16     /* columns; a longer name may be cut to so many */
#define NAME_SHORT 12     /* beside bars on a narrow screen */
#define BAR_GAP 3         /* between the last number and a bar */
#define BAR_LEAST 16      /* columns; with fewer, none is drawn in a table */
#define BAR_ROOMY 24
#define BAR_MOST 44       /* in a table */

/* --- columns ------------------------------------------------------------ */

static void add_number(struct buf *out, int decimals, double v)
{
    if (isnan(v))
        buf_add_char(out, '?');
    else
        buf_addf(out, "%.*f", decimals, v);
}

static void score(const struct leaderboard_row *r, bool ascii, struct buf *out)
{
    (void)ascii;
    add_number(out, 1, r->rating);
}

static void interval(const struct leaderboard_row *r, bool ascii,
                     struct buf *out)
{
    if (isnan(r->rating) || isnan(r->lower) || isnan(r->upper))
        return;
    buf_addf(out, "%s%.0f/+%.0f", ascii ? "-" : "\u2212", r->rating - r->lower,
             r->upper - r->rating);
}

static void star(const struct leaderboard_row *r, bool ascii, struct buf *out)
{
    (void)ascii;
    buf_add_str(out, r->preliminary ? "*" : "");
}

#define COUNT(name, field)                                                    \
    static void name(const struct leaderboard_row *r, bool ascii,             \
                     struct buf *out)                                         \
    {                                                                         \
        (void)ascii;                                                          \
        buf_addf(out, "%" PRIu64, r->field);                                  \
    }
COUNT(votes, votes)
COUNT(wins, wins)
COUNT(losses, losses)
COUNT(ties, ties)
COUNT(bad, bad)
#undef COUNT

static void win_rate(const struct leaderboard_row *r, bool ascii,
                     struct buf *out)
{
    (void)ascii;
    add_number(out, 1, leaderboard_win_rate(r));
}

static void ranks(const struct leaderboard_row *r, bool ascii, struct buf *out)
{
    if (r->rank_best != 0)
        buf_addf(out, "%" PRIu32 "%s%" PRIu32, r->rank_best,
                 ascii ? "-" : "\u2013", r->rank_worst);
}

static void cost(const struct leaderboard_row *r, bool ascii, struct buf *out)
{
    (void)ascii;
    if (!isnan(r->usage.cost_per_1k))
        buf_addf(out, "%.3g", r->usage.cost_per_1k);
}

static void first(const struct leaderboard_row *r, bool ascii, struct buf *out)
{
    (void)ascii;
    if (!isnan(r->usage.first_ms))
        buf_addf(out, "%.1f s", r->usage.first_ms / 1000);
}

static void speed(const struct leaderboard_row *r, bool ascii, struct buf *out)
{
    (void)ascii;
    if (!isnan(r->usage.tokens_per_second))
        buf_addf(out, "%.0f", r->usage.tokens_per_second);
}

/* What does not fit beside a name is not drawn, the last first. */
enum level { NAME, SCORE, INTERVAL, VOTES, RECORD, RANKS, USAGE };

static const struct column {
    const char *title;
    int width; /* with the gap before it; numbers end at its right */
    enum level level;
    enum style style;
    void (*text)(const struct leaderboard_row *r, bool ascii, struct buf *out);
} columns[] = {
    {"Score", 8, SCORE, STYLE_STRONG, score},
    {"95% CI", 12, INTERVAL, STYLE_NORMAL, interval},
    {"", 1, INTERVAL, STYLE_FAINT, star},
    {"Votes", 6, VOTES, STYLE_NORMAL, votes},
    {"W", 5, RECORD, STYLE_NORMAL, wins},
    {"L", 4, RECORD, STYLE_NORMAL, losses},
    {"T", 4, RECORD, STYLE_NORMAL, ties},
    {"BB", 4, RECORD, STYLE_NORMAL, bad},
    {"Win%", 6, RECORD, STYLE_NORMAL, win_rate},
    {"Ranks", 8, RANKS, STYLE_NORMAL, ranks},
    {"$/1k", 9, USAGE, STYLE_NORMAL, cost},
    {"TTFT", 8, USAGE, STYLE_NORMAL, first},
    {"tok/s", 7, USAGE, STYLE_NORMAL, speed},
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static int width_of(enum level level)
{
    int width = 1; /* behind the name */
    for (size_t i = 0; i < N_COLUMNS; i++)
        width += columns[i].level <= level ? columns[i].width : 0;
    return width;
}

/* --- what fits ---------------------------------------------------------- */

struct layout {
    int name, bar;     /* columns; bar 0: none */
    enum level level;  /* the last one drawn */
    double low, high;  /* of all intervals: the bars' scale */
};

static void find_scale(const struct leaderboard *b, struct layout *y)
{
    y->low = INFINITY;
    y->high = -INFINITY;
    for (size_t i = 0; i < b->n_rows; i++) {
        const struct leaderboard_row *r = &b->rows[i];
        y->low = fmin(y->low, fmin(r->rating, r->lower));
        y->high = fmax(y->high, fmax(r->rating, r->upper));
    }
}

static int longest_name(const struct leaderboard *b)
{
    struct buf name;
    int longest = (int)strlen("Model");
    buf_init(&name, 4096);
    for (size_t i = 0; i < b->n_rows; i++) {
        const char *raw = b->rows[i].name;
        buf_clear(&name);
        clean_text(raw, strlen(raw), true, &name);
        int width = wrap_columns(name.data, name.len);
        longest = width > longest ? width : longest;
    }
    buf_free(&name);
    return longest;
}

static bool usage_is_known(const struct leaderboard *b)
{
    for (size_t i = 0; i < b->n_rows; i++)
        if (!isnan(b->rows[i].usage.first_ms) ||
            !isnan(b->rows[i].usage.cost_per_1k))
            return true;
    return false;
}

static struct layout lay_out_table(const struct leaderboard *b, int width)
{
    struct layout y = {.level = SCORE};
    int wanted = longest_name(b);
    int least = wanted < NAME_LEAST ? wanted : NAME_LEAST;
    int room = width - NAME_COLUMN;
    while (y.level < RECORD && room - width_of(y.level + 1) >= least)
        y.level++;
    if (b->bt.differences && b->method == LEADERBOARD_BT &&
        room - width_of(RANKS) >= wanted) {
        y.level = RANKS;
        if (usage_is_known(b) &&
            room - width_of(USAGE) - BAR_GAP - BAR_ROOMY >= wanted)
            y.level = USAGE;
    }
    room -= width_of(y.level);
    y.name = wanted < room ? wanted : room;
    int left = room - y.name - BAR_GAP;
    if (b->method == LEADERBOARD_BT && left >= BAR_LEAST)
        y.bar = left > BAR_MOST ? BAR_MOST : left;
    find_scale(b, &y);
    return y;
}

static struct layout lay_out_bars(const struct leaderboard *b, int width)
{
    bool narrow = width < NARROW_COLUMNS;
    struct layout y = {.level = narrow ? NAME : SCORE};
    int wanted = longest_name(b), most = narrow ? NAME_SHORT : width / 3;
    y.name = wanted < most ? wanted : most;
    y.bar = width - NAME_COLUMN - y.name - width_of(y.level) - BAR_GAP;
    find_scale(b, &y);
    return y;
}

/* --- drawing ------------------------------------------------------------ */

/* Draws a text that ends before a column.  If it does not fit, draws nothing:
 * half a number would be a wrong one. */
static void draw_column(struct draw *d, const struct area *a, int row,
                        int column, enum style style, const char *text)
{
    if (column <= a->columns)
        draw_right(d, a, row, column, style, text);
}

static void draw_titles(struct draw *d, const struct area *a,
                        const struct layout *y)
{
    int x = NAME_COLUMN + 1 + y->name;
    draw_text(d, a, 0, 0, STYLE_FAINT, "Rank");
    draw_text(d, a, 0, NAME_COLUMN, STYLE_FAINT, "Model");
    for (size_t i = 0; i < N_COLUMNS && columns[i].level <= y->level; i++) {
        x += columns[i].width;
        draw_column(d, a, 0, x, STYLE_FAINT, columns[i].title);
    }
}

/* The interval as a line with the rating as a point on it; in the running Elo
 * there is only the point. */
static void draw_bar(struct draw *d, const struct area *a, int row, int column,
                     const struct layout *y, const struct leaderboard_row *r)
{
    double span = y->high - y->low;
    if (isnan(r->rating))
        return;
    double scale = span > 0 ? (double)(y->bar - 1) / span : 0;
    int from = (int)lround((fmin(r->rating, r->lower) - y->low) * scale);
    int to = (int)lround((fmax(r->rating, r->upper) - y->low) * scale);
    int at = (int)lround((r->rating - y->low) * scale);
    for (int x = from; x <= to; x++)
        draw_text(d, a, row, column + x, STYLE_FAINT,
                  d->ascii ? "-" : "\u2500");
    draw_text(d, a, row, column + at, STYLE_KEY, d->ascii ? "o" : "\u25CF");
}

static void draw_row(struct draw *d, const struct area *a, int row,
                     const struct layout *y, const struct leaderboard_row *r,
                     bool selected)
{
    struct buf text;
    int x = NAME_COLUMN + 1 + y->name;
    buf_init(&text, 4096);
    if (r->rank > 0)
        buf_addf(&text, "%" PRIu32, r->rank);
    else
        buf_add_char(&text, '?');
    draw_column(d, a, row, 4, STYLE_NORMAL, text.data);
    draw_name(d, a, row, NAME_COLUMN, y->name, STYLE_STRONG, r->name);
    for (size_t i = 0; i < N_COLUMNS && columns[i].level <= y->level; i++) {
        x += columns[i].width;
        buf_clear(&text);
        columns[i].text(r, d->ascii, &text);
        draw_column(d, a, row, x, columns[i].style, text.data);
    }
    if (y->bar > 0)
        draw_bar(d, a, row, x + BAR_GAP, y, r);
    struct area name = {a->row + row, a->column + NAME_COLUMN, 1, y->name};
    if (selected)
        draw_restyle(d, &name, STYLE_CURSOR);
    buf_free(&text);
}

/* Titles and rows; returns the row below them. */
static int draw_rows(struct leaderboard_screen *l, struct draw *d,
                     const struct area *a, const struct layout *y, int rows)
{
    list_fit(&l->rows, rows);
    draw_titles(d, a, y);
    int row = 0;
    size_t i = l->rows.top;
    for (; row < l->rows.n_shown && i < l->rows.n; i++)
        draw_row(d, a, 1 + row++, y, &l->board.rows[i], i == l->rows.at);
    return 1 + row;
}

/* What the table does not show is not explained. */
static void draw_notes(const struct leaderboard_screen *l, struct draw *d,
                       const struct area *a, const struct layout *y)
{
    bool preliminary = false, narrow = a->columns < NARROW_COLUMNS;
    for (size_t i = 0; i < l->board.n_rows; i++)
        preliminary = preliminary || l->board.rows[i].preliminary;
    int row = 0;
    if (preliminary && y->level >= INTERVAL) /* with the stars */
        draw_fit(d, a, row++, 0, a->columns, STYLE_FAINT,
                 narrow ? "* preliminary: few votes so far"
                        : "* preliminary: few votes, or models that have not "
                          "met");
    if (l->method == LEADERBOARD_BT)
        draw_fit(d, a, row, 0, a->columns, STYLE_FAINT,
                 narrow ? "Overlapping intervals share a rank."
                        : "Models whose intervals overlap share a rank.");
}

void leaderboard_draw_table(struct leaderboard_screen *l, struct draw *d,
                            const struct area *a)
{
    struct layout y = lay_out_table(&l->board, a->columns);
    int below = draw_rows(l, d, a, &y, a->rows - 4);
    struct area notes = {a->row + below + 1, a->column, 2, a->columns};
    draw_notes(l, d, &notes, &y);
}

void leaderboard_draw_intervals(struct leaderboard_screen *l, struct draw *d,
                                const struct area *a)
{
    struct layout y = lay_out_bars(&l->board, a->columns);
    int below = draw_rows(l, d, a, &y, a->rows - 3);
    int x = NAME_COLUMN + y.name + width_of(y.level) + BAR_GAP;
    struct buf text;
    buf_init(&text, 64);
    if (l->method == LEADERBOARD_BT)
        draw_text(d, a, 0, x, STYLE_FAINT, "95% CI");
    buf_addf(&text, "%.0f", y.low);
    draw_text(d, a, below, x, STYLE_FAINT, text.data);
    buf_clear(&text);
    buf_addf(&text, "%.0f", y.high);
    draw_right(d, a, below, x + y.bar, STYLE_FAINT, text.data);
    buf_free(&text);
}
