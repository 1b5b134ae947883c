/* blind: a stored battle for people, the one call that reads answers for them.
 *
 * While the names of the battle are hidden, so is everything that gives them
 * away: names in the texts, and thinking, settings, speed, cost and errors of
 * the answers.  No caller has to think of it.  (arena/battle hides what the
 * battle screen shows while answers come in.)  One thread. */
#ifndef ARENA_BLIND_H
#define ARENA_BLIND_H

#include "arena/config/config.h"
#include "arena/store/reasons.h"
#include "arena/store/store.h"

struct blind_battle {
    struct store_entry *entry;        /* one; its names are NULL while hidden */
    struct store_answer_row *answers; /* by turn, round, side */
    size_t n_answers;
    struct reason reason; /* why the vote or skip was given; empty while hidden:
                             it may name the models */
    bool hidden; /* the names are: of the answers only the texts are here */
    bool leak;   /* hidden, and a text would have named its model */
};

/* Reads a battle.  `config` (NULL: there is none) says by what else than its
 * name a model is known.  0 and *out, freed with blind_free; or -1 with ERR_DB
 * or, if there is no such battle, ERR_USAGE. */
int blind_read(struct blind_battle *out, struct store *s,
               const struct config *config, int64_t battle_id, struct err *e);

/* The same, with the names hidden even if they are open: a judge must see the
 * battles that people voted on as it sees all others. */
int blind_read_hidden(struct blind_battle *out, struct store *s,
                      const struct config *config, int64_t battle_id,
                      struct err *e);
void blind_free(struct blind_battle *b);

#endif
