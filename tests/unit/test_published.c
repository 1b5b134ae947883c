/* What published tokenizers do beside merging, and weights files do not say:
 * blanks around special tokens, normalization, defaults. */
#include "tests/unit/tokenizer_helpers.h"

#include <utf8proc.h>

#include "backends/engine/tokenizer/nfc.h"
#include "base/rng.h"

/* --- blanks around special tokens -------------------------------------- */

/* <|user|> is 262, <|end|> 263, <|endoftext|> 264. */
static struct tokenizer *open_phi3(struct vocab_file **f, const char *arch,
                                   const char *name)
{
    *f = v_begin_spm();
    v_word(*f, "a", V_NORMAL, 0);  /* 259 */
    v_word(*f, "b", V_NORMAL, 0);  /* 260 */
    v_word(*f, "\xE2\x96\x81", V_NORMAL, 0); /* 261 */
    v_word(*f, "<|user|>", V_CONTROL, 0);
    v_word(*f, "<|end|>", V_USER, 0);
    v_word(*f, "<|endoftext|>", V_CONTROL, 0);
    v_bool(*f, "tokenizer.ggml.add_space_prefix", false);
    v_bool(*f, "tokenizer.ggml.add_bos_token", false);
    v_string(*f, "general.architecture", arch);
    v_string(*f, "general.name", name);
    return must_open(*f);
}

static void phi3_strips_behind(void **state)
{
    (void)state;
    static const char *const models[][2] = {
        {"phi3", "x"}, {"llama", "Phi3"}, {"llama", "My Phi-3.5 mini"},
        {"llama", "PHI 3 Mini 4k"},
    };
    struct vocab_file *f;
    for (size_t i = 0; i < 4; i++) {
        struct tokenizer *t = open_phi3(&f, models[i][0], models[i][1]);
        assert_ids(t, "<|user|>\nab<|end|>\n<|user|>", TOKENIZE_SPECIAL,
                   "262 259 260 263 262");
        assert_ids(t, "<|user|> \t\r\n\xC2\xA0\xE3\x80\x80 a <|end|>",
                   TOKENIZE_SPECIAL, "262 259 261 263");
        assert_ids(t, "<|endoftext|> a", TOKENIZE_SPECIAL, "264 261 259");
        assert_ids(t, "<s> a", TOKENIZE_SPECIAL, "1 261 259");
        assert_ids(t, "</s> a", TOKENIZE_SPECIAL, "2 259");
        assert_ids(t, "<|user|>\n", TOKENIZE_SPECIAL, "262");
        end(f, t);
    }
    struct tokenizer *t = open_phi3(&f, "llama", "Other 3");
    assert_ids(t, "<|user|> a", TOKENIZE_SPECIAL, "262 261 259");
    end(f, t);
}

static void phi4_strips_both_sides(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("dbrx");
    v_word(f, "<|im_start|>", V_CONTROL, 0); /* 256 */
    v_word(f, "<|im_sep|>", V_CONTROL, 0);
    struct tokenizer *t = must_open(f);
    assert_ids(t, "a \n<|im_start|> user\xC2\xA0<|im_sep|>\n\nb ",
               TOKENIZE_SPECIAL, "97 256 117 115 101 114 257 98 32");
    assert_ids(t, " \n<|im_start|>", TOKENIZE_SPECIAL, "256");
    end(f, t);
    f = v_begin_bpe("gpt-4o");
    v_word(f, "<|user|>", V_CONTROL, 0); /* 256 */
    v_word(f, "<|endofprompt|>", V_CONTROL, 0);
    t = must_open(f);
    assert_ids(t, "a <|user|> b<|endofprompt|> c", TOKENIZE_SPECIAL,
               "97 32 256 98 257 32 99");
    end(f, t);
    f = v_begin_bpe("qwen2");
    v_word(f, "<|im_start|>", V_CONTROL, 0);
    t = must_open(f);
    assert_ids(t, "a <|im_start|> b", TOKENIZE_SPECIAL, "97 32 256 32 98");
    end(f, t);
}

/* --- normalization ----------------------------------------------------- */

static void composes_where_published(void **state)
{
    (void)state;
    static const struct {
        const char *family, *ids;
    } cases[] = {
        {"qwen2", "97 195 169"},     {"qwen35", "97 195 169"},
        {"olmo", "97 195 169"},      {"mpt", "97 195 169"},
        {"command-r", "97 195 169"}, {"stablelm2", "97 195 169"},
        {"gpt-2", "97 101 204 129"}, {"llama-bpe", "97 101 204 129"},
        {"smollm", "97 101 204 129"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vocab_file *f = v_begin_bpe(cases[i].family);
        v_bool(f, "tokenizer.ggml.add_bos_token", false);
        struct tokenizer *t = must_open(f);
        assert_ids(t, "ae\xCC\x81", 0, cases[i].ids);
        assert_ids(t, "a\xC3\xA9", 0, "97 195 169");
        assert_ids(t, "\xFF" "e\xCC\x81\xCC", 0,
                   cases[i].ids[3] == '1' && cases[i].ids[4] == '9'
                       ? "255 195 169 204"
                       : "255 101 204 129 204");
        end(f, t);
    }
}

static void assert_composed(const char *text, size_t n, const char *want,
                            size_t n_want)
{
    struct buf out;
    struct err e = {0};
    buf_init(&out, NFC_MAX_GROWTH * n);
    assert_int_equal(nfc_compose(text, n, &out, &e), 0);
    assert_false(out.overflow);
    assert_int_equal(out.len, n_want);
    assert_memory_equal(out.data, want, n_want);
    buf_free(&out);
}

/* In pieces as at once. */
static void composes_long_texts(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "e", "\xCC\x81", "\xCC\xA7", "\xE1\x84\x80", "\xE1\x85\xA1",
        "\xE1\x86\xA8", "\xEA\xB0\x80", "\xE3\x81\x8B", "\xE3\x82\x99",
        "\xE4\xB8\xAD", " ", "\xE0\xA7\x87", "\xE0\xA6\xBE", "o",
        "\xF0\x91\x84\xB1", "\xF0\x91\x84\xA7", "\xCE\x91", "\xCC\x94",
        "\xE2\x84\xAB", "\xC3\xA9", "\xF0\xA0\x80\x80",
    };
    struct rng r;
    struct buf text;
    rng_init(&r, 5);
    buf_init(&text, 1 << 20);
    for (int round = 0; round < 300; round++) {
        buf_clear(&text);
        for (uint64_t i = rng_below(&r, 900); i > 0; i--)
            buf_add_str(&text,
                        parts[rng_below(&r, sizeof(parts) / sizeof(*parts))]);
        utf8proc_uint8_t *want;
        utf8proc_ssize_t n = utf8proc_map(
            (const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len,
            &want, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
        assert_true(n >= 0);
        assert_composed(text.data, text.len, (char *)want, (size_t)n);
        free(want);
    }
    /* A megabyte of marks that stand in the wrong order. */
    buf_clear(&text);
    while (text.len < 1000000)
        buf_add_str(&text, "\xCC\x81\xCC\xA7");
    struct buf out;
    buf_init(&out, 3 << 20);
    assert_int_equal(nfc_compose(text.data, text.len, &out, NULL), 0);
    assert_int_equal(out.len, text.len);
    buf_free(&out);
    buf_free(&text);
    assert_composed("", 0, "", 0);
    assert_composed("a\0b", 3, "a\0b", 3);
    assert_composed("e\xCC\x81\xFF\xCC\x81", 6, "\xC3\xA9\xFF\xCC\x81", 5);
}

/* --- SentencePiece ----------------------------------------------------- */

/* sentencepiece 0.2.3 gives these ids for such models. */
static void spm_merges_through_unused(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_spm();
    v_bool(f, "tokenizer.ggml.add_space_prefix", false);
    v_bool(f, "tokenizer.ggml.add_bos_token", false);
    v_word(f, "a", V_NORMAL, -10);   /* 259 */
    v_word(f, "b", V_NORMAL, -11);   /* 260 */
    v_word(f, "c", V_NORMAL, -12);   /* 261 */
    v_word(f, "ab", V_UNUSED, -1);   /* 262 */
    v_word(f, "abc", V_NORMAL, -2);  /* 263 */
    v_word(f, "abab", V_UNUSED, -3); /* 264 */
    v_word(f, "d", V_UNUSED, -4);    /* 265 */
    struct tokenizer *t = must_open(f);
    assert_ids(t, "abc", 0, "263");
    assert_ids(t, "ab", 0, "259 260");
    assert_ids(t, "abab", 0, "259 260 259 260");
    assert_ids(t, "ababc", 0, "259 260 263");
    assert_ids(t, "da", 0, "103 259"); /* the byte of d */
    end(f, t);
}

/* Unused pieces that nest as deep as a text is long. */
static void spm_takes_deep_pieces_apart(void **state)
{
    (void)state;
    static char texts[120][128];
    struct vocab_file *f = v_begin_spm();
    v_bool(f, "tokenizer.ggml.add_space_prefix", false);
    v_word(f, "a", V_NORMAL, 0);
    for (size_t i = 0; i < 120; i++) {
        memset(texts[i], 'a', i + 2);
        v_word(f, texts[i], V_UNUSED, (float)i);
    }
    struct tokenizer *t = must_open(f);
    struct token_list l = {0};
    assert_int_equal(tokenizer_encode(t, texts[119], 121, NULL, 0, 0, &l,
                                      NULL), 0);
    assert_int_equal(l.n, 121);
    for (size_t i = 0; i < l.n; i++)
        assert_int_equal(l.ids[i], 259);
    token_list_free(&l);
    end(f, t);
}

static void spm_defaults_are_the_models(void **state)
{
    (void)state;
    struct vocab_file *f = mem_calloc(1, sizeof(*f));
    buf_init(&f->more, 1 << 16);
    v_string(f, "tokenizer.ggml.model", "llama");
    v_string(f, "general.architecture", "gemma2");
    v_word(f, "<pad>", V_CONTROL, 0);
    v_word(f, "<eos>", V_CONTROL, 0);
    v_word(f, "<bos>", V_CONTROL, 0);
    v_word(f, "<unk>", V_UNKNOWN, 0);
    v_word(f, "a", V_NORMAL, 0);
    struct tokenizer *t = must_open(f);
    assert_false(tokenizer_adds_space(t));
    assert_int_equal(tokenizer_ends(t).bos, 2);
    assert_int_equal(tokenizer_ends(t).eos, 1);
    assert_ids(t, "a?!a", TOKENIZE_BOS, "2 4 3 4"); /* one for a run */
    end(f, t);
    f = v_begin_spm();
    t = must_open(f);
    assert_true(tokenizer_adds_space(t));
    assert_int_equal(tokenizer_ends(t).bos, 1);
    assert_int_equal(tokenizer_ends(t).eos, 2);
    end(f, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phi3_strips_behind),
        cmocka_unit_test(phi4_strips_both_sides),
        cmocka_unit_test(composes_where_published),
        cmocka_unit_test(composes_long_texts),
        cmocka_unit_test(spm_merges_through_unused),
        cmocka_unit_test(spm_takes_deep_pieces_apart),
        cmocka_unit_test(spm_defaults_are_the_models),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
