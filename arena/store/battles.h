/* battles: rows of battles, for the other parts of the store. */
#ifndef ARENA_STORE_BATTLES_H
#define ARENA_STORE_BATTLES_H

#include "arena/store/inserts.h"
#include "arena/store/private.h"

#define BATTLES_COLUMNS 10

/* For inserts_init. */
extern const struct inserts_sql battles_sql;

/* As store_add_battle, inside a transaction of the caller.  b->id 0: the next
 * number. */
int battles_add(struct store *s, const struct store_battle *b, int64_t *id,
                struct err *e);

/* The same with others, its number known. */
int battles_add_later(struct inserts *rows, const struct store_battle *b,
                      struct err *e);

/* A battle that is over stays so: another process may have voted on it.  As
 * store_set_battle_state, inside a transaction of the caller. */
int battles_set_state(struct store *s, int64_t battle_id,
                      enum store_battle_state state, struct err *e);

/* The word of a state, and back; false if it is none of them (or NULL). */
const char *battles_state_name(enum store_battle_state state);
bool battles_state_parse(const char *name, enum store_battle_state *state);

#endif
