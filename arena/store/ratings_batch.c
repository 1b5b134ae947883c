#include "arena/store/ratings_batch.h"

#include <string.h>

int ratings_batch_init(struct ratings_batch *b, struct store *s, struct err *e)
{
    paircounts_init(&b->counts);
    int result = replay_load(&b->replay, s, e);
    replay_from_stored(&b->replay);
    return result;
}

void ratings_batch_free(struct ratings_batch *b)
{
    paircounts_free(&b->counts);
    replay_free(&b->replay);
}

int ratings_batch_add(struct ratings_batch *b, struct replay_vote *v,
                      const char *category, const char *kind, struct err *e)
{
    if (paircounts_add(&b->counts, v->model_id, category, kind, v->verdict,
                       e) != 0)
        return -1;
    if (strcmp(kind, "human") != 0)
        return 0;
    return replay_move(&b->replay, v, e) != 0 ? -1
                                              : replay_keep(&b->replay, v, e);
}

int ratings_batch_store(struct ratings_batch *b, struct err *e)
{
    return paircounts_store(&b->counts, b->replay.s, e) != 0
               ? -1
               : replay_store(&b->replay, e);
}
