/* report: a leaderboard as a page for a browser, and its plots as pictures.
 *
 * The page is one file: no script, no request to anywhere, and a content
 * security policy that says so.  Plots are SVG inside of it.  All text from
 * outside passes tui/print/markup.h.  One thread. */
#ifndef TUI_REPORT_REPORT_H
#define TUI_REPORT_REPORT_H

#include <stdint.h>

#include "arena/store/store.h"
#include "base/buf.h"
#include "base/err.h"
#include "tui/print/ratings.h"

/* X(NAME, word, title) */
#define REPORT_PLOTS(X)                                                       \
    X(INTERVALS, intervals, "Ratings with 95% intervals")                     \
    X(MATRIX, matrix, "Head to head")                                         \
    X(HISTORY, history, "Running ratings over the votes")                     \
    X(COST, cost, "Rating against cost")                                      \
    X(SPEED, speed, "Rating against speed")                                   \
    X(SECONDS, seconds, "Rating against seconds per answer")                  \
    X(PRICE, price, "Rating against the cost of an answer")

enum report_plot {
#define REPORT_ENUM(NAME, word, title) REPORT_##NAME,
    REPORT_PLOTS(REPORT_ENUM)
#undef REPORT_ENUM
    REPORT_N_PLOTS
};

struct report_view {
    const struct ratings_view *ratings; /* with counts */
    const struct store_course *course;  /* of the models of the counts */
    const char *scope; /* which votes: "of the category coding"; "": all */
    int64_t made_ms;   /* since 1970 */
};

/* Appends the page.  0, or -1 if there is no memory for the matrix. */
int report_add_page(const struct report_view *v, struct buf *out,
                    struct err *e);

/* Appends one plot as an SVG file of its own.  0, or -1; ERR_USAGE if nothing
 * is known that it could show. */
int report_add_svg(const struct report_view *v, enum report_plot plot,
                   struct buf *out, struct err *e);

#endif
