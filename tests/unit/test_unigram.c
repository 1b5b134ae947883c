/* The unigram tokenizer against the sentencepiece package, whose ids are in
 * tests/engine/models/unigram.json (made by tests/engine/make_unigram.py), by
 * its definition on small vocabularies made here, and on hostile ones. */
#include "tests/unit/tokenizer_helpers.h"

#include <math.h>

#include "base/json.h"
#include "base/rng.h"

#define MODELS "tests/engine/models/"
#define MAX_JSON (1u << 20)

static struct tokenizer *open_model(const char *name)
{
    char path[128];
    struct gguf *g;
    struct tokenizer *t;
    struct err e = {0};
    snprintf(path, sizeof(path), MODELS "%s.gguf", name);
    if (gguf_open(&g, path, &e) != 0 || tokenizer_open(&t, g, &e) != 0)
        fail_msg("%s", e.text);
    gguf_close(g);
    return t;
}

static char *ids_in(const cJSON *list)
{
    struct buf b;
    const cJSON *id;
    buf_init(&b, MAX_JSON);
    buf_add_str(&b, "");
    cJSON_ArrayForEach (id, list)
        buf_addf(&b, "%s%d", b.len ? " " : "", id->valueint);
    return buf_detach(&b);
}

static void cuts_as_sentencepiece(void **state)
{
    (void)state;
    struct buf file;
    struct err e = {0};
    int n = 0;
    buf_init(&file, MAX_JSON);
    assert_int_equal(buf_read_file(&file, MODELS "unigram.json"), 0);
    cJSON *all = json_parse(file.data, file.len, MAX_JSON, "unigram", &e);
    const cJSON *model, *pair;
    cJSON_ArrayForEach (model, json_get(all, "models")) {
        struct tokenizer *t = open_model(model->string);
        cJSON_ArrayForEach (pair, model) {
            const char *text = cJSON_GetArrayItem(pair, 0)->valuestring;
            char *want = ids_in(cJSON_GetArrayItem(pair, 1));
            char *have = ids_of(t, text, strlen(text), 0);
            if (strcmp(have, want) != 0)
                fail_msg("%s: \"%s\": %s, not %s", model->string, text, have,
                         want);
            free(have);
            free(want);
            n++;
        }
        tokenizer_close(t);
    }
    assert_true(n >= 60);
    cJSON_Delete(all);
    buf_free(&file);
}

/* --- vocabularies made here -------------------------------------------- */

static struct vocab_file *begin_unigram(void)
{
    struct vocab_file *f = mem_calloc(1, sizeof(*f));
    buf_init(&f->more, 1 << 16);
    v_string(f, "tokenizer.ggml.model", "t5");
    v_word(f, "<pad>", V_CONTROL, 0);
    v_word(f, "</s>", V_CONTROL, 0);
    v_word(f, "<unk>", V_UNKNOWN, 0);
    return f;
}

static void the_likeliest_way(void **state)
{
    (void)state;
    struct vocab_file *f = begin_unigram();
    v_word(f, "a", V_NORMAL, -2);   /* 3 */
    v_word(f, "b", V_NORMAL, -2);   /* 4 */
    v_word(f, "ab", V_NORMAL, -3);  /* 5: better than both */
    v_word(f, "ba", V_NORMAL, -5);  /* 6: worse */
    v_word(f, "aba", V_UNUSED, 0);  /* 7: not used */
    v_word(f, "bbb", V_NORMAL, -6); /* 8: as good as one by one: the first */
    v_word(f, "<x>", V_USER, 0);    /* 9 */
    v_word(f, "<c>", V_CONTROL, 0); /* 10 */
    v_word(f, "<0x62>", V_BYTE, 0); /* 11: never where "b" is there */
    struct tokenizer *t = must_open(f);
    assert_ids(t, "ab", 0, "5");
    assert_ids(t, "aba", 0, "5 3");
    assert_ids(t, "bab", 0, "4 5");
    assert_ids(t, "bbbb", 0, "4 8");
    assert_ids(t, "zz", 0, "2");
    assert_ids(t, "azyxb", 0, "3 2 4");
    assert_ids(t, "ab<x>ab", 0, "5 9 5");
    assert_ids(t, "a<c>b", 0, "3 2 4");
    assert_ids(t, "a<c>b", TOKENIZE_SPECIAL, "3 10 4");
    assert_ids(t, "a", TOKENIZE_EOS, "3 1"); /* T5's end */
    assert_ids(t, "a", TOKENIZE_BOS, "3");
    assert_ids(t, "a\xFF", 0, "3 2");
    end(f, t);
}

/* All cuts of short texts, tried one by one, give no better one. */
static double best_of_all(const struct vocab_file *f, const char *text)
{
    if (*text == '\0')
        return 0;
    double best = -INFINITY;
    for (size_t i = 3; i < f->n_words; i++) {
        size_t n = strlen(f->words[i].text);
        if (strncmp(text, f->words[i].text, n) == 0)
            best = fmax(best, (double)f->words[i].score +
                                  best_of_all(f, text + n));
    }
    return best;
}

static void no_cut_is_better(void **state)
{
    (void)state;
    static char words[60][8];
    struct vocab_file *f = begin_unigram();
    struct rng r;
    rng_init(&r, 4);
    v_word(f, "a", V_NORMAL, -3);
    v_word(f, "b", V_NORMAL, -3);
    for (int i = 0; i < 60; i++) {
        size_t n = 2 + (size_t)rng_below(&r, 5);
        for (size_t k = 0; k < n; k++)
            words[i][k] = (char)('a' + rng_below(&r, 2));
        bool known = false;
        for (size_t k = 0; k < f->n_words; k++)
            known |= strcmp(f->words[k].text, words[i]) == 0;
        if (!known)
            v_word(f, words[i], V_NORMAL, (float)(-12 * rng_double(&r)));
    }
    struct tokenizer *t = must_open(f);
    for (int round = 0; round < 200; round++) {
        char text[15] = {0};
        struct token_list l = {0};
        for (int k = 0; k < 14; k++)
            text[k] = (char)('a' + rng_below(&r, 2));
        assert_int_equal(tokenizer_encode(t, text, 14, NULL, 0, 0, &l, NULL),
                         0);
        double sum = 0;
        for (size_t i = 0; i < l.n; i++)
            sum += (double)f->words[l.ids[i]].score;
        assert_true(fabs(sum - best_of_all(f, text)) < 1e-4);
        token_list_free(&l);
        assert_kept(t, text, 14);
    }
    end(f, t);
}

/* --- hostile ----------------------------------------------------------- */

/* A trie whose every unit is the same. */
static void write_map(struct buf *b, uint32_t unit, int n_units,
                      const char *texts, size_t n_texts)
{
    buf_clear(b);
    w_bytes(b, 4 * (uint64_t)n_units, 4);
    for (int i = 0; i < n_units; i++)
        w_bytes(b, unit, 4);
    buf_add(b, texts, n_texts);
}

static void assert_map_refused(const struct buf *map)
{
    struct vocab_file *f = begin_unigram();
    struct err e = {0};
    v_bytes(f, "tokenizer.ggml.precompiled_charsmap", map->data, map->len);
    assert_null(open_file(f, &e));
    assert_int_equal(e.code, ERR_FORMAT);
    assert_non_null(strstr(e.text, "precompiled_charsmap"));
    v_free(f);
}

static void broken_maps(void **state)
{
    (void)state;
    struct buf map;
    buf_init(&map, 1 << 20);
    buf_add_str(&map, "abc");
    assert_map_refused(&map); /* shorter than a size */
    write_map(&map, 0, 4, "", 0);
    assert_map_refused(&map); /* no texts */
    write_map(&map, 0, 4, "", 1);
    map.data[0] = 15;
    assert_map_refused(&map); /* no whole units */
    map.data[3] = '\x7F';
    assert_map_refused(&map); /* beyond the end */

    /* Steps that lead out, and values that point out, find nothing; texts
     * without an end end with the table. */
    struct rng r;
    rng_init(&r, 8);
    for (int round = 0; round < 400; round++) {
        struct vocab_file *f = begin_unigram();
        v_word(f, "a", V_NORMAL, -1);
        write_map(&map, 0, 300, "no end", 6);
        for (int i = 0; i < 300; i++) {
            uint32_t unit = (uint32_t)rng_next(&r);
            if (round % 2) /* children of each other, more often than not */
                unit = (unit & 0x3FF00) | (unit >> 24) % 128;
            memcpy(map.data + 4 + 4 * i, &unit, 4);
        }
        v_bytes(f, "tokenizer.ggml.precompiled_charsmap", map.data, map.len);
        struct tokenizer *t = must_open(f);
        char text[64];
        for (size_t i = 0; i < sizeof(text); i++)
            text[i] = (char)rng_below(&r, round % 4 > 1 ? 128 : 256);
        char *have = ids_of(t, text, sizeof(text), 0);
        assert_non_null(have);
        free(have);
        end(f, t);
    }
    buf_free(&map);
}

/* A branch for 'a' that leads back to itself: keys without an end.  A text of
 * that letter would be walked through from each letter, for many minutes. */
static void endless_keys(void **state)
{
    (void)state;
    struct vocab_file *f = begin_unigram();
    struct buf map;
    size_t n = 500000;
    char *text = mem_calloc(n, 1);
    memset(text, 'a', n);
    buf_init(&map, 1 << 20);
    write_map(&map, 0, 0x200, "", 1);
    uint32_t again = (uint32_t)'a' << 10 | 'a';
    memcpy(map.data + 4 + 4 * (size_t)'a', &again, 4);
    v_bytes(f, "tokenizer.ggml.precompiled_charsmap", map.data, map.len);
    v_word(f, "a", V_NORMAL, -1);
    struct tokenizer *t = must_open(f);
    struct token_list l = {0};
    assert_int_equal(tokenizer_encode(t, text, n, NULL, 0, 0, &l, NULL), 0);
    assert_int_equal(l.n, n);
    token_list_free(&l);
    free(text);
    buf_free(&map);
    end(f, t);
}

/* A table that makes a book of each letter. */
static void growing_text_is_refused(void **state)
{
    (void)state;
    struct vocab_file *f = begin_unigram();
    struct buf map;
    char book[1001];
    memset(book, 'a', 1000);
    book[1000] = '\0';
    buf_init(&map, 1 << 20);
    /* 'b' from the root's offset 0x100 on: ends a key, and the value, text 0,
     * stands where its own offset (1) leads. */
    write_map(&map, 0, 0x200, book, sizeof(book));
    uint32_t root = 0x100u << 10, leaf = 1u << 10 | 0x100 | 'b';
    uint32_t value = 0x80000000u;
    memcpy(map.data + 4, &root, 4);
    memcpy(map.data + 4 + 4 * (size_t)(0x100 ^ 'b'), &leaf, 4);
    memcpy(map.data + 4 + 4 * (size_t)(0x100 ^ 'b' ^ 1), &value, 4);
    v_bytes(f, "tokenizer.ggml.precompiled_charsmap", map.data, map.len);
    v_word(f, "a", V_NORMAL, -1);
    struct tokenizer *t = must_open(f);
    struct token_list l = {0};
    struct err e = {0};
    char text[101];
    memset(text, 'a', 100);
    text[100] = 'b';
    assert_int_equal(
        tokenizer_encode(t, text, 101, NULL, 0, 0, &l, &e), 0);
    assert_int_equal(l.n, 1100); /* the table works */
    token_list_free(&l);
    assert_int_equal(tokenizer_encode(t, "bb", 2, NULL, 0, 0, &l, &e), -1);
    assert_int_equal(e.code, ERR_FORMAT);
    token_list_free(&l);
    buf_free(&map);
    end(f, t);
}

static void odd_scores(void **state)
{
    (void)state;
    struct vocab_file *f = begin_unigram();
    v_word(f, "a", V_NORMAL, INFINITY);
    v_word(f, "b", V_NORMAL, -INFINITY);
    v_word(f, "ab", V_NORMAL, 3e38f);
    v_word(f, "ba", V_NORMAL, -3e38f);
    struct tokenizer *t = must_open(f);
    const char *texts[] = {"abab", "bbbb", "zaza", "zbzb", "baba"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct token_list l = {0};
        assert_int_equal(tokenizer_encode(t, texts[i], 4, NULL, 0, 0, &l,
                                          NULL), 0);
        assert_true(l.n > 0 && l.n <= 4);
        token_list_free(&l);
    }
    end(f, t);

    f = begin_unigram(); /* no tokens at all, and none for what is unknown */
    v_u32(f, "tokenizer.ggml.unknown_token_id", UINT32_MAX);
    t = must_open(f);
    struct token_list l = {0};
    struct err e = {0};
    assert_int_equal(tokenizer_encode(t, "a", 1, NULL, 0, 0, &l, &e), -1);
    assert_int_equal(e.code, ERR_FORMAT);
    token_list_free(&l);
    end(f, t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_as_sentencepiece),
        cmocka_unit_test(the_likeliest_way),
        cmocka_unit_test(no_cut_is_better),
        cmocka_unit_test(broken_maps),
        cmocka_unit_test(endless_keys),
        cmocka_unit_test(growing_text_is_refused),
        cmocka_unit_test(odd_scores),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
