/* Any bytes are an adapter, or one line that says why not; what is accepted
 * changes what a model says to numbers, or the model says that it cannot. */
#include "tests/fuzz/fuzz.h"

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"

/* One of floats, and a quantized one. */
static const char *const paths[] = {"tests/engine/models/llama.gguf",
                                    "tests/engine/models/mixed-32.gguf"};

enum { N_BASES = 2 };

static void open_bases(struct engine *g[N_BASES])
{
    struct err e;
    struct engine_options options = {.pool = pool_open(1)};
    for (int i = 0; i < N_BASES; i++)
        if (engine_open(&g[i], paths[i], &options, &e) != 0)
            abort(); /* not run in the project's folder */
}

static void evaluate(struct engine *g, const struct engine_adapter *a)
{
    static const int32_t ids[] = {0, 20, 31};
    struct err e = {.code = ERR_NONE};
    struct engine_session *s;
    struct engine_adapted adapted = {a, 0.5f};
    if (engine_session_open(&s, g, 8, ENGINE_KV_F16, &e) != 0)
        abort();
    engine_session_adapt(s, &adapted, 1);
    struct engine_feed feed = {s, ids, 3, NULL};
    if (engine_eval(g, &feed, 1, &e) == 0) {
        const float *logits = engine_session_logits(s);
        for (int k = 0; k < engine_info(g)->n_vocab; k++)
            FUZZ_CHECK(logits[k] == logits[k]);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    }
    engine_session_close(s);
}

static void try_file(struct engine *g, const char *path)
{
    struct err e = {.code = ERR_NONE};
    struct engine_adapter *a;
    if (engine_adapter_open(&a, g, path, &e) == 0) {
        evaluate(g, a);
        engine_adapter_close(a);
    } else {
        FUZZ_CHECK(e.code == ERR_BACKEND && e.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct engine *g[N_BASES];
    char path[64];
    if (g[0] == NULL)
        open_bases(g);
    int fd = fuzz_file(data, size, path);
    for (int i = 0; i < N_BASES; i++)
        try_file(g[i], path);
    close(fd);
    return 0;
}
