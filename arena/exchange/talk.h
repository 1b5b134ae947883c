/* talk: the conversation of a battle as it was voted on: of each turn the last
 * round with both answers. */
#ifndef ARENA_EXCHANGE_TALK_H
#define ARENA_EXCHANGE_TALK_H

#include "arena/store/bulk.h"
#include "base/buf.h"

struct talk {
    const struct store_answer *(*turns)[2]; /* [n], A and B */
    size_t n;                               /* 0: no texts are stored */
};

/* The answers belong to the battle.  talk_free frees the list. */
void talk_init(struct talk *t, const struct bulk_battle *b);
void talk_free(struct talk *t);

/* Whether both sides said the same in all turns but the last. */
bool talk_shares_history(const struct talk *t);

/* Appends one message, {"role":…,"content":…}, with a comma before it unless a
 * list begins. */
void talk_add_message(struct buf *out, const char *role, const char *content);

/* Appends the messages of a side up to the last prompt, or (whole) up to the
 * last answer, as a list. */
void talk_add_messages(const struct talk *t, int side, bool whole,
                       struct buf *out);

#endif
