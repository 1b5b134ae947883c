/* Rating against what answers cost, or how fast they come.  The line joins
 * the models that no other beats in both. */
#include "tui/report/report_private.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

#define HEIGHT_PX 380.0
#define LEFT_PX 56.0
#define RIGHT_PX 150.0 /* names stand to the right of their points */
#define BELOW_PX 56.0
#define NAME_COLUMNS 20
#define LINE_PX 13.0

/* Where a name begins. */
struct spot {
    double x, y;
};

/* What stands on the axis of x. */
struct axis {
    const char *about, *unit; /* below it; of a model's number */
    bool less_is_better;
};

static const struct axis axes[REPORT_N_PLOTS] = {
    [REPORT_COST] = {"price of 1,000 tokens written; what is free stands at "
                     "the left edge", "for 1,000 tokens", true},
    [REPORT_SPEED] = {"tokens per second", "tokens/s", false},
    [REPORT_SECONDS] = {"seconds per answer", "s an answer", true},
    [REPORT_PRICE] = {"price of an answer; what is free stands at the left "
                      "edge", "an answer", true},
};

static double measured(const struct leaderboard_row *row, enum report_plot plot)
{
    switch (plot) {
    case REPORT_COST: return row->usage.cost_per_1k;
    case REPORT_SPEED: return row->usage.tokens_per_second;
    case REPORT_SECONDS: return row->per_answer.seconds;
    default: return row->per_answer.cost;
    }
}

/* NaN: not known.  What is free is not on a log axis: it stands at its left
 * edge. */
static double measure(const struct leaderboard_row *row, enum report_plot plot)
{
    return isnan(row->rating) ? NAN : measured(row, plot);
}

static bool has_measure(const struct leaderboard *l, enum report_plot plot)
{
    bool of_each = plot == REPORT_SECONDS || plot == REPORT_PRICE;
    bool has = of_each ? l->has_per_answer : l->has_usage;
    for (size_t i = 0; has && i < l->n_rows; i++)
        if (measure(&l->rows[i], plot) > 0)
            return true;
    return false;
}

bool plot_is_known(const struct report_view *v, enum report_plot plot)
{
    const struct leaderboard *l = v->ratings->board;
    if (axes[plot].about != NULL)
        return has_measure(l, plot);
    if (plot == REPORT_HISTORY)
        return v->course != NULL && v->course->n_steps > 0 && l->n_rows > 0;
    for (size_t i = 0; plot == REPORT_INTERVALS && i < l->n_rows; i++)
        if (!isnan(l->rows[i].rating) || !isnan(l->rows[i].lower) ||
            !isnan(l->rows[i].upper))
            return true;
    return plot == REPORT_MATRIX && l->n_rows > 0;
}

static void find_axes(const struct leaderboard *l, enum report_plot plot,
                      struct svg_axis *x, struct svg_axis *y)
{
    for (size_t i = 0; i < l->n_rows; i++) {
        double value = measure(&l->rows[i], plot);
        if (isnan(value))
            continue;
        if (value > 0)
            svg_widen(x, value);
        svg_widen(y, l->rows[i].rating);
    }
    x->from /= 1.6;
    x->to *= 1.6;
    y->from -= 15;
    y->to += 15;
}

static double place(const struct svg_axis *x, double value)
{
    return value > x->from ? svg_at(x, value) : x->low_px;
}

/* Whether no other model is at least as good in both, and better in one. */
static bool is_best(const struct leaderboard *l, enum report_plot plot,
                    size_t row)
{
    double sign = axes[plot].less_is_better ? -1 : 1;
    double mine = sign * measure(&l->rows[row], plot);
    for (size_t i = 0; i < l->n_rows; i++) {
        double other = sign * measure(&l->rows[i], plot);
        double rating = l->rows[i].rating;
        if (!isnan(other) && other >= mine && rating >= l->rows[row].rating &&
            (other > mine || rating > l->rows[row].rating))
            return false;
    }
    return !isnan(mine);
}

static void add_best(const struct leaderboard *l, enum report_plot plot,
                     const struct svg_axis *x, const struct svg_axis *y,
                     struct buf *out)
{
    buf_add_str(out, "<polyline class=\"front\" points=\"");
    for (size_t i = 0; i < l->n_rows; i++) /* rows are in order of rating */
        if (is_best(l, plot, i))
            buf_addf(out, "%.1f,%.1f ", place(x, measure(&l->rows[i], plot)),
                     svg_at(y, l->rows[i].rating));
    buf_add_str(out, "\"/>\n");
}

/* Where the name of a point goes, below those that are in its way. */
static double find_room(struct spot *spots, size_t n, double x, double y)
{
    for (bool free = false; !free;) {
        free = true;
        for (size_t i = 0; i < n; i++)
            if (fabs(spots[i].x - x) < RIGHT_PX &&
                fabs(spots[i].y - y) < LINE_PX) {
                y = spots[i].y + LINE_PX;
                free = false;
            }
    }
    spots[n] = (struct spot){x, y};
    return y;
}

static void add_models(const struct leaderboard *l, enum report_plot plot,
                       const struct svg_axis *x, const struct svg_axis *y,
                       struct buf *out)
{
    struct spot *spots = mem_calloc(l->n_rows, sizeof(*spots));
    size_t n = 0;
    for (size_t i = 0; i < l->n_rows; i++) {
        double value = measure(&l->rows[i], plot);
        struct buf about;
        if (isnan(value))
            continue;
        buf_init(&about, 1 << 20);
        buf_addf(&about, "%s: %.0f, %.4g %s", l->rows[i].name,
                 l->rows[i].rating, value,
                 axes[plot].unit);
        svg_point(out, place(x, value), svg_at(y, l->rows[i].rating),
                  is_best(l, plot, i) ? "point" : "point hollow", about.data);
        double at = find_room(spots, n++, place(x, value) + 9,
                              svg_at(y, l->rows[i].rating) + 4);
        svg_name(out, place(x, value) + 9, at, "name", l->rows[i].name,
                 NAME_COLUMNS);
        buf_free(&about);
    }
    free(spots);
}

void plot_scatter(const struct report_view *v, enum report_plot plot,
                  bool alone, struct buf *out)
{
    const struct leaderboard *l = v->ratings->board;
    struct svg_axis x = {.from = NAN, .to = NAN, .low_px = LEFT_PX,
                         .high_px = REPORT_WIDTH - RIGHT_PX, .log = true};
    struct svg_axis y = {.from = NAN, .to = NAN,
                         .low_px = HEIGHT_PX - BELOW_PX, .high_px = 16};
    find_axes(l, plot, &x, &y);
    svg_begin(out, REPORT_WIDTH, HEIGHT_PX, plot_title(plot), alone);
    svg_grid_rows(out, &y, x.low_px, x.high_px);
    svg_grid_columns(out, &x, y.high_px, y.low_px);
    svg_text(out, (x.low_px + x.high_px) / 2, HEIGHT_PX - 12, "faint middle",
             axes[plot].about);
    add_best(l, plot, &x, &y, out);
    add_models(l, plot, &x, &y, out);
    svg_end(out);
}

int plot_add(const struct report_view *v, enum report_plot plot, bool alone,
             struct buf *out, struct err *e)
{
    switch (plot) {
    case REPORT_INTERVALS: plot_intervals(v, alone, out); break;
    case REPORT_MATRIX: return plot_matrix(v, alone, out, e);
    case REPORT_HISTORY: plot_history(v, alone, out); break;
    default: plot_scatter(v, plot, alone, out);
    }
    return 0;
}
