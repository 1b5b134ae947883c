#include "backends/local/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backends/local/timeline.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

void cache_init(struct cache *s, struct pool *pool)
{
    *s = (struct cache){.pool = pool, .max_bytes = mem_of_machine() / 2};
}

static void drop_session(struct cache_session *k)
{
    engine_session_close(k->session);
    token_list_free(&k->held);
    *k = (struct cache_session){0};
}

static void drop_adapters(struct loaded *l)
{
    while (l->adapters != NULL) {
        struct cache_adapter *a = l->adapters;
        l->adapters = a->next;
        engine_adapter_close(a->adapter);
        free(a->path);
        free(a);
    }
}

/* Takes weights out of the cache with the sessions that are kept on them. */
static void unload(struct cache *s, struct loaded *l)
{
    for (int i = 0; i < CACHE_SESSIONS; i++)
        if (s->sessions[i].session != NULL && s->sessions[i].loaded == l)
            drop_session(&s->sessions[i]);
    struct loaded **p = &s->first;
    while (*p != l)
        p = &(*p)->next;
    *p = l->next;
    drop_adapters(l);
    engine_close(l->engine);
    free(l->path);
    free(l->tokenizer);
    free(l);
}

void cache_free(struct cache *s)
{
    while (s->first != NULL)
        unload(s, s->first);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* --- stamps ------------------------------------------------------------ */

/* Adds a file to a stamp; false: it is not there. */
static bool stamp_add(struct cache_stamp *t, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    const uint64_t parts[] = {
        (uint64_t)st.st_dev, (uint64_t)st.st_ino, (uint64_t)st.st_size,
        (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec,
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        t->mark = (t->mark ^ parts[i]) * 0x9E3779B97F4A7C15u;
        t->mark ^= t->mark >> 32;
    }
    t->n_bytes += (size_t)st.st_size;
    return true;
}

/* The other parts of NAME-00001-of-0000N.gguf, as far as they are there. */
static void stamp_parts(struct cache_stamp *t, const char *path)
{
    static const char form[] = "-00001-of-00002.gguf";
    size_t n = strlen(path), n_form = sizeof(form) - 1;
    int n_parts = 0, read = 0;
    if (n < n_form)
        return;
    sscanf(path + n - n_form, "-00001-of-%5d.gguf%n", &n_parts, &read);
    bool more = (size_t)read == n_form;
    for (int i = 2; more && i <= n_parts; i++) {
        struct buf other;
        buf_init(&other, n + 1);
        buf_add(&other, path, n - n_form);
        buf_addf(&other, "-%05d-of-%05d.gguf", i, n_parts);
        more = stamp_add(t, other.data);
        buf_free(&other);
    }
}

/* A file as it is on disk now. */
static int take_stamp(struct cache_stamp *t, const char *path, struct err *e)
{
    *t = (struct cache_stamp){0};
    if (stamp_add(t, path))
        return 0;
    return err_set(e, ERR_BACKEND, "%s: cannot be opened: %s", path,
                   strerror(errno));
}

/* The same of all files of a model. */
static int take_stamp_of_model(struct cache_stamp *t, const char *path,
                               const char *tokenizer, struct err *e)
{
    if (take_stamp(t, path, e) != 0)
        return -1;
    stamp_parts(t, path);
    /* A llama2.c checkpoint has its words beside it. */
    char *folder = path_folder(path);
    char *beside = path_join(folder, "tokenizer.bin");
    stamp_add(t, tokenizer != NULL ? tokenizer : beside);
    free(folder);
    free(beside);
    return 0; /* the engine says what is not there */
}

static size_t sum_of_files(const struct cache *s)
{
    size_t sum = 0;
    for (const struct loaded *l = s->first; l != NULL; l = l->next) {
        sum += l->stamp.n_bytes;
        for (const struct cache_adapter *a = l->adapters; a; a = a->next)
            sum += a->stamp.n_bytes;
    }
    return sum;
}

/* --- weights ----------------------------------------------------------- */

/* Makes room for files of n bytes, and drops what has changed on disk. */
static void make_room(struct cache *s, size_t n, const char *path)
{
    for (;;) {
        bool full = sum_of_files(s) + n > s->max_bytes;
        struct loaded *oldest = NULL;
        for (struct loaded *l = s->first; l != NULL; l = l->next) {
            if (l->n_users > 0 || (!full && strcmp(l->path, path) != 0))
                continue;
            if (oldest == NULL || l->used_at < oldest->used_at)
                oldest = l;
        }
        if (oldest == NULL)
            return;
        unload(s, oldest);
    }
}

static int load(struct cache *s, const char *path, const char *tokenizer,
                const struct cache_stamp *stamp, struct loaded **out,
                struct err *e)
{
    struct engine *engine;
    struct engine_options options = {.pool = s->pool,
                                     .tokenizer_path = tokenizer};
    if (engine_open(&engine, path, &options, e) != 0)
        return -1;
    struct loaded *l = mem_calloc(1, sizeof(*l));
    *l = (struct loaded){
        .next = s->first,
        .path = mem_strdup(path),
        .tokenizer = mem_strdup(tokenizer),
        .stamp = *stamp,
        .engine = engine,
    };
    s->first = l;
    *out = l;
    return 0;
}

int cache_take(struct cache *s, const char *path, const char *tokenizer,
               struct loaded **out, struct err *e)
{
    struct cache_stamp stamp;
    if (take_stamp_of_model(&stamp, path, tokenizer, e) != 0)
        return -1;
    struct loaded *l = s->first;
    while (l != NULL && (strcmp(l->path, path) != 0 ||
                         !same_text(l->tokenizer, tokenizer) ||
                         l->stamp.mark != stamp.mark))
        l = l->next;
    if (l == NULL) {
        make_room(s, stamp.n_bytes, path);
        if (load(s, path, tokenizer, &stamp, &l, e) != 0)
            return -1;
    }
    l->n_users++;
    l->used_at = ++s->clock;
    *out = l;
    return 0;
}

void cache_return(struct cache *s, struct loaded *l)
{
    (void)s;
    l->n_users--;
}

/* --- adapters ---------------------------------------------------------- */

static int take_adapter(struct loaded *l, const char *path,
                        const struct engine_adapter **out, struct err *e)
{
    struct cache_stamp stamp;
    if (take_stamp(&stamp, path, e) != 0)
        return -1;
    struct cache_adapter *a = l->adapters;
    while (a != NULL && (strcmp(a->path, path) != 0 ||
                         a->stamp.mark != stamp.mark))
        a = a->next;
    if (a == NULL) {
        struct engine_adapter *adapter;
        if (engine_adapter_open(&adapter, l->engine, path, e) != 0)
            return -1;
        a = mem_calloc(1, sizeof(*a));
        *a = (struct cache_adapter){l->adapters, mem_strdup(path), stamp,
                                    adapter};
        l->adapters = a;
    }
    *out = a->adapter;
    return 0;
}

int cache_take_adapters(struct loaded *l, const struct lora_list *from,
                        struct engine_adapted *list, struct err *e)
{
    for (size_t i = 0; i < from->n; i++) {
        list[i].scale = (float)from->v[i].scale;
        if (take_adapter(l, lora_path(&from->v[i]), &list[i].adapter, e) != 0)
            return -1;
    }
    return 0;
}

/* --- sessions ---------------------------------------------------------- */

int cache_take_session(struct cache *s, struct loaded *l,
                       const struct model *m,
                       const struct engine_adapted *list,
                       const struct token_list *ids,
                       struct engine_session **out, struct token_list *held,
                       struct err *e)
{
    struct cache_session *best = NULL;
    size_t most = 0;
    for (int i = 0; i < CACHE_SESSIONS; i++) {
        struct cache_session *k = &s->sessions[i];
        if (k->session == NULL || k->loaded != l || k->n_ctx != m->n_ctx ||
            k->kv != m->kv ||
            !engine_session_is_adapted(k->session, list, m->lora.n))
            continue;
        size_t n = token_list_common(&k->held, ids);
        if (best == NULL || n > most) {
            best = k;
            most = n;
        }
    }
    *held = (struct token_list){0};
    if (best == NULL)
        return timeline_open(out, l->engine, m, m->n_ctx, list, m->lora.n, e);
    *out = best->session;
    *held = best->held;
    *best = (struct cache_session){0};
    return 0;
}

void cache_keep_session(struct cache *s, struct loaded *l,
                        const struct model *m, struct engine_session *session,
                        const struct token_list *held)
{
    struct cache_session *place = &s->sessions[0];
    for (int i = 0; i < CACHE_SESSIONS && place->session != NULL; i++) {
        struct cache_session *k = &s->sessions[i];
        if (k->session == NULL || k->used_at < place->used_at)
            place = k;
    }
    if (place->session != NULL)
        drop_session(place);
    *place = (struct cache_session){
        session, l, m->n_ctx, m->kv, *held, ++s->clock,
    };
}
