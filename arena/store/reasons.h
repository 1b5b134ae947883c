/* reasons: why somebody voted or skipped as they did: a few words to choose
 * from (tags) and a comment.
 *
 * A reason is often given after the vote, whose row never changes, so it has a
 * row of its own, and the last one of each voter counts.  It may name the
 * models: it is for those who may know them.  One thread. */
#ifndef ARENA_STORE_REASONS_H
#define ARENA_STORE_REASONS_H

#include "arena/store/store.h"

#define REASONS_MAX_BYTES 8192 /* of all tags, or of a comment */

struct reason {
    char *tags;    /* "clear,short"; "": none */
    char *comment; /* "": none */
};

/* Begins it with no tags and no comment. */
void reason_init(struct reason *r);

/* Stores why `voter` did as they did on a battle, in place of what they said
 * before.  0, or -1 (ERR_USAGE: too long, or no such battle). */
int reason_put(struct store *s, int64_t battle_id, const char *voter,
               const char *tags, const char *comment, struct err *e);

/* What `voter` (NULL: anybody) said last on a battle, or without that the
 * comment that came with the vote that stands; if there is nothing, *out is
 * empty.  It must be begun (reason_init) and is freed by the caller.  0 or
 * -1. */
int reason_get(struct store *s, int64_t battle_id, const char *voter,
               struct reason *out, struct err *e);
void reason_free(struct reason *r);

/* Appends it in a line of words, as received: "clear, short; comment". */
void reason_describe(const struct reason *r, struct buf *out);

/* Each tag that was ever given, once, in order; freed with
 * store_free_names. */
int reason_list_tags(struct store *s, char ***names, size_t *n,
                     struct err *e);

#endif
