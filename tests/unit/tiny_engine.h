/* tiny_engine: an engine of a test's own, with made-up weights. */
#ifndef TESTS_UNIT_TINY_ENGINE_H
#define TESTS_UNIT_TINY_ENGINE_H

#include "test.h"

#include <stdio.h>
#include <unistd.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "checkpoint_writer.h"
#include "folder.h"

static char weights[300], tokenizer[300];
static struct pool *pool;
static struct engine *engine;

/* Makes the folder, both files and the engine that reads them.  0 or -1. */
static inline int tiny_open(const char *name)
{
    struct err e;
    if (folder_make(name) != 0)
        return -1;
    snprintf(weights, sizeof(weights), "%s/tiny.bin", folder);
    snprintf(tokenizer, sizeof(tokenizer), "%s/tokenizer.bin", folder);
    pool = pool_open(1);
    struct engine_options options = {.pool = pool,
                                     .tokenizer_path = tokenizer};
    return tiny_write_model(weights, 1) == 0 &&
                   tiny_write_tokenizer(tokenizer) == 0
               ? engine_open(&engine, weights, &options, &e)
               : -1;
}

/* 0, or -1 if something is left in the folder. */
static inline int tiny_close(void)
{
    engine_close(engine);
    pool_close(pool);
    unlink(weights);
    unlink(tokenizer);
    return rmdir(folder);
}

#endif
