/* answered: the answers of one model on their way out, each prompt once. */
#ifndef ARENA_EXCHANGE_ANSWERED_H
#define ARENA_EXCHANGE_ANSWERED_H

#include "arena/exchange/form.h"

struct answered {
    const struct store_answer *const *turns; /* [n], in order */
    size_t n;
    const char *prompt, *category;
    const char *prompt_id; /* or NULL */
    int64_t number;        /* of the battle */
    int64_t created_ms;
};

/* Calls `add` for the answer that the model of the options has in a battle,
 * unless it has none that is whole, or an earlier battle had one to the same
 * prompt, which is counted if it is another. */
void answered_export(struct export *x, const struct bulk_battle *b,
                     void (*add)(struct export *x, const struct answered *a));

/* The id that a row goes by: the prompt's, else the number of the battle. */
void answered_put_id(struct buf *out, const char *key, const char *prompt_id,
                     int64_t number);

#endif
