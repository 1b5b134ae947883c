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
    assert_prompts("a\nb\n--- \t\nc\n", PROMPTS_TEXT, "a\nb|c");
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
    assert_prompts("{\"instruction\":\"a\",\"context\":\"b\"}\n"
                   "{\"question\":\"c\",\"context\":\"\"}\n",
                   PROMPTS_JSONL, "a\n\nb|c");
    assert_prompts("{\"messages\":[{\"role\":\"system\",\"content\":\"S\"},"
                   "{\"role\":\"user\",\"content\":\"a\"},"
                   "{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                   "\"text\":\"b\"}]}]}", PROMPTS_JSONL, "a+b");
    assert_prompts("{\"turns\":[{\"content\":\"a\"},{\"content\":\"b\"}]}",
                   PROMPTS_JSONL, "a+b");
    assert_prompts("{\"prompt\":[\"a\",\"b\"]}", PROMPTS_JSONL, "a+b");
    assert_prompts("{\"question\":\"a\"}{\"input\":\"b\"} {\"text\":\"c\"}",
                   PROMPTS_JSONL, "a|b|c");
    assert_prompts("{\n  \"prompt\": \"a\",\n  \"n\": NaN\n}\n{\n"
                   "  \"prompt\": \"b\"\n}\n", PROMPTS_JSONL, "a|b");
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
    assert_prompts("id,question,prompt\n1,a,b\n,,\n", PROMPTS_CSV, "b");
    assert_prompts("Question\na\n", PROMPTS_CSV, "a");
    assert_prompts("input,instruction,output\n1 2,Sum,3\n,Say,x\n",
                   PROMPTS_CSV, "Sum\n\n1 2|Say");
    assert_prompts("turns\n\"[\"\"a\"\",\"\"b\"\"]\"\n", PROMPTS_CSV, "a+b");
    assert_prompts("id, prompt\n1, \"a, b\" \n", PROMPTS_CSV, "a, b");
    assert_prompts("instruction,context\nSum up.,Long ago\n", PROMPTS_CSV,
                   "Sum up.\n\nLong ago");
    /* Chatbot Arena's 55k set has lists of turns under "prompt". */
    assert_prompts("prompt\n\"[\"\"a\"\",\"\"b\"\"]\"\n[1] what?\n\"[1,2]\"\n",
                   PROMPTS_CSV, "a+b|[1] what?|[1,2]");
    assert_prompts("messages\n\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":"
                   "\"\"a\"\"}]\"\n", PROMPTS_CSV, "a");
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

/* As GSM8K has it; an answer that only looks like one is none. */
static void a_solution_ends_in_its_answer(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"question\":\"a\",\"answer\":\"3+4=<<7>>7.\\n#### 1,007 \\n\"}\n"
        "{\"question\":\"b\",\"answer\":\"#### 8\"}\n"
        "{\"question\":\"c\",\"answer\":\"#### 8\\nand so on\"}\n"
        "{\"question\":\"d\",\"answer\":\"#### \"}\n"
        "{\"question\":\"e\",\"answer\":\"x #### 8\"}\n"
        "{\"question\":\"f\",\"answer\":\"#### 8\",\"reference\":\"9\"}\n",
        "question,answer\na,\"7\n#### 1,007\"\nb,#### 8\nc,\"#### 8\nso\"\n"
        "d,####\ne,x #### 8\n",
    };
    for (int i = 0; i < 2; i++) {
        struct prompts p;
        good(&p, texts[i], i ? PROMPTS_CSV : PROMPTS_JSONL);
        assert_int_equal(p.n, i ? 5 : 6);
        for (size_t k = 0; k < p.n; k++)
            assert_int_equal(p.list[k].n_references, k < 2 || k == 5);
        assert_string_equal(p.list[0].references[0].text, "1,007");
        assert_string_equal(p.list[1].references[0].text, "8");
        if (i == 0)
            assert_string_equal(p.list[5].references[0].text, "9");
        prompts_free(&p);
    }
    /* What a model put out is no reference. */
    struct prompts p;
    good(&p, "question,output\na,#### 8\n", PROMPTS_CSV);
    assert_int_equal(p.list[0].n_references, 0);
    prompts_free(&p);
}

/* Two files joined are the usual cause: nothing of them is lost unsaid. */
static void one_id_may_have_several_prompts(void **state)
{
    (void)state;
    struct prompts p;
    const char *text =
        "{\"id\":1,\"prompt\":\"a\"}\n{\"id\":2,\"prompt\":\"b\"}\n"
        "{\"id\":1,\"prompt\":\"c\"}\n{\"id\":3,\"prompt\":\"d\"}\n"
        "{\"id\":2,\"prompt\":\"b\"}\n";
    assert_prompts(text, PROMPTS_JSONL, "a|b|c|d");
    good(&p, text, PROMPTS_JSONL);
    assert_int_equal(p.n_same_id, 1);
    assert_int_equal(p.n_repeated, 1);
    prompts_free(&p);
}

/* Examples and logged conversations: what an assistant said is no turn to ask
 * again. */
static void answers_are_given(void **state)
{
    (void)state;
    struct prompts p;
    struct buf text;
    buf_init(&text, 4096);
    good(&p, "{\"messages\":[{\"role\":\"user\",\"content\":\"big\"},"
             "{\"role\":\"assistant\",\"content\":\"small\"},"
             "{\"role\":\"user\",\"content\":\"hot\"},"
             "{\"role\":\"user\",\"content\":\"wet\"}]}", PROMPTS_JSONL);
    assert_int_equal(p.list[0].n_turns, 2);
    assert_string_equal(p.list[0].turns[0], "hot");
    assert_string_equal(p.list[0].turns[1], "wet");
    assert_int_equal(p.list[0].n_given, 1);
    assert_int_equal(p.list[0].given[0].before, 0);
    assert_string_equal(p.list[0].given[0].user, "big");
    assert_string_equal(p.list[0].given[0].assistant, "small");
    prompt_add_text(&p.list[0], &text);
    assert_string_equal(text.data, "big\n\nAssistant: small\n\nhot\n\nwet");
    buf_free(&text);
    prompts_free(&p);
}

static void line_ends_make_no_other_file(void **state)
{
    (void)state;
    static const char *const same[] = {"a\n\"b\n", "a\r\n\"b\r\n",
                                       "a\r\"b\r", "a\n\"b"};
    struct prompts p, q;
    good(&p, same[0], PROMPTS_TEXT);
    for (size_t i = 1; i < 4; i++) {
        good(&q, same[i], PROMPTS_TEXT);
        assert_true(p.hash == q.hash);
        assert_int_equal(q.n, 2);
        assert_string_equal(q.list[1].turns[0], "\"b");
        prompts_free(&q);
    }
    prompts_free(&p);
    good(&p, "prompt\n\"a\nb\"\n", PROMPTS_CSV);
    good(&q, "prompt\r\n\"a\r\nb\"\r\n", PROMPTS_CSV);
    assert_true(p.hash == q.hash);
    assert_string_equal(p.list[0].turns[0], q.list[0].turns[0]);
    prompts_free(&p);
    prompts_free(&q);
}

/* What the name says is held against the content. */
static void names_and_contents(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message; /* NULL: it is read */
        enum prompts_format format;
    } cases[] = {
        {"f.txt", "{{name}}, a prime\nb\n", NULL, PROMPTS_TEXT},
        {"f.md", "{\"a\":1} what is this?\n", NULL, PROMPTS_TEXT},
        {"f.txt", "{\"prompt\":\"a\"}\n", NULL, PROMPTS_JSONL},
        {"f", "{{name}}, a prime\n", "f:1:3: not JSON", PROMPTS_AUTO},
        {"f.csv", "{\"prompt\":\"a\"}\n", "its content is JSON", PROMPTS_AUTO},
        {"f.CSV.gz", "[{\"prompt\":\"a\"}]", "its content is JSON",
         PROMPTS_AUTO},
        {"f.json", "id,prompt\n1,a\n", "its content is a table", PROMPTS_AUTO},
        {"f.jsonl", "a\nb\n", "its content is not", PROMPTS_AUTO},
        {"d.csv/f", "a\nb\n", NULL, PROMPTS_TEXT},
        {"f.csv", "a\nb\n", "f.csv:1: a table without a column prompt, "
         "question, instruction, input, text, turns or messages; its "
         "header is a",
         PROMPTS_AUTO},
        {"f", "nr,words\n1,Name a prime.\n2,Name a river.\n",
         "f:1: a table without a column", PROMPTS_AUTO},
        {"f.txt", "nr\twords\nx\tName a prime.\n",
         "its header is nr, words", PROMPTS_AUTO},
        {"f", "Oh, well\nHello, you\n", NULL, PROMPTS_TEXT},
        {"f.yml", "x\n", "YAML is not read", PROMPTS_AUTO},
        {"f.xml", "<p>a</p>\n", "XML, HTML or TOML is not read", PROMPTS_AUTO},
        {"f", "- prompt: a\n- prompt: b\n", "YAML is not read", PROMPTS_AUTO},
        {"f", "# x\n---\nprompts:\n  - a\n", "YAML is not read", PROMPTS_AUTO},
        {"f", "question: a?\n- a list\n---\n", NULL, PROMPTS_TEXT},
        {"f.txt", "\n<?xml version=\"1.0\"?>\n<a/>\n",
         "XML, HTML or TOML is not read", PROMPTS_AUTO},
        {"f.txt", "<b> what is that?\n", NULL, PROMPTS_TEXT},
        {"f.json", "[\"a\", \"b\"]", NULL, PROMPTS_JSONL},
        {"f.txt", "[\"a\", \"b\"]", NULL, PROMPTS_TEXT},
        {"f.json", "[[\"a\"]]", "object 1: not an object", PROMPTS_AUTO},
        {"f", "PAR1\x15\x04", "the file is Parquet", PROMPTS_AUTO},
        {"f", "\x28\xB5\x2F\xFD", "the file is zstd data", PROMPTS_AUTO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct prompts p;
        struct err e = {.code = ERR_NONE};
        int result = prompts_parse(&p, cases[i].text, strlen(cases[i].text),
                                   cases[i].name, PROMPTS_AUTO, &e);
        if (cases[i].message != NULL && (result == 0 ||
            strstr(e.text, cases[i].message) == NULL))
            fail_msg("%zu: %d %s", i, result, e.text);
        if (cases[i].message == NULL && result != 0)
            fail_msg("%zu: %s", i, e.text);
        if (result != 0)
            continue;
        assert_int_equal(p.format, cases[i].format);
        prompts_free(&p);
    }
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
        {"{\"words\":\"a\"}", "f:1: no prompt in it; looked for the keys prompt, "
                              "turns, messages, question, instruction, input or "
                              "text"},
        {"{\n \"prompt\":\n \"a\"\n}\n{\n \"prompt\": 7 }\n",
         "f:5: no prompt in it; looked for the keys prompt, turns, messages, "
         "question, instruction, input or text"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},"
         "{\"role\":\"assistant\",\"content\":\"y\"}]}",
         "f:1: the last message is of role \"assistant\"; it must be what is "
         "asked, of role \"user\""},
        {"{\"prompt\":\"a\n", "f:1:12: the JSON ends too early or is wrong "
                             "here"},
        {"{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"}]}",
         "f:1: a message of role \"assistant\" that follows no \"user\" "
         "message"},
        {"{\"prompt\":\" \"}", "f:1: the prompt is empty"},
        {"{\"prompt\":\"a\"}\n{\"prompt\":\"b\\u0000c\"}\n",
         "f:2:13: \\u0000, which no text here may hold"},
        {"{\"prompt\":\"a\",\"category\":[\"b\"]}",
         "f:1: \"category\" is not text"},
        {"{\"turns\":[\"a\",\"\"]}", "f:1: the prompt is empty"},
        {"{\"turns\":[]}", "f:1: the prompt is empty"},
        {"{\"turns\":\"a\"}", "f:1: \"turns\" is not a list"},
        {"{\"turns\":[1]}",
         "f:1: \"turns\" has something other than text in it"},
        {"{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}",
         "f:1: a message of role \"tool\" here; a prompt is \"user\" and "
         "\"assistant\" messages, after at most one \"system\" message"},
        {"{\"messages\":[{\"role\":\"user\"}]}",
         "f:1: a message without text as \"content\""},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
         "\"image_url\"}]}]}",
         "f:1: a message with something other than text in it"},
        {"[{\"prompt\":\"a\"},{}]",
         "f: object 2: no prompt in it; looked for the keys prompt, turns, "
         "messages, question, instruction, input or text"},
        {"[{\"prompt\":\"a\"}", "f:1:15: the JSON ends too early or is wrong "
                                "here"},
        {"{\"prompt\":\"a\",\"system\":[\"b\"]}",
         "f:1: the \"system\" is not text"},
        {"{\"question\":\"a\",\"choices\":[\"b\",\"c\"]}",
         "f:1: \"choices\" beside the prompt would not be asked; write them "
         "into it"},
        {"{\"question\":\"a\",\"options\":{\"text\":[\"b\"]}}",
         "f:1: \"options\" beside the prompt would not be asked; write them "
         "into it"},
        {"prompt,id,Prompt \na,1,b\n",
         "f:1: two columns are called \"prompt\""},
        {"id,prompt\n1,a\n2\n", "f:3: 1 field, the header has 2"},
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
    assert_string_equal(e.text, "f:1: a table without a column prompt, question, "
                        "instruction, input, text, turns or messages; its header "
                        "is a");
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
        cmocka_unit_test(a_solution_ends_in_its_answer),
        cmocka_unit_test(one_id_may_have_several_prompts),
        cmocka_unit_test(answers_are_given),
        cmocka_unit_test(line_ends_make_no_other_file),
        cmocka_unit_test(names_and_contents),
        cmocka_unit_test(the_same_again_is_left_out),
        cmocka_unit_test(files_are_told_apart),
        cmocka_unit_test(mistakes_have_a_line),
        cmocka_unit_test(a_form_can_be_insisted_on),
        cmocka_unit_test(any_bytes_are_survived),
    };
    return TEST_RUN(tests);
}
