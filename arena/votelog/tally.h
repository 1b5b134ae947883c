/* tally: what a battle log adds up to, read by arena/votelog.
 *
 * Always the pair counts, whole and by category; on request the running Elo, in
 * the order of the file; the ballots by voter; and the rows with their numbers.
 * The first two are bounded by the number of models, the others grow with the
 * log.  Owns all of it.  One thread (reading uses more, inside). */
#ifndef ARENA_VOTELOG_TALLY_H
#define ARENA_VOTELOG_TALLY_H

#include "arena/votelog/votelog.h"
#include "base/err.h"
#include "rating/elo.h"
#include "rating/style.h"
#include "rating/votes/counts.h"

/* Votes of one kind: all, or one category. */
struct tally_bucket {
    struct rating_counts counts;
    double *elo;                    /* [n_elo] by model, with `elo` */
    size_t n_elo;
    struct rating_ballot *ballots;  /* by voter, with `ballots` */
    size_t n_ballots, cap_ballots;
    struct style_rows rows;         /* with `rows`; points to what follows */
    struct style_vote *votes;
    float *x;
    size_t cap_rows;
};

struct tally_options {
    struct votelog_options log;     /* voters and features are set from below */
    const struct elo_params *elo;   /* NULL: none */
    bool ballots, rows;
};

struct tally {
    struct votelog log;
    struct tally_bucket all;
    struct tally_bucket *by;        /* [log.categories.n] */
    const char **names;             /* [log.models.n] */
};

/* Reads a file ("-": stdin).  0, or -1 as votelog_read; tally_free is due
 * either way. */
int tally_read(struct tally *t, const char *path,
               const struct tally_options *o, struct err *e);
void tally_free(struct tally *t);

#endif
