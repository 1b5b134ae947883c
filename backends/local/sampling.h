/* sampling: the engine's sampling settings of a configured model. */
#ifndef BACKENDS_LOCAL_SAMPLING_H
#define BACKENDS_LOCAL_SAMPLING_H

#include <stdint.h>

#include "backends/engine/engine.h"
#include "backends/engine/sampling/sample.h"
#include "backends/model.h"
#include "base/err.h"

/* Makes a sampler for tokens of `g`, with the model's settings, and
 * sample_defaults for those that it does not configure.  NULL with
 * ERR_CONFIG for a "logit_bias" that names no token of these weights. */
struct sampler *sampling_open(const struct model *m, const struct engine *g,
                              uint64_t seed, struct err *e);

#endif
