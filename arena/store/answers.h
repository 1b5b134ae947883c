/* answers: the stored answers as received, with all that would tell whose they
 * are.  Only the store, arena/battle and arena/blind include this, and
 * tests/lint/layers.t rejects others.  For people, answers are read with
 * blind_read. */
#ifndef ARENA_STORE_ANSWERS_H
#define ARENA_STORE_ANSWERS_H

#include "arena/store/inserts.h"
#include "arena/store/store.h"

#define ANSWERS_COLUMNS 19

/* For inserts_init. */
extern const struct inserts_sql answers_sql;

/* All answers of a battle by turn, round, side.  The caller frees them with
 * store_free_answers.  0 or -1. */
int store_list_answers(struct store *s, int64_t battle_id,
                       struct store_answer_row **out, size_t *n, struct err *e);

/* One battle, its names included.  -1 with ERR_USAGE if there is none. */
struct store_battle_row {
    struct store_battle battle; /* pace is "" */
    char *prompt, *category;
    char *model[2]; /* names, in A, B order */
};

int store_get_battle(struct store *s, int64_t id, struct store_battle_row *out,
                     struct err *e);
void store_free_battle(struct store_battle_row *row);

/* For the other parts of the store: stores an answer, inside a transaction of
 * the caller, who adds it to the sums.  0 or -1. */
int answers_put(struct store *s, const struct store_answer *a, int64_t *id,
                struct err *e);

/* The same with others, or at once if it has what few have. */
int answers_put_later(struct store *s, struct inserts *rows,
                      const struct store_answer *a, struct err *e);

#endif
