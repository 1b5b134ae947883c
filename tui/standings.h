/* standings: a leaderboard, as table, JSON, CSV or Markdown.
 *
 * Shared by `arena rate` and `arena leaderboard`, so that both print the same
 * shape.  The caller fills the struct, calls standings_sort, and keeps owning
 * all that it points to.  Names are raw; they are cleaned on the way out.
 * One thread. */
#ifndef TUI_STANDINGS_H
#define TUI_STANDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "rating/bt.h"
#include "rating/elo.h"

struct standings {
    bool is_elo;                 /* running Elo, which has no intervals */
    struct elo_params elo;       /* as it was computed; only for Elo */
    const double *elo_ratings;   /* [n_models]; only for Elo */
    struct bt_params bt;         /* as it was asked for */
    const struct bt_result *result; /* of bt_fit; for Elo the tally alone */
    const char *const *names;    /* [n_models] */
    const struct rating_counts *counts; /* for the matrix; NULL: none */
    bool matrix;
    int64_t against;             /* model that all are compared with; -1 */
    uint64_t n_rejected;         /* rows of the log that were not used */

    uint32_t *order;             /* [n] models to show, best first */
    size_t n;
};

/* Chooses the models to show (those with votes) and their order: by group,
 * then by rating, those without a rating last.  standings_free is due. */
void standings_sort(struct standings *s);
void standings_free(struct standings *s);

/* Append the whole of it.  JSON is one object without a line break behind it,
 * without its closing brace if `open`, so that a caller can add members. */
void standings_json(const struct standings *s, bool open, struct buf *out);
void standings_csv(const struct standings *s, struct buf *out);
void standings_markdown(const struct standings *s, struct buf *out);
void standings_table(const struct standings *s, struct buf *out);

/* A word for an option's value, as on the command line. */
const char *standings_ties(enum bt_ties ties);
const char *standings_ci(enum bt_ci ci);

#endif
