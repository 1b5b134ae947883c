/* foreign: logs of judgments made elsewhere, as a table of their keys: of each
 * form a row says under which keys an object has models, prompt, answers and
 * judge, and a function reads its verdicts.
 *
 * Texts that the object does not have are taken from the questions of its id,
 * and from the models' finished answers (arena answers).  docs/FORMS.md lists
 * the keys.  One thread. */
#ifndef ARENA_EXCHANGE_FOREIGN_H
#define ARENA_EXCHANGE_FOREIGN_H

#include "arena/exchange/form.h"
#include "arena/exchange/spoken.h"

#define FOREIGN_KEYS 4

/* What an object is taken for, while its battles are stored. */
struct foreign_row {
    struct import *x;
    const cJSON *o;
    struct spoken spoken; /* of the models in the order of the form's keys */
    const char *model[2], *id, *prompt, *category;
    char *voter;
    const char *comment; /* or NULL */
    bool compare;        /* the voter knew the names */
    int64_t created_ms;
};

/* A verdict on the row's battle. */
struct foreign_verdict {
    enum rating_outcome outcome; /* of the models as they stand in the row */
    bool is_swapped;             /* the judge saw the second one first */
    double p_a;                  /* of the first; NaN */
    const char *part;            /* tells the row's verdicts apart */
};

struct foreign {
    const char *what;                 /* "a judgment of MT-bench" */
    const char *models[2];
    bool takes_baseline; /* as the second model of an object that has none */
    const char *prompt, *answers[2];  /* NULL: it has only ids */
    const char *ids[FOREIGN_KEYS], *category, *voter, *time;
    /* Calls foreign_put for each verdict of the object.  0; 1: it cannot be
     * used, *e says why; -1. */
    int (*verdicts)(struct foreign_row *r, struct err *e);
};

/* A verdict with the sides turned round. */
enum rating_outcome foreign_turn(enum rating_outcome outcome);

/* Stores a battle with a verdict.  `key` with the row's id tells its vote from
 * all others (NULL: nothing does).  As `verdicts`. */
int foreign_put(struct foreign_row *r, const char *key,
                const struct foreign_verdict *v, struct err *e);

/* Takes one object (exchange_form.value). */
int foreign_take(struct import *x, const struct foreign *f, const cJSON *o,
                 struct err *e);

#endif
