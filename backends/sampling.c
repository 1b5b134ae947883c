#include "backends/sampling.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"

static void set(float *to, double configured)
{
    if (!isnan(configured))
        *to = (float)configured;
}

static struct sample_params params_of(const struct model *m, uint64_t seed)
{
    struct sample_params p = sample_defaults();
    p.seed = seed;
    set(&p.temperature, m->temperature);
    set(&p.top_p, m->top_p);
    set(&p.min_p, m->min_p);
    set(&p.typical_p, m->typical_p);
    set(&p.repeat_penalty, m->repeat_penalty);
    set(&p.frequency_penalty, m->frequency_penalty);
    set(&p.presence_penalty, m->presence_penalty);
    set(&p.dry_multiplier, m->dry_multiplier);
    set(&p.dry_base, m->dry_base);
    set(&p.mirostat_tau, m->mirostat_tau);
    set(&p.mirostat_eta, m->mirostat_eta);
    if (m->dry_allowed_length >= 0)
        p.dry_allowed_length = m->dry_allowed_length;
    if (m->top_k >= 0)
        p.top_k = m->top_k;
    return p;
}

/* DRY's sequence breakers: tokens with one of these in them begin a new thought
 * (the defaults of its author). */
static void find_breakers(const struct engine *g, struct token_list *out)
{
    static const char breakers[] = "\n:\"*";
    struct buf piece;
    buf_init(&piece, 1 << 16);
    for (int32_t id = 0; id < engine_info(g)->n_vocab; id++) {
        buf_clear(&piece);
        engine_piece(g, id, true, &piece);
        if (strpbrk(piece.data, breakers) != NULL || engine_is_end(g, id))
            token_list_add(out, id);
    }
    buf_free(&piece);
}

struct sampler *sampling_open(const struct model *m, const struct engine *g,
                              uint64_t seed)
{
    struct sample_params p = params_of(m, seed);
    struct token_list breakers = {0};
    if (p.dry_multiplier > 0)
        find_breakers(g, &breakers);
    p.dry_breakers = breakers.ids;
    p.n_dry_breakers = breakers.n;
    struct sampler *s = sampler_open(&p, engine_info(g)->n_vocab);
    token_list_free(&breakers);
    return s;
}
