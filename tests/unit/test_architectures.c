/* Tiny random models of every architecture against the logits that an
 * independent implementation computed; tests/engine/make_models.py made both.
 */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "base/json.h"
#include "base/path.h"

#define MODELS "tests/engine/models"
#define MAX_TOKENS 64

/* Largest difference allowed, as a share of the largest logit.  Our cache is
 * F16, so even float weights are not exact; quantized ones are multiplied with
 * activations of 8 bits. */
#define LIMIT_FLOAT 1e-3
#define LIMIT_QUANT 2e-2

static cJSON *expected;
static int32_t ids[MAX_TOKENS];
static size_t n_ids;

static int setup(void **state)
{
    (void)state;
    struct buf text;
    struct err e = {0};
    buf_init(&text, 1 << 20);
    assert_int_equal(buf_read_file(&text, MODELS "/logits.json"), 0);
    expected = json_parse(text.data, text.len, text.max, "logits.json", &e);
    buf_free(&text);
    assert_non_null(expected);
    const cJSON *id;
    cJSON_ArrayForEach(id, json_get(expected, "ids"))
    {
        assert_true(n_ids < MAX_TOKENS);
        ids[n_ids++] = id->valueint;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cJSON_Delete(expected);
    return 0;
}

/* The largest difference to the expected logits over the largest of them. */
static double distance(const cJSON *positions, const float *logits, int n_vocab)
{
    double worst = 0, largest = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, positions)
    {
        int at = (int)strtol(row->string, NULL, 10);
        assert_int_equal(cJSON_GetArraySize(row), n_vocab);
        const cJSON *v;
        int i = 0;
        cJSON_ArrayForEach(v, row)
        {
            double ours = logits[at * n_vocab + i++];
            assert_true(isfinite(ours));
            worst = fmax(worst, fabs(ours - v->valuedouble));
            largest = fmax(largest, fabs(v->valuedouble));
        }
    }
    assert_true(largest > 0);
    return worst / largest;
}

/* Evaluates the ids in chunks of the given size and compares. */
static double run(const char *name, int n_threads, size_t chunk)
{
    char path[256];
    snprintf(path, sizeof(path), MODELS "/%s.gguf", name);
    struct err e = {0};
    struct pool *pool = pool_open(n_threads);
    struct engine_options options = {.pool = pool};
    struct engine *g;
    if (engine_open(&g, path, &options, &e) != 0)
        fail_msg("%s", e.text);
    int n_vocab = engine_info(g)->n_vocab;
    struct engine_session *s;
    assert_int_equal(
        engine_session_open(&s, g, MAX_TOKENS, ENGINE_KV_F16, &e), 0);
    float *logits = calloc(n_ids * (size_t)n_vocab, sizeof(*logits));
    assert_non_null(logits);
    for (size_t at = 0; at < n_ids; at += chunk) {
        size_t n = n_ids - at < chunk ? n_ids - at : chunk;
        struct engine_feed feed = {.session = s,
                                   .ids = ids + at,
                                   .n_ids = n,
                                   .all_logits = logits + at * (size_t)n_vocab};
        if (engine_eval(g, &feed, 1, &e) != 0)
            fail_msg("%s", e.text);
    }
    const cJSON *positions = json_get(json_get(expected, "models"), name);
    assert_non_null(positions);
    double d = distance(positions, logits, n_vocab);
    free(logits);
    engine_session_close(s);
    engine_close(g);
    pool_close(pool);
    return d;
}

/* All at once, token by token, and in odd chunks on two threads must all say
 * what the reference says. */
static void agrees(void **state)
{
    const char *name = *state;
    double limit = strncmp(name, "mixed", 5) == 0 ? LIMIT_QUANT : LIMIT_FLOAT;
    static const struct {
        int n_threads;
        size_t chunk;
    } ways[] = {{1, MAX_TOKENS}, {1, 1}, {2, 7}};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        double d = run(name, ways[i].n_threads, ways[i].chunk);
        print_message("# %s, chunks of %zu: off by %.2g of the largest logit\n",
                      name, ways[i].chunk, d);
        assert_true(d <= limit);
    }
}

#define MODEL(name)                                                            \
    {                                                                          \
        "agrees on " name, agrees, NULL, NULL, (void *)(name)                  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL("llama"),        MODEL("llama-tied"),   MODEL("llama3-rope"),
        MODEL("llama-linear"), MODEL("llama-yarn"),   MODEL("llama-betas"),
        MODEL("llama-f16"),    MODEL("llama-bf16"),   MODEL("qwen2"),
        MODEL("qwen3"),        MODEL("qwen3moe"),     MODEL("gemma2"),
        MODEL("gemma3"),       MODEL("gemma3-keys"),  MODEL("phi3"),
        MODEL("phi3-long"),    MODEL("phi3-short"),   MODEL("smollm3"),
        MODEL("olmo2"),        MODEL("olmo3"),        MODEL("granite"),
        MODEL("mixed-32"),     MODEL("mixed-256"),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
