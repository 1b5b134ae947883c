/* The key tables of all screens: every name is a key, and no key means two
 * things at once. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"
#include "tui/widgets/ui.h"

static const struct screen *const screens[] = {
#define ROW(name) &screen_##name,
    SCREEN_LIST(ROW)
#undef ROW
};
#define N_SCREENS (sizeof(screens) / sizeof(screens[0]))

static void every_key_has_a_name_we_know(const struct binding *table)
{
    for (const struct binding *b = table; b->action != ACT_NONE; b++) {
        assert_true(b->states != 0);
        assert_non_null(b->help);
        for (const char *name = b->keys; *name != '\0';) {
            size_t n = strcspn(name, " ");
            if (keys_parse(name, n) == 0)
                fail_msg("%s: \"%s\" is not a key", b->help, name);
            name += n + strspn(name + n, " ");
        }
    }
}

static void no_key_means_two_things(const struct binding *table)
{
    for (const struct binding *b = table; b->action != ACT_NONE; b++)
        for (unsigned state = 1; state != 0; state <<= 1) {
            if ((b->states & state) == 0)
                continue;
            for (const char *name = b->keys; *name != '\0';) {
                size_t n = strcspn(name, " ");
                enum action found =
                    binding_find(table, state, keys_parse(name, n));
                if (found != b->action)
                    fail_msg("\"%s\" has two meanings; one: %s", name,
                             b->help);
                name += n + strspn(name + n, " ");
            }
        }
}

static void tables_are_sound(void **state)
{
    (void)state;
    every_key_has_a_name_we_know(edit_bindings);
    every_key_has_a_name_we_know(ui_bindings);
    no_key_means_two_things(edit_bindings);
    for (size_t i = 0; i < N_SCREENS; i++) {
        every_key_has_a_name_we_know(screens[i]->bindings);
        no_key_means_two_things(screens[i]->bindings);
    }
}

/* Arrows, Enter and Space are pressed by accident; they never vote. */
static void no_key_slips_into_a_vote(void **state)
{
    (void)state;
    static const char *const slips[] = {"Up", "Down", "Left", "Right", "Enter",
                                        "Space", "Tab", "Esc", "PgDn"};
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
        for (const struct binding *b = screen_battle.bindings;
             b->action != ACT_NONE; b++)
            for (enum action vote = ACT_VOTE_A; vote <= ACT_BAD; vote++)
                if (b->action == vote)
                    assert_true(binding_find(b, b->states,
                                             keys_parse(slips[i],
                                                        strlen(slips[i]))) !=
                                vote);
}

/* A config with these keys. */
static int map(struct keymap *m, const char *keys, struct err *e)
{
    struct config c;
    char text[256];
    snprintf(text, sizeof(text), "{ \"keys\": { %s } }", keys);
    if (config_parse(&c, text, strlen(text), "arena.json", false, e) != 0)
        fail_msg("%s", e->text);
    int result = keymap_init(m, &c, e);
    config_free(&c);
    return result;
}

static enum action at(const struct binding *table, const char *key)
{
    return binding_find(table, ~0u, keys_parse(key, strlen(key)));
}

static void the_config_binds_keys(void **state)
{
    (void)state;
    struct keymap m;
    struct err e;
    assert_int_equal(map(&m, "\"vote_a\": [\"\xD1\x84\", \"F5\"], "
                             "\"quit\": \"Q\", \"tie\": \"b\"", &e), 0);
    const struct binding *battle = keymap_table(&m, screen_battle.bindings);
    assert_int_equal(at(screen_battle.bindings, "a"), ACT_VOTE_A);
    assert_int_equal(at(battle, "\xD1\x84"), ACT_VOTE_A);
    assert_int_equal(at(battle, "F5"), ACT_VOTE_A);
    assert_int_not_equal(at(battle, "a"), ACT_VOTE_A); /* replaced */
    assert_int_equal(at(battle, "b"), ACT_TIE);        /* taken */
    assert_int_equal(at(keymap_table(&m, ui_bindings), "Q"), ACT_QUIT);
    assert_ptr_equal(keymap_table(&m, screen_battle.bindings), battle);
    no_key_means_two_things(battle);
    keymap_free(&m);
    assert_int_equal(map(&m, "", &e), 0); /* all as usual */
    battle = keymap_table(&m, screen_battle.bindings);
    for (size_t i = 0; battle[i].action != ACT_NONE; i++)
        assert_ptr_equal(battle[i].keys, screen_battle.bindings[i].keys);
    keymap_free(&m);
}

static void wrong_bindings_are_told(void **state)
{
    (void)state;
    struct keymap m;
    struct err e;
    assert_int_equal(map(&m, "\"vote_c\": \"x\"", &e), -1);
    assert_string_equal(e.text, "arena.json: keys: unknown action \"vote_c\"; "
                                "did you mean \"vote_a\"?");
    assert_int_equal(e.code, ERR_CONFIG);
    keymap_free(&m);
    assert_int_equal(map(&m, "\"tie\": \"Entr\"", &e), -1);
    assert_non_null(strstr(e.text, "\"tie\": \"Entr\" is not a key"));
    keymap_free(&m);
}

static void actions_have_names(void **state)
{
    (void)state;
    assert_null(action_name(ACT_NONE));
    assert_string_equal(action_name(ACT_FOLLOW_UP), "follow_up");
    for (int i = ACT_NONE + 1; i < ACT_N; i++)
        assert_non_null(action_name((enum action)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(no_key_slips_into_a_vote),
        cmocka_unit_test(the_config_binds_keys),
        cmocka_unit_test(wrong_bindings_are_told),
        cmocka_unit_test(actions_have_names),
    };
    return TEST_RUN(tests);
}
