/* Weights that are refused, each with one clear line; llama2.c checkpoints of
 * every version; a file that is cut while it is in use. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/rng.h"
#include "tests/unit/folder.h"
#include "tests/unit/gguf_writer.h"

static struct pool *pool;

static int set_up(void **state)
{
    (void)state;
    pool = pool_open(2);
    return folder_make("test_engine") != 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"m.gguf", "m.bin", "tokenizer.bin"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char *path = path_join(folder, names[i]);
        unlink(path);
        free(path);
    }
    pool_close(pool);
    return rmdir(folder);
}

/* --- a small GGUF model, and what may be wrong with it ------------------ */

enum { EMBD = 32, FF = 64, HEADS = 2, VOCAB = 10, CTX = 64 };

struct number {
    const char *key;
    uint32_t value;
};

struct shape {
    const char *name;
    uint32_t d0, d1; /* d1 0: a vector */
};

/* What to change: a number or tensor of the same name is replaced, a name that
 * is not there is added, value or d0 0xffffffff leaves it out. */
#define GONE UINT32_MAX

struct change {
    const char *arch, *rope;   /* NULL: llama; none */
    const char *text;          /* key that has a text; NULL: none */
    const char *real;          /* key of `value`; NULL: none */
    float value;
    struct number number;      /* key NULL: none */
    struct shape tensor;       /* name NULL: none */
    int n_tokens;              /* 0: VOCAB */
    float eps;                 /* 0: 1e-5 */
};

static const struct number numbers[] = {
    {"llama.context_length", CTX},
    {"llama.embedding_length", EMBD},
    {"llama.block_count", 1},
    {"llama.feed_forward_length", FF},
    {"llama.attention.head_count", HEADS},
    {"llama.attention.head_count_kv", 1},
};

static const struct shape shapes[] = {
    {"token_embd.weight", EMBD, VOCAB},
    {"output_norm.weight", EMBD, 0},
    {"blk.0.attn_norm.weight", EMBD, 0},
    {"blk.0.ffn_norm.weight", EMBD, 0},
    {"blk.0.attn_q.weight", EMBD, EMBD},
    {"blk.0.attn_k.weight", EMBD, EMBD / HEADS},
    {"blk.0.attn_v.weight", EMBD, EMBD / HEADS},
    {"blk.0.attn_output.weight", EMBD, EMBD},
    {"blk.0.ffn_gate.weight", EMBD, FF},
    {"blk.0.ffn_up.weight", EMBD, FF},
    {"blk.0.ffn_down.weight", FF, EMBD},
};

#define N_NUMBERS (sizeof(numbers) / sizeof(*numbers))
#define N_SHAPES (sizeof(shapes) / sizeof(*shapes))

static size_t plan_numbers(const struct change *c, struct number *out)
{
    size_t n = 0;
    bool replaced = c->number.key == NULL;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        out[n] = numbers[i];
        if (c->number.key && strcmp(numbers[i].key, c->number.key) == 0) {
            out[n].value = c->number.value;
            replaced = true;
        }
        n += out[n].value != GONE;
    }
    if (!replaced)
        out[n++] = c->number;
    return n;
}

static size_t plan_shapes(const struct change *c, struct shape *out)
{
    size_t n = 0;
    bool replaced = c->tensor.name == NULL;
    for (size_t i = 0; i < N_SHAPES; i++) {
        out[n] = shapes[i];
        if (c->tensor.name && strcmp(shapes[i].name, c->tensor.name) == 0) {
            out[n] = c->tensor;
            replaced = true;
        }
        n += out[n].d0 != GONE;
    }
    if (!replaced)
        out[n++] = c->tensor;
    return n;
}

static void write_words(struct buf *b, int n)
{
    w_kv_string(b, "tokenizer.ggml.model", "llama");
    w_kv_array(b, "tokenizer.ggml.tokens", W_STRING, (uint64_t)n);
    for (int i = 0; i < n; i++) {
        char word[16];
        snprintf(word, sizeof(word), "w%d", i);
        w_string(b, word);
    }
    w_kv_array(b, "tokenizer.ggml.scores", W_F32, (uint64_t)n);
    for (int i = 0; i < n; i++)
        w_f32(b, (float)-i);
    w_kv_array(b, "tokenizer.ggml.token_type", W_I32, (uint64_t)n);
    for (int i = 0; i < n; i++)
        w_bytes(b, 1, 4);
}

/* Writes folder/m.gguf; the path is the caller's to free. */
static char *write_model(const struct change *c)
{
    struct number n[N_NUMBERS + 1];
    struct shape t[N_SHAPES + 1];
    size_t n_numbers = plan_numbers(c, n), n_shapes = plan_shapes(c, t);
    struct buf b;
    buf_init(&b, 1 << 20);
    w_header(&b, n_shapes, n_numbers + 6 + (c->rope != NULL) +
             (c->text != NULL) + (c->real != NULL));
    w_kv_string(&b, "general.architecture", c->arch ? c->arch : "llama");
    w_kv_f32(&b, "llama.attention.layer_norm_rms_epsilon",
             c->eps != 0 ? c->eps : 1e-5f);
    if (c->rope)
        w_kv_string(&b, "llama.rope.scaling.type", c->rope);
    if (c->text)
        w_kv_string(&b, c->text, "10000");
    if (c->real)
        w_kv_f32(&b, c->real, c->value);
    for (size_t i = 0; i < n_numbers; i++)
        w_kv_u32(&b, n[i].key, n[i].value);
    write_words(&b, c->n_tokens ? c->n_tokens : VOCAB);
    size_t at = 0;
    for (size_t i = 0; i < n_shapes; i++) {
        w_tensor(&b, t[i].name, t[i].d0, t[i].d1, 0, at);
        at += (size_t)t[i].d0 * (t[i].d1 ? t[i].d1 : 1) * 4;
        at = (at + 31) / 32 * 32;
    }
    w_pad(&b, 32);
    struct rng r;
    rng_init(&r, 1);
    for (size_t i = 0; i < at; i += 4)
        w_f32(&b, (float)rng_double(&r) - 0.5f);
    char *path = w_save(&b, folder, "m.gguf");
    buf_free(&b);
    return path;
}

static void refused(const struct change *c, const char *why)
{
    char *path = write_model(c);
    struct engine *g = NULL;
    struct err e = {0};
    struct engine_options options = {.pool = pool};
    assert_int_equal(engine_open(&g, path, &options, &e), -1);
    assert_null(g);
    if (strstr(e.text, why) == NULL)
        fail_msg("expected \"%s\" in: %s", why, e.text);
    assert_non_null(strstr(e.text, path));
    assert_null(strchr(e.text, '\n'));
    assert_true(e.code == ERR_FORMAT || e.code == ERR_BACKEND);
    assert_true(strlen(e.text) < 300);
    free(path);
}

static struct engine *open_weights(const char *path)
{
    struct engine *g = NULL;
    struct err e = {0};
    struct engine_options options = {.pool = pool};
    if (engine_open(&g, path, &options, &e) != 0)
        fail_msg("%s", e.text);
    return g;
}

/* Logits after the ids 1, 2, … n, freed by the caller. */
static float *logits_of(struct engine *g, int n)
{
    struct engine_session *s = NULL;
    struct err e = {0};
    int32_t ids[8];
    for (int i = 0; i < n; i++)
        ids[i] = i + 1;
    assert_int_equal(engine_session_open(&s, g, 8, ENGINE_KV_F16, &e), 0);
    struct engine_feed feed = {s, ids, (size_t)n, NULL};
    if (engine_eval(g, &feed, 1, &e) != 0)
        fail_msg("%s", e.text);
    size_t vocab = (size_t)engine_info(g)->n_vocab;
    float *out = mem_calloc(vocab, sizeof(*out));
    memcpy(out, engine_session_logits(s), vocab * sizeof(*out));
    engine_session_close(s);
    return out;
}

/* What the model says with a change. */
static float *logits_with(const struct change *c)
{
    char *path = write_model(c);
    struct engine *g = open_weights(path);
    float *l = logits_of(g, 8);
    engine_close(g);
    free(path);
    return l;
}

static void test_whole_model(void **state)
{
    (void)state;
    float *l = logits_with(&(struct change){0});
    assert_true(isfinite(l[0]) && l[0] != l[1]);
    free(l);
}

static void test_hyperparameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        struct change c = {.number = {numbers[i].key, 0}};
        refused(&c, numbers[i].key);
        c.number.value = 0x7fffffff;
        refused(&c, numbers[i].key);
    }
    static const struct {
        struct number number;
        const char *why;
    } odd[] = {
        {{"llama.block_count", GONE}, "llama.block_count is missing"},
        {{"llama.block_count", 2}, "no tensor blk.1."},
        {{"llama.attention.head_count", 3}, "attn_q.weight is"},
        {{"llama.attention.head_count_kv", 3}, "do not share"},
        {{"llama.rope.dimension_count", 64}, "rotated, cannot be"},
        {{"llama.attention.key_length", 15}, "rotated, cannot be"},
        {{"llama.attention.value_length", 8}, "needs them equal"},
        {{"llama.expert_count", 1}, "uses 2 experts of 1"},
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
        refused(&(struct change){.number = odd[i].number}, odd[i].why);
    refused(&(struct change){.eps = NAN},
            "llama.attention.layer_norm_rms_epsilon is not a positive number");
    refused(&(struct change){.eps = -1}, "not a positive number");
    refused(&(struct change){.rope = "dynamic"}, "scaling.type is dynamic, ");
    refused(&(struct change){.rope = "dynamic"}, "try a server");
}

/* A key that we know is read, or the file is refused. */
static void test_no_key_is_passed_over(void **state)
{
    (void)state;
    static const char *const numeric[] = {
        "llama.rope.freq_base", "llama.rope.scaling.factor",
        "llama.rope.scale_linear", "llama.rope.scaling.attn_factor",
        "llama.rope.scaling.original_context_length",
        "llama.rope.dimension_count", "llama.attention.key_length",
        "llama.expert_count", "llama.logit_scale",
        "llama.final_logit_softcapping",
    };
    for (size_t i = 0; i < sizeof(numeric) / sizeof(*numeric); i++)
        refused(&(struct change){.text = numeric[i]}, numeric[i]);
    refused(&(struct change){.number = {"llama.rope.scaling.type", 1}},
            "llama.rope.scaling.type is not text");
    static const char *const yarn[] = {
        "llama.rope.scaling.yarn_ext_factor",
        "llama.rope.scaling.yarn_attn_factor",
        "llama.rope.scaling.yarn_log_multiplier",
    };
    for (size_t i = 0; i < sizeof(yarn) / sizeof(*yarn); i++)
        refused(&(struct change){.rope = "yarn", .real = yarn[i], .value = 3},
                yarn[i]);
}

static bool same(const struct change *a, const struct change *b)
{
    float *la = logits_with(a), *lb = logits_with(b);
    bool equal = memcmp(la, lb, VOCAB * sizeof(*la)) == 0;
    free(la);
    free(lb);
    return equal;
}

static void test_old_names_of_keys(void **state)
{
    (void)state;
    struct change plain = {0}, new = {.real = "llama.rope.scaling.factor"};
    struct change old = {.real = "llama.rope.scale_linear", .value = 4};
    assert_true(same(&new, &plain)); /* 0 is no factor */
    new.value = 4;
    assert_true(!same(&new, &plain) && same(&old, &new));
}

/* What a factor comes to anyway may be said; another number multiplies it. */
static void test_magnitude_of_yarn(void **state)
{
    (void)state;
    const struct number factor = {"llama.rope.scaling.factor", 8};
    struct change rule = {.rope = "yarn", .number = factor}, said = rule;
    said.real = "llama.rope.scaling.attn_factor";
    said.value = 1.2079441541679836f; /* 1 + 0.1 ln 8 */
    assert_true(same(&said, &rule));
    said.value = 1.5f;
    assert_false(same(&said, &rule));
}

static void test_architecture(void **state)
{
    (void)state;
    refused(&(struct change){.arch = "mamba"}, "architecture mamba");
    refused(&(struct change){.arch = ""}, "architecture");
    refused(&(struct change){.arch = "llama2.c"}, "architecture llama2.c");
    char *longest = mem_calloc(5001, 1);
    memset(longest, 'a', 5000);
    refused(&(struct change){.arch = longest}, "architecture aaaa");
    free(longest);
}

static void test_tensors(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SHAPES; i++) {
        struct change c = {.tensor = {shapes[i].name, GONE, 0}};
        refused(&c, shapes[i].name);
        c.tensor = (struct shape){shapes[i].name, shapes[i].d0 + 32,
                                  shapes[i].d1};
        refused(&c, shapes[i].name);
        c.tensor = (struct shape){shapes[i].name, shapes[i].d0,
                                  shapes[i].d1 + 2};
        refused(&c, i == 0 ? "the tokenizer has 10 tokens, the embedding 12"
                           : shapes[i].name);
    }
    refused(&(struct change){.tensor = {"blk.0.attn_sinks.weight", 2, 0}},
            "1 tensors that this engine does not know");
    refused(&(struct change){.tensor = {"output.weight", EMBD, VOCAB + 1}},
            "output.weight");
    refused(&(struct change){.tensor = {"rope_freqs.weight", 4, 0}},
            "rope_freqs.weight");
    refused(&(struct change){.n_tokens = VOCAB + 1},
            "the tokenizer has 11 tokens, the embedding 10");
}

/* --- llama2.c checkpoints ----------------------------------------------- */

static void put_floats(struct buf *b, struct rng *r, int n, float scale)
{
    for (int i = 0; i < n; i++)
        w_f32(b, (float)(rng_double(r) - 0.5) * scale);
}

/* A matrix: floats, or version 2: numbers that are exact in both forms. */
static void put_matrix(struct buf *b, struct rng *r, int version, int n)
{
    int8_t *q = mem_calloc((size_t)n, 1);
    for (int i = 0; i < n; i++)
        q[i] = (int8_t)(rng_below(r, 255) - 127);
    if (version == 2)
        buf_add(b, q, (size_t)n);
    for (int i = 0; version != 2 && i < n; i++)
        w_f32(b, (float)q[i] * 0.001953125f);
    for (int i = 0; version == 2 && i < n / 32; i++)
        w_f32(b, 0.001953125f);
    free(q);
}

/* Each tensor has a sequence of its own, so that the order in which a version
 * has them does not matter. */
static void put(struct buf *b, int version, uint64_t seed, int rows, int cols)
{
    struct rng r;
    rng_init(&r, seed);
    if (rows == 0)
        put_floats(b, &r, cols, 3);
    else
        put_matrix(b, &r, version, rows * cols);
}

static struct buf checkpoint(int version, int n_vocab)
{
    enum { LAYERS = 2, KV = EMBD / HEADS };
    const uint32_t header[] = {EMBD, FF, LAYERS, HEADS, 1,
                               (uint32_t)n_vocab, CTX};
    struct buf b;
    buf_init(&b, 1 << 20);
    if (version > 0) {
        buf_add_str(&b, "24ka");
        w_bytes(&b, (uint64_t)version, 4);
    }
    for (int i = 0; i < 7; i++)
        w_bytes(&b, header[i], 4);
    if (version > 0) {
        buf_add_char(&b, 1);
        w_bytes(&b, version == 2 ? 32 : 0, 4);
        w_pad(&b, 256);
    }
    /* Norms, in versions 1 and 2 first, in 0 before their part. */
    if (version == 0)
        put(&b, version, 1, n_vocab, EMBD);
    for (int l = 0; l < LAYERS; l++)
        put(&b, version, 10 + (uint64_t)l, 0, EMBD);
    for (int l = 0; version > 0 && l < LAYERS; l++)
        put(&b, version, 20 + (uint64_t)l, 0, EMBD);
    if (version > 0) {
        put(&b, version, 2, 0, EMBD);
        put(&b, version, 1, n_vocab, EMBD);
    }
    static const int attention[][2] = {
        {EMBD, EMBD}, {KV, EMBD}, {KV, EMBD}, {EMBD, EMBD}};
    for (uint64_t i = 0; i < 4; i++)
        for (uint64_t l = 0; l < LAYERS; l++)
            put(&b, version, 30 + 2 * i + l, attention[i][0],
                attention[i][1]);
    for (int l = 0; version == 0 && l < LAYERS; l++)
        put(&b, version, 20 + (uint64_t)l, 0, EMBD);
    static const int ffn[][2] = {{FF, EMBD}, {EMBD, FF}, {FF, EMBD}};
    for (uint64_t i = 0; i < 3; i++)
        for (uint64_t l = 0; l < LAYERS; l++)
            put(&b, version, 40 + 2 * i + l, ffn[i][0], ffn[i][1]);
    if (version == 0) {
        put(&b, version, 2, 0, EMBD);
        put(&b, version, 3, 0, CTX * EMBD / HEADS); /* the angles */
    }
    return b;
}

static void save_tokenizer(int n_vocab)
{
    struct buf b;
    buf_init(&b, 4096);
    w_bytes(&b, 8, 4);
    for (int i = 0; i < n_vocab; i++) {
        char word[16];
        snprintf(word, sizeof(word), "w%d", i);
        w_f32(&b, (float)-i);
        w_bytes(&b, strlen(word), 4);
        buf_add_str(&b, word);
    }
    free(w_save(&b, folder, "tokenizer.bin"));
    buf_free(&b);
}

static float *checkpoint_logits(int version)
{
    struct buf b = checkpoint(version, VOCAB);
    char *path = w_save(&b, folder, "m.bin");
    struct engine *g = open_weights(path);
    assert_string_equal(engine_info(g)->arch, "llama2.c");
    assert_string_equal(engine_info(g)->quant, version == 2 ? "int8" : "F32");
    assert_int_equal(engine_info(g)->n_vocab, VOCAB);
    float *l = logits_of(g, 6);
    engine_close(g);
    buf_free(&b);
    free(path);
    return l;
}

static void test_checkpoints(void **state)
{
    (void)state;
    save_tokenizer(VOCAB);
    float *zero = checkpoint_logits(0), *one = checkpoint_logits(1);
    float *two = checkpoint_logits(2);
    assert_memory_equal(zero, one, VOCAB * sizeof(float));
    double square = 0, worst = 0;
    for (int i = 0; i < VOCAB; i++) {
        double d = fabs((double)zero[i] - (double)two[i]);
        square += (double)zero[i] * (double)zero[i] / VOCAB;
        worst = d > worst ? d : worst;
    }
    assert_true(square > 0 && worst > 0);
    if (!(worst < 0.05 * sqrt(square))) /* activations of 8 bits */
        fail_msg("off by %g of %g", worst, sqrt(square));
    free(zero);
    free(one);
    free(two);
}

/* Saves as m.bin, expects a refusal; frees b. */
static void refused_checkpoint(struct buf *b, const char *why)
{
    char *path = w_save(b, folder, "m.bin");
    struct engine *g = NULL;
    struct err e = {0};
    struct engine_options options = {.pool = pool};
    assert_int_equal(engine_open(&g, path, &options, &e), -1);
    if (strstr(e.text, why) == NULL)
        fail_msg("expected \"%s\" in: %s", why, e.text);
    free(path);
    buf_free(b);
}

static void test_bad_checkpoints(void **state)
{
    (void)state;
    save_tokenizer(VOCAB);
    for (int version = 0; version <= 2; version++) {
        struct buf b = checkpoint(version, VOCAB);
        buf_cut(&b, b.len - 1);
        refused_checkpoint(&b, "would be longer");
        b = checkpoint(version, VOCAB);
        buf_add_char(&b, 0);
        refused_checkpoint(&b, "would be shorter");
        b = checkpoint(version, VOCAB);
        buf_cut(&b, version == 0 ? 27 : 200);
        refused_checkpoint(&b, "m.bin");
        for (size_t i = 0; i < 7; i++) { /* each number of the header */
            b = checkpoint(version, VOCAB);
            memset(b.data + (version ? 8 : 0) + 4 * i, 0, 4);
            refused_checkpoint(&b, "m.bin");
            b = checkpoint(version, VOCAB);
            memset(b.data + (version ? 8 : 0) + 4 * i, 0x7f, 4);
            refused_checkpoint(&b, "m.bin");
        }
    }
    struct buf b = checkpoint(1, VOCAB);
    b.data[4] = 3;
    refused_checkpoint(&b, "llama2.c version 3");
    b = checkpoint(2, VOCAB);
    b.data[37] = 7;
    refused_checkpoint(&b, "groups of 7");
    b = checkpoint(0, VOCAB - 1);
    refused_checkpoint(&b, "tokenizer.bin");
}

/* --- a file that changes ------------------------------------------------ */

/* Weights, floats too, are in memory of our own: nothing is lost. */
static void test_cut_while_in_use(void **state)
{
    (void)state;
    char *path = write_model(&(struct change){0});
    struct engine *g = open_weights(path);
    struct engine_session *s = NULL;
    struct err e = {0};
    int32_t ids[] = {1, 2, 3};
    assert_int_equal(engine_session_open(&s, g, 8, ENGINE_KV_F16, &e), 0);
    struct engine_feed feed = {s, ids, 3, NULL};
    assert_int_equal(engine_eval(g, &feed, 1, &e), 0);
    size_t n = (size_t)engine_info(g)->n_vocab * sizeof(float);
    float *before = mem_calloc(1, n);
    memcpy(before, engine_session_logits(s), n);
    assert_int_equal(truncate(path, 4096), 0);
    engine_session_rewind(s, 0);
    assert_int_equal(engine_eval(g, &feed, 1, &e), 0);
    assert_memory_equal(engine_session_logits(s), before, n);
    free(before);
    engine_session_close(s);
    engine_close(g);
    free(path);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_model),
        cmocka_unit_test(test_hyperparameters),
        cmocka_unit_test(test_no_key_is_passed_over),
        cmocka_unit_test(test_old_names_of_keys),
        cmocka_unit_test(test_magnitude_of_yarn),
        cmocka_unit_test(test_architecture),
        cmocka_unit_test(test_tensors),
        cmocka_unit_test(test_checkpoints),
        cmocka_unit_test(test_bad_checkpoints),
        cmocka_unit_test(test_cut_while_in_use),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
