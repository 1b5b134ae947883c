/* constrain: what each part of a schema lets through, and that whatever is
 * let through byte by byte is JSON of that form. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "fits.h"

static void plain_types(void **state)
{
    (void)state;
    assert_fit("{\"type\": \"boolean\"}", TEXTS("true", "false"),
               TEXTS("True", "tru", "truee", "null", ""));
    assert_fit("{\"type\": \"null\"}", TEXTS("null"), TEXTS("nul", "0"));
    assert_fit("{\"type\": \"integer\"}", TEXTS("0", "-1", "42", "-100"),
               TEXTS("-", "01", "1.0", "1e3", "+1", "", "0x1"));
    assert_fit("{\"type\": \"number\"}",
               TEXTS("0", "-0.5", "1e9", "12.5E-3", "3"),
               TEXTS("1.", ".5", "1e", "1e+", "--1", "Infinity", "1 "));
    assert_fit("{\"type\": \"string\"}",
               TEXTS("\"\"", "\"a\"", "\"\\n\\u00e9\\\"\"", "\"é😀\""),
               TEXTS("\"", "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\xFF\"",
                     "\"\xC3\"", "\"\xC3z\"", "a", "\"a\"b"));
}

static void limits_of_strings_and_arrays(void **state)
{
    (void)state;
    assert_fit("{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 3}",
               TEXTS("\"a\"", "\"éèê\"", "\"\\n\\n\\n\""),
               TEXTS("\"\"", "\"abcd\""));
    assert_fit("{\"type\": \"array\", \"items\": {\"type\": \"integer\"},"
               " \"minItems\": 1, \"maxItems\": 3}",
               TEXTS("[1]", "[1, 2,3]", "[ 1 ]", "[\n  1\n]"),
               TEXTS("[]", "[1,2,3,4]", "[1,]", "[,1]", "[\"a\"]", "[1", "1"));
    assert_fit("{\"type\": \"array\", \"maxItems\": 0}", TEXTS("[]"),
               TEXTS("[1]"));
    assert_fit("{\"type\": \"array\"}", TEXTS("[]", "[[], {\"a\": [1]}]"),
               TEXTS("[", "[1 2]"));
}

static void choices(void **state)
{
    (void)state;
    assert_fit("{\"enum\": [\"A\", \"AB\", 1, 12, null, {\"x\": [true]}]}",
               TEXTS("\"A\"", "\"AB\"", "1", "12", "null", "{\"x\":[true]}"),
               TEXTS("\"\"", "\"B\"", "2", "123", "\"ABC\"", "nul"));
    assert_fit("{\"const\": \"yes\"}", TEXTS("\"yes\""), TEXTS("\"no\""));
    assert_fit("{\"type\": [\"integer\", \"string\", \"null\"]}",
               TEXTS("5", "\"5\"", "null"), TEXTS("true", "5.5", "[5]"));
    static const char schema[] = "{\"enum\": [1, 2, 3, 145]}";
    struct constraint *c;
    assert_int_equal(constraint_open_schema(&c, schema, strlen(schema), NULL),
                     0);
    assert_true(constraint_allows(c, "14", 2));
    assert_false(constraint_allows(c, "15", 2));
    assert_false(constraint_allows(c, "", 0));
    constraint_accept(c, "1", 1);
    assert_true(constraint_may_end(c));
    assert_false(constraint_must_end(c));
    assert_true(constraint_allows(c, "4", 1));
    constraint_accept(c, "45", 2);
    assert_true(constraint_may_end(c));
    assert_true(constraint_must_end(c));
    assert_false(constraint_allows(c, "!", 1));
    constraint_close(c);
}

static void objects(void **state)
{
    (void)state;
    const char *schema =
        "{\"type\": \"object\", // a verdict\n"
        " \"properties\": {\"why\": {\"type\": \"string\"},"
        " \"who\": {\"enum\": [\"A\", \"B\"]},"
        " \"whole\": {\"type\": \"integer\"}},"
        " \"required\": [\"who\"]}";
    assert_fit(schema,
               TEXTS("{\"who\": \"A\"}", "{\"why\": \"x\", \"who\": \"B\"}",
                     "{\"who\":\"A\",\"whole\":7}", "{ \"who\" : \"A\" }",
                     "{\n  \"why\": \"\",\n  \"who\": \"A\"\n}"),
               TEXTS("{}", "{\"why\": \"x\"}", "{\"who\": \"C\"}",
                     "{\"whole\": 1, \"who\": \"A\"}", "{\"who\": \"A\",}",
                     "{\"who\": \"A\", \"who\": \"A\"}", "{\"x\": 1}",
                     "{\"who\": \"A\"", "{\"who\": \"A\"}}", "{\"wh\": 1}",
                     " {\"who\": \"A\"}"));
    assert_fit("{\"type\": \"object\"}",
               TEXTS("{}", "{\"a\": {\"b\": [1, true]}, \"c\": \"d\"}"),
               TEXTS("{a: 1}", "{\"a\"}", "{,}", "{\"a\": }"));
    assert_fit("{\"properties\": {\"a\": true}}",
               TEXTS("{\"a\": {\"b\": null}}", "{}"), TEXTS("{\"b\": 1}"));
}

/* Whatever a schema says is kept, with a type or without. */
static void no_key_is_passed_over(void **state)
{
    (void)state;
    assert_fit("{\"type\": \"object\", \"additionalProperties\": false}",
               TEXTS("{}"), TEXTS("{\"x\": 1}"));
    assert_fit("{\"additionalProperties\": {\"type\": \"string\"}}",
               TEXTS("{}", "{\"x\": \"1\", \"y\": \"\"}"),
               TEXTS("{\"x\": 1}", "[]"));
    assert_fit("{\"items\": {\"type\": \"string\"}}", TEXTS("[]", "[\"a\"]"),
               TEXTS("[1,2]", "1"));
    assert_fit("{\"minItems\": 1}", TEXTS("[1]"), TEXTS("[]", "{}"));
    assert_fit("{\"minLength\": 2}", TEXTS("\"ab\""), TEXTS("\"a\"", "12"));
    assert_fit("{\"type\": [\"integer\", \"string\"], \"minLength\": 2,"
               " \"enum\": [\"ab\", 7]}",
               TEXTS("\"ab\"", "7"), TEXTS("\"a\"", "8"));
}

/* A number that can take no more digits takes nothing that needs one. */
static void numbers_have_no_dead_end(void **state)
{
    (void)state;
    static const char *const begins[] = {
        "12345678901234567890", "1234567890123456789.0",
        "1.5e3456789012345678901", "-1234567890123456789", "0.",
    };
    for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
        struct constraint *c = open_schema("{\"type\": \"number\"}");
        for (const char *p = begins[i];
             *p != '\0' && constraint_allows(c, p, 1); p++)
            constraint_accept(c, p, 1);
        /* Whatever way is taken from here, there is a way out. */
        for (const char *p = ".e-1"; *p != '\0'; p++)
            if (constraint_allows(c, p, 1))
                constraint_accept(c, p, 1);
        assert_true(constraint_may_end(c) || constraint_allows(c, "1", 1));
        constraint_close(c);
    }
}

static void blanks_and_depth_are_bounded(void **state)
{
    (void)state;
    char text[200];
    memset(text, ' ', sizeof(text));
    struct constraint *c = open_schema("{}");
    constraint_accept(c, "[", 1);
    assert_true(constraint_allows(c, text, 12));
    assert_false(constraint_allows(c, text, 100));
    memset(text, '[', sizeof(text));
    assert_true(constraint_allows(c, text, 10));
    assert_false(constraint_allows(c, text, 100));
    memset(text, '9', sizeof(text));
    assert_false(constraint_allows(c, text, 100));
    constraint_close(c);
}

static void what_is_not_understood_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *says;
    } wrong[] = {
        {"{\"type\": \"strnig\"}", "schema type: "},
        {"{\"properties\": {\"a\": {\"pattern\": \"(?=x)\"}}}",
         "schema a.pattern"},
        {"{\"type\": \"object\", \"required\": [\"a\"]}", "required"},
        {"{\"type\": \"array\", \"minItems\": 2, \"maxItems\": 1}",
         "maxItems"},
        {"{\"type\": \"string\", \"minLength\": -1}", "minLength"},
        {"{\"properties\": [1]}", "properties"},
        {"{\"enum\": []}", "enum"},
        {"{\"enum\": {\"a\": 1}}", "enum"},
        {"{\"anyOf\": []}", "anyOf"},
        {"{\"required\": [\"a\"]}", "required"},
        {"{\"type\": []}", "type"},
        {"{\"type\": \"integer\", \"enum\": [1, \"x\"]}", "enum"},
        {"{\"minLength\": 2, \"const\": \"x\"}", "const"},
        {"{\"enum\": [1e999]}", "enum"},
        {"{\"const\": 1, \"enum\": [2]}", "const"},
        {"{\"properties\": {\"a\": {}, \"a\": {}}}", "schema a: "},
        {"{\"type\": \"null\", \"type\": \"boolean\"}", "schema type: "},
        {"{\"minItems\": 1, \"minLength\": 1}", "minLength"},
        {"{\"additionalProperties\": 1}", "additionalProperties"},
        {"[]", "schema"},
        {"{", "schema:1"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct constraint *c;
        struct err e = {0};
        assert_int_equal(constraint_open_schema(&c, wrong[i].schema,
                                                strlen(wrong[i].schema), &e),
                         -1);
        assert_int_equal(e.code, ERR_FORMAT);
        if (strstr(e.text, wrong[i].says) == NULL)
            fail_msg("%s: %s", wrong[i].schema, e.text);
    }
    struct buf deep;
    buf_init(&deep, 10000);
    for (int i = 0; i < 80; i++)
        buf_add_str(&deep, "{\"type\":\"array\",\"items\":");
    buf_add_str(&deep, "true");
    for (int i = 0; i < 80; i++)
        buf_add_char(&deep, '}');
    struct constraint *c;
    assert_int_equal(constraint_open_schema(&c, deep.data, deep.len, NULL),
                     -1);
    buf_free(&deep);
}

/* Follows random bytes that are allowed: the end is always JSON. */
static void random_walks_end_in_json(void **state)
{
    (void)state;
    const char *schema =
        "{\"properties\": {\"a\": {\"type\": [\"number\", \"null\"]},"
        " \"b\": {\"type\": \"array\", \"items\": {\"type\": \"string\","
        " \"maxLength\": 3}, \"maxItems\": 3}, \"c\": {\"type\": \"boolean\"},"
        " \"d\": true}, \"required\": [\"b\"]}";
    struct rng r;
    rng_init(&r, 31);
    int n_ended = 0;
    for (int round = 0; round < 400; round++) {
        struct constraint *c = open_schema(schema);
        struct buf text;
        buf_init(&text, 4000);
        while (!constraint_may_end(c) && text.len < 2000) {
            char byte = (char)rng_below(&r, 256);
            if (rng_below(&r, 3) > 0)
                byte = "{}[]\",: abcdtrueflsn01.-"[rng_below(&r, 24)];
            if (!constraint_allows(c, &byte, 1))
                continue;
            constraint_accept(c, &byte, 1);
            buf_add_char(&text, byte);
        }
        if (constraint_may_end(c)) {
            cJSON *tree = cJSON_ParseWithLength(text.data, text.len);
            if (tree == NULL)
                fail_msg("no JSON: %s", text.data);
            assert_true(cJSON_IsArray(json_get(tree, "b")));
            assert_true(cJSON_GetArraySize(json_get(tree, "b")) <= 3);
            cJSON_Delete(tree);
            n_ended++;
        }
        buf_free(&text);
        constraint_close(c);
    }
    assert_true(n_ended > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_types),
        cmocka_unit_test(limits_of_strings_and_arrays),
        cmocka_unit_test(choices),
        cmocka_unit_test(objects),
        cmocka_unit_test(no_key_is_passed_over),
        cmocka_unit_test(numbers_have_no_dead_end),
        cmocka_unit_test(blanks_and_depth_are_bounded),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(random_walks_end_in_json),
    };
    return TEST_RUN(tests);
}
