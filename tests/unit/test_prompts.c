#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "arena/run/prompts.h"
#include "base/buf.h"
#include "base/rng.h"

static void good(struct prompts *p, const char *text,
                 enum prompts_format format)
{
    struct err e;
    if (prompts_parse(p, text, strlen(text), "f", PROMPTS_AUTO, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(p->format, format);
}

/* The first turns of all prompts, with | between. */
static void assert_prompts(const char *text, enum prompts_format format,
                           const char *want)
{
    struct prompts p;
    struct buf all;
    good(&p, text, format);
    buf_init(&all, 4096);
    for (size_t i = 0; i < p.n; i++)
        for (size_t j = 0; j < p.list[i].n_turns; j++)
            buf_addf(&all, "%s%s", j > 0 ? "+" : i > 0 ? "|" : "",
                     p.list[i].turns[j]);
    assert_string_equal(all.data, want);
    buf_free(&all);
    prompts_free(&p);
}

static void text_is_lines_or_blocks(void **state)
{
    (void)state;
    assert_prompts("one\ntwo", PROMPTS_TEXT, "one|two");
    assert_prompts("\xEF\xBB\xBFone\r\n\r\n  two \r\n", PROMPTS_TEXT,
                   "one|  two");
    assert_prompts("# not a comment\n", PROMPTS_TEXT, "# not a comment");
    assert_prompts("a\nb\n---\n\nc\n\n  d\n\n---\n---\n", PROMPTS_TEXT,
                   "a\nb|c\n\n  d");
    assert_prompts("---\r\nx\r\n", PROMPTS_TEXT, "x");
    assert_prompts("[maybe] a prompt\n{", PROMPTS_TEXT, "[maybe] a prompt|{");
    assert_prompts("the prompt, is this\n", PROMPTS_TEXT,
                   "the prompt, is this");
}

static void json_lines_are_told_by_their_keys(void **state)
{
    (void)state;
    assert_prompts("{\"prompt\":\"a\"}\n\n  {\"prompt\":\"b\\nc\"}\r\n",
                   PROMPTS_JSONL, "a|b\nc");
    assert_prompts("{\"turns\":[\"a\",\"b\"]}\n", PROMPTS_JSONL, "a+b");
    assert_prompts("{\"messages\":[{\"role\":\"system\",\"content\":\"S\"},"
                   "{\"role\":\"user\",\"content\":\"a\"},"
                   "{\"role\":\"assistant\",\"content\":\"no\"},"
                   "{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                   "\"text\":\"b\"}]}]}", PROMPTS_JSONL, "a+b");
    assert_prompts("{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
                   "\"chosen\":[]}", PROMPTS_JSONL, "Hi");
    assert_prompts("{\"instruction\":\"Sum\",\"input\":\"1 2\"}\n"
                   "{\"instruction\":\"Say\",\"input\":\"\"}", PROMPTS_JSONL,
                   "Sum\n\n1 2|Say");
    assert_prompts(" [ {\"instruction\":\"a\"},\n{\"instruction\":\"b\"} ]\n",
                   PROMPTS_JSONL, "a|b");
}

static void csv_is_read_by_its_rules(void **state)
{
    (void)state;
    assert_prompts("prompt\na\nb\n", PROMPTS_CSV, "a|b");
    assert_prompts("id;prompt\n1;a, b\n", PROMPTS_CSV, "a, b");
    assert_prompts("id\tprompt\n1\ta; b\n", PROMPTS_CSV, "a; b");
    assert_prompts("\n \r\n id , prompt\n1, a \n2,\" b\"", PROMPTS_CSV,
                   "a| b");
    assert_prompts("sep=;\nprompt;id\na;1\n", PROMPTS_CSV, "a");
    assert_prompts("id,Prompt,x\r\n1,\"a, \"\"b\"\"\nc\",\r\n\r\n2,d,e",
                   PROMPTS_CSV, "a, \"b\"\nc|d");
}

static void the_rest_is_kept(void **state)
{
    (void)state;
    struct prompts p;
    good(&p, "{\"question_id\":81,\"category\":\"math\",\"turns\":[\"a\"]}\n"
             "{\"uid\":\"u2\",\"prompt\":\"b\",\"system\":\"S\"}\n"
             "{\"id\":\"\",\"prompt\":\"c\"}", PROMPTS_JSONL);
    assert_string_equal(p.list[0].id, "81");
    assert_string_equal(p.list[0].category, "math");
    assert_null(p.list[0].system);
    assert_string_equal(p.list[1].id, "u2");
    assert_string_equal(p.list[1].category, "");
    assert_string_equal(p.list[1].system, "S");
    assert_null(p.list[2].id);
    prompts_free(&p);
    good(&p, "category,system,prompt,id\nc,,p,i\n", PROMPTS_CSV);
    assert_string_equal(p.list[0].category, "c");
    assert_string_equal(p.list[0].id, "i");
    assert_null(p.list[0].system);
    prompts_free(&p);
}

static void the_last_of_one_id_counts(void **state)
{
    (void)state;
    assert_prompts("{\"id\":1,\"prompt\":\"a\"}\n{\"id\":2,\"prompt\":\"b\"}\n"
                   "{\"id\":1,\"prompt\":\"c\"}\n{\"id\":3,\"prompt\":\"d\"}",
                   PROMPTS_JSONL, "c|b|d");
}

static void the_same_again_is_left_out(void **state)
{
    (void)state;
    struct prompts p;
    struct buf text;
    buf_init(&text, 4096);
    good(&p, "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n"
             "{\"prompt\":\"a\",\"id\":9}\n"
             "{\"prompt\":\"a\",\"category\":\"c\"}\n"
             "{\"prompt\":\"a\",\"system\":\"S\"}\n"
             "{\"turns\":[\"a\",\"b\"]}\n", PROMPTS_JSONL);
    assert_int_equal(p.n, 5);
    assert_int_equal(p.n_repeated, 1);
    prompt_add_text(&p.list[3], &text);
    assert_string_equal(text.data, "System: S\n\na");
    buf_clear(&text);
    prompt_add_text(&p.list[4], &text);
    assert_string_equal(text.data, "a\n\nb");
    buf_free(&text);
    prompts_free(&p);
}

static void files_are_told_apart(void **state)
{
    (void)state;
    struct prompts p, q;
    good(&p, "a\n", PROMPTS_TEXT);
    good(&q, "b\n", PROMPTS_TEXT);
    assert_true(p.hash != q.hash);
    prompts_free(&p);
    prompts_free(&q);
}

static void mistakes_have_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "f: no prompts in it"},
        {"\n \n---\n", "f: no prompts in it"},
        {"a\nb\xFF\n", "f:2: not UTF-8; save the file as UTF-8"},
        {"{\"prompt\":\"a\"}\n{\"prompt\":b}\n",
         "f:2:11: not JSON from here on"},
        {"{\"prompt\":\"a\"}\n[]\n", "f:2: not an object { … }"},
        {"{\"question\":\"a\"}", "f:1: no \"prompt\", \"turns\", \"messages\" "
                                 "or \"instruction\" in it"},
        {"{\"prompt\":\" \"}", "f:1: the prompt is empty"},
        {"{\"turns\":[\"a\",\"\"]}", "f:1: the prompt is empty"},
        {"{\"turns\":[]}", "f:1: the prompt is empty"},
        {"{\"turns\":\"a\"}", "f:1: \"turns\" is no list"},
        {"{\"turns\":[1]}",
         "f:1: \"turns\" has something other than text in it"},
        {"{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}",
         "f:1: a message of role \"tool\" here; a prompt is \"user\" messages, "
         "after at most one \"system\" message"},
        {"{\"messages\":[{\"role\":\"user\"}]}",
         "f:1: a message without text as \"content\""},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
         "\"image_url\"}]}]}",
         "f:1: a message with something other than text in it"},
        {"[{\"prompt\":\"a\"},{}]",
         "f: object 2: no \"prompt\", \"turns\", \"messages\" or "
         "\"instruction\" in it"},
        {"[{\"prompt\":\"a\"}", "f:1:15: the JSON ends too early or is wrong "
                                "here"},
        {"id,prompt\n1,a\n2\n", "f:3: 1 fields, the header has 2"},
        {"id,prompt\n1,a,b\n", "f:2: 3 fields, the header has 2"},
        {"id,prompt\n1,\"a\n\n", "f:2: a quote that is never closed"},
        {"id,prompt\n1,\"a\"b\n", "f:2: text behind a closing quote"},
        {"id,prompt\n\n1,\"a\nb\"\n2,\n", "f:5: the prompt is empty"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct prompts p;
        struct err e;
        assert_int_equal(prompts_parse(&p, cases[i].text,
                                       strlen(cases[i].text), "f",
                                       PROMPTS_AUTO, &e), -1);
        assert_string_equal(e.text, cases[i].message);
        assert_int_equal(e.code, ERR_FORMAT);
    }
    struct prompts p;
    struct err e;
    assert_int_equal(prompts_parse(&p, "a\0b", 3, "f", PROMPTS_AUTO, &e), -1);
    assert_string_equal(e.text, "f:1: has a NUL byte; not a text file");
    assert_int_equal(prompts_read(&p, "/nonexistent", PROMPTS_AUTO, &e), -1);
    assert_int_equal(e.code, ERR_FAILURE);
}

static void a_form_can_be_insisted_on(void **state)
{
    (void)state;
    struct prompts p;
    struct err e;
    assert_int_equal(prompts_parse(&p, "{\"prompt\":1}", 12, "f", PROMPTS_TEXT,
                                   &e), 0);
    assert_string_equal(p.list[0].turns[0], "{\"prompt\":1}");
    prompts_free(&p);
    assert_int_equal(prompts_parse(&p, "a", 1, "f", PROMPTS_CSV, &e), -1);
    assert_string_equal(e.text, "f:1: no CSV header with \"prompt\" in it");
}

/* Any bytes give prompts or an error of one line (run under the sanitizers);
 * they are a heap block of their exact size, so that one byte more is seen. */
static void any_bytes_are_survived(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "{\"prompt\":\"a\"}\n[{\"turns\":[\"b\"]}]\n",
        "id,prompt,system\n1,\"a\"\"\n,\",x\r\n",
        "a\n---\n\nb\r\n---\n",
        "[{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}]",
    };
    struct rng rng;
    rng_init(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        const char *seed = seeds[i % 4];
        size_t n = 1 + (size_t)rng_below(&rng, strlen(seed));
        char *bytes = malloc(n);
        assert_non_null(bytes);
        memcpy(bytes, seed, n);
        for (uint64_t k = rng_below(&rng, 4); k > 0; k--)
            bytes[rng_below(&rng, n)] =
                "{}[]\",:\n\r\\-a \xC3"[rng_below(&rng, 14)];
        struct prompts p;
        struct err e = {.code = ERR_NONE};
        if (prompts_parse(&p, bytes, n, "f", PROMPTS_AUTO, &e) == 0)
            prompts_free(&p);
        else
            assert_null(strchr(e.text, '\n'));
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_lines_or_blocks),
        cmocka_unit_test(json_lines_are_told_by_their_keys),
        cmocka_unit_test(csv_is_read_by_its_rules),
        cmocka_unit_test(the_rest_is_kept),
        cmocka_unit_test(the_last_of_one_id_counts),
        cmocka_unit_test(the_same_again_is_left_out),
        cmocka_unit_test(files_are_told_apart),
        cmocka_unit_test(mistakes_have_a_line),
        cmocka_unit_test(a_form_can_be_insisted_on),
        cmocka_unit_test(any_bytes_are_survived),
    };
    return TEST_RUN(tests);
}
