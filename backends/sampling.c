#include "backends/sampling.h"

#include <math.h>

static void set(float *to, double configured)
{
    if (!isnan(configured))
        *to = (float)configured;
}

struct sample_params sampling_of(const struct model *m, uint64_t seed)
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
    if (m->top_k >= 0)
        p.top_k = m->top_k;
    return p;
}
