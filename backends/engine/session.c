#include "backends/engine/session.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"

#define DEFAULT_CTX 4096

/* Bytes of k and v, or -1 where that is no number. */
static int cache_sizes(const struct engine_session *s, int n_layers,
                       size_t *k_bytes, size_t *v_bytes)
{
    size_t slots = (size_t)n_layers * (size_t)s->n_heads;
    if (__builtin_mul_overflow(slots, (size_t)s->n_slots * 2, &slots) ||
        __builtin_mul_overflow(slots, (size_t)s->d, k_bytes) ||
        __builtin_mul_overflow(slots, (size_t)s->d_pad, v_bytes))
        return -1;
    size_t sum;
    return __builtin_add_overflow(*k_bytes, *v_bytes, &sum) ? -1 : 0;
}

static int map_cache(struct engine_session *s, int n_layers, struct err *e)
{
    size_t k_bytes, v_bytes;
    void *p = MAP_FAILED;
    /* Mapped, not allocated: pages count when positions are written. */
    if (cache_sizes(s, n_layers, &k_bytes, &v_bytes) == 0)
        p = mmap(NULL, k_bytes + v_bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return err_set(e, ERR_BACKEND, "%s: no memory for a context of %d "
                       "tokens; ask for a smaller one", s->engine->path,
                       s->n_ctx);
    s->cache_bytes = k_bytes + v_bytes;
    s->k = p;
    s->v = (uint16_t *)p + k_bytes / 2;
    return 0;
}

int engine_session_open(struct engine_session **out, struct engine *g,
                        int n_ctx, struct err *e)
{
    const struct weights *w = g->weights;
    struct engine_session *s = mem_calloc(1, sizeof(*s));
    if (n_ctx <= 0)
        n_ctx = w->h.n_ctx < DEFAULT_CTX ? w->h.n_ctx : DEFAULT_CTX;
    *s = (struct engine_session){.engine = g, .n_ctx = n_ctx};
    if (n_ctx > 1 << 26) {
        free(s);
        return err_set(e, ERR_BACKEND, "%s: a context of %d tokens is beyond "
                       "all reason", g->path, n_ctx);
    }
    s->n_slots = (n_ctx + 15) / 16 * 16;
    s->d = w->h.d_head;
    s->d_pad = (s->d + 15) / 16 * 16;
    s->n_heads = w->h.n_kv_heads;
    s->long_rope = w->has_long_rope && n_ctx > w->h.rope_old_ctx;
    if (map_cache(s, w->h.n_layers, e) != 0) {
        free(s);
        return -1;
    }
    s->logits = mem_calloc((size_t)w->n_vocab, sizeof(*s->logits));
    *out = s;
    return 0;
}

void engine_session_close(struct engine_session *s)
{
    if (s == NULL)
        return;
    munmap(s->k, s->cache_bytes);
    free(s->logits);
    free(s);
}

void engine_session_rewind(struct engine_session *s, int n_past)
{
    assert(n_past >= 0);
    if (n_past < s->n_past)
        s->n_past = n_past;
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
