/* Ratings against speed or cost: a point a model, with the names for which
 * there is room. */
#include "tui/screens/leaderboard_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/clean.h"
#include "tui/wrap.h"

#define SCALE_COLUMNS 7 /* numbers at the left */
#define NARROW_COLUMNS 54
#define NAME_MOST 20    /* columns beside a point */
#define MARGIN 1.3      /* of the measures, at both ends */

/* What is measured, in words. */
static const struct words {
    const char *unit, *narrow, *unknown, *none;
} words[] = {
    [BOARD_SPEED] = {"tokens/s", "tok/s", "speed not known",
                     "No answer has told its speed yet."},
    [BOARD_COST] = {"$ for 1,000 tokens", "$/1k", "cost not known",
                    "No answer has told its cost yet: models need prices in "
                    "arena.json."},
};

struct plot {
    const struct leaderboard_screen *l;
    struct area in;
    double low, high;     /* of the measures that are not 0 */
    double worst, best;   /* of the ratings */
    unsigned char *taken; /* [in.rows][in.columns] */
};

static const char *unit_of(const struct leaderboard_screen *l,
                           const struct area *a)
{
    const struct words *w = &words[l->view];
    return a->columns < NARROW_COLUMNS ? w->narrow : w->unit;
}

/* NaN: not known. */
static double measure(const struct leaderboard_screen *l, size_t row)
{
    const struct leaderboard_row *r = &l->board.rows[row];
    double x = l->view == BOARD_SPEED ? r->usage.tokens_per_second
                                      : r->usage.cost_per_1k;
    return isnan(r->rating) ? NAN : x;
}

static void find_ends(struct plot *p)
{
    p->low = p->high = p->worst = p->best = NAN;
    for (size_t i = 0; i < p->l->board.n_rows; i++) {
        double x = measure(p->l, i), rating = p->l->board.rows[i].rating;
        if (isnan(x))
            continue;
        p->worst = fmin(p->worst, rating);
        p->best = fmax(p->best, rating);
        if (x > 0) {
            p->low = fmin(p->low, x);
            p->high = fmax(p->high, x);
        }
    }
    p->low /= MARGIN;
    p->high *= MARGIN;
}

/* On a log scale; what is free stands at the left edge. */
static int column_of(const struct plot *p, double x)
{
    if (!(x > p->low))
        return 0;
    return (int)lround(log(x / p->low) / log(p->high / p->low) *
                       (p->in.columns - 1));
}

static int row_of(const struct plot *p, double rating)
{
    double span = p->best - p->worst;
    double share = span > 0 ? (p->best - rating) / span : 0.5;
    return (int)lround(share * (p->in.rows - 1));
}

static unsigned char *cell(const struct plot *p, int row, int column)
{
    return &p->taken[row * p->in.columns + column];
}

static bool has_room(const struct plot *p, int row, int from, int n)
{
    if (from < 0 || from + n > p->in.columns)
        return false;
    for (int x = from; x < from + n; x++)
        if (*cell(p, row, x))
            return false;
    return true;
}

static int name_columns(const char *raw)
{
    struct buf name;
    buf_init(&name, 4096);
    clean_text(raw, strlen(raw), true, &name);
    int n = wrap_columns(name.data, name.len);
    buf_free(&name);
    return n < NAME_MOST ? n : NAME_MOST;
}

/* Right of the point or left of it, with a blank at both ends. */
static void draw_label(const struct plot *p, struct draw *d, size_t i)
{
    const struct leaderboard_row *r = &p->l->board.rows[i];
    int n = name_columns(r->name), row = row_of(p, r->rating);
    int at = column_of(p, measure(p->l, i));
    int from = has_room(p, row, at + 1, n + 2)   ? at + 2
               : has_room(p, row, at - n - 2, n + 2) ? at - n - 1
                                                     : -1;
    if (from < 0)
        return;
    draw_name(d, &p->in, row, from, n,
              i == p->l->rows.at ? STYLE_KEY : STYLE_FAINT, r->name);
    memset(cell(p, row, from), 1, (size_t)n);
}

static void draw_point(const struct plot *p, struct draw *d, size_t i)
{
    int row = row_of(p, p->l->board.rows[i].rating);
    int column = column_of(p, measure(p->l, i));
    draw_text(d, &p->in, row, column,
              i == p->l->rows.at ? STYLE_KEY : STYLE_NORMAL,
              d->ascii ? "o" : "\u25CF");
    *cell(p, row, column) = 1;
}

/* The selected model comes last as a point, for it is seen then, and first as a
 * name. */
static void draw_points(struct plot *p, struct draw *d)
{
    size_t n = p->l->board.n_rows, at = p->l->rows.at;
    p->taken = mem_calloc((size_t)p->in.rows * (size_t)p->in.columns, 1);
    for (size_t k = 0; k <= n; k++) {
        size_t i = k < n ? k : at;
        if ((k == n || i != at) && !isnan(measure(p->l, i)))
            draw_point(p, d, i);
    }
    for (size_t k = 0; k <= n; k++) {
        size_t i = k > 0 ? k - 1 : at;
        if ((k == 0 || i != at) && !isnan(measure(p->l, i)))
            draw_label(p, d, i);
    }
    free(p->taken);
}

static void draw_scales(const struct plot *p, struct draw *d,
                        const struct area *a)
{
    int below = 1 + p->in.rows;
    struct buf text;
    buf_init(&text, 64);
    for (int i = 0; i < 2; i++) {
        buf_clear(&text);
        buf_addf(&text, "%.0f", i == 0 ? p->best : p->worst);
        draw_right(d, a, i == 0 ? 1 : below - 1, SCALE_COLUMNS - 1,
                   STYLE_FAINT, text.data);
        buf_clear(&text);
        if (!isnan(p->low))
            buf_addf(&text, "%.3g", i == 0 ? p->low : p->high);
        if (i == 0)
            draw_text(d, a, below, SCALE_COLUMNS, STYLE_FAINT, text.data);
        else
            draw_right(d, a, below, a->columns, STYLE_FAINT, text.data);
    }
    const char *unit = unit_of(p->l, a);
    draw_text(d, a, below,
              SCALE_COLUMNS + (p->in.columns - (int)strlen(unit)) / 2,
              STYLE_FAINT, unit);
    buf_free(&text);
}

/* The selected model's numbers. */
static void draw_title(const struct leaderboard_screen *l, struct draw *d,
                       const struct area *a)
{
    const struct leaderboard_row *r = &l->board.rows[l->rows.at];
    double x = measure(l, l->rows.at);
    struct buf text;
    buf_init(&text, 256);
    int end = draw_name(d, a, 0, 0, a->columns / 2, STYLE_KEY, r->name);
    if (!isnan(r->rating))
        buf_addf(&text, "  %.1f, ", r->rating);
    if (isnan(x))
        buf_addf(&text, "%s%s", text.len > 0 ? "" : "  ",
                 words[l->view].unknown);
    else
        buf_addf(&text, "%.3g %s", x, unit_of(l, a));
    draw_fit(d, a, 0, end, a->columns - end, STYLE_FAINT, text.data);
    buf_free(&text);
}

void leaderboard_draw_trade(struct leaderboard_screen *l, struct draw *d,
                            const struct area *a)
{
    struct plot p = {
        .l = l,
        .in = {a->row + 1, a->column + SCALE_COLUMNS, a->rows - 3,
               a->columns - SCALE_COLUMNS},
    };
    find_ends(&p);
    draw_title(l, d, a);
    if (isnan(p.best)) {
        draw_fit(d, a, 2, 0, a->columns, STYLE_NORMAL, words[l->view].none);
        return;
    }
    if (p.in.rows < 1 || p.in.columns < 1)
        return;
    draw_points(&p, d);
    draw_scales(&p, d, a);
}
