/* agreement: what judges are worth beside people: how far they agree on the
 * battles that both voted on, and what else moves a judge: the order, length,
 * its own kind.  Owns its rows.  No output.  One thread. */
#ifndef ARENA_AGREEMENT_H
#define ARENA_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "arena/config/config.h"
#include "arena/store/store.h"
#include "base/err.h"
#include "rating/kappa.h"
#include "rating/math/proportion.h"

/* How often one of two things won of the battles in which they met; a tie is
 * left out. */
struct agreement_taste {
    uint64_t n_won, n;
};

struct agreement_category {
    char *name;
    struct kappa with_people;
};

/* One judge, or all people together. */
struct agreement_voter {
    char *name;     /* "judge:NAME"; NULL: the people */
    uint64_t n;     /* votes */
    struct kappa with_people; /* of people: with each other */
    struct agreement_category *categories; /* of a judge, if several */
    size_t n_categories;
    struct agreement_taste first, longer; /* side A; the longer answer */
    const char *family;                   /* of a judge; NULL: not known */
    struct agreement_taste kin;           /* its family against others … */
    struct agreement_taste kin_people;    /* … and as people vote on that */
    uint64_t n_swapped, n_consistent;     /* judged in both orders; alike */
    double shown_first;                   /* mean share of the answer that was
                                             shown first; NaN: not known */
};

struct agreement {
    struct agreement_voter *voters; /* the people, then the judges by name */
    size_t n;
};

/* Of all votes of the filter (its voter is not looked at) that count.  `config`
 * (NULL: none) tells what models are.  0 or -1; agreement_free is due either
 * way. */
int agreement_load(struct agreement *a, struct store *s,
                   const struct store_filter *filter,
                   const struct config *config, struct err *e);
void agreement_free(struct agreement *a);

#endif
