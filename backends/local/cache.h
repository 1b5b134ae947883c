/* cache: the weights files that are loaded, and the timelines kept for a
 * further turn.
 *
 * A file is loaded once for all models on it, with whatever adapters.  A file
 * that has changed on disk is another one; the old stays for the answers that
 * began on it.  If the files together would exceed half of the machine's
 * memory, unused ones are closed, the longest unused first.  Only the engine
 * thread calls. */
#ifndef BACKENDS_LOCAL_CACHE_H
#define BACKENDS_LOCAL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/engine.h"
#include "backends/model.h"
#include "base/err.h"

#define CACHE_SESSIONS 2 /* kept: the two sides of a battle */

/* What the files of a model were when they were loaded: all parts of a split
 * one, and the tokenizer's. */
struct cache_stamp {
    size_t n_bytes; /* of all of them */
    uint64_t mark;  /* mixed from device, inode, size and time of each */
};

/* An adapter of loaded weights; it stays as long as they do. */
struct cache_adapter {
    struct cache_adapter *next;
    char *path;
    struct cache_stamp stamp;
    struct engine_adapter *adapter;
};

struct loaded {
    struct loaded *next;
    char *path, *tokenizer; /* tokenizer: NULL if none is named */
    struct cache_stamp stamp;
    struct engine *engine;
    struct cache_adapter *adapters;
    int n_users;      /* answers under way */
    uint64_t used_at; /* the cache's clock */
};

struct cache_session {
    struct engine_session *session; /* NULL: a free place */
    struct loaded *loaded;
    int n_ctx, kv;           /* as the model has them */
    struct token_list held;  /* the tokens of its timeline */
    uint64_t used_at;
};

struct cache {
    struct pool *pool; /* borrowed */
    struct loaded *first;
    struct cache_session sessions[CACHE_SESSIONS];
    uint64_t clock; /* counts up at each use */
    size_t max_bytes;
};

void cache_init(struct cache *s, struct pool *pool);
void cache_free(struct cache *s);

/* The weights of a file (of all files, if `path` is the first of a split
 * model), loaded if need be, with one more user.  0, or -1 with
 * ERR_BACKEND. */
int cache_take(struct cache *s, const char *path, const char *tokenizer,
               struct loaded **out, struct err *e);
void cache_return(struct cache *s, struct loaded *l);

/* The adapters of a model for l, loaded if need be: list[from->n], of which
 * there is room for LORA_MOST.  They live as long as l.  0, or -1 with
 * ERR_BACKEND. */
int cache_take_adapters(struct loaded *l, const struct lora_list *from,
                        struct engine_adapted *list, struct err *e);

/* A session of m on l, list being its adapters: the kept one whose timeline has
 * most in common with `ids`, else a new one.  *held is what it holds (caller
 * frees).  0 or -1. */
int cache_take_session(struct cache *s, struct loaded *l,
                       const struct model *m,
                       const struct engine_adapted *list,
                       const struct token_list *ids,
                       struct engine_session **out, struct token_list *held,
                       struct err *e);

/* Keeps a session of m and its tokens, in place of the one kept longest. */
void cache_keep_session(struct cache *s, struct loaded *l,
                        const struct model *m, struct engine_session *session,
                        const struct token_list *held);

#endif
