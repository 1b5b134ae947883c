/* The pre-tokenizers against another implementation: tests/engine/splits.json
 * is written by tests/engine/make_splits.py. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "backends/engine/tokenizer/split.h"
#include "base/json.h"
#include "base/mem.h"

static int collect(void *arg, const char *text, size_t n, struct err *e)
{
    (void)e;
    char *word = mem_strndup(text, n);
    cJSON_AddItemToArray(arg, cJSON_CreateString(word));
    free(word);
    return 0;
}

static void splits_as_published(void **state)
{
    (void)state;
    struct buf file;
    struct err e = {0};
    buf_init(&file, 1 << 20);
    assert_int_equal(buf_read_file(&file, "tests/engine/splits.json"), 0);
    cJSON *all = json_parse(file.data, file.len, 1 << 20, "splits", &e);
    assert_non_null(all);
    int n = 0;
    const cJSON *family, *want;
    cJSON_ArrayForEach(family, all) {
        struct splitter *s;
        const char *name = family->string;
        if (splitter_open(&s, name, strlen(name), &e) != 0)
            fail_msg("%s", e.text);
        cJSON_ArrayForEach(want, family) {
            struct buf text;
            buf_init(&text, 10000);
            const cJSON *word;
            cJSON_ArrayForEach(word, want)
                buf_add_str(&text, word->valuestring);
            cJSON *have = cJSON_CreateArray();
            assert_int_equal(
                splitter_run(s, text.data, text.len, collect, have, &e), 0);
            if (!cJSON_Compare(have, want, true))
                fail_msg("%s: %s", name, cJSON_PrintUnformatted(have));
            cJSON_Delete(have);
            buf_free(&text);
            n++;
        }
        splitter_close(s);
    }
    assert_true(n > 300);
    cJSON_Delete(all);
    buf_free(&file);
}

static int add_up(void *arg, const char *text, size_t n, struct err *e)
{
    (void)e;
    struct buf *b = arg;
    assert_true(n > 0);
    buf_add(b, text, n);
    return 0;
}

static void assert_keeps(const char *name, const char *text, size_t n)
{
    struct splitter *s;
    struct err e = {0};
    struct buf b;
    buf_init(&b, n);
    if (splitter_open(&s, name, strlen(name), &e) != 0 ||
        splitter_run(s, text, n, add_up, &b, &e) != 0)
        fail_msg("%s: %s", name, e.text);
    assert_int_equal(b.len, n);
    assert_memory_equal(b.data, text, n);
    buf_free(&b);
    splitter_close(s);
}

/* 40 kB of a few characters again and again: expressions that remember each of
 * them would have no room. */
static void assert_keeps_long(const char *name)
{
    static const char *const units[] = {"word after word ", "가나다 ", "né\n",
                                        "12", " ", "-+"};
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        struct buf text;
        buf_init(&text, 50000);
        while (text.len < 40000)
            buf_add_str(&text, units[i]);
        assert_keeps(name, text.data, text.len);
        buf_free(&text);
    }
}

/* Every family in the table compiles, and loses nothing. */
static void all_families_keep_the_text(void **state)
{
    (void)state;
    struct err e = {0};
    struct splitter *s;
    assert_int_equal(splitter_open(&s, "nonsense", 8, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_non_null(strstr(e.text, "\"nonsense\""));
    static const char *const names[] = { /* one of each row */
        "mpt", "gpt-2", "command-r", "smollm", "default", "falcon",
        "llama-bpe", "dbrx", "glm4", "minicpm5", "qwen2", "megrez", "laguna",
        "ufakzeka", "jais-2", "exaone-moe", "superbpe", "qwen35", "seed-coder",
        "bailingmoe", "tekken", "gpt-4o", "youtu", "deepseek-llm",
        "deepseek-coder", "deepseek-v3", "bloom", "viking",
    };
    static const char text[] = "It's 12345 \t\n\r\n\xFF\xFE 你好, foo(bar)!  \0 "
                               "x\xE2\x82 ｆｕｌｌ 𐐀 été  \n";
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_keeps(names[i], text, sizeof(text));
        assert_keeps_long(names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_as_published),
        cmocka_unit_test(all_families_keep_the_text),
    };
    return TEST_RUN(tests);
}
