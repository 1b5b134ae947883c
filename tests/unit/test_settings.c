/* A setting is one row: set by its row alone, it is found everywhere. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "arena/config/config.h"
#include "backends/model.h"
#include "base/json.h"
#include "tui/command.h"

/* Sets the field of a row to some value within its range. */
static void set_by_row(const struct setting *s, struct model *m)
{
    void *field = setting_field(s, m);
    static char *words[] = {(char *)"w", NULL};
    static char *pairs[] = {(char *)"w", (char *)"v", NULL};
    const struct setting strings = {.type = SETTING_STRINGS};
    char **list = s->type == SETTING_PAIRS ? pairs : words;
    switch (s->type) {
    case SETTING_STRING:
    case SETTING_WORD:
        *(char **)field = strdup("w");
        break;
    case SETTING_STRINGS:
    case SETTING_PAIRS:
        setting_copy(&strings, field, &list);
        break;
    case SETTING_NUMBER:
        *(double *)field = s->max / 2;
        break;
    case SETTING_WHOLE:
        *(int *)field = (int)(s->max / 2);
        break;
    case SETTING_LONG:
        *(int64_t *)field = 77;
        break;
    case SETTING_BOOL:
        *(bool *)field = true;
        break;
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        *(int *)field = 1;
        break;
    case SETTING_BIAS:
        *(struct bias_list *)field = (struct bias_list){0};
        struct bias_list *l = field;
        l->v = calloc(1, sizeof(*l->v));
        l->v[0] = (struct bias){strdup("5"), 1};
        l->n = 1;
        break;
    case SETTING_LORA:
        *(struct lora_list *)field = (struct lora_list){
            calloc(1, sizeof(struct lora)), 1};
        ((struct lora_list *)field)->v[0] =
            (struct lora){strdup("a.gguf"), NULL, 1};
        break;
    case SETTING_OBJECT:
        *(char **)field = strdup("{\"a\":[1]}");
        break;
    case SETTING_OTHER:
        fail();
    }
}

/* A model on which every row is set would not be one of any backend; so one a
 * row, on a backend that knows it. */
static const char *backend_for(const struct setting *s)
{
    return s->fits == NULL || setting_has_word(s->fits, "local", 5) ? "local"
           : setting_has_word(s->fits, "remote", 6)         ? "ollama"
           : setting_has_word(s->fits, "openai", 6)         ? "openai"
           : setting_has_word(s->fits, "exec", 4)           ? "exec"
                                                           : s->fits;
}

static void check_identity(const struct setting *s, const struct model *m,
                           const struct model *bare)
{
    struct buf a, b, key;
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    buf_init(&key, 100);
    buf_addf(&key, "\"%s\":", s->key);
    model_describe(m, &a);
    model_describe(bare, &b);
    if (s->part == SETTING_ASIDE) {
        assert_string_equal(a.data, b.data);
    } else {
        assert_string_not_equal(a.data, b.data);
        assert_non_null(strstr(a.data, key.data));
    }
    buf_clear(&a);
    buf_clear(&b);
    model_list_settings(m, &a);
    model_list_settings(bare, &b);
    assert_int_equal(strcmp(a.data, b.data) != 0, s->part == SETTING_HOW);
    assert_int_equal(strstr(a.data, s->key) != NULL, s->part == SETTING_HOW);
    buf_free(&a);
    buf_free(&b);
    buf_free(&key);
}

static void test_model(void **state)
{
    (void)state;
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        struct model bare, m, copy;
        model_init(&bare);
        model_init(&m);
        bool defaults = strcmp(s->key, "weight") == 0;
        assert_int_equal(setting_is_set(s, &m), defaults);
        set_by_row(s, &m);
        m.own_url = true;
        assert_true(setting_is_set(s, &m));
        check_identity(s, &m, &bare);
        model_copy(&copy, &m);
        assert_true(setting_is_set(s, &copy));
        model_free(&m);
        assert_int_equal(setting_is_set(s, &m), defaults);
        check_identity(s, &copy, &bare); /* owns what it has */
        model_free(&copy);
    }
}

static void add_config(const struct setting *s, const struct model *m,
                       struct buf *out)
{
    const char *backend = backend_for(s);
    const char *needs = strcmp(backend, "local") == 0    ? "file"
                        : strcmp(backend, "ollama") == 0 ||
                                  strcmp(backend, "openai") == 0
                              ? "id"
                                                         : NULL;
    buf_add_str(out, "{\"models\":[{");
    if (strcmp(s->key, "name") != 0)
        buf_add_str(out, "\"name\":\"n\",");
    if (strcmp(s->key, "backend") != 0)
        buf_addf(out, "\"backend\":\"%s\",", backend);
    if (needs != NULL && strcmp(s->key, needs) != 0)
        buf_addf(out, "\"%s\":\"f\",", needs);
    if (strcmp(backend, "exec") == 0 && strcmp(s->key, "command") != 0)
        buf_add_str(out, "\"command\":[\"f\"],");
    bool is_judge = strcmp(s->key, "best_judge") == 0; /* a model of the file */
    if (is_judge)
        buf_add_str(out, "\"best_of\":2,");
    buf_addf(out, "\"%s\":", s->key);
    if (is_judge)
        buf_add_str(out, "\"n\"");
    else if (strcmp(s->key, "backend") == 0)
        buf_add_str(out, "\"local\"");
    else if (strcmp(s->key, "base_url") == 0)
        buf_add_str(out, "\"http://127.0.0.1:1/v1\"");
    else
        setting_add_json(s, m, out);
    buf_add_str(out, "}]}");
}

/* Every row is a key of arena.json, and stands in the schema with its help. */
static void test_config(void **state)
{
    (void)state;
    struct buf schema, text, key;
    buf_init(&schema, 1 << 20);
    buf_init(&text, 4096);
    buf_init(&key, 4096);
    config_schema(&schema);
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        struct model m;
        struct config c;
        struct err e = {.text = ""};
        model_init(&m);
        set_by_row(s, &m);
        buf_clear(&key);
        buf_addf(&key, "\"%s\": {", s->key);
        assert_non_null(strstr(schema.data, key.data));
        buf_clear(&key);
        json_add_string(&key, s->help, strlen(s->help));
        assert_non_null(strstr(schema.data, key.data));
        buf_clear(&text);
        add_config(s, &m, &text);
        if (config_parse(&c, text.data, text.len, "c", false, &e) != 0)
            fail_msg("%s", e.text);
        assert_true(setting_is_set(s, &c.models[0]));
        config_free(&c);
        model_free(&m);
    }
    buf_free(&schema);
    buf_free(&text);
    buf_free(&key);
}

#define NO_NAME(...)
#define FLAG_NAME(flag_, ...) flag_,

/* Every row with an option is one of `generate`, with the row's help. */
static void test_options(void **state)
{
    (void)state;
    static const char *const flags[] = {MODEL_SETTINGS(NO_NAME, FLAG_NAME)};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        const struct option_spec *o = command_generate.options;
        while (o->name != NULL && strcmp(o->name, flags[i]) != 0)
            o++;
        assert_non_null(o->name);
        size_t n = 0;
        for (size_t k = 0; k < model_settings.n; k++)
            n += strcmp(model_settings.rows[k].help, o->help) == 0;
        assert_int_equal(n, 1);
    }
}

/* Databases hold these lines: they are what earlier versions wrote. */
static void test_old_identities(void **state)
{
    (void)state;
    static const char text[] =
        "{\"models\":[{\"name\":\"l\",\"backend\":\"local\",\"file\":\"x/w\","
        "\"tokenizer\":\"x/t.bin\",\"template\":\"chatml\",\"raw\":true,"
        "\"system\":\"S \\\"q\\\"\",\"temperature\":0.7,\"top_p\":0.9,"
        "\"min_p\":0.05,\"typical_p\":0.5,\"top_k\":1000000,"
        "\"repeat_penalty\":1.1,\"repeat_last_n\":0,"
        "\"frequency_penalty\":-0.1,\"presence_penalty\":0.2,"
        "\"dry_multiplier\":0.8,\"dry_base\":1.75,\"dry_allowed_length\":2,"
        "\"mirostat_tau\":5,\"mirostat_eta\":0.1,"
        "\"logit_bias\":{\" the\":-100,\"7\":2.5},\"max_tokens\":9,"
        "\"context\":4096,\"think\":false,\"seed\":9007199254740991},"
        "{\"name\":\"r\",\"backend\":\"openai\",\"id\":\"m\","
        "\"base_url\":\"http://127.0.0.1:9/v1/\",\"key_env\":\"K\","
        "\"think\":true,\"seed\":1000000000000000},"
        "{\"name\":\"p\",\"backend\":\"replay\",\"script\":\"y/s.txt\"}]}";
    static const char *const lines[] = {
        "{\"backend\":\"local\",\"file\":\"x/w\",\"tokenizer\":\"t.bin\","
        "\"template\":\"chatml\",\"raw\":1,\"system\":\"S \\\"q\\\"\","
        "\"temperature\":0.7,\"top_p\":0.9,\"min_p\":0.05,\"typical_p\":0.5,"
        "\"top_k\":1000000,\"repeat_penalty\":1.1,\"repeat_last_n\":0,"
        "\"frequency_penalty\":-0.1,\"presence_penalty\":0.2,"
        "\"dry_multiplier\":0.8,\"dry_base\":1.75,\"dry_allowed_length\":2,"
        "\"mirostat_tau\":5,\"mirostat_eta\":0.1,"
        "\"logit_bias\":{\" the\":-100,\"7\":2.5},\"max_tokens\":9,"
        "\"context\":4096,\"think\":0,\"seed\":9007199254740991}",
        "{\"backend\":\"openai\",\"id\":\"m\","
        "\"base_url\":\"http://127.0.0.1:9/v1\",\"think\":1,\"seed\":1e+15}",
        "{\"backend\":\"replay\",\"script\":\"s.txt\"}",
    };
    struct config c;
    struct buf line;
    buf_init(&line, 4096);
    assert_int_equal(config_parse(&c, text, sizeof(text) - 1, "c", false,
                                  NULL), 0);
    for (size_t i = 0; i < c.n_models; i++) {
        buf_clear(&line);
        model_describe(&c.models[i], &line);
        assert_string_equal(line.data, lines[i]);
    }
    config_free(&c);
    buf_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_old_identities),
    };
    return TEST_RUN(tests);
}
