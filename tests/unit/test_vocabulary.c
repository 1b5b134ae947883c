/* Vocabularies that are wrong, and llama2.c's own format. */
#include "tests/unit/tokenizer_helpers.h"

#include "backends/engine/tokenizer/vocab.h"

/* --- llama2.c ---------------------------------------------------------- */

static void add_llama2c(struct buf *b, const char *text, float score)
{
    w_f32(b, score);
    w_bytes(b, strlen(text), 4);
    buf_add_str(b, text);
}

static void llama2c_tokenizer(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    struct tokenizer *t;
    buf_init(&b, 1 << 16);
    w_bytes(&b, 6, 4);
    add_llama2c(&b, "<unk>", 0);
    add_llama2c(&b, "\n<s>\n", 0);
    add_llama2c(&b, "\n</s>\n", 0);
    for (int i = 0; i < 256; i++) {
        char text[8];
        snprintf(text, sizeof(text), "<0x%02X>", i);
        add_llama2c(&b, text, 0);
    }
    add_llama2c(&b, " ", -1);
    add_llama2c(&b, "a", -2);
    add_llama2c(&b, " a", -3); /* 261 */
    char *path = w_save(&b, folder, "tok.bin");
    assert_int_equal(tokenizer_open_llama2c(&t, path, 262, &e), 0);
    assert_ids(t, "a b", TOKENIZE_BOS, "1 261 259 101");
    assert_kept(t, "a b", 3);
    assert_true(tokenizer_is_end(t, 1));
    assert_true(tokenizer_is_end(t, 2));
    tokenizer_close(t);
    assert_int_equal(tokenizer_open_llama2c(&t, path, 261, &e), -1);
    assert_int_equal(e.code, ERR_FORMAT);
    for (int n = 0; n < 400; n += 7) { /* too many tokens, or cut off */
        int n_vocab = 263 + n * 1000;
        assert_int_equal(tokenizer_open_llama2c(&t, path, n_vocab, &e), -1);
    }
    free(path);
    for (size_t cut = 0; cut < b.len; cut += 3) {
        struct buf part = b;
        part.len = cut;
        path = w_save(&part, folder, "cut.bin");
        assert_int_equal(tokenizer_open_llama2c(&t, path, 262, &e), -1);
        free(path);
    }
    buf_free(&b);
    assert_int_equal(tokenizer_open_llama2c(&t, "/nonexistent", 262, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
}

/* --- files that are wrong ---------------------------------------------- */

static void assert_refused(struct vocab_file *f, enum err_code code,
                           const char *says)
{
    struct err e = {0};
    struct tokenizer *t = open_file(f, &e);
    if (t != NULL)
        fail_msg("accepted, though %s", says);
    assert_int_equal(e.code, code);
    if (strstr(e.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.text, says);
    end(f, NULL);
}

static void wrong_vocabularies_are_refused(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("gpt-2");
    v_merge(f, "a zz", "azz");
    assert_refused(f, ERR_FORMAT, "merge 0 names no two tokens");
    f = v_begin_bpe("gpt-2");
    v_merge(f, "a b", "ba");
    assert_refused(f, ERR_FORMAT, "merge 0");
    f = v_begin_bpe("gpt-2");
    v_merge(f, "ab", "ab");
    assert_refused(f, ERR_FORMAT, "merge 0");
    f = v_begin_bpe("gpt-2");
    v_merge(f, "", "ab");
    assert_refused(f, ERR_FORMAT, "merge 0");
    f = v_begin_bpe("gpt-2");
    v_merge(f, "a ", "ab");
    assert_refused(f, ERR_FORMAT, "merge 0");
    f = v_begin_bpe("gpt-2");
    v_word(f, "a", V_NORMAL, 0);
    assert_refused(f, ERR_FORMAT, "tokens 97 and 256 are the same");
    f = v_begin_bpe("gpt-2");
    v_word(f, "zz", 7, 0);
    assert_refused(f, ERR_FORMAT, "unknown type 7");
    f = v_begin_bpe("gpt-2");
    v_word(f, "zz", -1, 0);
    assert_refused(f, ERR_FORMAT, "unknown type -1");
    f = v_begin_bpe("gpt-2");
    v_u32(f, "tokenizer.ggml.eos_token_id", 256);
    assert_refused(f, ERR_FORMAT, "eos_token_id is 256");
    f = v_begin_bpe("no-such-pre");
    assert_refused(f, ERR_BACKEND, "tokenizer.ggml.pre is \"no-such-pre\"");
    f = v_begin_spm();
    v_word(f, "<0x-1>", V_BYTE, 0);
    assert_refused(f, ERR_FORMAT, "token 259 is a byte");
    f = v_begin_spm();
    v_word(f, "", V_BYTE, 0);
    assert_refused(f, ERR_FORMAT, "token 259 is a byte");
    f = v_begin_spm();
    v_word(f, "x", V_NORMAL, (float)(0.0 / strtod("0", NULL)));
    assert_refused(f, ERR_FORMAT, "score of token 259");
    f = v_begin_spm();
    f->n_words = 0;
    assert_refused(f, ERR_FORMAT, "tokenizer.ggml.tokens");
}

static void empty_and_odd_tokens_are_harmless(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_spm();
    v_word(f, "▁", V_NORMAL, -1);
    v_word(f, "", V_NORMAL, 5);
    v_word(f, "", V_CONTROL, 5);
    v_word(f, "\xFF\xC3", V_NORMAL, 5);
    v_u32(f, "tokenizer.ggml.eos_token_id", UINT32_MAX);
    struct tokenizer *t = must_open(f);
    assert_kept(t, "x\xFF\xC3y", 4);
    end(f, t);
}

/* Arrays that do not fit the tokens, by length or by kind. */
static void wrong_arrays_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int type, n;
    } wrong[] = {
        {"tokenizer.ggml.token_type", W_I32, 2},
        {"tokenizer.ggml.token_type", W_I32, 4},
        {"tokenizer.ggml.token_type", W_U8, 3},
        {"tokenizer.ggml.token_type", W_F32, 3},
        {"tokenizer.ggml.scores", W_F32, 2},
        {"tokenizer.ggml.scores", W_F64, 3},
        {"tokenizer.ggml.scores", W_I32, 3},
        {"tokenizer.ggml.merges", W_I32, 3},
    };
    const int bytes[] = {[W_U8] = 1, [W_I32] = 4, [W_F32] = 4, [W_F64] = 8};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        bool merges = strstr(wrong[i].key, "merges") != NULL;
        struct buf b;
        struct err e = {0};
        buf_init(&b, 1 << 16);
        w_header(&b, 0, 3);
        w_kv_string(&b, "tokenizer.ggml.model", merges ? "gpt2" : "llama");
        w_kv_array(&b, "tokenizer.ggml.tokens", W_STRING, 3);
        w_string(&b, "a");
        w_string(&b, "b");
        w_string(&b, "c");
        w_kv_array(&b, wrong[i].key, (unsigned)wrong[i].type,
                   (uint64_t)wrong[i].n);
        for (int k = 0; k < wrong[i].n; k++)
            w_bytes(&b, 1, bytes[wrong[i].type]);
        assert_null(open_bytes(&b, &e));
        assert_int_equal(e.code, ERR_FORMAT);
        assert_non_null(strstr(e.text, wrong[i].key));
        buf_free(&b);
    }
}

static void other_tokenizers_are_named(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    buf_init(&b, 1 << 16);
    w_header(&b, 0, 1);
    w_kv_string(&b, "tokenizer.ggml.model", "rwkv");
    assert_null(open_bytes(&b, &e));
    assert_int_equal(e.code, ERR_BACKEND);
    assert_non_null(strstr(e.text, "rwkv"));
    buf_clear(&b);
    w_header(&b, 0, 1);
    w_kv_string(&b, "general.architecture", "llama");
    assert_null(open_bytes(&b, &e));
    assert_int_equal(e.code, ERR_FORMAT);
    buf_free(&b);
}

/* Whoever made a file does not know where its tokens will lie, or he could
 * choose such as are all looked for in one place. */
static void places_are_not_foreseen(void **state)
{
    (void)state;
    enum { N = 1000 };
    struct vocab a, b;
    assert_int_equal(vocab_init(&a, N, 8 * N, NULL), 0);
    assert_int_equal(vocab_init(&b, N, 8 * N, NULL), 0);
    for (int i = 0; i < N; i++) {
        char text[16];
        size_t n = (size_t)snprintf(text, sizeof(text), "t%d", i);
        assert_int_equal(vocab_add(&a, text, n, 0, TOKEN_NORMAL), -1);
        assert_int_equal(vocab_add(&b, text, n, 0, TOKEN_NORMAL), -1);
        assert_int_equal(vocab_find(&a, text, n), i);
    }
    assert_int_equal(a.n_slots, b.n_slots);
    assert_memory_not_equal(a.slots, b.slots, a.n_slots * sizeof(*a.slots));
    vocab_free(&a);
    vocab_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llama2c_tokenizer),
        cmocka_unit_test(wrong_vocabularies_are_refused),
        cmocka_unit_test(empty_and_odd_tokens_are_harmless),
        cmocka_unit_test(wrong_arrays_are_refused),
        cmocka_unit_test(other_tokenizers_are_named),
        cmocka_unit_test(places_are_not_foreseen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
