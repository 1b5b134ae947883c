/* sampling: the engine's sampling settings of a configured model. */
#ifndef BACKENDS_SAMPLING_H
#define BACKENDS_SAMPLING_H

#include <stdint.h>

#include "backends/engine/engine.h"
#include "backends/engine/sample.h"
#include "backends/model.h"

/* A sampler with what the model configures, and sample_defaults where it does
 * not, for tokens of `g`. */
struct sampler *sampling_open(const struct model *m, const struct engine *g,
                              uint64_t seed);

#endif
