/* From tokens to text: models that always say one token, which is half a
 * character or a very long word. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "backends/chances.h"
#include "backends/local/infer.h"
#include "base/json.h"
#include "base/mem.h"
#include "folder.h"
#include "gguf_writer.h"

enum { N_EMBD = 4, N_BYTES = 256, LONG_BYTES = 70000 };

/* Ids: three control tokens, a token for each byte, and these. */
enum { ID_BYTES = 3, ID_A = ID_BYTES + N_BYTES, ID_SPACE, ID_LONG, ID_THINK,
       N_VOCAB };

static char *path, no_template[] = "none";
static struct backend_env env;

static int set_up(void **state)
{
    (void)state;
    backend_env_init(&env);
    env.n_threads = 1;
    return folder_make("pieces") != 0 ? -1 : answer_open_wake();
}

static int tear_down(void **state)
{
    (void)state;
    backend_env_free(&env);
    answer_close_wake();
    unlink(path);
    free(path);
    path = NULL;
    return rmdir(folder);
}

/* --- a model that says one token --------------------------------------- */

static void write_words(struct buf *b)
{
    w_kv_string(b, "tokenizer.ggml.model", "llama");
    w_kv_array(b, "tokenizer.ggml.tokens", W_STRING, N_VOCAB);
    w_string(b, "<unk>");
    w_string(b, "<s>");
    w_string(b, "</s>");
    for (int i = 0; i < N_BYTES; i++) {
        char name[8];
        snprintf(name, sizeof(name), "<0x%02X>", (unsigned)i);
        w_string(b, name);
    }
    w_string(b, "a");
    w_string(b, "▁");
    w_bytes(b, LONG_BYTES, 8);
    for (int i = 0; i < LONG_BYTES; i++)
        buf_add_char(b, 'x');
    w_string(b, "[THINK]");
    w_kv_array(b, "tokenizer.ggml.scores", W_F32, N_VOCAB);
    for (int i = 0; i < N_VOCAB; i++)
        w_f32(b, 0);
    w_kv_array(b, "tokenizer.ggml.token_type", W_I32, N_VOCAB);
    for (int i = 0; i < N_VOCAB; i++)
        w_bytes(b, i == 0 ? 2 : i < ID_BYTES || i == ID_THINK ? 3
                   : i < ID_A ? 6 : 1, 4);
}

/* Tensors with all their numbers the same. */
static const struct {
    const char *name;
    unsigned d0, d1;
    float value;
} tensors[] = {
    {"output.weight", N_EMBD, N_VOCAB, 0}, /* the winner's row: 5 */
    {"token_embd.weight", N_EMBD, N_VOCAB, 1},
    {"blk.0.attn_q.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.attn_k.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.attn_v.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.attn_output.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.ffn_gate.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.ffn_up.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.ffn_down.weight", N_EMBD, N_EMBD, 0},
    {"blk.0.attn_norm.weight", N_EMBD, 0, 1},
    {"blk.0.ffn_norm.weight", N_EMBD, 0, 1},
    {"output_norm.weight", N_EMBD, 0, 1},
};

#define N_TENSORS (sizeof(tensors) / sizeof(*tensors))

static void write_tensors(struct buf *b, unsigned winner)
{
    uint64_t at = 0;
    for (size_t i = 0; i < N_TENSORS; i++) {
        w_tensor(b, tensors[i].name, tensors[i].d0, tensors[i].d1, 0, at);
        at += (uint64_t)tensors[i].d0 * (tensors[i].d1 ? tensors[i].d1 : 1) *
              sizeof(float);
        at = (at + 31) / 32 * 32;
    }
    w_pad(b, 32);
    for (size_t i = 0; i < N_TENSORS; i++) {
        unsigned rows = tensors[i].d1 ? tensors[i].d1 : 1;
        for (unsigned r = 0; r < rows; r++)
            for (unsigned c = 0; c < tensors[i].d0; c++)
                w_f32(b, i == 0 && r == winner ? 5 : tensors[i].value);
        w_pad(b, 32);
    }
}

/* Writes the model to `path`. */
static void write_model(unsigned winner)
{
    static const struct {
        const char *key;
        uint32_t value;
    } numbers[] = {
        {"llama.context_length", 64},      {"llama.block_count", 1},
        {"llama.embedding_length", N_EMBD},
        {"llama.feed_forward_length", N_EMBD},
        {"llama.attention.head_count", 1},
        {"tokenizer.ggml.bos_token_id", 1},
        {"tokenizer.ggml.eos_token_id", 2},
    };
    size_t n = sizeof(numbers) / sizeof(*numbers);
    struct buf b;
    buf_init(&b, 1 << 20);
    w_header(&b, N_TENSORS, n + 5);
    w_kv_string(&b, "general.architecture", "llama");
    for (size_t i = 0; i < n; i++)
        w_kv_u32(&b, numbers[i].key, numbers[i].value);
    write_words(&b);
    write_tensors(&b, winner);
    free(path);
    path = w_save(&b, folder, "one.gguf");
    assert_false(b.overflow);
    buf_free(&b);
}

static void settings(struct model *m)
{
    model_init(m);
    m->file = path;
    m->template_name = no_template;
    m->temperature = 0;
}

/* --- what comes of it -------------------------------------------------- */

static bool collect(void *arg, const char *bytes, size_t n)
{
    buf_add(arg, bytes, n);
    return true;
}

/* The answer of a battle's side. */
static void answer(struct answer *a, int max_tokens)
{
    struct backend *b;
    struct model m;
    struct err e;
    struct message message = {"user", "a"};
    struct request request = {.messages = &message, .n_messages = 1,
                         .max_tokens = max_tokens, .seed = 1,
                              .chances = true};
    struct stream *s = stream_open(answer_wake[1]);
    settings(&m);
    if (backend_local.open(&b, &m, &env, &e) != 0 ||
        backend_local.start(b, &request, s, &e) != 0)
        fail_msg("%s", e.text);
    answer_init(a);
    answer_finish(a, s);
    backend_local.close(b);
}

/* Of each token with a part in the text, what infer_generate tells of it. */
static void assert_chances(const struct answer *a, struct infer *f,
                           const struct infer_result *r)
{
    const char *line = a->chances.data;
    size_t i = 0, left = 0, n;
    double p;
    assert_true(a->text.len == 0 || a->chances.len > 0);
    assert_true(chances_fit(line, a->text.len));
    while (chances_next(&line, &n, &p)) {
        for (; left == 0; i++) {
            struct token_list one = {&r->ids.ids[i], 1, 1};
            struct buf piece;
            assert_true(i < r->ids.n);
            buf_init(&piece, STREAM_MAX_BYTES);
            infer_decode(f, &one, &piece);
            left = piece.len;
            buf_free(&piece);
        }
        assert_true(n <= left);
        left -= n;
        assert_near(p, exp((double)r->logprobs[i - 1].token.logprob), 0.006);
    }
}

/* The text of max_tokens tokens: by infer_generate, which streams the same,
 * and by a battle's answer. */
static void assert_says(int max_tokens, const char *want, size_t n_want)
{
    struct infer *f;
    struct token_list ids = {0};
    struct infer_result r;
    struct err e;
    struct model m;
    struct buf pieces;
    settings(&m);
    infer_result_init(&r);
    buf_init(&pieces, 1 << 20);
    if (infer_open(&f, &m, 1, &e) != 0 ||
        infer_tokenize(f, "a", 1, false, INFER_BEGIN, &ids, &e) != 0)
        fail_msg("%s", e.text);
    struct infer_request rq = {.prompt = &ids, .max_tokens = max_tokens,
                               .n_top = 0, .piece = collect, .arg = &pieces};
    if (infer_generate(f, &rq, &r, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(r.text.len, n_want);
    assert_memory_equal(r.text.data, want, n_want);
    assert_int_equal(pieces.len, n_want);
    assert_int_equal(r.ids.n, max_tokens);
    struct answer a;
    answer(&a, max_tokens);
    assert_chances(&a, f, &r);
    infer_result_free(&r);
    token_list_free(&ids);
    infer_close(f);
    buf_free(&pieces);
    assert_int_equal(a.end.finish, FINISH_LENGTH);
    assert_int_equal(a.text.len, n_want);
    assert_memory_equal(a.text.data, want, n_want);
    answer_free(&a);
}

static void half_a_character_is_no_text(void **state)
{
    (void)state;
    write_model(ID_BYTES + 0xE2);
    assert_says(1, "", 0);
    /* What cannot become a character any more is handed on as it is: cleaning
     * is the reader's. */
    assert_says(3, "\xE2\xE2", 2);
    write_model(ID_BYTES + 'k');
    assert_says(3, "kkk", 3);
}

static void long_tokens_are_whole(void **state)
{
    (void)state;
    char *want = mem_calloc(2 * LONG_BYTES, 1);
    memset(want, 'x', 2 * LONG_BYTES);
    write_model(ID_LONG);
    assert_says(2, want, 2 * LONG_BYTES);
    free(want);
}

/* Control tokens are no text, but those that open and close thinking say so. */
static void thinking_between_control_tokens(void **state)
{
    (void)state;
    struct answer a;
    write_model(ID_THINK);
    answer(&a, 4);
    assert_int_equal(a.text.len, 0);
    assert_string_equal(a.thinking.data, "[THINK][THINK][THINK]");
    assert_int_equal(a.end.n_think, 4);
    assert_int_equal(a.end.finish, FINISH_ERROR); /* no answer */
    answer_free(&a);
}

/* What the list of biases makes of a model that says "k". */
static void biased(const char *list, const char *want, const char *error)
{
    struct model m;
    struct infer *f;
    struct token_list ids = {0};
    struct infer_result r;
    struct err e = {0};
    cJSON *object = json_parse(list, strlen(list), 1000, "list", &e);
    write_model(ID_BYTES + 'k');
    settings(&m);
    infer_result_init(&r);
    if (bias_read(object, &m.logit_bias, &e) != 0 ||
        infer_open(&f, &m, 1, &e) != 0 ||
        infer_tokenize(f, "a", 1, false, INFER_BEGIN, &ids, &e) != 0)
        fail_msg("%s", e.text);
    struct infer_request rq = {.prompt = &ids, .max_tokens = 1, .n_top = -1};
    if (want != NULL) {
        assert_int_equal(infer_generate(f, &rq, &r, &e), 0);
        assert_string_equal(r.text.data, want);
    } else {
        assert_int_equal(infer_generate(f, &rq, &r, &e), -1);
        assert_int_equal(e.code, ERR_CONFIG);
        if (strstr(e.text, error) == NULL)
            fail_msg("%s", e.text);
    }
    infer_result_free(&r);
    token_list_free(&ids);
    infer_close(f);
    bias_free(&m.logit_bias);
    cJSON_Delete(object);
}

static void biases_by_text_and_number(void **state)
{
    (void)state;
    biased("{\"a\": 1}", "k", NULL);
    biased("{\"a\": 60, \"b\": 70, \"z\": -9}", "b", NULL);
    biased("{\"z\": 60, \"102\": 70}", "c", NULL); /* 3 + 'c' */
    biased("{\"k\": -100, \"y\": 1}", "y", NULL);
    biased("{\"a\": 1, \"ab\": 1, \"b\": 1}", NULL, "\"ab\" is not a token");
    biased("{\"a\": 1, \"9999\": 1}", NULL, "there is no token 9999");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(half_a_character_is_no_text),
        TEST(long_tokens_are_whole),
        TEST(thinking_between_control_tokens),
        TEST(biases_by_text_and_number),
    };
    return TEST_RUN(tests);
}
