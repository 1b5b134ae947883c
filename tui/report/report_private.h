/* report_private: svg.c draws, plots.c and scatter.c know what, page.c puts it
 * on a page. */
#ifndef TUI_REPORT_REPORT_PRIVATE_H
#define TUI_REPORT_REPORT_PRIVATE_H

#include <stdbool.h>

#include "tui/report/report.h"

#define REPORT_WIDTH 720.0 /* of a plot, in pixels of a screen */
#define REPORT_SERIES 8    /* colours, s0 to s7 */

/* Colours, for light and dark, and the look of plots: CSS. */
extern const char report_style[];

/* --- svg.c: all lengths in pixels --------------------------------------- */

/* A picture with a title, for screen readers too.  `alone`: in a file of its
 * own. */
void svg_begin(struct buf *out, double width, double height, const char *title,
               bool alone);
void svg_end(struct buf *out);

/* `class` is one of ours; `text` is as received. */
void svg_text(struct buf *out, double x, double y, const char *class,
              const char *text);

/* A name in at most `columns` columns. */
void svg_name(struct buf *out, double x, double y, const char *class,
              const char *name, int columns);
void svg_line(struct buf *out, double x1, double y1, double x2, double y2,
              const char *class);

/* A circle that tells `about` (as received) when it is pointed at. */
void svg_point(struct buf *out, double x, double y, const char *class,
               const char *about);

/* A value axis.  With `log`, equal ratios have equal lengths. */
struct svg_axis {
    double from, to;     /* values, from < to; positive with `log` */
    double low_px, high_px;
    bool log;
};

/* Makes room on it for a value; NaN needs none.  Before the first value `from`
 * and `to` are NaN. */
void svg_widen(struct svg_axis *a, double value);

double svg_at(const struct svg_axis *a, double value);

/* Lines across, and their numbers: up and down along the left edge `edge_px` to
 * `end_px`, or below an axis that goes to the right. */
void svg_grid_rows(struct buf *out, const struct svg_axis *y, double edge_px,
                   double end_px);
void svg_grid_columns(struct buf *out, const struct svg_axis *x, double top_px,
                      double bottom_px);

/* --- plots: each appends an SVG ----------------------------------------- */

/* Whether there is anything to show. */
bool plot_is_known(const struct report_view *v, enum report_plot plot);

const char *plot_title(enum report_plot plot);

void plot_intervals(const struct report_view *v, bool alone, struct buf *out);
int plot_matrix(const struct report_view *v, bool alone, struct buf *out,
                struct err *e);
void plot_history(const struct report_view *v, bool alone, struct buf *out);
void plot_scatter(const struct report_view *v, enum report_plot plot,
                  bool alone, struct buf *out);

/* Appends the plot that is asked for. */
int plot_add(const struct report_view *v, enum report_plot plot, bool alone,
             struct buf *out, struct err *e);

#endif
