/* csv: the CSV form of a battle log.
 *
 * Its header says which columns hold the models and the verdict; the rows are
 * cut by base/csv.h. */
#ifndef ARENA_VOTELOG_CSV_H
#define ARENA_VOTELOG_CSV_H

#include "arena/votelog/chunk.h"
#include "base/err.h"

enum votelog_role {
    ROLE_A,
    ROLE_B,
    ROLE_WINNER,
    ROLE_WON_A, /* winner_model_a: 0 or 1 */
    ROLE_WON_B,
    ROLE_TIED,
    ROLE_VOTER,
    ROLE_CATEGORY,
    ROLE_BATTLE,
    ROLE_P_A,
    ROLE_COUNT,
    ROLE_N
};

struct votelog_columns {
    char separator;
    int role[ROLE_N]; /* the column; -1: not there */
    int feature[VOTELOG_MAX_FEATURES][2];
    int n_wanted;     /* 1 + the last column that is looked at */
};

/* Reads the header from the chunk's window.  0, or -1. */
int votelog_csv_header(struct chunk *c, struct votelog_columns *out,
                       struct err *e);

/* Reads the chunk's rows; c->status says how that went. */
void votelog_csv_rows(struct chunk *c);

#endif
