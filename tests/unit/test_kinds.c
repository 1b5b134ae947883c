/* What a file is, if it is no model that answers; and what holds for a model
 * whose file lacks a key. */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/arch.h"
#include "backends/engine/engine.h"
#include "backends/engine/file/kind.h"
#include "tests/unit/folder.h"
#include "tests/unit/gguf_writer.h"

static int make_folder(void **state)
{
    (void)state;
    return folder_make("kinds");
}

/* A file is refused with a line that has `word` after its name. */
static void assert_said(const struct buf *b, const char *name, const char *word)
{
    char *path = w_save(b, folder, name);
    struct err e = {0};
    assert_int_equal(engine_check(path, NULL, NULL, NULL, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_null(strchr(e.text, '\n'));
    char *said = strstr(e.text, name);
    assert_non_null(said);
    if (strstr(said + strlen(name), word) == NULL)
        fail_msg("no \"%s\" in: %s", word, e.text);
    free(path);
}

/* --- kinds of GGUF ----------------------------------------------------- */

/* Keys of a file that tell what it is: a text, or else a number or a bool. */
struct sign {
    const char *key, *text;
    uint32_t type, number;
};

static void write_head(struct buf *b, const struct sign *s, size_t n,
                       uint64_t n_tensors)
{
    buf_init(b, 1 << 16);
    w_header(b, n_tensors, n);
    for (size_t i = 0; i < n; i++) {
        if (s[i].text != NULL) {
            w_kv_string(b, s[i].key, s[i].text);
            continue;
        }
        w_key(b, s[i].key, s[i].type);
        w_bytes(b, s[i].number, s[i].type == W_BOOL ? 1 : 4);
    }
}

static void kinds_are_named(void **state)
{
    (void)state;
    static const struct {
        struct sign signs[2];
        const char *word;
    } cases[] = {
        {{{"general.architecture", "llama", 0, 0},
          {"general.type", "adapter", 0, 0}}, "adapter (LoRA)"},
        {{{"general.architecture", "qwen2", 0, 0},
          {"adapter.type", "lora", 0, 0}}, "adapter (LoRA)"},
        {{{"general.architecture", "clip", 0, 0},
          {"general.type", "mmproj", 0, 0}}, "projector"},
        {{{"general.architecture", "clip", 0, 0},
          {"x", "y", 0, 0}}, "projector"},
        {{{"general.type", "imatrix", 0, 0}, {"x", "y", 0, 0}}, "imatrix"},
        {{{"general.architecture", "controlvector", 0, 0},
          {"x", "y", 0, 0}}, "control vector"},
        {{{"general.architecture", "bert", 0, 0}, {"x", "y", 0, 0}},
         "embedding model"},
        {{{"general.architecture", "nomic-bert", 0, 0}, {"x", "y", 0, 0}},
         "embedding model"},
        {{{"general.architecture", "qwen3", 0, 0},
          {"qwen3.pooling_type", NULL, W_U32, 3}}, "embedding model"},
        {{{"general.architecture", "llama", 0, 0},
          {"llama.attention.causal", NULL, W_BOOL, 0}}, "embedding model"},
        {{{"general.architecture", "qwen3", 0, 0},
          {"qwen3.pooling_type", NULL, W_U32, 4}}, "reranking model"},
        {{{"general.architecture", "flux", 0, 0}, {"x", "y", 0, 0}},
         "pictures"},
        {{{"general.architecture", "wavtokenizer-dec", 0, 0},
          {"x", "y", 0, 0}}, "sound"},
        {{{"general.architecture", "zork", 0, 0}, {"x", "y", 0, 0}},
         "architecture zork"},
        {{{"general.architecture", "qwen3", 0, 0},
          {"qwen3.pooling_type", NULL, W_U32, 0}}, "context_length"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf b;
        write_head(&b, cases[i].signs, 2, 0);
        assert_said(&b, "m.gguf", cases[i].word);
        buf_free(&b);
    }
}

static void heads_alone_and_odd_types_are_named(void **state)
{
    (void)state;
    static const struct sign arch = {"general.architecture", "llama", 0, 0};
    static const struct {
        uint32_t type;
        const char *name;
    } types[] = {
        {16, "IQ2_XXS"}, {19, "IQ1_S"}, {31, "Q4_0_4_4"}, {34, "TQ1_0"},
        {39, "MXFP4"},   {40, "NVFP4"}, {137, "IQ2_K"},   {144, "IQ4_KS"},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        struct buf b;
        write_head(&b, &arch, 1, 1);
        w_tensor(&b, "token_embd.weight", 256, 4, types[i].type, 0);
        w_pad(&b, 4096);
        assert_said(&b, "m.gguf", types[i].name);
        buf_free(&b);
    }
    struct buf b;
    write_head(&b, &arch, 1, 1);
    w_tensor(&b, "token_embd.weight", 256, 4, 0, 0);
    assert_said(&b, "m.gguf", "header of a model alone");
    buf_free(&b);
    static const struct sign model[] = {
        {"general.architecture", "llama", 0, 0},
        {"llama.context_length", NULL, W_U32, 64},
        {"llama.embedding_length", NULL, W_U32, 64},
        {"llama.block_count", NULL, W_U32, 1},
        {"llama.feed_forward_length", NULL, W_U32, 64},
        {"llama.attention.head_count", NULL, W_U32, 4},
    };
    write_head(&b, model, 6, 0);
    assert_said(&b, "m.gguf", "vocabulary alone");
    buf_free(&b);
}

/* --- other files ------------------------------------------------------- */

#define BYTES(text) text, sizeof(text) - 1

static void other_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *name, *word;
    } cases[] = {
        {BYTES("\x20\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\"}}"), "m.gguf",
         "safetensors"},
        {BYTES("\x7B\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\"}}"), "m.gguf",
         "safetensors"},
        {BYTES("\x30\0\0\0\0\0\0\0{\"base.q.lora_A.weight\":{}}"), "a.gguf",
         "adapter (LoRA)"},
        {BYTES("\x02\0\0\0\x0D\0\0\0blk.0.attn_q.weight\1\0\0\0"), "m.gguf",
         "imatrix"},
        {BYTES("{\"weight_map\": {}}"), "m.gguf", "JSON"},
        {BYTES("algg\1\0\0\0\0\0\0\0\0\0\0\0"), "m.gguf", "adapter (LoRA)"},
        {BYTES("\x1F\x8B\x08\0\0\0\0\0\0\0\0\0\0"), "m.gguf", "packed"},
        {BYTES("\x80\x02\x8A\x0A\0\0\0\0\0\0\0\0\0"), "m.gguf", "PyTorch"},
        {BYTES("GGUF\3\0\0\0\0\0\0\0\0\0\0"), "m.gguf", "header"},
        {BYTES("zzzzzzzzzzzzzzzz"), "w.gguf.part2of3", "join the parts"},
        {BYTES("zzzzzzzzzzzzzzzz"), "w.gguf-split-b", "join the parts"},
        {BYTES("zzzzzzzzzzzzzzzz"), "m.gguf", "not a GGUF"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf b;
        buf_init(&b, 4096);
        buf_add(&b, cases[i].bytes, cases[i].n);
        assert_said(&b, cases[i].name, cases[i].word);
        buf_free(&b);
    }
}

/* --- instruct models --------------------------------------------------- */

static bool is_tuned(const char *file, const char *key, const char *value)
{
    const struct sign s = {key, value, 0, 0};
    struct buf b;
    struct gguf *g;
    struct err e = {0};
    write_head(&b, &s, 1, 0);
    char *path = w_save(&b, folder, file);
    if (gguf_open(&g, path, &e) != 0)
        fail_msg("%s", e.text);
    bool tuned = kind_is_tuned(g);
    gguf_close(g);
    free(path);
    buf_free(&b);
    return tuned;
}

static void instruct_models_are_told_apart(void **state)
{
    (void)state;
    assert_true(is_tuned("m.gguf", "general.finetune", "Instruct"));
    assert_true(is_tuned("m.gguf", "general.finetune", "it"));
    assert_true(is_tuned("m.gguf", "general.name", "Llama 2 7B Chat"));
    assert_true(is_tuned("gemma-3-1b-it.Q4_0.gguf", "x", "y"));
    assert_true(is_tuned("SmolLM2-135M-Instruct.gguf", "x", "y"));
    assert_false(is_tuned("m.gguf", "general.name", "Llama 2 7B"));
    assert_false(is_tuned("bitnet-unit.gguf", "general.name", "Chatham Bitter"));
    assert_false(is_tuned("stories260K.gguf", "general.finetune", "base"));
}

/* --- missing keys ------------------------------------------------------ */

static void defaults_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        const char *arch;
        double eps, base, local_base, score_scale, score_cap, logit_cap;
        int window, old_ctx;
    } cases[] = {
        {"llama", 1e-5, 1e4, 1e4, 0.25, 0, 0, 0, 8192},
        {"qwen2", 1e-6, 1e4, 1e4, 0.25, 0, 0, 0, 8192},
        {"qwen3", 1e-6, 1e4, 1e4, 0.25, 0, 0, 0, 8192},
        {"qwen3moe", 1e-6, 1e4, 1e4, 0.25, 0, 0, 0, 8192},
        {"phi3", 1e-5, 1e4, 1e4, 0.25, 0, 0, 0, 4096},
        {"smollm3", 1e-6, 2e6, 2e6, 0.25, 0, 0, 0, 8192},
        {"granite", 1e-6, 1e4, 1e4, 1, 0, 0, 0, 8192},
        {"olmo2", 1e-5, 1e4, 1e4, 0.25, 0, 0, 0, 8192},
        {"gemma2", 1e-6, 1e4, 1e4, 0.25, 50, 30, 4096, 8192},
        {"gemma3", 1e-6, 1e6, 1e4, 0.25, 0, 0, 4096, 8192},
    };
    static const struct {
        const char *key;
        uint32_t value;
    } shape[] = {
        {"context_length", 8192}, {"embedding_length", 64},
        {"block_count", 6},       {"feed_forward_length", 64},
        {"attention.head_count", 4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf b;
        buf_init(&b, 1 << 16);
        w_header(&b, 0, 6);
        w_kv_string(&b, "general.architecture", cases[i].arch);
        for (int k = 0; k < 5; k++) {
            char key[96];
            snprintf(key, sizeof(key), "%s.%s", cases[i].arch, shape[k].key);
            w_kv_u32(&b, key, shape[k].value);
        }
        char *path = w_save(&b, folder, "m.gguf");
        struct gguf *g;
        struct hparams h;
        struct err e = {0};
        if (gguf_open(&g, path, &e) != 0 || arch_read(&h, g, &e) != 0)
            fail_msg("%s: %s", cases[i].arch, e.text);
        double all[][2] = {
            {(double)h.eps, cases[i].eps},
            {(double)h.rope_base, cases[i].base},
            {(double)h.rope_local_base, cases[i].local_base},
            {(double)h.score_scale, cases[i].score_scale},
            {(double)h.score_cap, cases[i].score_cap},
            {(double)h.logit_cap, cases[i].logit_cap},
            {h.window, cases[i].window},
            {h.rope_old_ctx, cases[i].old_ctx},
        };
        for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
            if (fabs(all[k][0] - all[k][1]) > 1e-6 * fabs(all[k][1]))
                fail_msg("%s: number %zu is %g, not %g", cases[i].arch, k,
                         all[k][0], all[k][1]);
        gguf_close(g);
        free(path);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_named),
        cmocka_unit_test(heads_alone_and_odd_types_are_named),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(instruct_models_are_told_apart),
        cmocka_unit_test(defaults_are_the_published_ones),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
