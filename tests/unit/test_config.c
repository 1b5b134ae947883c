#include "tests/unit/config_place.h"

#include <math.h>

#include "base/json.h"
#include "base/path.h"

static int parse(struct config *c, const char *text, bool foreign,
                 struct err *e)
{
    *e = (struct err){0};
    return config_parse(c, text, strlen(text), "arena.json", foreign, e);
}

static void assert_good(const char *text, struct config *c)
{
    struct err e;
    if (parse(c, text, false, &e) != 0)
        fail_msg("refused: %s", e.text);
}

/* The text is refused with exactly this message. */
static void assert_refused(const char *text, bool foreign, const char *message)
{
    struct config c;
    struct err e;
    assert_int_equal(parse(&c, text, foreign, &e), -1);
    assert_string_equal(e.text, message);
    assert_int_equal(e.code, ERR_CONFIG);
}

static void everything_is_read(void **state)
{
    (void)state;
    struct config c;
    assert_good(
        "// the whole\n"
        "{ \"$schema\": \"arena.schema.json\", \"pace\": \"hold\",\n"
        "  \"pairing\": \"balanced\",\n"
        "  \"system\": \"Be brief.\", \"max_tokens\": 99, \"threads\": 3,\n"
        "  \"vote_early\": true, \"confirm_vote\": true,\n"
        "  \"mouse\": true,\n"
        "  \"elo\": { \"k\": 24, \"start\": 1500 },\n"
        "  \"keys\": { \"vote-a\": \"1\", \"quit\": [\"q\", \"F10\"] },\n"
        "  \"models\": [\n"
        "    { \"name\": \"m\", \"backend\": \"local\", \"file\": \"m.gguf\",\n"
        "      \"temperature\": 0.5, \"top_k\": 40, \"think\": false,\n"
        "      \"seed\": 9007199254740991, \"tags\": [\"x\", \"y\"],\n"
        "      \"weight\": 2, \"raw\": true, \"repeat_last_n\": 0,\n"
        "      \"logit_bias\": { \"b\": 2.5, \"99\": -100 },\n"
        "      \"template\": \"mine.jinja\",\n"
        "      \"template_args\": { \"reasoning_effort\": \"low\" } },\n"
        "    { \"name\": \"n\", \"backend\": \"openai\", \"id\": \"gpt\",\n"
        "      \"system\": \"\" }, /* the end */ ] }\n", &c);
    assert_int_equal(c.pace, PACE_HOLD);
    assert_int_equal(c.pairing, RATING_POLICY_BALANCED);
    assert_int_equal(c.max_tokens, 99);
    assert_int_equal(c.n_threads, 3);
    assert_true(c.vote_early && c.confirm_vote && c.mouse);
    assert_true(c.elo.k == 24 && c.elo.start == 1500 && c.elo.scale == 400);
    assert_int_equal(c.n_bindings, 3);
    assert_string_equal(c.bindings[2].action, "quit");
    assert_string_equal(c.bindings[2].key, "F10");
    assert_int_equal(c.n_models, 2);
    const struct model *m = config_model(&c, "m");
    assert_string_equal(m->backend, "local");
    assert_string_equal(m->system, "Be brief.");
    assert_true(m->temperature == 0.5 && isnan(m->top_p));
    assert_int_equal(m->top_k, 40);
    assert_int_equal(m->think, 0);
    assert_true(m->seed == 9007199254740991 && m->weight == 2 && m->raw);
    assert_string_equal(m->tags[1], "y");
    assert_null(m->tags[2]);
    assert_int_equal(m->repeat_last_n, 0);
    assert_int_equal(m->logit_bias.n, 2);
    assert_string_equal(m->logit_bias.v[0].token, "99");
    assert_true(m->logit_bias.v[0].add == -100);
    assert_true(m->logit_bias.v[1].add == 2.5);
    assert_true(m->template_name[0] == '/'); /* beside the config */
    assert_string_equal(path_name(m->template_name), "mine.jinja");
    assert_string_equal(m->template_args, "{\"reasoning_effort\":\"low\"}");
    m = config_model(&c, "n");
    assert_null(m->system);
    assert_int_equal(m->think, -1);
    assert_null(config_model(&c, "o"));
    config_free(&c);
}

static void defaults_hold(void **state)
{
    (void)state;
    struct config c;
    assert_good("{}", &c);
    assert_int_equal(c.pace, PACE_EQUAL);
    assert_int_equal(c.pairing, RATING_POLICY_MIXED);
    assert_int_equal(c.max_tokens, 512);
    assert_int_equal(c.n_models, 0);
    assert_true(c.elo.k == 16 && c.elo.base == 10);
    assert_false(c.vote_early || c.confirm_vote || c.mouse);
    config_free(&c);
}

#define M(rest) "{\"models\":[{\"name\":\"q8\"," rest "}]}"
#define LOCAL "\"backend\":\"local\",\"file\":\"a\""
#define Q8 "arena.json: models[0] \"q8\": "

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        /* Syntax: file, line, column. */
        {"{\n  \"pace\": equal\n}", "arena.json:2:11: not JSON from here on"},
        {"{\"pace\":", "arena.json:1:8: the JSON ends too early or is wrong "
         "here"},
        {"", "arena.json:1:1: the JSON ends too early or is wrong "
             "here"},
        {"{} xyz", "arena.json:1:4: not JSON from here on"},
        {"{\"system\":\"\xFF\"}", "arena.json:1:12: not UTF-8"},
        {"[]", "arena.json: must be an object { … }, not a list"},
        /* Unknown and repeated keys. */
        {M(LOCAL ",\"temprature\":1"),
         Q8 "unknown key \"temprature\"; did you mean \"temperature\"?"},
        {"{\"modles\":[]}",
         "arena.json: unknown key \"modles\"; did you mean \"models\"?"},
        {"{\"zzz\":1}", "arena.json: unknown key \"zzz\""},
        {"{\"elo\":{\"K\":1}}", "arena.json: elo: unknown key \"K\"; did you mean "
         "\"k\"?"},
        {"{\"pace\":\"live\",\"pace\":\"live\"}",
         "arena.json: \"pace\" is set twice"},
        /* Types and ranges. */
        {"{\"pace\":\"fast\"}",
         "arena.json: \"pace\" must be \"live\", \"equal\" or \"hold\""},
        {"{\"pairing\":7}",
         "arena.json: \"pairing\" must be \"uniform\", \"balanced\", "
         "\"lmarena\", \"ambiguous\", \"thompson\", \"mixed\" or \"leader\""},
        {"{\"max_tokens\":\"9\"}",
         "arena.json: \"max_tokens\" must be a whole number, not a string"},
        {"{\"max_tokens\":1.5}",
         "arena.json: \"max_tokens\" is 1.5, must be a whole number"},
        {"{\"max_tokens\":0}",
         "arena.json: \"max_tokens\" is 0, must be from 1 to 1000000"},
        {"{\"vote_early\":1}",
         "arena.json: \"vote_early\" must be true or false, not a number"},
        {"{\"system\":null}",
         "arena.json: \"system\" must be a string, not null"},
        {"{\"models\":{}}",
         "arena.json: models: must be a list [ … ], not an object"},
        {"{\"models\":[7]}",
         "arena.json: models[0]: must be an object { … }, not a number"},
        {"{\"backends\":[]}",
         "arena.json: backends: must be an object { … }, not a list"},
        {"{\"keys\":{\"quit\":7}}",
         "arena.json: keys \"quit\": must be a key as a string, or a list of "
         "them"},
        {M(LOCAL ",\"temperature\":true"),
         Q8 "\"temperature\" must be a number, not true or false"},
        {M(LOCAL ",\"temperature\":-0.1"),
         Q8 "\"temperature\" is -0.1, must be from 0 to 10"},
        {M(LOCAL ",\"temperature\":1e999"),
         Q8 "\"temperature\" is inf, must be from 0 to 10"},
        {M(LOCAL ",\"seed\":9007199254740992"),
         Q8 "\"seed\" is 9007199254740992, must be from 0 to "
            "9007199254740991"},
        {M(LOCAL ",\"tags\":\"x\""),
         Q8 "\"tags\" must be a list of strings, not a string"},
        {M(LOCAL ",\"tags\":[\"x\",3]"),
         Q8 "\"tags\"[1] must be a string, not a number"},
        {M(LOCAL ",\"logit_bias\":[5]"),
         Q8 "\"logit_bias\" must be an object of tokens and numbers, like { "
            "\" the\": -100 }"},
        {M(LOCAL ",\"logit_bias\":{\"a\":101}"),
         Q8 "\"logit_bias\" of \"a\" must be a number from -100 to 100"},
        {M(LOCAL ",\"logit_bias\":{\"a\":1,\"b\":2,\"a\":3}"),
         Q8 "\"logit_bias\" has \"a\" twice"},
        {M(LOCAL ",\"logit_bias\":{\"\":1}"),
         Q8 "\"logit_bias\" has an empty token"},
        {M(LOCAL ",\"lora\":{\"file\":\"a\"}"),
         Q8 "\"lora\" must be a list, like [{ \"file\": \"a.gguf\", "
            "\"scale\": 0.5 }]"},
        {M(LOCAL ",\"lora\":[\"a.gguf\"]"),
         Q8 "\"lora\" must be a list of objects, like [{ \"file\": "
            "\"a.gguf\", \"scale\": 0.5 }]"},
        {M(LOCAL ",\"lora\":[{\"scale\":1}]"),
         Q8 "an adapter of \"lora\" needs \"file\""},
        {M(LOCAL ",\"lora\":[{\"file\":\"\"}]"),
         Q8 "\"file\" of \"lora\" must name a file"},
        {M(LOCAL ",\"lora\":[{\"file\":\"a\",\"scale\":\"1\"}]"),
         Q8 "\"scale\" of \"lora\" must be a number from -1000 to 1000"},
        {M(LOCAL ",\"lora\":[{\"file\":\"a\",\"rank\":1}]"),
         Q8 "\"rank\" of \"lora\" is not known; an adapter has \"file\" and "
            "\"scale\""},
        {M(LOCAL ",\"lora\":[{\"file\":\"a\",\"file\":\"b\"}]"),
         Q8 "\"file\" of \"lora\" is set twice"},
        {M(LOCAL ",\"template_args\":\"low\""),
         Q8 "\"template_args\" must be an object, not a string"},
        {M("\"backend\":\"exec\",\"command\":[]"), Q8 "\"command\" is empty"},
        /* What a model needs, and what it does not. */
        {"{\"models\":[{" LOCAL "}]}", "arena.json: models[0]: needs \"name\""},
        {"{\"models\":[{\"name\":\"\"}]}",
         "arena.json: models[0]: \"name\" is empty"},
        {"{\"models\":[{\"name\":\"a\\u001bb\"}]}",
         "arena.json: models[0] \"a\x1b" "b\": \"name\" has a control "
         "character"},
        {M("\"file\":\"a\""),
         Q8 "needs \"backend\": \"local\", a preset such as \"ollama\" or "
            "\"openai\", or an entry of \"backends\""},
        {M("\"backend\":\"local\""),
         Q8 "backend \"local\" needs \"file\""},
        {M("\"backend\":\"groq\""), Q8 "backend \"groq\" needs \"id\""},
        {M("\"backend\":\"openai\",\"id\":\"x\",\"file\":\"a\""),
         Q8 "\"file\" has no effect on backend \"openai\""},
        {M(LOCAL ",\"id\":\"x\""),
         Q8 "\"id\" has no effect on backend \"local\""},
        {M("\"backend\":\"olama\",\"id\":\"x\""),
         Q8 "unknown backend \"olama\"; did you mean \"ollama\"?"},
        {M("\"backend\":\"somewhere\",\"id\":\"x\""),
         Q8 "unknown backend \"somewhere\"; it is \"local\", a preset such as "
            "\"ollama\" or \"openai\", or an entry of \"backends\""},
        {"{\"models\":[{\"name\":\"a\"," LOCAL "},{\"name\":\"a\"," LOCAL "}]}",
         "arena.json: models[1] \"a\": models[0] has the same name"},
        {"{\"backends\":{\"x\":{}}}",
         "arena.json: backends \"x\": needs \"type\"; most servers speak "
         "\"openai\""},
        {"{\"backends\":{\"x\":{\"type\":\"opneai\"}}}",
         "arena.json: backends \"x\": unknown type \"opneai\"; did you mean "
         "\"openai\"?"},
        /* Secrets, and where they might be sent. */
        {M("\"backend\":\"openai\",\"api_key\":\"sk-1\""),
         Q8 "\"api_key\": keys do not belong in this file; put it in an "
            "environment variable and name that with \"key_env\""},
        {M("\"backend\":\"openai\",\"openaiApiKey\":\"sk-1\""),
         Q8 "\"openaiApiKey\": keys do not belong in this file; put it in an "
            "environment variable and name that with \"key_env\""},
        {M("\"backend\":\"openai\",\"id\":\"x\",\"key_env\":\"sk-1234\""),
         Q8 "\"key_env\" is not the name of an environment variable; it names "
            "the variable that holds the key, the key itself does not belong "
            "in this file"},
        {M("\"backend\":\"openai\",\"id\":\"x\","
           "\"base_url\":\"https://u:p@h/v1\""),
         Q8 "\"base_url\" has a user or password in it; use \"key_env\""},
        {M("\"backend\":\"openai\",\"id\":\"x\",\"base_url\":\"ftp://h\""),
         Q8 "\"base_url\" does not begin with http:// or https://"},
        {M("\"backend\":\"openai\",\"id\":\"x\",\"base_url\":\"https://\""),
         Q8 "\"base_url\" is not an address"},
        {M("\"backend\":\"openai\",\"id\":\"x\","
           "\"base_url\":\"http://example.com/v1\""),
         Q8 "\"base_url\" is plain http to another machine, where anyone on "
            "the way can read it; use https, or set \"allow_http\": true"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i].text, false, cases[i].message);
}

/* What nobody limited is cut where answers meet: a server's nowhere. */
static void limits_have_defaults(void **state)
{
    (void)state;
    static const char remote[] = "{\"name\":\"r\",\"backend\":\"openai\","
                                 "\"id\":\"x\"%s}";
    static const struct {
        const char *top, *of_remote;
        int local, remote;
    } cases[] = {
        {"", "", 4096, 0},
        {"", ",\"weight\":0", 512, 0}, /* a judge, that plays no battles */
        {"", ",\"max_tokens\":7", 4096, 7},
        {"\"max_tokens\":99,", "", 99, 99},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[600], model[200];
        struct config c;
        snprintf(model, sizeof(model), remote, cases[i].of_remote);
        snprintf(text, sizeof(text), "{%s\"models\":[{\"name\":\"l\"," LOCAL
                 "},%s]}", cases[i].top, model);
        assert_good(text, &c);
        assert_int_equal(config_max_tokens(&c, &c.models[0]), cases[i].local);
        assert_int_equal(config_max_tokens(&c, &c.models[1]), cases[i].remote);
        config_free(&c);
    }
}

static void found_configs_are_not_trusted(void **state)
{
    (void)state;
    static const char lying[] = " is not allowed in a config found in the "
                                "current folder; if you trust it, name it with "
                                "--config";
    static const char sending[] = "a config found in the current folder may "
                                  "not choose where a key is sent; if you "
                                  "trust it, name it with --config";
    static const struct {
        const char *text, *place, *message;
    } cases[] = {
        {M("\"backend\":\"exec\",\"command\":[\"rm\"]"), Q8 "\"command\"",
         lying},
        {M("\"backend\":\"openai\",\"id\":\"x\",\"key_command\":\"pass\""),
         Q8 "\"key_command\"", lying},
        {"{\"backends\":{\"x\":{\"type\":\"openai\",\"key_command\":\"p\"}}}",
         "arena.json: backends \"x\": \"key_command\"", lying},
        {M("\"backend\":\"openai\",\"id\":\"x\","
           "\"base_url\":\"https://evil.example/v1\","
           "\"key_env\":\"OPENAI_API_KEY\""), Q8, sending},
        {"{\"backends\":{\"x\":{\"type\":\"openai\",\"key_env\":\"K\","
         "\"base_url\":\"https://evil.example\"}}}",
         "arena.json: backends \"x\": ", sending},
        {M("\"backend\":\"groq\",\"id\":\"x\",\"key_env\":\"MY_TOKEN\""), Q8,
         sending},
        /* The key of the model, the address of the entry. */
        {"{\"backends\":{\"x\":{\"type\":\"openai\","
         "\"base_url\":\"https://evil.example\"}},\"models\":[{\"name\":\"q8\","
         "\"backend\":\"x\",\"id\":\"i\",\"key_env\":\"OPENAI_API_KEY\"}]}",
         Q8, sending},
        {M("\"backend\":\"openai\",\"id\":\"x\","
           "\"query\":{\"v\":\"1\",\"key\":\"a${HOME}\"}"),
         Q8, "\"query\" may have no ${VAR} in a config found in the current "
             "folder; if you trust it, name it with --config"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char message[600];
        snprintf(message, sizeof(message), "%s%s", cases[i].place,
                 cases[i].message);
        assert_refused(cases[i].text, true, message);
        /* The same is good where the person named the file. */
        struct config c;
        if (strstr(cases[i].text, "\"exec\"") == NULL) {
            assert_good(cases[i].text, &c);
            config_free(&c);
        }
    }
}

/* A key goes only where the same hand wrote the address. */
static void keys_stay_with_their_address(void **state)
{
    (void)state;
    struct config c;
    struct err e;
    assert_good(
        "{\"backends\":{\"here\":{\"type\":\"openai\","
        "\"base_url\":\"http://127.0.0.1:9/v1//\"},"
        "\"mine\":{\"type\":\"groq\",\"key_env\":\"MINE\"}},"
        "\"models\":["
        "{\"name\":\"a\",\"backend\":\"openai\",\"id\":\"x\"},"
        "{\"name\":\"b\",\"backend\":\"openai\",\"id\":\"x\","
        " \"base_url\":\"https://proxy.example/v1/\"},"
        "{\"name\":\"c\",\"backend\":\"here\",\"id\":\"x\"},"
        "{\"name\":\"d\",\"backend\":\"mine\",\"id\":\"x\"},"
        "{\"name\":\"e\",\"backend\":\"mine\",\"id\":\"x\","
        " \"base_url\":\"https://proxy.example/v1\"},"
        "{\"name\":\"f\",\"backend\":\"llama-server\"}]}", &c);
    assert_string_equal(c.models[0].base_url, "https://api.openai.com/v1");
    assert_string_equal(c.models[0].key_env, "OPENAI_API_KEY");
    assert_string_equal(c.models[1].base_url, "https://proxy.example/v1");
    assert_null(c.models[1].key_env);
    assert_string_equal(c.models[2].base_url, "http://127.0.0.1:9/v1");
    assert_string_equal(c.models[2].backend, "openai");
    assert_null(c.models[2].key_env);
    assert_string_equal(c.models[3].base_url, "https://api.groq.com/openai/v1");
    assert_string_equal(c.models[3].key_env, "MINE");
    assert_null(c.models[4].key_env);
    assert_string_equal(c.models[5].id, "default");
    config_free(&c);
    /* Without a key even a found config may name an address. */
    assert_int_equal(parse(&c, M("\"backend\":\"openai\",\"id\":\"x\","
                                 "\"base_url\":\"https://a.example\""), true,
                           &e), 0);
    assert_null(c.models[0].key_env);
    config_free(&c);
}

static void weights_are_found(void **state)
{
    (void)state;
    struct config c;
    char want[300];
    fclose(fopen("here.gguf", "w"));
    assert_good("{\"models\":["
                "{\"name\":\"a\",\"backend\":\"local\",\"file\":\"here.gguf\"},"
                "{\"name\":\"b\",\"backend\":\"local\",\"file\":\"far.gguf\"},"
                "{\"name\":\"c\",\"backend\":\"local\",\"file\":\"/x/y\"}]}",
                &c);
    snprintf(want, sizeof(want), "%s/here.gguf", folder);
    assert_string_equal(c.models[0].file, want);
    assert_string_equal(c.models[0].file_name, "here.gguf");
    snprintf(want, sizeof(want), "%s/arena/weights/far.gguf", folder);
    assert_string_equal(c.models[1].file, want);
    assert_string_equal(c.models[2].file, "/x/y");
    config_free(&c);
}

static void configs_are_looked_for(void **state)
{
    (void)state;
    bool foreign;
    char own[300];
    char *path;
    struct config c;
    struct err e;
    remove("arena.json");
    assert_null(config_find(NULL, &foreign));
    snprintf(own, sizeof(own), "%s/arena", folder);
    assert_int_equal(mkdir(own, 0700), 0);
    snprintf(own, sizeof(own), "%s/arena/arena.json", folder);
    write_text(own, "{}");
    path = config_find(NULL, &foreign);
    assert_string_equal(path, own);
    assert_false(foreign);
    free(path);
    write_text("arena.json", "{}");
    path = config_find(NULL, &foreign);
    assert_string_equal(path, "arena.json");
    assert_true(foreign);
    free(path);
    path = config_find("other.json", &foreign);
    assert_string_equal(path, "other.json");
    assert_false(foreign);
    assert_int_equal(config_load(&c, path, foreign, &e), -1);
    assert_string_equal(e.text,
                        "other.json: cannot read: No such file or directory");
    free(path);
    /* In the config folder itself, ./arena.json is the person's own. */
    assert_int_equal(chdir("arena"), 0);
    path = config_find(NULL, &foreign);
    assert_string_equal(path, own);
    assert_false(foreign);
    free(path);
    assert_int_equal(chdir(folder), 0);
}

/* Two adapters on one base, or one at two scales, are two contestants. */
static void adapters_make_models(void **state)
{
    (void)state;
    struct config c;
    struct buf texts[4];
    assert_good("{\"models\":["
                "{\"name\":\"a\",\"backend\":\"local\",\"file\":\"x.gguf\"},"
                "{\"name\":\"b\",\"backend\":\"local\",\"file\":\"x.gguf\","
                "\"lora\":[{\"file\":\"l.gguf\"}]},"
                "{\"name\":\"c\",\"backend\":\"local\",\"file\":\"x.gguf\","
                "\"lora\":[{\"scale\":0.5,\"file\":\"l.gguf\"}]},"
                "{\"name\":\"d\",\"backend\":\"local\",\"file\":\"x.gguf\","
                "\"lora\":[{\"file\":\"m.gguf\"}]}]}", &c);
    for (int i = 0; i < 4; i++) {
        buf_init(&texts[i], 4096);
        model_describe(&c.models[i], &texts[i]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(texts[i].data, texts[k].data);
    }
    assert_string_equal(texts[2].data,
                        "{\"backend\":\"local\",\"file\":\"x.gguf\","
                        "\"lora\":[{\"file\":\"l.gguf\",\"scale\":0.5}]}");
    /* Beside the config, or among the weights. */
    assert_int_equal(c.models[1].lora.v[0].path[0], '/');
    for (int i = 0; i < 4; i++)
        buf_free(&texts[i]);
    config_free(&c);
}

static void description_is_what_answers(void **state)
{
    (void)state;
    struct config c;
    struct buf a, b;
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    assert_good("{\"models\":[{\"name\":\"a\",\"backend\":\"local\","
                "\"file\":\"w/x.gguf\",\"weight\":3,\"tags\":[\"t\"],"
                "\"temperature\":0.1,\"system\":\"S\\n\","
                "\"logit_bias\":{\"x\":1,\"10\":-100}},"
                "{\"name\":\"b\",\"temperature\":0.1,\"system\":\"S\\n\","
                "\"file\":\"w/x.gguf\",\"backend\":\"local\","
                "\"logit_bias\":{\"10\":-100,\"x\":1}}]}", &c);
    model_describe(&c.models[0], &a);
    model_describe(&c.models[1], &b);
    assert_string_equal(a.data, "{\"backend\":\"local\",\"file\":\"w/x.gguf\","
                                "\"system\":\"S\\n\",\"temperature\":0.1,"
                                "\"logit_bias\":{\"10\":-100,\"x\":1}}");
    assert_string_equal(a.data, b.data);
    struct model copy;
    model_copy(&copy, &c.models[0]);
    config_free(&c);
    buf_clear(&b);
    model_describe(&copy, &b);
    assert_string_equal(a.data, b.data);
    model_free(&copy);
    buf_free(&a);
    buf_free(&b);
}

static void schema_file_is_the_tables(void **state)
{
    (void)state;
    struct buf made, file;
    struct err e;
    buf_init(&made, 1 << 20);
    buf_init(&file, 1 << 20);
    config_schema(&made);
    char *path = path_data_file("arena.schema.json");
    assert_int_equal(buf_read_file(&file, path), 0);
    /* When this fails: build/release/arena config schema > the file. */
    assert_string_equal(file.data, made.data);
    cJSON *tree = json_parse(made.data, made.len, 1 << 20, path, &e);
    assert_non_null(tree);
    cJSON_Delete(tree);
    free(path);
    buf_free(&made);
    buf_free(&file);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(defaults_hold),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(limits_have_defaults),
        cmocka_unit_test(found_configs_are_not_trusted),
        cmocka_unit_test(keys_stay_with_their_address),
        cmocka_unit_test(weights_are_found),
        cmocka_unit_test(configs_are_looked_for),
        cmocka_unit_test(adapters_make_models),
        cmocka_unit_test(description_is_what_answers),
        cmocka_unit_test(schema_file_is_the_tables),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
