/* leaderboard: ratings of all models, with their intervals. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/leaderboard.h"
#include "base/mem.h"
#include "tui/clean.h"
#include "tui/wrap.h"
#include "tui/widgets/ui.h"

#define NARROW_COLUMNS 54 /* below, short notes */
#define NAME_LEAST 16    /* columns; a longer name may be cut to so many */
#define WHISKER_LEAST 16 /* columns; with fewer, none is drawn */
#define WHISKER_MOST 44
#define NAME_COLUMN 6    /* behind the rank */

struct leaderboard_screen {
    struct ui *ui;
    struct leaderboard board;
    enum leaderboard_method method;
    size_t top;
    int n_shown;
    double low, high; /* of all intervals: the whiskers' scale */
};

enum { ON_BT = 1, ON_ELO = 2 };

static const struct binding bindings[] = {
    {ACT_VIEW, "m", ON_BT, "running Elo",
     "the running Elo instead of the estimate from all votes"},
    {ACT_VIEW, "m", ON_ELO, "Bradley-Terry",
     "the estimate from all votes instead of the running Elo"},
    {ACT_LEAVE, "Esc", BINDING_ALWAYS, "back", "back"},
    {ACT_DOWN, "j Down", BINDING_ALWAYS, NULL, "scroll down"},
    {ACT_UP, "k Up", BINDING_ALWAYS, NULL, "scroll up"},
    {ACT_PAGE_DOWN, "PgDn Space", BINDING_ALWAYS, NULL, "a page down"},
    {ACT_PAGE_UP, "PgUp", BINDING_ALWAYS, NULL, "a page up"},
    {ACT_TOP, "g Home", BINDING_ALWAYS, NULL, "to the top"},
    {.action = ACT_NONE},
};

static void find_scale(struct leaderboard_screen *l)
{
    l->low = INFINITY;
    l->high = -INFINITY;
    for (size_t i = 0; i < l->board.n_rows; i++) {
        const struct leaderboard_row *r = &l->board.rows[i];
        double lower = isnan(r->lower) ? r->rating : r->lower;
        double upper = isnan(r->upper) ? r->rating : r->upper;
        if (lower < l->low)
            l->low = lower;
        if (upper > l->high)
            l->high = upper;
    }
}

static int load(struct leaderboard_screen *l, struct err *e)
{
    struct arena *a = l->ui->arena;
    struct leaderboard_params p = {
        .method = l->method, .bt = bt_defaults(), .elo = a->config.elo};
    struct store_filter filter = {.category = NULL};
    struct rating_counts counts;
    struct leaderboard board;
    if (leaderboard_load(&board, &counts, a->store, &filter, &p, e) != 0)
        return -1;
    rating_counts_free(&counts);
    leaderboard_free(&l->board);
    l->board = board;
    l->top = 0;
    find_scale(l);
    return 0;
}

static void leaderboard_close(void *self)
{
    struct leaderboard_screen *l = self;
    leaderboard_free(&l->board);
    free(l);
}

static int leaderboard_open(void **self, struct ui *ui, const void *arg,
                            struct err *e)
{
    (void)arg;
    struct leaderboard_screen *l = mem_calloc(1, sizeof(*l));
    l->ui = ui;
    l->method = LEADERBOARD_BT;
    if (load(l, e) != 0) {
        free(l);
        return -1;
    }
    *self = l;
    return 0;
}

static unsigned leaderboard_state(const void *self)
{
    const struct leaderboard_screen *l = self;
    return l->method == LEADERBOARD_BT ? ON_BT : ON_ELO;
}

static void leaderboard_head(void *self, struct heading *h)
{
    const struct leaderboard_screen *l = self;
    buf_add_str(&h->left, "leaderboard");
    buf_addf(&h->right, "%s  %" PRIu64 " vote%s",
             l->method == LEADERBOARD_BT ? "Bradley-Terry" : "running Elo",
             l->board.n_votes, l->board.n_votes == 1 ? "" : "s");
}

/* --- drawing ----------------------------------------------------------- */

/* The widths of columns. */
struct columns {
    int name, whisker; /* whisker 0: none */
};

/* From the end of the name to the end of: score, interval with its star, votes,
 * and all the rest.  What does not fit beside a name is not drawn. */
static const int column_sets[] = {51, 28, 22, 9};

static int longest_name(const struct leaderboard_screen *l)
{
    struct buf name;
    int longest = (int)strlen("Model");
    buf_init(&name, 4096);
    for (size_t i = 0; i < l->board.n_rows; i++) {
        const char *raw = l->board.rows[i].name;
        buf_clear(&name);
        clean_text(raw, strlen(raw), true, &name);
        int columns = wrap_columns(name.data, name.len);
        longest = columns > longest ? columns : longest;
    }
    buf_free(&name);
    return longest;
}

static struct columns fit_columns(const struct leaderboard_screen *l, int width)
{
    int wanted = longest_name(l);
    int least = wanted < NAME_LEAST ? wanted : NAME_LEAST, room = 0;
    for (size_t i = 0; i < sizeof(column_sets) / sizeof(int); i++) {
        room = width - NAME_COLUMN - column_sets[i];
        if (room >= least)
            break;
    }
    struct columns c = {wanted < room ? wanted : room, 0};
    int left = width - NAME_COLUMN - c.name - column_sets[0] - 4;
    if (l->method == LEADERBOARD_BT && left >= WHISKER_LEAST)
        c.whisker = left > WHISKER_MOST ? WHISKER_MOST : left;
    return c;
}

static void format_interval(const struct leaderboard_row *r, bool ascii,
                            struct buf *out)
{
    if (isnan(r->rating) || isnan(r->lower) || isnan(r->upper))
        return;
    buf_addf(out, "%s%.0f/+%.0f", ascii ? "-" : "\u2212",
             r->rating - r->lower, r->upper - r->rating);
}

/* The interval as a line with the rating as a point on it. */
static void draw_whisker(const struct leaderboard_screen *l, struct draw *d,
                         const struct area *a, int row, int column, int width,
                         const struct leaderboard_row *r)
{
    double span = l->high - l->low;
    if (isnan(r->rating) || isnan(r->lower) || isnan(r->upper) || !(span > 0))
        return;
    double scale = (double)(width - 1) / span;
    int from = (int)lround((r->lower - l->low) * scale);
    int to = (int)lround((r->upper - l->low) * scale);
    int at = (int)lround((r->rating - l->low) * scale);
    const char *line = d->ascii ? "-" : "\u2500";
    for (int x = from; x <= to; x++)
        draw_text(d, a, row, column + x, STYLE_FAINT, line);
    draw_text(d, a, row, column + at, STYLE_KEY, d->ascii ? "o" : "\u25CF");
}

/* Draws a text that ends before a column.  If it does not fit, draws nothing:
 * half a number would be a wrong one. */
static void draw_column(struct draw *d, const struct area *a, int row,
                        int column, enum style style, const char *text)
{
    if (column <= a->columns)
        draw_right(d, a, row, column, style, text);
}

static void draw_titles(struct draw *d, const struct area *a,
                        const struct columns *c)
{
    int x = NAME_COLUMN + 1 + c->name;
    draw_text(d, a, 0, 0, STYLE_FAINT, "Rank");
    draw_text(d, a, 0, NAME_COLUMN, STYLE_FAINT, "Model");
    draw_column(d, a, 0, x + 8, STYLE_FAINT, "Score");
    draw_column(d, a, 0, x + 20, STYLE_FAINT, "95% CI");
    draw_column(d, a, 0, x + 27, STYLE_FAINT, "Votes");
    draw_column(d, a, 0, x + 32, STYLE_FAINT, "W");
    draw_column(d, a, 0, x + 36, STYLE_FAINT, "L");
    draw_column(d, a, 0, x + 40, STYLE_FAINT, "T");
    draw_column(d, a, 0, x + 44, STYLE_FAINT, "BB");
    draw_column(d, a, 0, x + 50, STYLE_FAINT, "Win%");
}

/* A number that ends before `column`; "?" if it is unknown. */
static void draw_number(struct draw *d, const struct area *a, int row,
                        int column, enum style style, int decimals,
                        double value)
{
    char text[32] = "?";
    if (!isnan(value))
        snprintf(text, sizeof(text), "%.*f", decimals, value);
    draw_column(d, a, row, column, style, text);
}

static void draw_row(const struct leaderboard_screen *l, struct draw *d,
                     const struct area *a, int row, const struct columns *c,
                     const struct leaderboard_row *r)
{
    struct buf text;
    int x = NAME_COLUMN + 1 + c->name;
    buf_init(&text, 4096);
    draw_number(d, a, row, 4, STYLE_NORMAL, 0,
                r->rank > 0 ? (double)r->rank : NAN);
    draw_name(d, a, row, NAME_COLUMN, c->name, STYLE_STRONG, r->name);
    draw_number(d, a, row, x + 8, STYLE_STRONG, 1, r->rating);
    format_interval(r, d->ascii, &text);
    draw_column(d, a, row, x + 20, STYLE_NORMAL, text.data);
    draw_column(d, a, row, x + 21, STYLE_FAINT, r->preliminary ? "*" : "");
    draw_number(d, a, row, x + 27, STYLE_NORMAL, 0, (double)r->votes);
    draw_number(d, a, row, x + 32, STYLE_NORMAL, 0, (double)r->wins);
    draw_number(d, a, row, x + 36, STYLE_NORMAL, 0, (double)r->losses);
    draw_number(d, a, row, x + 40, STYLE_NORMAL, 0, (double)r->ties);
    draw_number(d, a, row, x + 44, STYLE_NORMAL, 0, (double)r->bad);
    draw_number(d, a, row, x + 50, STYLE_NORMAL, 1,
                leaderboard_win_rate(r));
    if (c->whisker > 0)
        draw_whisker(l, d, a, row, x + 53, c->whisker, r);
    buf_free(&text);
}

static void draw_notes(const struct leaderboard_screen *l, struct draw *d,
                       const struct area *a)
{
    bool preliminary = false, narrow = a->columns < NARROW_COLUMNS;
    for (size_t i = 0; i < l->board.n_rows; i++)
        preliminary = preliminary || l->board.rows[i].preliminary;
    if (preliminary)
        draw_fit(d, a, 0, 0, a->columns, STYLE_FAINT,
                 narrow ? "* preliminary: few votes so far"
                        : "* preliminary: few votes, or models that have not "
                          "met");
    if (l->method == LEADERBOARD_BT)
        draw_fit(d, a, 1, 0, a->columns, STYLE_FAINT,
                 narrow ? "Overlapping intervals share a rank."
                        : "Models whose intervals overlap share a rank.");
}

static void leaderboard_draw(void *self, struct draw *d, const struct area *a)
{
    struct leaderboard_screen *l = self;
    struct area in = {a->row + 1, a->column + 1, a->rows - 1, a->columns - 2};
    if (l->board.n_rows == 0) {
        draw_text(d, &in, 0, 1, STYLE_NORMAL, "No vote has been rated yet.");
        return;
    }
    struct columns c = fit_columns(l, in.columns);
    int rows = in.rows - 4;
    l->n_shown = rows > 0 ? rows : 1;
    draw_titles(d, &in, &c);
    for (int i = 0; i < l->n_shown; i++)
        if (l->top + (size_t)i < l->board.n_rows)
            draw_row(l, d, &in, 1 + i, &c,
                     &l->board.rows[l->top + (size_t)i]);
    size_t shown = l->board.n_rows - l->top;
    int used = shown < (size_t)l->n_shown ? (int)shown : l->n_shown;
    struct area notes = {in.row + used + 2, in.column, 2, in.columns};
    draw_notes(l, d, &notes);
}

static void scroll(struct leaderboard_screen *l, int64_t by)
{
    int64_t last = (int64_t)l->board.n_rows - l->n_shown;
    int64_t to = (int64_t)l->top + by;
    to = to > last ? last : to;
    l->top = to < 0 ? 0 : (size_t)to;
}

static void leaderboard_act(void *self, enum action action)
{
    struct leaderboard_screen *l = self;
    struct err e;
    switch (action) {
    case ACT_DOWN: scroll(l, 1); break;
    case ACT_UP: scroll(l, -1); break;
    case ACT_PAGE_DOWN: scroll(l, l->n_shown); break;
    case ACT_PAGE_UP: scroll(l, -l->n_shown); break;
    case ACT_TOP: l->top = 0; break;
    case ACT_LEAVE: ui_pop(l->ui); break;
    case ACT_VIEW:
        l->method = l->method == LEADERBOARD_BT ? LEADERBOARD_ELO
                                                : LEADERBOARD_BT;
        if (load(l, &e) != 0)
            ui_say_error(l->ui, &e);
        break;
    default: break;
    }
}

static void leaderboard_command(const void *self, struct buf *out)
{
    const struct leaderboard_screen *l = self;
    buf_add_str(out, "leaderboard");
    if (l->method == LEADERBOARD_ELO)
        buf_add_str(out, " --method elo");
}

const struct screen screen_leaderboard = {
    .name = "leaderboard",
    .bindings = bindings,
    .open = leaderboard_open,
    .close = leaderboard_close,
    .state = leaderboard_state,
    .head = leaderboard_head,
    .draw = leaderboard_draw,
    .act = leaderboard_act,
    .command = leaderboard_command,
};
