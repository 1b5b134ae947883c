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

#define T(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(models_are_found_by_name),
        T(missing_configs_say_what_to_do),
    };
    return TEST_RUN(tests);
}
