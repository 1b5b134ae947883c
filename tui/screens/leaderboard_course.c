/* How the running rating of a model went, with the others behind it. */
#include "tui/screens/leaderboard_private.h"

#include <inttypes.h>
#include <math.h>

#include "base/clock.h"
#include "tui/widgets/canvas.h"

#define SCALE_COLUMNS 7 /* numbers at the left */
#define DATE_BYTES 10   /* "2026-11-24" of clock_format */
#define OTHERS_MOST 40  /* lines behind the selected one: the best models */

struct axes {
    double low, high; /* of all ratings */
};

static const double *course_of(const struct leaderboard_screen *l, size_t row)
{
    size_t model = l->board.rows[row].model;
    return model < l->course.n_models
               ? l->course.ratings + model * l->course.n_steps
               : NULL;
}

static struct axes find_axes(const struct leaderboard_screen *l)
{
    struct axes x = {NAN, NAN};
    for (size_t i = 0; i < l->board.n_rows; i++) {
        const double *ratings = course_of(l, i);
        for (size_t k = 0; ratings != NULL && k < l->course.n_steps; k++) {
            x.low = fmin(x.low, ratings[k]);
            x.high = fmax(x.high, ratings[k]);
        }
    }
    return x;
}

static int height_of(const struct axes *x, const struct canvas *c, double v)
{
    double span = x->high - x->low;
    double share = span > 0 ? (v - x->low) / span : 0.5;
    return (int)lround((1 - share) * (c->height - 1));
}

static int place_of(const struct canvas *c, size_t step, size_t n)
{
    return n > 1 ? (int)(step * (size_t)(c->width - 1) / (n - 1)) : 0;
}

static void add_line(const struct leaderboard_screen *l, struct canvas *c,
                     const struct axes *x, size_t row, enum style style)
{
    const double *ratings = course_of(l, row);
    size_t n = l->course.n_steps;
    for (size_t step = 0; ratings != NULL && step < n; step++) {
        size_t from = step > 0 && !isnan(ratings[step - 1]) ? step - 1 : step;
        if (!isnan(ratings[step]))
            canvas_line(c, place_of(c, from, n),
                        height_of(x, c, ratings[from]), place_of(c, step, n),
                        height_of(x, c, ratings[step]), style);
    }
}

static void draw_scale(struct draw *d, const struct area *a, int bottom,
                       const struct axes *x)
{
    struct buf text;
    buf_init(&text, 64);
    for (int i = 0; i < 2; i++) {
        buf_clear(&text);
        buf_addf(&text, "%.0f", i == 0 ? x->high : x->low);
        draw_right(d, a, i == 0 ? 1 : bottom, SCALE_COLUMNS - 1, STYLE_FAINT,
                   text.data);
    }
    buf_free(&text);
}

static void draw_dates(const struct leaderboard_screen *l, struct draw *d,
                       const struct area *a, int row)
{
    char date[CLOCK_TEXT_BYTES];
    clock_format(l->course.first_ms, date);
    date[DATE_BYTES] = '\0';
    draw_text(d, a, row, SCALE_COLUMNS, STYLE_FAINT, date);
    clock_format(l->course.last_ms, date);
    date[DATE_BYTES] = '\0';
    draw_right(d, a, row, a->columns, STYLE_FAINT, date);
}

/* The name, where it stands, and where it was at most and at least. */
static void draw_title(const struct leaderboard_screen *l, struct draw *d,
                       const struct area *a)
{
    const double *ratings = course_of(l, l->rows.at);
    double low = NAN, high = NAN;
    struct buf text;
    buf_init(&text, 256);
    for (size_t k = 0; ratings != NULL && k < l->course.n_steps; k++) {
        low = fmin(low, ratings[k]);
        high = fmax(high, ratings[k]);
    }
    int end = draw_name(d, a, 0, 0, a->columns / 2, STYLE_KEY,
                        l->board.rows[l->rows.at].name);
    if (!isnan(low))
        buf_addf(&text, "  %.1f, was %.0f to %.0f",
                 ratings[l->course.n_steps - 1], low, high);
    draw_fit(d, a, 0, end, a->columns - end, STYLE_FAINT, text.data);
    buf_free(&text);
}

void leaderboard_draw_course(struct leaderboard_screen *l, struct draw *d,
                             const struct area *a)
{
    struct area plot = {a->row + 1, a->column + SCALE_COLUMNS, a->rows - 3,
                        a->columns - SCALE_COLUMNS};
    struct axes x = find_axes(l);
    struct canvas c;
    draw_title(l, d, a);
    if (isnan(x.low) || plot.rows < 1)
        return;
    canvas_init(&c, plot.rows, plot.columns, d->ascii);
    for (size_t i = 0; i < l->board.n_rows && i < OTHERS_MOST; i++)
        if (i != l->rows.at)
            add_line(l, &c, &x, i, STYLE_FAINT);
    add_line(l, &c, &x, l->rows.at, STYLE_KEY);
    canvas_draw(&c, d, &plot);
    canvas_free(&c);
    draw_scale(d, a, plot.rows, &x);
    draw_dates(l, d, a, plot.rows + 1);
}
