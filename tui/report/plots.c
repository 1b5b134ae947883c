/* What is drawn of a leaderboard: intervals, head to head, history. */
#include "tui/report/report_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/plural.h"
#include "tui/print/matrix.h"

#define LABEL_PX 220.0  /* room for names at the left */
#define LABEL_COLUMNS 24
#define ROW_PX 26.0
#define EDGE_PX 24.0
#define BELOW_PX 40.0   /* an axis and its numbers */
#define CELL_PX 46.0
#define SMALL_CELL_PX 16.0 /* no room for a number */
#define NUMBERED 20     /* models with a number in their cells */
#define MATRIX_MOST 80  /* models in the matrix */
#define NO_POINTS 10.0  /* added around a single rating */

const char *plot_title(enum report_plot plot)
{
    static const char *const titles[] = {
#define PLOT_TITLE(NAME, word, title) [REPORT_##NAME] = title,
        REPORT_PLOTS(PLOT_TITLE)
#undef PLOT_TITLE
    };
    return titles[plot];
}

/* --- intervals ---------------------------------------------------------- */

static struct svg_axis rating_axis(const struct leaderboard *l)
{
    struct svg_axis x = {.from = NAN, .to = NAN, .low_px = LABEL_PX,
                         .high_px = REPORT_WIDTH - EDGE_PX};
    for (size_t i = 0; i < l->n_rows; i++) {
        svg_widen(&x, l->rows[i].rating);
        svg_widen(&x, l->rows[i].lower);
        svg_widen(&x, l->rows[i].upper);
    }
    x.from = floor(x.from) - NO_POINTS;
    x.to = ceil(x.to) + NO_POINTS;
    return x;
}

static void add_interval(struct buf *out, const struct svg_axis *x, double y,
                         const struct leaderboard_row *row)
{
    char about[160], interval[80] = "";
    double low = isnan(row->lower) ? x->low_px : svg_at(x, row->lower);
    double high = isnan(row->upper) ? x->high_px : svg_at(x, row->upper);
    bool open = isnan(row->lower) || isnan(row->upper);
    if (!isnan(row->lower) || !isnan(row->upper))
        svg_line(out, low, y, high, y, open ? "span open" : "span");
    for (int i = 0; i < 2; i++)
        if (!isnan(i == 0 ? row->lower : row->upper))
            svg_line(out, i == 0 ? low : high, y - 5, i == 0 ? low : high,
                     y + 5, "span");
    if (isnan(row->rating))
        return;
    if (!open)
        snprintf(interval, sizeof(interval), "95%% interval %.0f to %.0f, ",
                 row->lower, row->upper);
    snprintf(about, sizeof(about), "%.0f, %s%llu vote%s", row->rating, interval,
             (unsigned long long)row->votes, plural_s(row->votes));
    svg_point(out, svg_at(x, row->rating), y,
              row->preliminary ? "point hollow" : "point", about);
}

void plot_intervals(const struct report_view *v, bool alone, struct buf *out)
{
    const struct leaderboard *l = v->ratings->board;
    struct svg_axis x = rating_axis(l);
    double bottom = EDGE_PX + ROW_PX * (double)l->n_rows;
    svg_begin(out, REPORT_WIDTH, bottom + BELOW_PX,
              plot_title(REPORT_INTERVALS), alone);
    svg_grid_columns(out, &x, EDGE_PX / 2, bottom);
    for (size_t i = 0; i < l->n_rows; i++) {
        double y = EDGE_PX + ROW_PX * ((double)i + 0.5);
        svg_name(out, LABEL_PX - 12, y + 4, "end", l->rows[i].name,
                 LABEL_COLUMNS);
        add_interval(out, &x, y, &l->rows[i]);
    }
    svg_end(out);
}

/* --- head to head ------------------------------------------------------- */

static void add_cell(struct buf *out, double x, double y, double size,
                     const struct matrix_cell *c)
{
    double share = matrix_share(c), lean = fabs(share - 0.5) * 2;
    char text[16];
    if (isnan(share))
        return;
    buf_addf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
             "height=\"%.1f\" class=\"%s\" fill-opacity=\"%.2f\"><title>%llu "
             "won, %llu lost, %llu tied</title></rect>\n", x + 1, y + 1,
             size - 2, size - 2, share >= 0.5 ? "won" : "lost",
             0.06 + 0.64 * lean, (unsigned long long)c->wins,
             (unsigned long long)c->losses,
             (unsigned long long)(c->ties + c->bad));
    if (size < CELL_PX)
        return;
    snprintf(text, sizeof(text), "%.0f", 100 * share);
    svg_text(out, x + size / 2, y + size / 2 + 4, "middle", text);
}

int plot_matrix(const struct report_view *v, bool alone, struct buf *out,
                struct err *e)
{
    const struct leaderboard *l = v->ratings->board;
    struct matrix m;
    if (matrix_init(&m, l, v->ratings->counts, e) != 0)
        return -1;
    size_t n = m.n < MATRIX_MOST ? m.n : MATRIX_MOST;
    double size = n <= NUMBERED ? CELL_PX : SMALL_CELL_PX, top = 2 * EDGE_PX;
    double width = LABEL_PX + size * (double)n + EDGE_PX;
    char number[24];
    svg_begin(out, width > REPORT_WIDTH ? width : REPORT_WIDTH,
              top + size * (double)n + EDGE_PX, plot_title(REPORT_MATRIX),
              alone);
    for (size_t i = 0; i < n; i++) {
        double at = (double)i * size;
        snprintf(number, sizeof(number), "%zu", i + 1);
        if (size == CELL_PX)
            svg_text(out, LABEL_PX + at + size / 2, top - 8, "faint middle",
                     number);
        svg_text(out, LABEL_PX - 8, top + at + size / 2 + 4, "faint end",
                 number);
        svg_name(out, LABEL_PX - 34, top + at + size / 2 + 4, "end",
                 l->rows[i].name, LABEL_COLUMNS - 3);
        for (size_t k = 0; k < n; k++)
            add_cell(out, LABEL_PX + (double)k * size, top + at, size,
                     &m.cells[i * m.n + k]);
    }
    svg_end(out);
    free(m.cells);
    return 0;
}

/* --- history ------------------------------------------------------------ */

static const double *course_of(const struct report_view *v, size_t row)
{
    const struct store_course *c = v->course;
    size_t model = v->ratings->board->rows[row].model;
    return model < c->n_models ? c->ratings + model * c->n_steps : NULL;
}

static void add_course(struct buf *out, const struct svg_axis *x,
                       const struct svg_axis *y, const double *ratings,
                       size_t n, size_t row)
{
    bool begun = false;
    for (size_t step = 0; step < n; step++) {
        if (isnan(ratings[step]))
            continue;
        if (!begun && row < REPORT_SERIES)
            buf_addf(out, "<polyline class=\"course s%zu\" points=\"", row);
        else if (!begun)
            buf_add_str(out, "<polyline class=\"course other\" points=\"");
        begun = true;
        buf_addf(out, "%.1f,%.1f ", svg_at(x, (double)step + 1),
                 svg_at(y, ratings[step]));
    }
    if (begun)
        buf_add_str(out, "\"/>\n");
}

struct label {
    size_t row;
    double y;
};

static int by_height(const void *a, const void *b)
{
    double one = ((const struct label *)a)->y, two =
        ((const struct label *)b)->y;
    return (one > two) - (one < two);
}

/* Names at the ends of the first lines, moved apart if they would overlap. */
static void add_labels(const struct report_view *v, const struct svg_axis *x,
                       const struct svg_axis *y, struct buf *out)
{
    const struct leaderboard *l = v->ratings->board;
    struct label labels[REPORT_SERIES];
    char class[24];
    size_t n = 0;
    for (size_t i = 0; i < l->n_rows && i < REPORT_SERIES; i++) {
        const double *ratings = course_of(v, i);
        double last = ratings ? ratings[v->course->n_steps - 1] : NAN;
        if (!isnan(last))
            labels[n++] = (struct label){i, svg_at(y, last) + 4};
    }
    qsort(labels, n, sizeof(*labels), by_height);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && labels[i].y < labels[i - 1].y + 15)
            labels[i].y = labels[i - 1].y + 15;
        snprintf(class, sizeof(class), "name s%zu", labels[i].row);
        svg_name(out, x->high_px + 8, labels[i].y, class,
                 l->rows[labels[i].row].name, LABEL_COLUMNS - 3);
    }
}

void plot_history(const struct report_view *v, bool alone, struct buf *out)
{
    const struct store_course *c = v->course;
    const struct leaderboard *l = v->ratings->board;
    double height = 340;
    struct svg_axis x = {.from = 1, .to = (double)c->n_steps, .low_px = 56,
                         .high_px = REPORT_WIDTH - 180};
    struct svg_axis y = {.from = NAN, .to = NAN, .low_px = height - BELOW_PX,
                         .high_px = EDGE_PX};
    char text[64];
    x.to += x.to <= x.from; /* a single vote */
    for (size_t i = 0; i < l->n_rows; i++)
        for (size_t k = 0; course_of(v, i) != NULL && k < c->n_steps; k++)
            svg_widen(&y, course_of(v, i)[k]);
    y.from -= NO_POINTS;
    y.to += NO_POINTS;
    svg_begin(out, REPORT_WIDTH, height, plot_title(REPORT_HISTORY), alone);
    svg_grid_rows(out, &y, x.low_px, x.high_px);
    for (size_t i = l->n_rows; i-- > 0;) /* the best above the others */
        if (course_of(v, i) != NULL)
            add_course(out, &x, &y, course_of(v, i), c->n_steps, i);
    add_labels(v, &x, &y, out);
    svg_text(out, x.low_px, height - 14, "faint", "first vote");
    snprintf(text, sizeof(text), "vote %llu", (unsigned long long)c->n_votes);
    svg_text(out, x.high_px, height - 14, "faint end", text);
    svg_end(out);
}
