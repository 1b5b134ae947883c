#include "backends/shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

void shelf_init(struct shelf *s, struct pool *pool)
{
    *s = (struct shelf){.pool = pool, .max_bytes = mem_of_machine() / 2};
}

static void drop_session(struct shelf_session *k)
{
    engine_session_close(k->session);
    token_list_free(&k->held);
    *k = (struct shelf_session){0};
}

/* Takes weights off the shelf with the sessions that are kept on them. */
static void unload(struct shelf *s, struct loaded *l)
{
    for (int i = 0; i < SHELF_SESSIONS; i++)
        if (s->sessions[i].session != NULL && s->sessions[i].loaded == l)
            drop_session(&s->sessions[i]);
    struct loaded **p = &s->first;
    while (*p != l)
        p = &(*p)->next;
    *p = l->next;
    engine_close(l->engine);
    free(l->path);
    free(l->tokenizer);
    free(l);
}

void shelf_free(struct shelf *s)
{
    while (s->first != NULL)
        unload(s, s->first);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_of_file(const struct loaded *l, const struct stat *st)
{
    return l->device == st->st_dev && l->inode == st->st_ino &&
           l->n_bytes == st->st_size &&
           l->changed.tv_sec == st->st_mtim.tv_sec &&
           l->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static size_t sum_of_files(const struct shelf *s)
{
    size_t sum = 0;
    for (const struct loaded *l = s->first; l != NULL; l = l->next)
        sum += (size_t)l->n_bytes;
    return sum;
}

/* Makes room for a file of n bytes, and drops what has changed on disk. */
static void make_room(struct shelf *s, size_t n, const char *path)
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

static int load(struct shelf *s, const char *path, const char *tokenizer,
                const struct stat *st, struct loaded **out, struct err *e)
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
        .device = st->st_dev,
        .inode = st->st_ino,
        .n_bytes = st->st_size,
        .changed = st->st_mtim,
        .engine = engine,
    };
    s->first = l;
    *out = l;
    return 0;
}

int shelf_take(struct shelf *s, const char *path, const char *tokenizer,
               struct loaded **out, struct err *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_set(e, ERR_BACKEND, "%s: cannot be opened: %s", path,
                       strerror(errno));
    struct loaded *l = s->first;
    while (l != NULL && (strcmp(l->path, path) != 0 ||
                         !same_text(l->tokenizer, tokenizer) ||
                         !is_of_file(l, &st)))
        l = l->next;
    if (l == NULL) {
        make_room(s, (size_t)st.st_size, path);
        if (load(s, path, tokenizer, &st, &l, e) != 0)
            return -1;
    }
    l->n_users++;
    l->used_at = ++s->clock;
    *out = l;
    return 0;
}

void shelf_return(struct shelf *s, struct loaded *l)
{
    (void)s;
    l->n_users--;
}

int shelf_take_session(struct shelf *s, struct loaded *l, int n_ctx,
                       const struct token_list *ids,
                       struct engine_session **out, struct token_list *held,
                       struct err *e)
{
    struct shelf_session *best = NULL;
    size_t most = 0;
    for (int i = 0; i < SHELF_SESSIONS; i++) {
        struct shelf_session *k = &s->sessions[i];
        if (k->session == NULL || k->loaded != l || k->n_ctx != n_ctx)
            continue;
        size_t n = token_list_common(&k->held, ids);
        if (best == NULL || n > most) {
            best = k;
            most = n;
        }
    }
    *held = (struct token_list){0};
    if (best == NULL)
        return engine_session_open(out, l->engine, n_ctx, e);
    *out = best->session;
    *held = best->held;
    *best = (struct shelf_session){0};
    return 0;
}

void shelf_keep_session(struct shelf *s, struct loaded *l, int n_ctx,
                        struct engine_session *session,
                        const struct token_list *held)
{
    struct shelf_session *place = &s->sessions[0];
    for (int i = 0; i < SHELF_SESSIONS && place->session != NULL; i++) {
        struct shelf_session *k = &s->sessions[i];
        if (k->session == NULL || k->used_at < place->used_at)
            place = k;
    }
    if (place->session != NULL)
        drop_session(place);
    *place = (struct shelf_session){session, l, n_ctx, *held, ++s->clock};
}
