/* An answer at a given seed does not depend on threads, on the answers beside
 * it, on what they share, or on their order: promised in the manual, with
 * adapters, too. */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "adapter_writer.h"
#include "backends/engine/kernels/kern.h"
#include "base/mem.h"
#include "company.h"
#include "folder.h"
#include "tile_emulator.h"

#define SHARED "Once upon a time there was a prompt that others begin with, "

/* More than a group; some begin alike, two are the same. */
static const char *const prompts[] = {
    SHARED "and it said a.", "a b", SHARED "and it said b.", "x",
    SHARED "one", SHARED "two", "another one", SHARED "one", "b a b a b a b a",
    SHARED "three", "the end", SHARED "and four", "??", SHARED "five 5 5 5 5",
    "to be or not to be or", SHARED "6", "a b c a b c a b c", SHARED "and 7",
};

enum { N = sizeof(prompts) / sizeof(prompts[0]) };

static struct model model_of(char *path, double temperature, int kv)
{
    struct model m;
    model_init(&m);
    m.file = path;
    m.temperature = temperature;
    m.kv = kv;
    m.repeat_penalty = 1.1;
    m.raw = true;
    m.n_ctx = 256;
    return m;
}

/* With no adapters, or in turn with each of the lists. */
static void check_model(const char *name, double temperature, int kv,
                        const struct lora_list *loras, size_t n_loras)
{
    char path[256];
    struct answer first[N], a[N];
    struct model models[COMPANY_MODELS];
    struct err e = {0};
    struct company c = {.models = models, .n_models = n_loras ? n_loras : 1,
                        .prompts = prompts, .n = N, .max_tokens = 12};
    snprintf(path, sizeof(path), "tests/engine/models/%s.gguf", name);
    for (size_t i = 0; i < c.n_models; i++)
        models[i] = model_of(path, temperature, kv);
    for (size_t i = 0; i < n_loras; i++)
        models[i].lora = loras[i];
    for (size_t k = 0; k < COMPANY_N_WAYS; k++) {
        struct answer *out = k == 0 ? first : a;
        for (int i = 0; i < N; i++)
            answer_init(&out[i]);
        company_go(&c, &company_ways[k]);
        if (company_answer(&c, out, &e) != 0)
            fail_msg("%s, %s: %s", name, company_ways[k].name, e.text);
        size_t differing = company_differing(first, out, N);
        if (differing > 0)
            fail_msg("%s, %s: %zu of %d answers are others than alone", name,
                     company_ways[k].name, differing, N);
        for (int i = 0; k > 0 && i < N; i++)
            answer_free(&a[i]);
    }
    size_t bytes = 0;
    for (int i = 0; i < N; i++)
        bytes += first[i].text.len;
    assert_true(bytes > 5 * N); /* else little was compared */
    assert_int_equal(company_differing(&first[9], &first[14], 1), 1);
    for (int i = 0; i < N; i++)
        answer_free(&first[i]);
}

static const char *const models[] = {"llama",     "gemma3", "phi3",
                                     "qwen3moe",  "olmo2",  "llama-f16",
                                     "mixed-32",  "mixed-256"};

/* With two adapters for it, with the second of them and with none, which share
 * passes: beside quantized matrices one is of floats and the other of bytes. */
static void check_adapted(const char *name, int kv)
{
    char path[256], arch_name[32];
    struct gguf *g;
    struct gguf_string arch;
    struct err e = {0};
    struct lora loras[2] = {{NULL, NULL, 1}, {NULL, NULL, 0.5}};
    static const char *const files[2] = {"one.gguf", "two.gguf"};
    snprintf(path, sizeof(path), "tests/engine/models/%s.gguf", name);
    if (gguf_open(&g, path, &e) != 0 ||
        !gguf_get_string(g, "general.architecture", &arch))
        fail_msg("%s: %s", path, e.text);
    snprintf(arch_name, sizeof(arch_name), "%.*s", (int)arch.n, arch.data);
    for (int i = 0; i < 2; i++) {
        struct adapter ad;
        make_adapter(&ad, g, (uint64_t)i + 1, i == 0 ? 3 : 17, 1, GGUF_F32);
        loras[i].file = save_adapter(&ad, arch_name, folder, files[i]);
        free_adapter(&ad);
    }
    struct lora_list lists[COMPANY_MODELS] = {{loras, 2}, {NULL, 0},
                                              {loras + 1, 1}};
    check_model(name, 1, kv, lists, COMPANY_MODELS);
    for (int i = 0; i < 2; i++) {
        unlink(loras[i].file);
        free(loras[i].file);
    }
    gguf_close(g);
}

static void check_models(void)
{
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
        check_model(models[i], 1, KV_F16, NULL, 0);
    /* It repeats itself, so guesses are right. */
    check_model("llama", 0, KV_F16, NULL, 0);
    check_model("llama", 0, KV_Q8, NULL, 0);
    check_model("gemma3", 1, KV_Q8, NULL, 0);
    check_adapted("llama", KV_F16);
    check_adapted("mixed-32", KV_F16);
    check_adapted("mixed-256", KV_F16);
    check_adapted("llama", KV_Q8);
}

/* Emulated tiles take their time. */
static void check_tiles(void)
{
    check_model("mixed-32", 1, KV_Q8, NULL, 0);
}

static void same_on_every_set(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*check)(void);
    } sets[] = {
        {"scalar", check_models}, {"avx2", check_models},
        {"avx512", check_models}, {"amx", check_tiles},
        {"neon", check_models},
    };
    for (size_t k = 0; k < sizeof(sets) / sizeof(sets[0]); k++) {
        if (kern_by_name(sets[k].name) == NULL)
            continue; /* of another processor */
        setenv("ARENA_KERNELS", sets[k].name, 1);
        sets[k].check();
    }
    unsetenv("ARENA_KERNELS");
}

static int set_up(void **state)
{
    (void)state;
    return folder_make("same") == 0 ? answer_open_wake() : -1;
}

static int tear_down(void **state)
{
    (void)state;
    answer_close_wake();
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_on_every_set)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
