/* What generated schemas (Pydantic, Zod, OpenAPI) hold beside the plain types:
 * references, alternatives, limits of numbers, patterns, characters. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "backends/engine/sampling/pattern.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "fits.h"

static void assert_refused(const char *schema, const char *says)
{
    struct constraint *c;
    struct err e = {0};
    if (constraint_open_schema(&c, schema, strlen(schema), &e) == 0)
        fail_msg("%s is taken", schema);
    assert_int_equal(e.code, ERR_FORMAT);
    if (strstr(e.text, says) == NULL)
        fail_msg("no \"%s\" in: %s", says, e.text);
}

/* --- characters -------------------------------------------------------- */

static void characters_are_counted(void **state)
{
    (void)state;
    const char *two = "{\"type\":\"string\",\"minLength\":2,\"maxLength\":2}";
    assert_fit(two,
               TEXTS("\"ab\"", "\"\\u00e9b\"", "\"\\ud83d\\ude00b\"",
                     "\"\xF0\x9F\x98\x80\xC3\xA9\"", "\"\\n\\\\\""),
               TEXTS("\"a\"", "\"abc\"", "\"\\ud83d\\ude00\"",
                     "\"\\ud83d\\ude00bc\"", "\"\xF0\x9F\x98\x80\""));
    const char *any = "{\"type\":\"string\"}";
    assert_fit(any,
               TEXTS("\"\\uD800\\uDC00\"", "\"\\uFFFF\"", "\"\\ud7ff\"",
                     "\"\\ue000\"", "\"\xED\x9F\xBF\"", "\"\xF4\x8F\xBF\xBF\"",
                     "\"\xE0\xA0\x80\""),
               TEXTS("\"\\ud800\"", "\"\\udc00\"", "\"\\ud800a\"",
                     "\"\\ud800\\n\"", "\"\\ud800\\u0041\"",
                     "\"\\uDc00\\ud800\"", "\"\xED\xA0\x80\"",
                     "\"\xF4\x90\x80\x80\"", "\"\xE0\x80\x80\"",
                     "\"\xF0\x80\x80\x80\"", "\"\xC0\x80\"", "\"\xC3\""));
}

static void literals_stand_as_they_are(void **state)
{
    (void)state;
    assert_fit("{\"const\": 9007199254740993}", TEXTS("9007199254740993"),
               TEXTS("9007199254740992", "9.007199254740993e+15"));
    assert_fit("{\"enum\": [1000000000000000000000, 123456789012345678, 100,"
               " 1.50, -0, \"\\u00e9\\n/\"]}",
               TEXTS("1000000000000000000000", "123456789012345678", "100",
                     "1.50", "-0", "\"\xC3\xA9\\n/\""),
               TEXTS("1e+21", "123456789012345680", "1e2", "1.5"));
    assert_fit("{\"enum\": [{\"a\": [12345678901234567890, null]}] // 5\n}",
               TEXTS("{\"a\":[12345678901234567890,null]}"), TEXTS("{}"));
    assert_fit("{\"type\": \"integer\", \"const\": 1000000000000000000000}",
               TEXTS("1000000000000000000000"), TEXTS("1e+21"));
    assert_refused("{\"type\": \"string\", \"const\": 10000000000000000}",
                   "const");
    assert_refused("{\"const\": \"a\\u0000b\"}", "\\u0000");
    assert_refused("{\"properties\": {\"a\\u0000b\": {}}}", "\\u0000");
    assert_fit("{\"const\": \"a\\\\u0000\"}", TEXTS("\"a\\\\u0000\""),
               TEXTS("\"a\""));
}

/* --- numbers ----------------------------------------------------------- */

static void numbers_have_limits(void **state)
{
    (void)state;
    assert_fit("{\"type\":\"integer\",\"minimum\":1,\"maximum\":10}",
               TEXTS("1", "9", "10"), TEXTS("0", "11", "-1", "100", "2.0"));
    assert_fit("{\"type\":\"integer\",\"minimum\":-25,\"exclusiveMaximum\":7}",
               TEXTS("-25", "-3", "0", "6"), TEXTS("-26", "7", "-250", "60"));
    assert_fit("{\"type\":\"integer\",\"minimum\":0}",
               TEXTS("0", "12345678901234567890"), TEXTS("-1", "-0", "01"));
    assert_fit("{\"type\":\"integer\",\"minimum\":-9007199254740991,"
               "\"maximum\":9007199254740991}",
               TEXTS("9007199254740991", "-9007199254740991", "0"),
               TEXTS("9007199254740992", "90071992547409910"));
    assert_fit("{\"type\":\"number\",\"minimum\":0,\"maximum\":1}",
               TEXTS("0", "1", "0.5", "1.0", "0.000000000000001"),
               TEXTS("1.1", "-0.5", "2", "1e0", "0.0000000000000001"));
    assert_fit("{\"type\":\"number\",\"exclusiveMinimum\":0,"
               "\"exclusiveMaximum\":0.25}",
               TEXTS("0.1", "0.249", "0.20"), TEXTS("0", "0.0", "0.25", "0.3"));
    assert_fit("{\"type\":\"number\",\"minimum\":1.5e2,\"maximum\":2E+2}",
               TEXTS("150", "199.9", "200"), TEXTS("149", "201", "15"));
    assert_fit("{\"type\":\"integer\",\"multipleOf\":7,\"maximum\":100}",
               TEXTS("0", "7", "98", "-14", "-7000"),
               TEXTS("1", "105", "8", "-1"));
    assert_fit("{\"type\":\"number\",\"multipleOf\":0.01,\"minimum\":0,"
               "\"maximum\":9}", TEXTS("1.25", "0.01", "3", "3.50"),
               TEXTS("1.255", "9.01"));
    assert_fit("{\"minimum\":3,\"exclusiveMinimum\":true,\"maximum\":5,"
               "\"type\":\"integer\"}", TEXTS("4", "5"), TEXTS("3", "6"));
    assert_refused("{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}",
                   "no number");
    assert_refused("{\"type\":\"integer\",\"minimum\":1.2,\"maximum\":1.8}",
                   "no number");
    assert_refused("{\"type\":\"integer\",\"minimum\":\"1\"}", "minimum");
    assert_refused("{\"type\":\"integer\",\"multipleOf\":0.5}", "multipleOf");
}

/* --- references and alternatives --------------------------------------- */

static void references_are_followed(void **state)
{
    (void)state;
    assert_fit("{\"$defs\":{\"P\":{\"type\":\"object\",\"properties\":"
               "{\"x\":{\"type\":\"integer\"}},\"required\":[\"x\"]}},"
               "\"properties\":{\"a\":{\"$ref\":\"#/$defs/P\","
               "\"description\":\"a place\"},\"b\":{\"$ref\":\"#/$defs/P\"}},"
               "\"required\":[\"a\"]}",
               TEXTS("{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1},\"b\":{\"x\":2}}"),
               TEXTS("{\"a\":{}}", "{\"a\":1}", "{}"));
    const char *tree =
        "{\"$ref\":\"#/definitions/Node\",\"definitions\":{\"Node\":{"
        "\"properties\":{\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":["
        "{\"$ref\":\"#/definitions/Node\"},{\"type\":\"null\"}]}},"
        "\"required\":[\"v\",\"next\"]}}}";
    assert_fit(tree,
               TEXTS("{\"v\":1,\"next\":null}",
                     "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}"),
               TEXTS("{\"v\":1}", "{\"v\":1,\"next\":{}}"));
    assert_fit("{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}",
               TEXTS("[]", "[[],[[]]]"), TEXTS("[1]", "{}"));
    assert_fit("{\"properties\":{\"a/b~c\":{\"type\":\"null\"},\"d\":"
               "{\"$ref\":\"#/properties/a~1b~0c\"}}}",
               TEXTS("{\"d\":null}"), TEXTS("{\"d\":1}"));
    assert_fit("{\"$defs\":{\"P\":{\"type\":\"string\"}},"
               "\"$ref\":\"#/$defs/P\",\"maxLength\":2}",
               TEXTS("\"ab\""), TEXTS("\"abc\"", "1"));
    assert_fit("{\"$id\":\"https://a.example/b.json\",\"$defs\":{\"x\":{\"$id\":"
               "\"X\",\"$anchor\":\"y\",\"type\":\"null\"}},\"prefixItems\":["
               "{\"$ref\":\"X\"},{\"$ref\":\"#y\"},{\"$ref\":\"b.json#/$defs/x\"},"
               "{\"$ref\":\"https://a.example/b.json#/$defs/x\"}]}",
               TEXTS("[null,null,null,null]"),
               TEXTS("[1]", "[null,1]", "[null,null,1]", "[null,null,null,1]"));
    assert_fit("{\"definitions\":{\"x\":{\"$id\":\"#y\",\"type\":\"null\"}},"
               "\"$ref\":\"#y\"}", TEXTS("null"), TEXTS("1"));
    assert_refused("{\"$ref\":\"#/$defs/none\"}", "$ref");
    assert_refused("{\"$id\":\"a\",\"$ref\":\"b#\"}", "$ref");
    assert_refused("{\"$ref\":\"http://example.com/x\"}", "$ref");
    assert_refused("{\"$ref\":\"#\"}", "schema");
    assert_refused("{\"properties\":{\"a\":{\"$ref\":\"#\"}},"
                   "\"required\":[\"a\"]}", "within each other");
    assert_refused("{\"allOf\":[{\"$ref\":\"#\"}]}", "schema");
}

static void alternatives_are_followed_side_by_side(void **state)
{
    (void)state;
    assert_fit("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}",
               TEXTS("1", "null"), TEXTS("\"1\"", "1.5"));
    /* Both begin alike. */
    const char *shapes =
        "{\"anyOf\":[{\"properties\":{\"kind\":{\"const\":\"circle\"},"
        "\"r\":{\"type\":\"number\"}},\"required\":[\"kind\",\"r\"]},"
        "{\"properties\":{\"kind\":{\"const\":\"square\"},\"side\":"
        "{\"type\":\"integer\"}},\"required\":[\"kind\",\"side\"]}]}";
    assert_fit(shapes,
               TEXTS("{\"kind\":\"circle\",\"r\":1.5}",
                     "{ \"kind\": \"square\", \"side\": 2 }"),
               TEXTS("{\"kind\":\"circle\",\"side\":1}",
                     "{\"kind\":\"square\",\"r\":1}", "{\"kind\":\"c\"}"));
    assert_fit("{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":"
               "\"integer\"},{\"type\":\"number\",\"minimum\":0}]}}",
               TEXTS("[-1,2.5,3]", "[]"), TEXTS("[-1.5]"));
    assert_fit("{\"anyOf\":[{\"type\":\"string\",\"maxLength\":1},"
               "{\"type\":\"string\",\"minLength\":3}]}",
               TEXTS("\"a\"", "\"\"", "\"abc\""), TEXTS("\"ab\""));
    assert_fit("{\"type\":[\"integer\",\"number\"]}", TEXTS("1", "1.5"),
               TEXTS("\"a\""));
    assert_fit("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
               "\"integer\"}},\"anyOf\":[{\"required\":[\"a\"]}]}",
               TEXTS("{\"a\":1}"), TEXTS("{}"));
    assert_fit("{\"type\":\"string\",\"nullable\":true}",
               TEXTS("null", "\"a\""), TEXTS("1"));
    assert_fit("{\"type\":\"string\",\"nullable\":true,\"enum\":[\"a\",null]}",
               TEXTS("null", "\"a\""), TEXTS("\"b\""));
    /* Dozens of items, each of which may be two things. */
    struct buf many;
    buf_init(&many, 10000);
    buf_add_str(&many, "[1");
    for (int i = 0; i < 60; i++)
        buf_add_str(&many, ",1");
    buf_add_str(&many, "]");
    assert_true(fits("{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":"
                     "\"integer\"},{\"type\":\"number\"}]}}", many.data));
    buf_free(&many);
}

static void one_of_needs_a_difference(void **state)
{
    (void)state;
    assert_fit("{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
               TEXTS("\"a\"", "1"), TEXTS("null"));
    assert_fit("{\"oneOf\":[{\"properties\":{\"t\":{\"const\":\"a\"}},"
               "\"required\":[\"t\"]},{\"properties\":{\"t\":{\"const\":"
               "\"b\"}},\"required\":[\"t\"]}],\"discriminator\":"
               "{\"propertyName\":\"t\"}}",
               TEXTS("{\"t\":\"a\"}", "{\"t\":\"b\"}"), TEXTS("{}"));
    assert_refused("{\"oneOf\":[{\"type\":\"number\"},{\"type\":"
                   "\"integer\"}]}", "oneOf");
    assert_refused("{\"oneOf\":[{\"enum\":[1,2]},{\"enum\":[2,3]}]}",
                   "oneOf");
}

static void all_of_holds_together(void **state)
{
    (void)state;
    assert_fit("{\"$defs\":{\"A\":{\"properties\":{\"a\":{\"type\":"
               "\"integer\"}},\"required\":[\"a\"]}},\"allOf\":[{\"$ref\":"
               "\"#/$defs/A\"},{\"properties\":{\"b\":{\"type\":\"null\"}},"
               "\"required\":[\"b\"]}]}",
               TEXTS("{\"a\":1,\"b\":null}"),
               TEXTS("{\"a\":1}", "{\"b\":null}", "{}"));
    assert_fit("{\"allOf\":[{\"type\":\"integer\",\"minimum\":3},"
               "{\"minimum\":5,\"maximum\":9}]}",
               TEXTS("5", "9"), TEXTS("3", "10"));
    assert_fit("{\"allOf\":[{\"type\":[\"number\",\"null\"]},{\"type\":"
               "[\"null\",\"integer\",\"string\"]}]}",
               TEXTS("1", "null"), TEXTS("1.5", "\"a\""));
    assert_fit("{\"allOf\":[{\"enum\":[1,2,\"a\"]},{\"enum\":[\"a\",2,3]}]}",
               TEXTS("2", "\"a\""), TEXTS("1", "3"));
    /* Zod: startsWith and endsWith */
    assert_fit("{\"type\":\"string\",\"allOf\":[{\"pattern\":\"^ab\"},"
               "{\"pattern\":\"z$\"},{\"pattern\":\"1\"}],\"maxLength\":5}",
               TEXTS("\"ab1z\"", "\"ab1-z\""),
               TEXTS("\"abz\"", "\"ab1\"", "\"1z\"", "\"ab1--z\""));
    assert_refused("{\"allOf\":[{\"type\":\"integer\"},{\"type\":"
                   "\"string\"}]}", "type");
    assert_refused("{\"allOf\":[{\"enum\":[1]},{\"enum\":[2]}]}", "enum");
    assert_refused("{\"allOf\":[{\"pattern\":\"^a\"},{\"pattern\":\"^b\"}]}",
                   "pattern");
    assert_refused("{\"allOf\":[{\"pattern\":\"^a\"},{\"pattern\":\"[b\"}]}",
                   "pattern"); /* the good one was lost, says ASan */
}

/* A part that closes its object does so against the others' properties. */
static void a_closed_part_takes_no_properties_of_others(void **state)
{
    (void)state;
#define CLOSED                                                                 \
    "{\"properties\":{\"a\":{\"type\":\"null\"}},\"additionalProperties\":"    \
    "false}"
    assert_fit("{\"allOf\":[" CLOSED ",{\"properties\":{\"b\":{}}}]}",
               TEXTS("{\"a\":null}", "{}"), TEXTS("{\"a\":null,\"b\":1}"));
    assert_fit("{\"$defs\":{\"A\":" CLOSED "},\"$ref\":\"#/$defs/A\","
               "\"properties\":{\"b\":{}}}",
               TEXTS("{\"a\":null}"), TEXTS("{\"b\":1}"));
    assert_fit("{\"properties\":{\"a\":{}},\"anyOf\":[{\"properties\":{\"b\":"
               "{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":"
               "\"null\"}}]}",
               TEXTS("{\"b\":1,\"a\":null}", "{}"), TEXTS("{\"b\":1,\"a\":1}"));
    assert_refused("{\"allOf\":[" CLOSED ",{\"properties\":{\"b\":{}},"
                   "\"required\":[\"b\"]}]}", "additionalProperties");
}

/* --- arrays and objects ------------------------------------------------ */

static void tuples_and_maps(void **state)
{
    (void)state;
    assert_fit("{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},"
               "{\"type\":\"string\"}],\"minItems\":2,\"maxItems\":2}",
               TEXTS("[1,\"a\"]"), TEXTS("[1]", "[1,2]", "[1,\"a\",2]"));
    assert_fit("{\"type\":\"array\",\"items\":[{\"type\":\"null\"}]}",
               TEXTS("[]", "[null]", "[null,1,{}]"), TEXTS("[1]"));
    assert_fit("{\"prefixItems\":[{\"type\":\"null\"}],\"items\":false}",
               TEXTS("[]", "[null]"), TEXTS("[null,1]"));
    assert_fit("{\"type\":\"object\",\"propertyNames\":{\"enum\":[\"a\","
               "\"b\"]},\"additionalProperties\":{\"type\":\"integer\"},"
               "\"minProperties\":1,\"maxProperties\":2}",
               TEXTS("{\"a\":1}", "{\"b\":1,\"a\":2}"),
               TEXTS("{}", "{\"c\":1}", "{\"a\":\"1\"}",
                     "{\"a\":1,\"b\":2,\"a\":3}"));
    assert_fit("{\"type\":\"object\",\"patternProperties\":{\"^[a-z]+$\":"
               "{\"type\":\"null\"}},\"additionalProperties\":false}",
               TEXTS("{\"ab\":null}", "{}"), TEXTS("{\"A\":null}",
                                                   "{\"a\":1}"));
    assert_fit("{\"type\":\"object\",\"properties\":{\"when\":{\"type\":"
               "\"string\",\"format\":\"date-time\",\"title\":\"When\","
               "\"default\":null,\"examples\":[1],\"deprecated\":true,"
               "\"x-order\":1}},\"$comment\":\"c\",\"readOnly\":false}",
               TEXTS("{\"when\":\"now\"}"), TEXTS("{\"when\":1}"));
    assert_fit("{\"items\":[{\"type\":\"null\"}],\"additionalItems\":{\"type\":"
               "\"integer\"}}", TEXTS("[]", "[null]", "[null,1,2]"),
               TEXTS("[1]", "[null,null]"));
    assert_fit("{\"items\":[{\"type\":\"null\"}],\"additionalItems\":false}",
               TEXTS("[]", "[null]"), TEXTS("[null,1]"));
    /* Pydantic's dict[Color, int] */
    assert_fit("{\"$defs\":{\"C\":{\"enum\":[\"a\",\"b\"]}},\"propertyNames\":"
               "{\"$ref\":\"#/$defs/C\"},\"additionalProperties\":{\"type\":"
               "\"integer\"}}",
               TEXTS("{\"a\":1}", "{}"), TEXTS("{\"c\":1}"));
    assert_fit("{\"type\":\"object\",\"unevaluatedProperties\":false}",
               TEXTS("{}"), TEXTS("{\"a\":1}"));
    assert_refused("{\"properties\":{\"A\":{}},\"propertyNames\":{\"pattern\":"
                   "\"^[a-z]+$\"}}", "propertyNames");
    assert_refused("{\"type\":\"array\",\"uniqueItems\":true}",
                   "uniqueItems");
    assert_refused("{\"not\":{\"type\":\"null\"}}", "not");
    assert_refused("{\"if\":{}}", "if");
}

/* Zod writes what is never there as {"not": {}}, others as false. */
static void what_is_never_there_is_not_written(void **state)
{
    (void)state;
    assert_fit("{\"properties\":{\"a\":{\"type\":\"null\"},\"b\":{\"not\":{}},"
               "\"c\":false},\"required\":[\"a\"]}",
               TEXTS("{\"a\":null}"), TEXTS("{\"a\":null,\"b\":1}",
                                          "{\"a\":null,\"c\":1}"));
    assert_fit("{\"anyOf\":[{\"not\":{}},{\"type\":\"string\"}],"
               "\"description\":\"d\",\"maxLength\":1}",
               TEXTS("\"a\""), TEXTS("1", "\"ab\""));
    assert_fit("{\"type\":\"array\",\"items\":{\"not\":{}}}", TEXTS("[]"),
               TEXTS("[1]"));
    assert_fit("{\"type\":\"object\",\"additionalProperties\":{\"not\":{}}}",
               TEXTS("{}"), TEXTS("{\"a\":1}"));
    assert_refused("false", "no answer");
    assert_refused("{\"properties\":{\"a\":false},\"required\":[\"a\"]}",
                   "no answer");
    assert_refused("{\"allOf\":[{\"type\":\"null\"},false]}", "no answer");
}

/* What OpenAI's and Anthropic's servers take around a schema. */
static void the_schema_within_a_request_is_found(void **state)
{
    (void)state;
#define INNER                                                                  \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/N\"}}," \
    "\"$defs\":{\"N\":{\"type\":\"null\"}}}"
    static const char *const around[] = {
        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"m\",\"strict\":"
        "true,\"schema\":" INNER "}}",
        "{\"type\":\"json_schema\",\"name\":\"m\",\"schema\":" INNER "}",
        "{\"name\":\"m\",\"strict\":true,\"schema\":" INNER "}",
        "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
        INNER "}}",
        "{\"name\":\"f\",\"description\":\"d\",\"parameters\":" INNER "}",
        "{\"name\":\"f\",\"input_schema\":" INNER "}",
    };
    for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++)
        assert_fit(around[i], TEXTS("{\"a\":null}"), TEXTS("{\"a\":1}"));
    assert_fit("{\"properties\":{\"name\":{},\"schema\":{\"type\":\"null\"}}}",
               TEXTS("{\"name\":1,\"schema\":null}"), TEXTS("1"));
    assert_refused("{\"name\":\"f\",\"schema\":1}", "name");
}

/* --- patterns ---------------------------------------------------------- */

/* Whether a text, read character by character, matches. */
static bool matches(const char *pattern, const char *text)
{
    const char *why;
    struct pattern *p = pattern_open(pattern, &why);
    if (p == NULL)
        fail_msg("%s: %s", pattern, why);
    uint16_t state = PATTERN_START;
    size_t n = strlen(text);
    for (size_t at = 0; at < n && state != PATTERN_DEAD;) {
        uint32_t cp;
        at += utf8_decode(text + at, n - at, &cp);
        state = pattern_next(p, state, cp);
    }
    bool ends = state != PATTERN_DEAD && pattern_ends(p, state);
    pattern_close(p);
    return ends;
}

static void patterns_match_as_ecma_says(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *good[4], *bad[4];
    } cases[] = {
        {"^\\d{3}-\\d{4}$", {"555-1234"}, {"555-123", "5555-1234", "a"}},
        {"^[A-Z]{2}$", {"AB"}, {"A", "ABC", "ab"}},
        {"b", {"abc", "b"}, {"", "ac"}},
        {"^a|b$", {"ax", "xb", "a"}, {"xa", "bx", ""}},
        {"^(a|bc)*?d+$", {"d", "abcadd"}, {"", "abd", "abc"}},
        {"^[^\\s@]+@[^\\s@]+\\.[a-z]{2,}$", {"a.b@c.de"},
         {"a@b", "a b@c.de", "@c.de"}},
        {"^(?:\\+|-)?[0-9]{1,3}(?:,[0-9]{3})*$", {"1,234", "-12", "+1"},
         {"1234", ",1", "1,23"}},
        {"^\\u00e9\\x41\\/\\.$", {"\xC3\xA9" "A/."}, {"eA/."}},
        {"^[\\w-]+$", {"a-b_9"}, {"", "a b"}},
        {"^.$", {"x", "\xF0\x9F\x98\x80"}, {"", "xy", "\n"}},
        {"^a{0,2}$", {"", "a", "aa"}, {"aaa"}},
        {"^a{2,}$", {"aa", "aaaaa"}, {"a"}},
        {"^$", {""}, {"a"}},
        {"^[^a]$", {"b", "\xC3\xA9"}, {"a", ""}},
        {"^x{y}$", {"x{y}"}, {"x"}},
        {"(?<year>\\d{4})-", {"in 2026-01"}, {"2026"}},
        {"^\\D\\W\\S$", {"a-b"}, {"1-b", "aab", "a- "}},
        {"^[\\]\\-]$", {"]", "-"}, {"\\"}},
        /* Pydantic's Decimal, Zod's email, a usual rule for passwords */
        {"^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$", {"-1.50", ".5", "007"},
         {"", "-", "+.", "1.2.3"}},
        {"^(?!\\.)(?!.*\\.\\.)([\\w'+\\-\\.]*)[\\w+-]@([A-Za-z0-9][A-Za-z0-9"
         "\\-]*\\.)+[A-Za-z]{2,}$", {"a.b@c.de", "a@b-c.d.org"},
         {".a@c.de", "a..b@c.de", "a@c", "a.@c.de"}},
        {"^(?=.*[A-Z])(?=.*\\d).{4,}$", {"abC1", "1Cab"},
         {"abc1", "abCd", "aC1"}},
        {"^(?=a|b$)", {"ax", "b", "a"}, {"bx", "xa"}},
        {"^(?=[)\\]]\\))", {"))x", "])"}, {")", "a)"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        for (int k = 0; k < 4; k++) {
            if (cases[i].good[k] && !matches(cases[i].pattern,
                                             cases[i].good[k]))
                fail_msg("%s refuses %s", cases[i].pattern, cases[i].good[k]);
            if (cases[i].bad[k] && matches(cases[i].pattern, cases[i].bad[k]))
                fail_msg("%s takes %s", cases[i].pattern, cases[i].bad[k]);
        }
    static const char *const wrong[] = {
        "(", ")", "[", "a**b(", "*", "\\", "\\b", "\\p{L}", "(?=a)", "(?i)a",
        "^(?=a)b|c", "^(?=a)*", "^(?=a", "^a(?=b)", "^(?:(?=a))", "^(?<=a)",
        "\\1", "[z-a]", "a{3,2}", "a{2000}", "(a{900}){900}", "\\u12",
        "[a-\\d]",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        const char *why = NULL;
        struct pattern *p = pattern_open(wrong[i], &why);
        if (p != NULL)
            fail_msg("%s is taken", wrong[i]);
        assert_non_null(why);
    }
}

static void strings_follow_patterns(void **state)
{
    (void)state;
    assert_fit("{\"type\":\"string\",\"pattern\":\"^[a-z]{2,4}$\","
               "\"maxLength\":3}",
               TEXTS("\"ab\"", "\"abc\""), TEXTS("\"a\"", "\"abcd\"", "\"A\""));
    assert_fit("{\"type\":\"string\",\"pattern\":\"^(ab)*$\",\"minLength\":3,"
               "\"maxLength\":5}",
               TEXTS("\"abab\""), TEXTS("\"ab\"", "\"ababab\"", "\"aba\""));
    assert_fit("{\"pattern\":\"^[\\\"\\n\xC3\xA9]+$\"}",
               TEXTS("\"\\\"\\n\xC3\xA9\""),
               TEXTS("\"\xC3\xA8\"", "\"\\u00e9\"", "\"\\t\""));
    /* The lead byte of a character that may not come is not allowed either. */
    struct constraint *c = open_schema("{\"pattern\":\"^[a-z]+$\"}");
    constraint_accept(c, "\"", 1);
    assert_false(constraint_allows(c, "\xC3", 1));
    assert_false(constraint_allows(c, "\\", 1));
    assert_true(constraint_allows(c, "q", 1));
    constraint_close(c);
    assert_refused("{\"type\":\"string\",\"pattern\":\"^abc$\","
                   "\"maxLength\":2}", "no text of this length");
    assert_refused("{\"type\":\"string\",\"pattern\":\"^\\\\u0001$\"}",
                   "no text");
    assert_refused("{\"type\":\"string\",\"pattern\":7}", "pattern");
}

/* --- no dead ends ------------------------------------------------------ */

/* From wherever an answer has come, some byte may follow or it may end. */
static void answers_never_get_stuck(void **state)
{
    (void)state;
    static const char *const schemas[] = {
        "{\"type\":\"integer\",\"minimum\":-1234,\"maximum\":99,"
        "\"multipleOf\":13}",
        "{\"type\":\"number\",\"minimum\":-0.037,\"exclusiveMaximum\":12.5}",
        "{\"type\":\"string\",\"pattern\":\"^(\\\\d{2}|[a-f]+z)-?$\","
        "\"minLength\":3,\"maxLength\":9}",
        "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},\"maxItems\":3}",
        "{\"$defs\":{\"T\":{\"properties\":{\"l\":{\"anyOf\":[{\"$ref\":"
        "\"#/$defs/T\"},{\"type\":\"null\"}]},\"m\":{\"type\":\"object\","
        "\"additionalProperties\":{\"$ref\":\"#/$defs/T\"},\"maxProperties\":2"
        "}},\"required\":[\"l\"]}},\"$ref\":\"#/$defs/T\"}",
        "{\"type\":\"string\",\"maxLength\":4}",
        "{\"prefixItems\":[{\"enum\":[1,12,\"a\",\"ab\"]},{\"type\":[\"null\","
        "\"boolean\"]}],\"minItems\":1,\"maxItems\":5}",
    };
    struct rng r;
    rng_init(&r, 7);
    for (size_t i = 0; i < 300 * (sizeof(schemas) / sizeof(*schemas)); i++) {
        const char *schema = schemas[i % (sizeof(schemas) / sizeof(*schemas))];
        struct constraint *c = open_schema(schema);
        struct buf text;
        buf_init(&text, 4000);
        while (text.len < 300 && !constraint_must_end(c)) {
            char may[256];
            size_t n = 0;
            for (int b = 0; b < 256; b++) {
                may[n] = (char)b;
                n += constraint_allows(c, &may[n], 1);
            }
            if (constraint_may_end(c) && (n == 0 || rng_below(&r, 4) == 0))
                break;
            if (n == 0)
                fail_msg("%s is stuck behind %s", schema, text.data);
            char byte = may[rng_below(&r, n)];
            constraint_accept(c, &byte, 1);
            buf_add_char(&text, byte);
        }
        if (constraint_may_end(c)) {
            assert_true(utf8_valid(text.data, text.len));
            cJSON *tree = cJSON_ParseWithLength(text.data, text.len);
            if (tree == NULL)
                fail_msg("no JSON: %s", text.data);
            cJSON_Delete(tree);
        }
        buf_free(&text);
        constraint_close(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_counted),
        cmocka_unit_test(literals_stand_as_they_are),
        cmocka_unit_test(numbers_have_limits),
        cmocka_unit_test(references_are_followed),
        cmocka_unit_test(alternatives_are_followed_side_by_side),
        cmocka_unit_test(one_of_needs_a_difference),
        cmocka_unit_test(all_of_holds_together),
        cmocka_unit_test(a_closed_part_takes_no_properties_of_others),
        cmocka_unit_test(what_is_never_there_is_not_written),
        cmocka_unit_test(the_schema_within_a_request_is_found),
        cmocka_unit_test(tuples_and_maps),
        cmocka_unit_test(patterns_match_as_ecma_says),
        cmocka_unit_test(strings_follow_patterns),
        cmocka_unit_test(answers_never_get_stuck),
    };
    return TEST_RUN(tests);
}
