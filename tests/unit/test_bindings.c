/* The key tables of all screens: every name is a key, and no key means two
 * things at once. */
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
                fail_msg("%s: \"%s\" is no key", b->help, name);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(no_key_slips_into_a_vote),
    };
    return TEST_RUN(tests);
}
