/* kind: what a weights file is, if it is no model that answers.
 *
 * Adapters, projectors, embedding models and the like are GGUF files too, some
 * of an architecture that the engine runs.  They must be told apart before
 * anything is computed.
 * Sources: GGUFType, MODEL_ARCH_NAMES and the keys of gguf-py/gguf/constants.py
 * in the llama.cpp repository.  Pure; any thread. */
#ifndef BACKENDS_ENGINE_FILE_KIND_H
#define BACKENDS_ENGINE_FILE_KIND_H

#include <stdbool.h>

#include "backends/engine/file/gguf.h"
#include "base/err.h"

/* 0 for a file that says nothing else than that it is a model; else -1 with
 * ERR_BACKEND: the text says what it is and what to do. */
int kind_check(const struct gguf *g, struct err *e);

/* Whether the file calls itself tuned to answer (an "instruct" or "chat"
 * model), by general.finetune, general.name or its file name. */
bool kind_is_tuned(const struct gguf *g);

#endif
