/* sampling: the engine's sampling settings of a configured model. */
#ifndef BACKENDS_SAMPLING_H
#define BACKENDS_SAMPLING_H

#include <stdint.h>

#include "backends/engine/sample.h"
#include "backends/model.h"

/* What the model configures, and sample_defaults where it does not. */
struct sample_params sampling_of(const struct model *m, uint64_t seed);

#endif
