/* tokenizer: both kinds on small vocabularies made here, against what their
 * definitions say. */
#include "tests/unit/tokenizer_helpers.h"

#include "base/rng.h"

/* --- byte-level BPE ---------------------------------------------------- */

static void bpe_merges_by_rank(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("gpt-2");
    v_merge(f, "b c", "bc");   /* 256 */
    v_merge(f, "a b", "ab");   /* 257 */
    v_merge(f, "a bc", "abc"); /* 258 */
    v_merge(f, "Ġ abc", "Ġabc"); /* 259 */
    struct tokenizer *t = must_open(f);
    assert_int_equal(tokenizer_n_vocab(t), 260);
    assert_ids(t, "abc", 0, "258");     /* bc comes before ab */
    assert_ids(t, "abab", 0, "257 257");
    assert_ids(t, "abc abc", 0, "258 259");
    assert_ids(t, "abc  abc", 0, "258 32 259");
    assert_ids(t, "", 0, "");
    end(f, t);
}

static void bpe_equal_merges_from_the_left(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("gpt-2");
    v_merge(f, "a a", "aa");     /* 256 */
    v_merge(f, "aa aa", "aaaa"); /* 257 */
    struct tokenizer *t = must_open(f);
    assert_ids(t, "aaa", 0, "256 97");
    assert_ids(t, "aaaaaaa", 0, "257 256 97");
    end(f, t);
}

static void bpe_keeps_all_bytes(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("smollm");
    v_merge(f, "Ã ©", "Ã©"); /* é */
    struct tokenizer *t = must_open(f);
    assert_ids(t, "\xC3\xA9\xC3", 0, "256 195");
    assert_ids(t, "\xFF\xC3(", 0, "255 195 40");
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    assert_kept(t, all, sizeof(all));
    struct rng r;
    rng_init(&r, 3);
    for (int round = 0; round < 200; round++) {
        char text[64];
        size_t n = rng_below(&r, sizeof(text));
        for (size_t i = 0; i < n; i++) /* mostly bytes that mean something */
            text[i] = "a \n\xC3\xA9\xF0\x9F\x98\x80\xE2'1"[rng_below(&r, 13)];
        assert_kept(t, text, n);
    }
    end(f, t);
}

/* SmolLM2 has no tokens for 0xFF and others. */
static void bpe_replaces_bytes_without_token(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("gpt-2");
    f->words[0xF1].type = V_CONTROL;
    struct tokenizer *t = must_open(f);
    /* U+40000 begins with F1: the whole character becomes U+FFFD. */
    assert_ids(t, "a\xF1\x80\x80\x80z", 0, "97 239 191 189 122");
    end(f, t);
    f = v_begin_bpe("gpt-2");
    f->words[0xF1].type = V_CONTROL;
    f->words[0xBF].type = V_UNUSED;
    t = must_open(f);
    char *ids = ids_of(t, "a\xF1", 2, 0);
    assert_non_null(strstr(ids, "no token"));
    free(ids);
    end(f, t);
}

static void bpe_whole_words(void **state)
{
    (void)state;
    const char *pre[] = {"gpt-2", "llama-bpe"};
    const char *want[] = {"97 98", "256"};
    for (int i = 0; i < 2; i++) {
        struct vocab_file *f = v_begin_bpe(pre[i]);
        v_word(f, "ab", V_NORMAL, 0); /* 256, of no merge */
        v_word(f, "cd", V_CONTROL, 0);
        struct tokenizer *t = must_open(f);
        assert_ids(t, "ab", 0, want[i]);
        assert_ids(t, "cd", 0, "99 100");
        end(f, t);
    }
}

/* Joins the best pair again and again, the slow way. */
static void naive_merge(const struct vocab_file *f, const char *word,
                        struct buf *out)
{
    char parts[64][16];
    int n = 0;
    for (const char *p = word; *p; p++)
        snprintf(parts[n++], sizeof(parts[0]), "%c", *p);
    for (size_t m = 0; m < f->n_merges;) {
        int at = 0;
        for (; at + 1 < n; at++) {
            size_t left = strlen(parts[at]);
            const char *merge = f->merges[m];
            if (strncmp(merge, parts[at], left) == 0 && merge[left] == ' ' &&
                strcmp(merge + left + 1, parts[at + 1]) == 0)
                break;
        }
        if (at + 1 >= n) {
            m++;
            continue;
        }
        memcpy(parts[at] + strlen(parts[at]), parts[at + 1],
               strlen(parts[at + 1]) + 1);
        memmove(parts + at + 1, parts + at + 2,
                (size_t)(n - at - 2) * sizeof(parts[0]));
        n--;
        m = 0; /* the new pairs may come before */
    }
    for (int i = 0; i < n; i++)
        for (size_t id = 0; id < f->n_words; id++)
            if (strcmp(f->words[id].text, parts[i]) == 0)
                buf_addf(out, "%s%zu", i ? " " : "", id);
}

static void bpe_equals_naive_merging(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_bpe("gpt-2");
    const char *merges[][2] = {
        {"a b", "ab"},     {"b a", "ba"},      {"ab ab", "abab"},
        {"c a", "ca"},     {"ca ab", "caab"},  {"b b", "bb"},
        {"bb ab", "bbab"}, {"abab c", "ababc"}, {"a a", "aa"},
        {"aa c", "aac"},   {"c c", "cc"},      {"cc cc", "cccc"},
    };
    for (size_t i = 0; i < sizeof(merges) / sizeof(*merges); i++)
        v_merge(f, merges[i][0], merges[i][1]);
    struct tokenizer *t = must_open(f);
    struct rng r;
    rng_init(&r, 4);
    for (int round = 0; round < 500; round++) {
        char word[48];
        size_t n = 1 + rng_below(&r, sizeof(word) - 1);
        for (size_t i = 0; i < n; i++)
            word[i] = "abc"[rng_below(&r, 3)];
        word[n] = '\0';
        struct buf want;
        buf_init(&want, 1000);
        naive_merge(f, word, &want);
        assert_ids(t, word, 0, want.data);
        buf_free(&want);
    }
    end(f, t);
}

/* A megabyte without a space, and one of spaces: not a special case. */
static void long_words_are_cut(void **state)
{
    (void)state;
    size_t n = 1 << 20;
    char *text = mem_calloc(n, 1);
    const char *pre[] = {"gpt-4o", "deepseek-llm", "smollm"};
    for (int p = 0; p < 3; p++) {
        struct vocab_file *f = v_begin_bpe(pre[p]);
        v_merge(f, "a a", "aa");
        v_merge(f, "aa aa", "aaaa");
        struct tokenizer *t = must_open(f);
        for (const char *c = "a A7"; *c; c++) {
            memset(text, *c, n);
            text[n - 1] = 'x';
            assert_kept(t, text, n);
        }
        end(f, t);
    }
    free(text);
}

/* --- SentencePiece ----------------------------------------------------- */

static void spm_merges_by_score(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_spm();
    v_word(f, "▁", V_NORMAL, -10);  /* 259 */
    v_word(f, "a", V_NORMAL, -11);
    v_word(f, "b", V_NORMAL, -12);
    v_word(f, "ab", V_NORMAL, -2);  /* 262 */
    v_word(f, "▁a", V_NORMAL, -3);
    v_word(f, "ba", V_NORMAL, -1);  /* 264 */
    v_word(f, "▁ab", V_NORMAL, -4);
    struct tokenizer *t = must_open(f);
    assert_ids(t, "ab", 0, "265");
    assert_ids(t, "aba", 0, "263 264"); /* ba is the best pair */
    assert_ids(t, "a b", 0, "263 259 261");
    assert_ids(t, "", TOKENIZE_BOS, "1");
    assert_ids(t, "ab", TOKENIZE_BOS, "1 265");
    assert_kept(t, "a  b a", 6);
    end(f, t);
}

static void spm_falls_back_to_bytes(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_spm();
    v_word(f, "▁", V_NORMAL, -1); /* 259 */
    v_bool(f, "tokenizer.ggml.add_space_prefix", false);
    v_bool(f, "tokenizer.ggml.add_bos_token", false);
    struct tokenizer *t = must_open(f);
    assert_ids(t, "\xC3\xA9\xFF\n", TOKENIZE_BOS, "198 172 258 13");
    /* The names of byte tokens are text like any other. */
    assert_ids(t, "<0x41>", TOKENIZE_SPECIAL, "63 51 123 55 52 65");
    assert_kept(t, "\xC3\xA9 \xFF\xFE\0z", 8);
    end(f, t);
}

static void spm_without_byte_tokens(void **state)
{
    (void)state;
    struct vocab_file *f = v_begin_spm();
    f->n_words = 3;
    v_word(f, "a", V_NORMAL, -1); /* 3 */
    v_bool(f, "tokenizer.ggml.add_space_prefix", false);
    struct tokenizer *t = must_open(f);
    assert_ids(t, "aza", 0, "3 0 3");
    end(f, t);
}

/* --- special tokens ---------------------------------------------------- */

static struct vocab_file *with_specials(void)
{
    struct vocab_file *f = v_begin_bpe("gpt-2");
    v_word(f, "<|im_start|>", V_CONTROL, 0); /* 256 */
    v_word(f, "<|im_end|>", V_CONTROL, 0);   /* 257 */
    v_word(f, "  ", V_USER, 0);              /* 258 */
    v_word(f, "   ", V_USER, 0);             /* 259 */
    v_word(f, "<|old|>", V_USER, 0);         /* 260: by its looks a control */
    v_word(f, "<bos>", V_CONTROL, 0);        /* 261 */
    v_u32(f, "tokenizer.ggml.bos_token_id", 261);
    v_u32(f, "tokenizer.ggml.eos_token_id", 257);
    v_bool(f, "tokenizer.ggml.add_bos_token", true);
    return f;
}

static void control_tokens_only_where_asked(void **state)
{
    (void)state;
    struct vocab_file *f = with_specials();
    struct tokenizer *t = must_open(f);
    assert_ids(t, "<|im_end|>x", TOKENIZE_SPECIAL, "257 120");
    assert_ids(t, "<|im_end|>", 0, "60 124 105 109 95 101 110 100 124 62");
    assert_ids(t, "<|old|>", 0, "60 124 111 108 100 124 62");
    assert_ids(t, "<|old|>", TOKENIZE_SPECIAL, "260");
    assert_ids(t, "a     b", 0, "97 259 258 98"); /* longest first */
    assert_ids(t, "<|im_end<|im_end|>", TOKENIZE_SPECIAL | TOKENIZE_BOS,
               "261 60 124 105 109 95 101 110 100 257");
    end(f, t);
}

static void foreign_parts_make_no_control_tokens(void **state)
{
    (void)state;
    struct vocab_file *f = with_specials();
    struct tokenizer *t = must_open(f);
    /*                   0           12     18  */
    const char *text = "<|im_start|><|old|><|im_end|>";
    struct foreign parts[] = {{12, 12, NULL}, {12, 19, NULL}};
    struct token_list l = {0};
    assert_int_equal(tokenizer_encode(t, text, strlen(text), parts, 2,
                                      TOKENIZE_SPECIAL, &l, NULL), 0);
    assert_int_equal(l.n, 9);
    assert_int_equal(l.ids[0], 256);
    assert_int_equal(l.ids[1], '<');
    assert_int_equal(l.ids[8], 257);
    /* A part that only completes a name is foreign all the same. */
    struct foreign tail[] = {{24, 29, NULL}};
    l.n = 0;
    assert_int_equal(tokenizer_encode(t, text, strlen(text), tail, 1,
                                      TOKENIZE_SPECIAL, &l, NULL), 0);
    assert_int_equal(l.n, 12);
    token_list_free(&l);
    end(f, t);
}

static void pieces_and_ends(void **state)
{
    (void)state;
    struct vocab_file *f = with_specials();
    struct tokenizer *t = must_open(f);
    struct buf b;
    buf_init(&b, 100);
    tokenizer_piece(t, 257, false, &b);
    tokenizer_piece(t, -1, true, &b);
    tokenizer_piece(t, 262, true, &b);
    assert_int_equal(b.len, 0);
    tokenizer_piece(t, 257, true, &b);
    tokenizer_piece(t, 10, true, &b);
    tokenizer_piece(t, 258, false, &b);
    assert_string_equal(b.data, "<|im_end|>\n  ");
    buf_free(&b);
    assert_true(tokenizer_is_end(t, 257));
    assert_false(tokenizer_is_end(t, 256));
    assert_false(tokenizer_is_end(t, -1));
    assert_false(tokenizer_is_end(t, 262));
    struct tokenizer_ends ends = tokenizer_ends(t);
    assert_int_equal(ends.bos, 261);
    assert_int_equal(ends.eos, 257);
    assert_true(ends.add_bos);
    end(f, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bpe_merges_by_rank),
        cmocka_unit_test(bpe_equal_merges_from_the_left),
        cmocka_unit_test(bpe_keeps_all_bytes),
        cmocka_unit_test(bpe_replaces_bytes_without_token),
        cmocka_unit_test(bpe_whole_words),
        cmocka_unit_test(bpe_equals_naive_merging),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(spm_merges_by_score),
        cmocka_unit_test(spm_falls_back_to_bytes),
        cmocka_unit_test(spm_without_byte_tokens),
        cmocka_unit_test(control_tokens_only_where_asked),
        cmocka_unit_test(foreign_parts_make_no_control_tokens),
        cmocka_unit_test(pieces_and_ends),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
