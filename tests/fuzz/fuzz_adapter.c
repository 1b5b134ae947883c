/* Any bytes are an adapter, or one line that says why not; what is accepted
 * changes what a model says to numbers, or the model says that it cannot. */
#include "tests/fuzz/fuzz.h"

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"

static struct engine *open_base(void)
{
    struct err e;
    struct engine *g;
    struct engine_options options = {.pool = pool_open(1)};
    if (engine_open(&g, "tests/engine/models/llama.gguf", &options, &e) != 0)
        abort(); /* not run in the project's folder */
    return g;
}

static void evaluate(struct engine *g, const struct engine_adapter *a)
{
    static const int32_t ids[] = {0, 20, 47};
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct engine *g;
    char path[64];
    struct err e = {.code = ERR_NONE};
    struct engine_adapter *a;
    if (g == NULL)
        g = open_base();
    int fd = fuzz_file(data, size, path);
    if (engine_adapter_open(&a, g, path, &e) == 0) {
        evaluate(g, a);
        engine_adapter_close(a);
    } else {
        FUZZ_CHECK(e.code == ERR_BACKEND && e.text[0] != '\0');
    }
    close(fd);
    return 0;
}
