/* Opening an arena, and what is found in an open one. */
#include "tests/unit/arena_place.h"

static const char config_text[] =
    "{ \"models\": [\n"
    "{ \"name\": \"zorblax9\", \"backend\": \"replay\", \"id\": \"a\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"vimtrop3\", \"backend\": \"replay\", \"id\": \"b\",\n"
    "  \"script\": \"script.json\" } ] }\n";

static int make(void **state)
{
    struct arena_place *p = place_make();
    place_write(p->config, config_text);
    place_write(p->script, "{ \"answers\": [ { \"text\": \"x\" } ] }");
    place_open(p);
    *state = p;
    return 0;
}

static int unmake(void **state)
{
    struct arena_place *p = *state;
    arena_close(&p->a);
    place_remove(p);
    return 0;
}

static void models_are_found_by_name(void **state)
{
    struct arena_place *p = *state;
    size_t i;
    assert_int_equal(arena_find_model(&p->a, "vimtrop3", &i, &p->e), 0);
    assert_int_equal(i, 1);
    assert_int_equal(arena_find_model(&p->a, "vimtrop", &i, &p->e), -1);
    assert_string_equal(p->e.text,
                        "no model \"vimtrop\"; did you mean \"vimtrop3\"?");
}

static void missing_configs_say_what_to_do(void **state)
{
    struct arena_place *p = *state;
    arena_close(&p->a);
    struct arena_options o = {.db_path = p->db};
    unlink(p->config);
    assert_int_equal(chdir(p->folder), 0);
    assert_int_equal(arena_open(&p->a, &o, &p->e), -1);
    assert_int_equal(p->e.code, ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "arena config init"));
    o.config_optional = true;
    assert_int_equal(arena_open(&p->a, &o, &p->e), 0);
    assert_int_equal(p->a.config.n_models, 0);
    assert_memory_equal(p->a.voter, "human:", 6);
    assert_int_equal(chdir("/"), 0);
}

/* A third and a fourth model, which cannot be asked. */
static const char lame_config[] =
    "{ \"models\": [\n"
    "{ \"name\": \"zorblax9\", \"backend\": \"replay\", \"id\": \"a\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"gone\", \"backend\": \"local\", \"file\": \"gone.gguf\" },\n"
    "{ \"name\": \"vimtrop3\", \"backend\": \"replay\", \"id\": \"b\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"locked\", \"backend\": \"openai\", \"id\": \"x\",\n"
    "  \"base_url\": \"http://127.0.0.1:1/v1\",\n"
    "  \"key_env\": \"ARENA_TEST_NO_KEY\" } ] }\n";

static void reopen_with(struct arena_place *p, const char *config)
{
    arena_close(&p->a);
    place_write(p->config, config);
    place_open(p);
}

static void who_cannot_be_asked_is_left_out(void **state)
{
    struct arena_place *p = *state;
    double weights[4];
    unsetenv("ARENA_TEST_NO_KEY");
    reopen_with(p, lame_config);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(arena_weigh(&p->a, weights, &p->e), 0);
        assert_true(weights[0] > 0 && weights[2] > 0);
        assert_true(weights[1] == 0 && weights[3] == 0);
    }
    const char *note = arena_next_note(&p->a);
    assert_non_null(note);
    assert_memory_equal(note, "left out: gone: ", 16);
    assert_non_null(strstr(note, "gone.gguf"));
    note = arena_next_note(&p->a);
    assert_non_null(note);
    assert_memory_equal(note, "left out: locked: ", 18);
    assert_non_null(strstr(note, "ARENA_TEST_NO_KEY"));
    assert_null(arena_next_note(&p->a)); /* once, though looked at twice */

    /* What is mended plays again; what breaks again is told again. */
    setenv("ARENA_TEST_NO_KEY", "k", 1);
    assert_int_equal(arena_weigh(&p->a, weights, &p->e), 0);
    assert_true(weights[3] > 0);
    assert_null(arena_next_note(&p->a));
    unsetenv("ARENA_TEST_NO_KEY");
    assert_int_equal(arena_weigh(&p->a, weights, &p->e), 0);
    assert_non_null(arena_next_note(&p->a));
}

static void one_is_too_few(void **state)
{
    struct arena_place *p = *state;
    double weights[4];
    unsetenv("ARENA_TEST_NO_KEY");
    reopen_with(p, lame_config);
    unlink(p->script); /* then the models without a file are none either */
    assert_int_equal(arena_weigh(&p->a, weights, &p->e), -1);
    assert_int_equal(p->e.code, ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "0 of 4 models can be asked"));
    assert_non_null(strstr(p->e.text, "zorblax9: "));
    assert_non_null(strstr(p->e.text, "3 more"));
    assert_non_null(strstr(p->e.text, "arena config check"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(models_are_found_by_name),
        T(who_cannot_be_asked_is_left_out),
        T(one_is_too_few),
        T(missing_configs_say_what_to_do),
    };
    return TEST_RUN(tests);
}
