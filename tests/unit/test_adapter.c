/* LoRA adapters: as the merged model, beside other sessions, and what is
 * refused.  The models are tests/engine/models, the adapters are made here. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/engine/engine.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/pool.h"
#include "backends/local/divergence.h"
#include "base/mem.h"
#include "base/path.h"
#include "adapter_writer.h"
#include "answers.h"
#include "folder.h"

enum { N_IDS = 20 };

static int32_t ids[N_IDS];

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < N_IDS; i++)
        ids[i] = 3 + i * 7 % 40;
    return folder_make("adapter");
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* --- evaluating -------------------------------------------------------- */

static struct pool *pool;

static struct engine *open_engine(const char *path)
{
    struct engine *g;
    struct err e;
    if (engine_open(&g, path, &(struct engine_options){.pool = pool}, &e) != 0)
        fail_msg("%s", e.text);
    return g;
}

static struct engine_adapter *open_adapter(const struct engine *g,
                                           const char *path)
{
    struct engine_adapter *a;
    struct err e;
    if (engine_adapter_open(&a, g, path, &e) != 0)
        fail_msg("%s", e.text);
    return a;
}

static struct engine_session *open_session(struct engine *g,
                                           const struct engine_adapted *list,
                                           size_t n)
{
    struct engine_session *s;
    struct err e;
    if (engine_session_open(&s, g, 64, ENGINE_KV_F16, &e) != 0)
        fail_msg("%s", e.text);
    engine_session_adapt(s, list, n);
    return s;
}

static void eval(struct engine *g, struct engine_feed *feeds, size_t n)
{
    struct err e;
    if (engine_eval(g, feeds, n, &e) != 0)
        fail_msg("%s", e.text);
}

/* Logits of the ids, all at once. */
static float *logits_of(struct engine *g, const struct engine_adapted *list,
                        size_t n)
{
    size_t n_vocab = (size_t)engine_info(g)->n_vocab;
    float *all = mem_calloc(N_IDS * n_vocab, sizeof(*all));
    struct engine_session *s = open_session(g, list, n);
    eval(g, &(struct engine_feed){s, ids, N_IDS, all}, 1);
    engine_session_close(s);
    return all;
}

/* The largest difference over the largest of b. */
static double distance(const struct engine *g, const float *a, const float *b)
{
    double worst = 0, largest = 0;
    for (int i = 0; i < N_IDS * engine_info(g)->n_vocab; i++) {
        worst = fmax(worst, fabs((double)(a[i] - b[i])));
        largest = fmax(largest, fabs((double)b[i]));
    }
    return worst / largest;
}

/* A model with two adapters made for it. */
struct place {
    char path[256];
    char *expanded, *merged, *files[2];
    struct engine *engine;
    struct engine_adapter *adapters[2];
    struct engine_adapted list[2];
};

enum { SMALL, LARGE }; /* their ranks: 3, 17 */

/* With these both change a matrix about as much. */
static const float scales[2] = {0.5f, -0.2f};

/* The model with all its numbers as F32, without an adapter and with one. */
static void place_merge(struct place *p, struct buf *file,
                        const struct adapter *ad, float scale)
{
    struct gguf *g;
    struct err e;
    p->expanded = w_save(file, folder, "expanded.gguf");
    if (gguf_open(&g, p->expanded, &e) != 0)
        fail_msg("%s", e.text);
    merge(file, g, ad, ad->alpha != 0 ? scale * ad->alpha / (float)ad->rank
                                      : scale);
    p->merged = w_save(file, folder, "merged.gguf");
    gguf_close(g);
}

/* merged: which of the adapters is. */
static void place_open(struct place *p, const char *name, uint32_t type,
                       int merged)
{
    struct gguf *g;
    struct err e;
    struct buf file, floats;
    struct adapter ad[2];
    struct gguf_string arch;
    char arch_name[32];
    snprintf(p->path, sizeof(p->path), "tests/engine/models/%s.gguf", name);
    assert_int_equal(gguf_open(&g, p->path, &e), 0);
    buf_init(&file, 1 << 22);
    buf_init(&floats, 1 << 22);
    assert_int_equal(buf_read_file(&file, p->path), 0);
    expand(&file, g, &floats);
    gguf_get_string(g, "general.architecture", &arch);
    snprintf(arch_name, sizeof(arch_name), "%.*s", (int)arch.n, arch.data);
    make_adapter(&ad[0], g, 1, 3, 1.5f, type);
    make_adapter(&ad[1], g, 2, 17, 0, type);
    p->files[0] = save_adapter(&ad[0], arch_name, folder, "one.gguf");
    p->files[1] = save_adapter(&ad[1], arch_name, folder, "two.gguf");
    place_merge(p, &floats, &ad[merged], scales[merged]);
    p->engine = open_engine(p->path);
    for (int i = 0; i < 2; i++) {
        p->adapters[i] = open_adapter(p->engine, p->files[i]);
        p->list[i] = (struct engine_adapted){p->adapters[i], scales[i]};
        free_adapter(&ad[i]);
    }
    buf_free(&floats);
    buf_free(&file);
    gguf_close(g);
}

static void place_close(struct place *p)
{
    for (int i = 0; i < 2; i++) {
        engine_adapter_close(p->adapters[i]);
        unlink(p->files[i]);
        free(p->files[i]);
    }
    engine_close(p->engine);
    unlink(p->expanded);
    free(p->expanded);
    unlink(p->merged);
    free(p->merged);
}

/* --- as the merged model ----------------------------------------------- */

static void check_merged(const char *name, uint32_t type)
{
    struct place p;
    place_open(&p, name, type, SMALL);
    struct engine *merged = open_engine(p.merged);
    float *want = logits_of(merged, NULL, 0);
    float *got = logits_of(p.engine, &p.list[0], 1);
    float *plain = logits_of(p.engine, NULL, 0);
    double off = distance(merged, got, want);
    print_message("# %s: off by %.2g of the largest logit\n", name, off);
    assert_true(off < 1e-3);
    assert_true(distance(merged, plain, want) > 0.05);
    /* The base is as it was. */
    float *other = logits_of(merged, NULL, 0);
    assert_true(distance(merged, other, want) <= 0);
    free(want);
    free(got);
    free(plain);
    free(other);
    engine_close(merged);
    place_close(&p);
}

static void as_the_merged_model(void **state)
{
    (void)state;
    pool = pool_open(2);
    check_merged("llama", GGUF_F32); /* its head is another matrix */
    check_merged("llama", GGUF_F16);
    check_merged("phi3", GGUF_F32); /* q, k, v and gate, up merged */
    check_merged("gemma3", GGUF_F32);
    check_merged("qwen2", GGUF_F32);
    check_merged("olmo2", GGUF_F16);
    pool_close(pool);
}

/* Beside quantized matrices A and B of large ranks have 8 bits, too.  What they
 * add is about as far from the sums of floats as what the model itself says. */
static void check_quantized(const char *name, uint32_t type, int which)
{
    struct place p;
    place_open(&p, name, type, which);
    struct engine *expanded = open_engine(p.expanded);
    struct engine *merged = open_engine(p.merged);
    float *plain = logits_of(p.engine, NULL, 0);
    float *adapted = logits_of(p.engine, &p.list[which], 1);
    float *plain_want = logits_of(expanded, NULL, 0);
    float *want = logits_of(merged, NULL, 0);
    double off = distance(merged, adapted, want);
    double base_off = distance(expanded, plain, plain_want);
    double effect = distance(merged, plain, want);
    print_message("# %s: off by %.2g of %.2g, without an adapter %.2g\n", name,
                  off, effect, base_off);
    assert_true(off < 3 * base_off);
    assert_true(effect > 10 * off);
    free(plain);
    free(adapted);
    free(plain_want);
    free(want);
    engine_close(merged);
    engine_close(expanded);
    place_close(&p);
}

static void beside_quantized_matrices(void **state)
{
    (void)state;
    pool = pool_open(2);
    check_quantized("mixed-32", GGUF_F32, SMALL);
    check_quantized("mixed-32", GGUF_F32, LARGE);
    check_quantized("mixed-32", GGUF_F16, LARGE);
    check_quantized("mixed-256", GGUF_F16, SMALL);
    check_quantized("mixed-256", GGUF_F16, LARGE);
    pool_close(pool);
}

/* --- beside others ----------------------------------------------------- */

/* Token by token: sessions with one adapter, the other, both, none. */
static void check_beside_others(const char *name, int threads)
{
    enum { N = 4 };
    struct place p;
    pool = pool_open(threads);
    place_open(&p, name, GGUF_F32, SMALL);
    struct {
        const struct engine_adapted *list;
        size_t n;
    } ways[N] = {{p.list, 1}, {p.list + 1, 1}, {p.list, 2}, {NULL, 0}};
    struct engine_session *s[N], *alone[N];
    size_t bytes = (size_t)engine_info(p.engine)->n_vocab * sizeof(float);
    for (int i = 0; i < N; i++) {
        s[i] = open_session(p.engine, ways[i].list, ways[i].n);
        alone[i] = open_session(p.engine, ways[i].list, ways[i].n);
    }
    for (int t = 0; t < N_IDS; t += 1 + t % 3) {
        struct engine_feed feeds[N];
        size_t n = t + 1 + t % 3 < N_IDS ? (size_t)(1 + t % 3) : 1;
        for (int i = 0; i < N; i++)
            feeds[i] = (struct engine_feed){s[i], ids + t, n, NULL};
        eval(p.engine, feeds, N);
        for (int i = 0; i < N; i++) {
            eval(p.engine,
                 &(struct engine_feed){alone[i], ids + t, n, NULL}, 1);
            assert_memory_equal(engine_session_logits(s[i]),
                                engine_session_logits(alone[i]), bytes);
        }
        assert_memory_not_equal(engine_session_logits(s[0]),
                                engine_session_logits(s[1]), bytes);
        assert_memory_not_equal(engine_session_logits(s[0]),
                                engine_session_logits(s[2]), bytes);
    }
    /* What was read with other adapters is not shared. */
    engine_session_share(alone[0], s[1], 5);
    assert_int_equal(engine_session_length(alone[0]), 0);
    engine_session_share(alone[0], s[0], 5);
    assert_int_equal(engine_session_length(alone[0]), 5);
    for (int i = 0; i < N; i++) {
        engine_session_close(s[i]);
        engine_session_close(alone[i]);
    }
    place_close(&p);
    pool_close(pool);
}

static void beside_others_as_alone(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        check_beside_others("llama", threads);
        check_beside_others("mixed-32", threads);
    }
}

/* --- answers ----------------------------------------------------------- */

static struct stream *ask(struct backend_env *env, const struct model *m)
{
    struct message message = {"user", "a b c d a b c d a b"};
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = 20, .seed = 3,
                         .clock = REQUEST_FIXED_CLOCK};
    struct stream *s = stream_open(answer_wake[1]);
    struct backend *b;
    struct err e;
    if (backend_local.open(&b, m, env, &e) != 0 ||
        backend_local.start(b, &rq, s, &e) != 0)
        fail_msg("%s", e.text);
    backend_local.close(b);
    return s;
}

static void take(struct answer *a, struct stream *s)
{
    answer_init(a);
    answer_finish(a, s);
    if (a->end.error.code != ERR_NONE)
        fail_msg("%s", a->end.error.text);
}

/* Contestants on the same weights: alone, then at once. */
static void contestants_share_the_weights(void **state)
{
    (void)state;
    enum { N = 4 };
    struct place p;
    struct backend_env env;
    struct model m[N];
    struct answer alone[N], a;
    struct stream *s[N];
    pool = pool_open(1);
    place_open(&p, "llama", GGUF_F32, SMALL);
    assert_int_equal(answer_open_wake(), 0);
    backend_env_init(&env);
    struct lora one = {p.files[0], NULL, 0.5}, less = {p.files[0], NULL, 0.1},
                two = {p.files[1], NULL, 1};
    struct lora_list lists[N] = {{NULL, 0}, {&one, 1}, {&less, 1}, {&two, 1}};
    for (int i = 0; i < N; i++) {
        model_init(&m[i]);
        m[i].file = p.path;
        m[i].raw = true;
        m[i].temperature = 1;
        m[i].lora = lists[i];
        take(&alone[i], ask(&env, &m[i]));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(alone[i].text.data, alone[k].text.data);
    }
    for (int i = 0; i < N; i++)
        s[i] = ask(&env, &m[i]);
    for (int i = 0; i < N; i++) {
        take(&a, s[i]);
        assert_string_equal(a.text.data, alone[i].text.data);
        answer_free(&a);
        answer_free(&alone[i]);
    }
    backend_env_free(&env);
    answer_close_wake();
    place_close(&p);
    pool_close(pool);
}

/* What else reads with a model has its adapters, too. */
static void a_divergence_sees_adapters(void **state)
{
    (void)state;
    struct place p;
    struct model plain, adapted;
    struct infer *f[2];
    struct divergence d;
    struct token_list prompt = {0};
    struct infer_request rq = {.prompt = &prompt, .max_tokens = 8, .n_top = -1};
    struct infer_result answer;
    struct err e;
    infer_result_init(&answer);
    for (size_t i = 0; i < N_IDS; i++)
        token_list_add(&prompt, ids[i]);
    pool = pool_open(1);
    place_open(&p, "llama", GGUF_F32, SMALL);
    struct lora one = {p.files[0], NULL, 1};
    model_init(&plain);
    plain.file = p.path;
    adapted = plain;
    adapted.lora = (struct lora_list){&one, 1};
    if (infer_open(&f[0], &plain, 1, &e) != 0 ||
        infer_open_beside(&f[1], &adapted, f[0], &e) != 0 ||
        divergence_of_answers(f[0], f[1], &rq, 1, &answer, &d, &e) != 0)
        fail_msg("%s", e.text);
    assert_true(d.kl / (double)d.n > 0.01);
    infer_result_free(&answer);
    token_list_free(&prompt);
    infer_close(f[1]);
    infer_close(f[0]);
    place_close(&p);
    pool_close(pool);
}

/* --- what is refused --------------------------------------------------- */

static void check_refused(const struct engine *g, const struct buf *b,
                          const char *why)
{
    struct engine_adapter *a;
    struct err e;
    char *path = w_save(b, folder, "bad.gguf");
    if (engine_adapter_open(&a, g, path, &e) == 0)
        fail_msg("not refused: %s", why);
    assert_int_equal(e.code, ERR_BACKEND);
    if (strstr(e.text, why) == NULL || strstr(e.text, "bad.gguf") == NULL)
        fail_msg("\"%s\" in place of \"%s\"", e.text, why);
    unlink(path);
    free(path);
}

/* An adapter's file, right or wrong; the tensors have 4 numbers a row. */
struct file {
    const char *type, *arch, *kind, *why;
    struct {
        const char *name;
        uint64_t d0, d1;
    } tensors[2];
    float value;
};

static void write_file(struct buf *b, const struct file *f)
{
    size_t n = 0, bytes = 0;
    while (n < 2 && f->tensors[n].name)
        n++;
    w_header(b, n, 3);
    w_kv_string(b, "general.type", f->type);
    w_kv_string(b, "general.architecture", f->arch);
    w_kv_string(b, "adapter.type", f->kind);
    for (size_t i = 0; i < n; i++) {
        w_tensor(b, f->tensors[i].name, f->tensors[i].d0, f->tensors[i].d1,
                 GGUF_F32, bytes);
        bytes += (f->tensors[i].d0 * f->tensors[i].d1 * 4 + 31) / 32 * 32;
    }
    w_pad(b, 32);
    for (size_t i = 0; i < bytes / 4; i++)
        w_f32(b, f->value);
}

#define HEAD "adapter", "llama", "lora"
#define Q "blk.0.attn_q.weight"

static void wrong_files(void **state)
{
    (void)state;
    /* llama-tied: 16 wide, 3 layers, hidden layer of 24, 48 tokens. */
    static const struct file files[] = {
        {"model", "llama", "lora", "is no adapter", {{"x.lora_a", 4, 4}}, 0},
        {"adapter", "llama", "ia3", "of type \"ia3\"", {{"x.lora_a", 4, 4}}, 0},
        {"adapter", "qwen2", "lora", "for architecture \"qwen2\"",
         {{"x.lora_a", 4, 4}}, 0},
        {HEAD, "without tensors", {{NULL, 0, 0}}, 0},
        {HEAD, "neither the lora_a nor", {{Q, 16, 16}}, 0},
        {HEAD, "neither the lora_a nor", {{Q ".lora_c", 16, 16}}, 0},
        {HEAD, "neither the lora_a nor", {{".lora_a", 16, 16}}, 0},
        {HEAD, "but no lora_b", {{Q ".lora_a", 16, 4}}, 0},
        {HEAD, "but no lora_a", {{Q ".lora_b", 4, 16}}, 0},
        {HEAD, "16 x 17, but the matrix of the model is 16 x 16",
         {{Q ".lora_a", 16, 4}, {Q ".lora_b", 4, 17}}, 0},
        {HEAD, "15 x 16, but", {{Q ".lora_a", 15, 4}, {Q ".lora_b", 4, 16}}, 0},
        {HEAD, "one rank, not 4 and 5",
         {{Q ".lora_a", 16, 4}, {Q ".lora_b", 5, 16}}, 0},
        {HEAD, "4096 is the most",
         {{Q ".lora_a", 16, 5000}, {Q ".lora_b", 5000, 16}}, 0},
        {HEAD, "changes blk.3.attn_q.weight",
         {{"blk.3.attn_q.weight.lora_a", 16, 4},
          {"blk.3.attn_q.weight.lora_b", 4, 16}}, 0},
        {HEAD, "changes blk.00.attn_q.weight",
         {{"blk.00.attn_q.weight.lora_a", 16, 4},
          {"blk.00.attn_q.weight.lora_b", 4, 16}}, 0},
        {HEAD, "changes blk.0.attn_qkv.weight",
         {{"blk.0.attn_qkv.weight.lora_a", 16, 4},
          {"blk.0.attn_qkv.weight.lora_b", 4, 32}}, 0},
        {HEAD, "changes blk.0.attn_norm.weight",
         {{"blk.0.attn_norm.weight.lora_a", 16, 4},
          {"blk.0.attn_norm.weight.lora_b", 4, 16}}, 0},
        {HEAD, "changes token_embd.weight",
         {{"token_embd.weight.lora_a", 4, 48},
          {"token_embd.weight.lora_b", 4, 16}}, 0},
        {HEAD, "changes output.weight",
         {{"output.weight.lora_a", 16, 4}, {"output.weight.lora_b", 4, 48}},
         0},
        {HEAD, "has numbers that are none",
         {{Q ".lora_a", 16, 4}, {Q ".lora_b", 4, 16}}, NAN},
    };
    pool = pool_open(1);
    struct engine *g = open_engine("tests/engine/models/llama-tied.gguf");
    struct buf b;
    buf_init(&b, 1 << 24);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        buf_clear(&b);
        write_file(&b, &files[i]);
        check_refused(g, &b, files[i].why);
    }
    /* The right one, whole and then cut. */
    static const struct file right = {
        HEAD, "", {{Q ".lora_a", 16, 4}, {Q ".lora_b", 4, 16}}, 0.5f};
    buf_clear(&b);
    write_file(&b, &right);
    char *path = w_save(&b, folder, "right.gguf");
    struct err e;
    assert_int_equal(engine_adapter_check(path, &e), 0);
    engine_adapter_close(open_adapter(g, path));
    unlink(path);
    free(path);
    buf_cut(&b, b.len - 40);
    check_refused(g, &b, "");
    engine_close(g);
    pool_close(pool);
    buf_free(&b);
}

static void experts_are_refused(void **state)
{
    (void)state;
    static const struct file attention = {
        "adapter", "qwen3moe", "lora", "",
        {{Q ".lora_a", 16, 4}, {Q ".lora_b", 4, 16}}, 0.5f};
    static const struct file router = {
        "adapter", "qwen3moe", "lora", "changes blk.0.ffn_gate_inp.weight",
        {{"blk.0.ffn_gate_inp.weight.lora_a", 16, 4},
         {"blk.0.ffn_gate_inp.weight.lora_b", 4, 4}}, 0.5f};
    struct buf b;
    pool = pool_open(1);
    struct engine *g = open_engine("tests/engine/models/qwen3moe.gguf");
    buf_init(&b, 1 << 20);
    write_file(&b, &router);
    check_refused(g, &b, router.why);
    buf_clear(&b);
    write_file(&b, &attention);
    char *path = w_save(&b, folder, "right.gguf");
    engine_adapter_close(open_adapter(g, path));
    unlink(path);
    free(path);
    engine_close(g);
    pool_close(pool);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_merged_model),
        cmocka_unit_test(beside_quantized_matrices),
        cmocka_unit_test(beside_others_as_alone),
        cmocka_unit_test(contestants_share_the_weights),
        cmocka_unit_test(a_divergence_sees_adapters),
        cmocka_unit_test(wrong_files),
        cmocka_unit_test(experts_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
