/* columns: what the header of a CSV log says: which columns hold the models,
 * the verdict and what else is asked for.  Rows are cut by base/csv.h. */
#ifndef ARENA_VOTELOG_COLUMNS_H
#define ARENA_VOTELOG_COLUMNS_H

#include "arena/votelog/chunk.h"
#include "base/csv.h"
#include "base/err.h"

enum votelog_role {
    ROLE_A,
    ROLE_B,
    ROLE_WINNER,
    ROLE_WON_A, /* winner_model_a: 0 or 1 */
    ROLE_WON_B,
    ROLE_TIED,
    ROLE_SHARE,      /* p_a: the probability that A is better */
    ROLE_PREFERENCE, /* alpaca_eval's, from 1 (A) to 2 (B) */
    ROLE_ANONYMOUS,  /* false: the voter knew the models */
    ROLE_NAMED,      /* true: the same */
    ROLE_VOTER,
    ROLE_CATEGORY,
    ROLE_BATTLE,     /* with `judge` */
    ROLE_COUNT,
    ROLE_N
};

struct votelog_columns {
    char separator;
    int role[ROLE_N]; /* the column; -1: not there */
    int feature[VOTELOG_MAX_FEATURES][2]; /* [n_numbers] of both sides */
    int n_numbers;
    int text[2];      /* the answers, which are counted; -1: not there */
    int n_wanted;     /* 1 + the last column that is looked at */
    bool is_usual;    /* the verdict is a winner label and nothing else, and
                         neither marks nor names are asked for */
};

/* Reads the header from the chunk's window.  0, or -1. */
int votelog_csv_header(struct chunk *c, struct votelog_columns *out,
                       struct err *e);

/* Moves the window, which is at the start of a file, to the header, all of
 * whose first line is then in it.  *separator: as a sep= line says, or as
 * csv_guess_separator finds with `is_known`.  Adds the lines passed to *line.
 * 0 or -1. */
int votelog_csv_begin(struct window *w, const char *path,
                      bool (*is_known)(const struct csv_field *f),
                      char *separator, uint64_t *line, struct err *e);

/* The next record, moved out of the window; its fields stay there until the
 * next call.  1; 0 at the end; -1. */
int votelog_csv_record(struct window *w, char separator, const char *path,
                       struct csv_record *r, struct err *e);

/* Reads a field as a number; false if it is none. */
bool votelog_csv_number(const struct csv_field *f, float *out);

#endif
