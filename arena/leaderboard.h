/* leaderboard: ratings as rows, best first, with what must be said beside them.
 *
 * Filled from a Bradley-Terry fit over pair counts, whether these come from the
 * store or from a file; a running Elo then replaces the scores.  Owns its rows.
 * No output: tui/print/ratings.h draws it.  One thread. */
#ifndef ARENA_LEADERBOARD_H
#define ARENA_LEADERBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/store/store.h"
#include "base/err.h"
#include "rating/drop.h"
#include "rating/elo.h"
#include "rating/fit/bt.h"
#include "rating/judged/judged.h"
#include "rating/scale.h"
#include "rating/votes/counts.h"

/* Tiers are looked for among at most so many models. */
#define LEADERBOARD_TIERS_MOST 200

/* With fewer votes a model's place is preliminary. */
#define LEADERBOARD_FEW_VOTES 20

enum leaderboard_method { LEADERBOARD_BT, LEADERBOARD_ELO };

struct leaderboard_row {
    char *name;
    uint32_t model;      /* index in the counts */
    double rating, lower, upper, se; /* NaN: there is none (bt.h says
                                        when); of Elo only the rating */
    uint32_t rank;       /* 0: none.  Of Elo: 1 + models with more points */
    uint32_t rank_best, rank_worst; /* 0 unless the fit had `differences` */
    uint32_t tier;       /* of bt.h; 0: none, or not looked for */
    uint32_t component;  /* scores of different groups do not compare */
    uint64_t votes, wins, losses, ties, bad; /* ties without bad */
    uint64_t weighted;   /* the other votes, of which it won a share … */
    double share_won;    /* … and the sum of these */
    bool bounded;        /* as in bt.h */
    bool preliminary;    /* few votes, not bounded, or several groups */
    struct store_usage usage; /* of its answers; NaN with no `has_usage` */
    struct store_per_answer per_answer; /* with `has_per_answer` */
    struct bt_difference against; /* to the model of leaderboard_set_against */
};

struct leaderboard {
    enum leaderboard_method method;
    struct leaderboard_row *rows; /* models that have a vote */
    size_t n_rows;
    bool has_usage;               /* it comes from a store of answers */
    bool has_per_answer;          /* it does, and was asked what one took */
    uint64_t n_votes;             /* that are rated */
    uint64_t n_dropped;           /* ties that are not (BT_TIES_DROP) */
    uint64_t n_first, n_second;   /* won by side A, by side B */
    uint64_t n_weighted;          /* votes with a share for each side */
    uint32_t n_components, n_unbounded, n_rounds_failed;
    double prior;                 /* the one that was used */
    double tie_parameter;         /* NaN: the method has none */
    double position, position_se; /* advantage of side A in points, or NaN */
    struct bt_params bt;          /* what was asked for */
    struct elo_params elo;        /* with LEADERBOARD_ELO */
    struct scale_test scale;      /* n_parts below 2: no test */
    struct drop_lead lead;        /* n_votes 0: not looked for, or not found */
    char *judge;                  /* that narrowed it; NULL: none */
    struct judged_worth worth;    /* with `judge` */
    enum judged_cluster cluster;  /* with `judge` */
    uint64_t n_other_judges;      /* votes of others, left out */
    double temperature;           /* of its probabilities (rating/judged/
                                     temper.h); 0: it gave verdicts only */
    int64_t against;              /* the model that all are compared to; it
                                     has a row; -1: none */
};

/* Rows from a fit.  names[i] is the model i of counts and fit (copied). */
void leaderboard_from_fit(struct leaderboard *l, const char *const *names,
                          const struct rating_counts *c,
                          const struct bt_result *fit,
                          const struct bt_params *p);

/* Puts running ratings (by model index) in the place of the fitted ones. */
void leaderboard_set_elo(struct leaderboard *l, const double *ratings,
                         const struct elo_params *p);

/* Compares every row with one model (by index in the counts); the fit must
 * have been asked for `differences`.  Nothing if the model has no row. */
void leaderboard_set_against(struct leaderboard *l, const struct bt_result *fit,
                             size_t model);

/* Says that a judge narrowed the fit (rating/judged/judged.h), with its
 * probabilities at a temperature (rating/judged/temper.h; 0: none).  Its name
 * is copied, without "judge:". */
void leaderboard_set_judge(struct leaderboard *l, const char *judge,
                           enum judged_cluster cluster,
                           const struct judged_worth *worth,
                           double temperature);

void leaderboard_free(struct leaderboard *l);

/* Wins, ties as half and weighted votes by share, over votes; in percent. */
double leaderboard_win_rate(const struct leaderboard_row *row);

/* What to load. */
struct leaderboard_params {
    enum leaderboard_method method;
    struct bt_params bt;
    struct elo_params elo; /* with LEADERBOARD_ELO */
    bool remarks;          /* of Bradley-Terry, also find `tier`, `lead` and
                              `scale`, in twice the time or more; what cannot be
                              found is left out */
    bool per_answer;       /* also what one answer takes, from all of them */
};

/* Reads the store's counts and fits.  No vote at all is no error: no rows.
 * The counts (for the matrix) are the caller's to free.  0 or -1. */
int leaderboard_load(struct leaderboard *l, struct rating_counts *counts,
                     struct store *s, const struct store_filter *filter,
                     const struct leaderboard_params *p, struct err *e);

/* The same, by Bradley-Terry, without the votes of suspects (arena/suspects.h).
 * Nothing is deleted.  *out: how many of the filter's voters and votes were
 * left out.  Its time grows with the votes, not only with the models. */
struct leaderboard_suspects {
    uint64_t n_voters, n_votes;
};
int leaderboard_load_unsuspected(struct leaderboard *l,
                                 struct rating_counts *counts, struct store *s,
                                 const struct store_filter *filter,
                                 const struct leaderboard_params *p,
                                 struct leaderboard_suspects *out,
                                 struct err *e);

/* By people's votes, narrowed by a judge's on the store's battles ("NAME" or
 * "judge:NAME"; rating/judged/judged.h); the filter's voter is not looked at.
 * Of remarks there are tiers alone.  -1 with ERR_USAGE too if the judge gave no
 * votes. */
int leaderboard_load_judged(struct leaderboard *l, struct rating_counts *counts,
                            struct store *s, const struct store_filter *filter,
                            const char *judge,
                            const struct leaderboard_params *p, struct err *e);

#endif
