#include "backends/engine/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/adapter.h"
#include "base/mem.h"

#define DEFAULT_CTX 4096

/* --- chunks ------------------------------------------------------------ */

static size_t chunk_bytes(const struct engine_session *s)
{
    /* arch_check keeps these far below any overflow. */
    return s->kv.form->bytes(&s->kv) *
           (size_t)(s->engine->weights->h.n_layers * s->n_heads);
}

static struct session_chunk *chunk_open(size_t bytes)
{
    /* All of a chunk is read for every token.  Positions that are not written
     * yet are masked, but read: they must be numbers. */
    void *p = mem_try_huge(bytes);
    if (p == NULL)
        return NULL;
    struct session_chunk *c = mem_calloc(1, sizeof(*c));
    *c = (struct session_chunk){1, bytes, p};
    return c;
}

static void chunk_release(struct session_chunk *c)
{
    if (--c->n_users > 0)
        return;
    free(c->data);
    free(c);
}

static int refuse_memory(const struct engine_session *s, struct err *e)
{
    return err_set(e, ERR_BACKEND, "%s: no memory for a context of more than "
                   "%d tokens", s->engine->path, s->n_past);
}

/* A chunk that is about to be written belongs to us alone. */
static int make_own(struct engine_session *s, int i, struct err *e)
{
    struct session_chunk *old = s->chunks[i];
    if (old->n_users == 1)
        return 0;
    struct session_chunk *own = chunk_open(old->bytes);
    if (own == NULL)
        return refuse_memory(s, e);
    memcpy(own->data, old->data, old->bytes);
    chunk_release(old);
    s->chunks[i] = own;
    return 0;
}

/* If heads are large without sense each chunk may fit, but not what an
 * answer of usual length takes: half of the machine is for weights. */
static int check_total(const struct engine_session *s, int n_chunks,
                       struct err *e)
{
    size_t bytes = chunk_bytes(s);
    if ((size_t)n_chunks <= mem_of_machine() / 2 / bytes)
        return 0;
    return err_set(e, ERR_BACKEND, "%s: the keys and values of %d tokens take "
                   "%zu MiB, more than half of this machine's memory; shorten "
                   "the prompt, or take a smaller model", s->engine->path,
                   n_chunks * SESSION_CHUNK, bytes * (size_t)n_chunks >> 20);
}

int session_reserve(struct engine_session *s, int n, struct err *e)
{
    int wanted = (n + SESSION_CHUNK - 1) / SESSION_CHUNK;
    if (wanted > s->n_chunks && check_total(s, wanted, e) != 0)
        return -1;
    for (int i = s->n_past / SESSION_CHUNK; i < s->n_chunks && i < wanted; i++)
        if (make_own(s, i, e) != 0)
            return -1;
    for (; s->n_chunks < wanted; s->n_chunks++) {
        struct session_chunk *c = chunk_open(chunk_bytes(s));
        if (c == NULL)
            return refuse_memory(s, e);
        s->chunks[s->n_chunks] = c;
    }
    return 0;
}

/* --- sessions ---------------------------------------------------------- */

/* A file of a few bytes can claim heads of any size: none of its tokens would
 * fit. */
static int check_chunk(const struct engine_session *s, struct err *e)
{
    if (s->kv.d > s->kv.form->most)
        return err_set(e, ERR_BACKEND, "%s: heads of %d numbers are too long "
                       "for keys and values in 8 bits; leave \"kv\" out",
                       s->engine->path, s->kv.d);
    size_t bytes = chunk_bytes(s);
    if (bytes <= mem_of_machine() / 4)
        return 0;
    return err_set(e, ERR_BACKEND, "%s: %d layers of %d heads of %d keys and "
                   "values take %zu MiB for %d tokens, too much for this "
                   "machine; take a smaller model", s->engine->path,
                   s->engine->weights->h.n_layers, s->n_heads, s->kv.d,
                   bytes >> 20, SESSION_CHUNK);
}

int engine_session_open(struct engine_session **out, struct engine *g,
                        int n_ctx, enum engine_kv kv, struct err *e)
{
    const struct weights *w = g->weights;
    assert(w != NULL); /* opened with words_only */
    if (n_ctx <= 0)
        n_ctx = w->h.n_ctx < DEFAULT_CTX ? w->h.n_ctx : DEFAULT_CTX;
    if (n_ctx > 1 << 26)
        return err_set(e, ERR_BACKEND, "%s: a context of %d tokens is beyond "
                       "all reason", g->path, n_ctx);
    struct engine_session *s = mem_calloc(1, sizeof(*s));
    *s = (struct engine_session){.engine = g, .n_ctx = n_ctx};
    s->kv.form = kv == ENGINE_KV_Q8 ? &kv_bytes : &kv_halves;
    s->kv.d = w->h.d_head;
    s->kv.d_pad = kern_value_padded(s->kv.d);
    s->n_heads = w->h.n_kv_heads;
    if (check_chunk(s, e) != 0) {
        free(s);
        return -1;
    }
    s->long_rope = w->has_long_rope && n_ctx > w->h.rope_old_ctx;
    size_t chunks = (size_t)(n_ctx + SESSION_CHUNK - 1) / SESSION_CHUNK;
    s->chunks = mem_calloc(chunks, sizeof(*s->chunks));
    s->logits = mem_calloc((size_t)w->n_vocab, sizeof(*s->logits));
    *out = s;
    return 0;
}

void engine_session_close(struct engine_session *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < s->n_chunks; i++)
        chunk_release(s->chunks[i]);
    free(s->chunks);
    free(s->logits);
    free(s->adapted);
    free(s);
}

void engine_session_adapt(struct engine_session *s,
                          const struct engine_adapted *list, size_t n)
{
    assert(s->n_past == 0);
    free(s->adapted);
    s->adapted = n > 0 ? mem_calloc(n, sizeof(*list)) : NULL;
    s->n_adapted = n;
    for (size_t i = 0; i < n; i++) {
        assert(list[i].adapter->engine == s->engine);
        s->adapted[i] = list[i];
    }
}

bool engine_session_is_adapted(const struct engine_session *s,
                               const struct engine_adapted *list, size_t n)
{
    bool same = s->n_adapted == n;
    for (size_t i = 0; same && i < n; i++)
        same = s->adapted[i].adapter == list[i].adapter &&
               s->adapted[i].scale <= list[i].scale &&
               s->adapted[i].scale >= list[i].scale;
    return same;
}

bool engine_session_is_alike(const struct engine_session *a,
                             const struct engine_session *b)
{
    return a->kv.form == b->kv.form && a->long_rope == b->long_rope &&
           engine_session_is_adapted(a, b->adapted, b->n_adapted);
}

void engine_session_rewind(struct engine_session *s, int n_past)
{
    assert(n_past >= 0);
    if (n_past < s->n_past)
        s->n_past = n_past;
}

void engine_session_share(struct engine_session *to,
                          const struct engine_session *from, int n)
{
    assert(to->engine == from->engine && to != from);
    n = n < from->n_past ? n : from->n_past;
    n = n < to->n_ctx ? n : to->n_ctx;
    if (!engine_session_is_alike(to, from))
        n = 0; /* their layers, positions or bytes mean something else */
    for (int i = 0; i < to->n_chunks; i++)
        chunk_release(to->chunks[i]);
    to->n_chunks = (n + SESSION_CHUNK - 1) / SESSION_CHUNK;
    for (int i = 0; i < to->n_chunks; i++) {
        to->chunks[i] = from->chunks[i];
        to->chunks[i]->n_users++;
    }
    to->n_past = n;
}

int engine_session_length(const struct engine_session *s)
{
    return s->n_past;
}

int engine_session_limit(const struct engine_session *s)
{
    return s->n_ctx;
}

const float *engine_session_logits(const struct engine_session *s)
{
    return s->logits;
}
