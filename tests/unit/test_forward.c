/* The whole engine on tiny models of every architecture (tests/engine/models,
 * where make_models.py says what they are and who computed their logits). */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/engine/engine.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/pool.h"
#include "base/json.h"
#include "base/mem.h"
#include "tests/unit/tile_emulator.h"

enum { MAX_IDS = 64, MAX_VOCAB = 512 };

static struct pool *pool;
static cJSON *reference;
static int32_t ids[MAX_IDS];
static int n_ids;

static int set_up(void **state)
{
    (void)state;
    struct buf text;
    struct err e = {0};
    buf_init(&text, 1 << 24);
    if (buf_read_file(&text, "tests/engine/models/logits.json") != 0)
        return -1;
    reference = json_parse(text.data, text.len, text.len, "logits.json", &e);
    buf_free(&text);
    const cJSON *id;
    cJSON_ArrayForEach(id, json_get(reference, "ids"))
        ids[n_ids++] = (int32_t)id->valuedouble;
    pool = pool_open(2);
    return reference == NULL || n_ids == 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_close(pool);
    cJSON_Delete(reference);
    return 0;
}

static struct engine *open_model(const char *name, const char *kernels)
{
    char path[256];
    struct engine *g = NULL;
    struct err e = {0};
    snprintf(path, sizeof(path), "tests/engine/models/%s.gguf", name);
    setenv("ARENA_KERNELS", kernels, 1);
    if (engine_open(&g, path, &(struct engine_options){.pool = pool}, &e) != 0)
        fail_msg("%s", e.text);
    unsetenv("ARENA_KERNELS");
    return g;
}

static struct engine_session *open_form(struct engine *g, int n_ctx,
                                        enum engine_kv kv)
{
    struct engine_session *s = NULL;
    struct err e = {0};
    if (engine_session_open(&s, g, n_ctx, kv, &e) != 0)
        fail_msg("%s", e.text);
    return s;
}

static struct engine_session *open_session(struct engine *g)
{
    return open_form(g, MAX_IDS, ENGINE_KV_F16);
}

static void eval(struct engine *g, struct engine_session *s,
                 const int32_t *some, int n, float *all)
{
    struct err e = {0};
    struct engine_feed feed = {s, some, (size_t)n, all};
    if (engine_eval(g, &feed, 1, &e) != 0)
        fail_msg("%s", e.text);
}

/* --- against the reference --------------------------------------------- */

/* The reference keeps keys and values as floats, we as halves; and activations
 * that meet quantized weights have 8 bits.  An architecture misunderstood is
 * off by 0.1 and more. */
static double tolerance(const char *name)
{
    return strncmp(name, "mixed", 5) == 0 ? 0.05 : 0.01;
}

static void check_logits(const char *name, const float *got,
                         const cJSON *want, int position)
{
    double square = 0, worst = 0;
    int n = cJSON_GetArraySize(want), i = 0;
    const cJSON *v;
    cJSON_ArrayForEach(v, want)
    {
        double d = fabs(v->valuedouble - (double)got[i++]);
        square += v->valuedouble * v->valuedouble;
        worst = d <= worst ? worst : d;
    }
    double off = worst / sqrt(square / n);
    if (!(off < tolerance(name)))
        fail_msg("%s: logits after token %d are off by %g of their size",
                 name, position, off);
}

static void check_model(const cJSON *model, const char *kernels)
{
    const char *name = model->string;
    struct engine *g = open_model(name, kernels);
    struct engine_session *s = open_session(g);
    int n_vocab = engine_info(g)->n_vocab;
    float *all = mem_calloc((size_t)(n_ids * n_vocab), sizeof(*all));
    eval(g, s, ids, n_ids, all);
    const cJSON *want;
    cJSON_ArrayForEach(want, model)
    {
        int position = (int)strtol(want->string, NULL, 10);
        assert_int_equal(cJSON_GetArraySize(want), n_vocab);
        check_logits(name, all + position * n_vocab, want, position);
    }
    free(all);
    engine_session_close(s);
    engine_close(g);
}

static void test_every_architecture(void **state)
{
    (void)state;
    static const char *const sets[] = {"scalar", "avx2", "avx512", "amx",
                                        "neon"};
    for (int k = 0; k < 5; k++) {
        const cJSON *model;
        int n = 0;
        if (kern_by_name(sets[k]) == NULL)
            continue;
        cJSON_ArrayForEach(model, json_get(reference, "models"))
        {
            check_model(model, sets[k]);
            n++;
        }
        assert_true(n >= 18);
    }
}

/* --- the same numbers whatever the way --------------------------------- */

static void check_prompt_or_tokens(struct engine *g, enum engine_kv kv)
{
    struct engine_session *a = open_form(g, MAX_IDS, kv);
    struct engine_session *b = open_form(g, MAX_IDS, kv);
    size_t bytes = (size_t)engine_info(g)->n_vocab * sizeof(float);
    eval(g, a, ids, n_ids, NULL);
    for (int i = 0; i < n_ids; i++)
        eval(g, b, ids + i, 1, NULL);
    assert_memory_equal(engine_session_logits(a), engine_session_logits(b),
                        bytes);
    engine_session_rewind(a, 5);
    assert_int_equal(engine_session_length(a), 5);
    eval(g, a, ids + 5, 7, NULL);
    eval(g, a, ids + 12, n_ids - 12, NULL);
    assert_memory_equal(engine_session_logits(a), engine_session_logits(b),
                        bytes);
    engine_session_close(a);
    engine_session_close(b);
}

/* Every model: the prompt at once, token by token, and in two parts. */
static void test_prompt_or_tokens(void **state)
{
    (void)state;
    const cJSON *model;
    cJSON_ArrayForEach(model, json_get(reference, "models"))
    {
        struct engine *g = open_model(model->string, "best");
        check_prompt_or_tokens(g, ENGINE_KV_F16);
        check_prompt_or_tokens(g, ENGINE_KV_Q8);
        engine_close(g);
    }
}

/* Contexts of several tiles and passes: 600 tokens at once, in pieces, and at
 * the end one by one; windows of 8 tokens begin within tiles. */
static void check_long(struct engine *g, enum engine_kv kv)
{
    enum { N = 600 };
    int32_t text[N];
    for (int i = 0; i < N; i++)
        text[i] = ids[i * 7 % n_ids];
    struct engine_session *a = open_form(g, N, kv), *b = open_form(g, N, kv);
    size_t bytes = (size_t)engine_info(g)->n_vocab * sizeof(float);
    eval(g, a, text, N, NULL);
    eval(g, b, text, 250, NULL);
    eval(g, b, text + 250, 1, NULL);
    eval(g, b, text + 251, 9, NULL);
    eval(g, b, text + 260, 330, NULL);
    for (int i = 590; i < N; i++)
        eval(g, b, text + i, 1, NULL);
    assert_memory_equal(engine_session_logits(a), engine_session_logits(b),
                        bytes);
    engine_session_close(a);
    engine_session_close(b);
}

static void test_long(void **state)
{
    (void)state;
    static const char *const names[] = {"llama", "gemma2", "mixed-32"};
    for (int m = 0; m < 3; m++) {
        struct engine *g = open_model(names[m], "best");
        check_long(g, ENGINE_KV_F16);
        check_long(g, ENGINE_KV_Q8);
        engine_close(g);
    }
}

/* Sessions that are evaluated together and alone. */
static void test_together(void **state)
{
    (void)state;
    const cJSON *model;
    cJSON_ArrayForEach(model, json_get(reference, "models"))
    {
        struct engine *g = open_model(model->string, "best");
        enum { N = 5 };
        struct engine_session *s[N], *alone = open_session(g);
        struct engine_feed feeds[N];
        struct err e = {0};
        size_t bytes = (size_t)engine_info(g)->n_vocab * sizeof(float);
        for (int i = 0; i < N; i++) {
            s[i] = open_session(g);
            feeds[i] = (struct engine_feed){s[i], ids + i, (size_t)(3 + i),
                                            NULL};
        }
        assert_int_equal(engine_eval(g, feeds, N, &e), 0);
        for (int i = 0; i < N; i++)
            feeds[i] = (struct engine_feed){s[i], ids, 1, NULL};
        assert_int_equal(engine_eval(g, feeds, N, &e), 0);
        for (int i = 0; i < N; i++) {
            assert_int_equal(engine_session_length(s[i]), 4 + i);
            engine_session_rewind(alone, 0);
            eval(g, alone, ids + i, 3 + i, NULL);
            eval(g, alone, ids, 1, NULL);
            assert_memory_equal(engine_session_logits(s[i]),
                                engine_session_logits(alone), bytes);
            engine_session_close(s[i]);
        }
        engine_session_close(alone);
        engine_close(g);
    }
}

/* A session that begins with what another one holds. */
static void test_share(void **state)
{
    (void)state;
    struct engine *g = open_model("gemma3", "best");
    struct engine_session *a = open_session(g), *b = open_session(g);
    struct engine_session *alone = open_session(g);
    size_t bytes = (size_t)engine_info(g)->n_vocab * sizeof(float);
    eval(g, a, ids, 10, NULL);
    eval(g, b, ids + 3, 2, NULL); /* to be forgotten */
    engine_session_share(b, a, 8);
    assert_int_equal(engine_session_length(b), 8);
    eval(g, b, ids, 4, NULL); /* each goes its own way */
    eval(g, a, ids + 10, 3, NULL);

    eval(g, alone, ids, 13, NULL);
    assert_memory_equal(engine_session_logits(a), engine_session_logits(alone),
                        bytes);
    engine_session_rewind(alone, 8);
    eval(g, alone, ids, 4, NULL);
    assert_memory_equal(engine_session_logits(b), engine_session_logits(alone),
                        bytes);

    engine_session_share(alone, a, 1000); /* all that there is */
    assert_int_equal(engine_session_length(alone), 13);
    engine_session_close(a); /* what it made lives on */
    engine_session_rewind(alone, 12);
    eval(g, alone, ids + 12, 1, NULL);
    engine_session_rewind(b, 0);
    eval(g, b, ids, 13, NULL);
    assert_memory_equal(engine_session_logits(b), engine_session_logits(alone),
                        bytes);
    engine_session_close(b);
    engine_session_close(alone);
    engine_close(g);
}

/* What one form holds says nothing to the other: nothing is shared, and the
 * numbers are near but not the same. */
static void test_forms(void **state)
{
    (void)state;
    struct engine *g = open_model("gemma3", "best");
    struct engine_session *a = open_form(g, MAX_IDS, ENGINE_KV_F16);
    struct engine_session *b = open_form(g, MAX_IDS, ENGINE_KV_Q8);
    struct engine_session *c = open_form(g, MAX_IDS, ENGINE_KV_Q8);
    int n_vocab = engine_info(g)->n_vocab;
    eval(g, a, ids, n_ids, NULL);
    assert_false(engine_session_is_alike(a, b));
    engine_session_share(b, a, n_ids);
    assert_int_equal(engine_session_length(b), 0);
    eval(g, b, ids, n_ids, NULL);
    const float *half = engine_session_logits(a);
    const float *byte = engine_session_logits(b);
    double worst = 0, most = 0;
    for (int i = 0; i < n_vocab; i++) {
        worst = fmax(worst, fabs((double)half[i] - (double)byte[i]));
        most = fmax(most, fabs((double)half[i]));
    }
    if (!(worst > 0 && worst < 0.05 * most))
        fail_msg("logits of %g are off by %g", most, worst);
    engine_session_share(c, b, n_ids - 1);
    assert_int_equal(engine_session_length(c), n_ids - 1);
    eval(g, c, ids + n_ids - 1, 1, NULL);
    assert_memory_equal(engine_session_logits(c), byte,
                        (size_t)n_vocab * sizeof(float));
    engine_session_close(a);
    engine_session_close(b);
    engine_session_close(c);
    engine_close(g);
}

static void test_threads(void **state)
{
    (void)state;
    const cJSON *model;
    struct pool *two = pool;
    cJSON_ArrayForEach(model, json_get(reference, "models"))
    {
        float first[MAX_VOCAB];
        for (int n = 1; n <= 3; n++) {
            pool = pool_open(n);
            struct engine *g = open_model(model->string, "best");
            struct engine_session *s = open_session(g);
            size_t bytes = (size_t)engine_info(g)->n_vocab * sizeof(float);
            eval(g, s, ids, n_ids - 1, NULL);
            eval(g, s, ids + n_ids - 1, 1, NULL);
            if (n == 1)
                memcpy(first, engine_session_logits(s), bytes);
            assert_memory_equal(first, engine_session_logits(s), bytes);
            engine_session_close(s);
            engine_close(g);
            pool_close(pool);
        }
    }
    pool = two;
}

/* --- what is refused --------------------------------------------------- */

static void test_context_full(void **state)
{
    (void)state;
    struct engine *g = open_model("llama", "best");
    struct engine_session *s = open_form(g, 10, ENGINE_KV_F16);
    struct err e = {0};
    assert_int_equal(engine_session_limit(s), 10);
    struct engine_feed feed = {s, ids, 11, NULL};
    assert_int_equal(engine_eval(g, &feed, 1, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_non_null(strstr(e.text, "context of 10 tokens is full"));
    assert_int_equal(engine_session_length(s), 0);
    feed.n_ids = 10;
    assert_int_equal(engine_eval(g, &feed, 1, &e), 0);
    feed.n_ids = 1;
    assert_int_equal(engine_eval(g, &feed, 1, &e), -1);
    assert_int_equal(engine_session_length(s), 10);
    engine_session_close(s);
    engine_close(g);
}

static void test_bad_ids(void **state)
{
    (void)state;
    struct engine *g = open_model("llama", "best");
    struct engine_session *s = open_session(g);
    const int32_t bad[] = {-1, engine_info(g)->n_vocab};
    for (int i = 0; i < 2; i++) {
        struct err e = {0};
        struct engine_feed feed = {s, bad + i, 1, NULL};
        assert_int_equal(engine_eval(g, &feed, 1, &e), -1);
        assert_int_equal(e.code, ERR_FORMAT);
        assert_int_equal(engine_session_length(s), 0);
    }
    engine_session_close(s);
    engine_close(g);
}

/* A copy of a model with the first bytes of a tensor replaced. */
static char *damaged_copy(const char *name, const char *tensor,
                          const void *bytes, size_t n)
{
    static char copy[512];
    char path[256];
    struct buf file;
    struct gguf *g = NULL;
    struct err e = {0};
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof(path), "tests/engine/models/%s.gguf", name);
    snprintf(copy, sizeof(copy), "%s/damaged.XXXXXX", tmp ? tmp : "/tmp");
    buf_init(&file, 1 << 20);
    assert_int_equal(buf_read_file(&file, path), 0);
    assert_int_equal(gguf_open(&g, path, &e), 0);
    const struct gguf_tensor *t = gguf_find_tensor(g, tensor);
    assert_non_null(t);
    size_t at = 0;
    while (memcmp(file.data + at, t->data, t->n_bytes) != 0)
        assert_true(++at + t->n_bytes <= file.len);
    memcpy(file.data + at, bytes, n);
    gguf_close(g);
    int fd = mkstemp(copy);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file.data, file.len), (ssize_t)file.len);
    close(fd);
    buf_free(&file);
    return copy;
}

/* Weights that are no numbers end the pass, wherever they are. */
static void test_no_numbers(void **state)
{
    (void)state;
    static const uint16_t half = 0x7e00; /* NaN, as a half and in a float */
    static const unsigned char nan[4] = {0, 0, 0xc0, 0x7f};
    static const struct {
        const char *model, *tensor;
        const void *bytes;
        size_t n;
    } cases[] = {
        {"mixed-32", "blk.0.attn_q.weight", &half, 2},
        {"mixed-32", "blk.0.attn_v.weight", &half, 2},
        {"mixed-32", "blk.1.ffn_down.weight", &half, 2},
        {"llama", "blk.0.attn_k.weight", nan, 4},
        {"llama", "blk.2.ffn_up.weight", nan, 4},
        {"llama", "blk.1.attn_norm.weight", nan, 4},
        {"llama", "output.weight", nan, 4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct engine *g = NULL;
        struct err e = {0};
        char *path = damaged_copy(cases[i].model, cases[i].tensor,
                                  cases[i].bytes, cases[i].n);
        struct engine_options options = {.pool = pool};
        assert_int_equal(engine_open(&g, path, &options, &e), 0);
        struct engine_session *s = open_session(g);
        struct engine_feed feed = {s, ids, 4, NULL};
        if (engine_eval(g, &feed, 1, &e) != -1)
            fail_msg("%s of %s may be broken", cases[i].tensor,
                     cases[i].model);
        assert_non_null(strstr(e.text, "no numbers"));
        assert_int_equal(engine_session_length(s), 0);
        engine_session_close(s);
        engine_close(g);
        unlink(path);
    }
}

static void test_info(void **state)
{
    (void)state;
    struct engine *g = open_model("llama", "best");
    const struct engine_info *i = engine_info(g);
    assert_string_equal(i->arch, "llama");
    assert_string_equal(i->quant, "F32");
    assert_int_equal(i->n_layers, 3);
    assert_int_equal(i->n_embd, 16);
    assert_int_equal(i->n_ctx_train, 64);
    assert_true(i->n_params > 1000 && i->file_bytes > 4 * i->n_params);
    engine_close(g);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_architecture),
        cmocka_unit_test(test_prompt_or_tokens),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_context_full),
        cmocka_unit_test(test_bad_ids),
        cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_info),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
