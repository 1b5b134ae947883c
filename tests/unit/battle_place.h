/* battle_place: an arena on the replay backend with a store of its own, and
 * what battles in it are begun and looked at with. */
#ifndef TESTS_UNIT_BATTLE_PLACE_H
#define TESTS_UNIT_BATTLE_PLACE_H

#include "tests/unit/arena_place.h"

#include <math.h>

#include "arena/battle/battle.h"

/* Names, ids and errors that stand nowhere else, to be searched for. */
static const char config_text[] =
    "{ \"pace\": \"live\", \"system\": \"SYS\", \"models\": [\n"
    "{ \"name\": \"zorblax9\", \"backend\": \"replay\", \"id\": \"quux-a\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"vimtrop3\", \"backend\": \"replay\", \"id\": \"quux-b\",\n"
    "  \"script\": \"script.json\", \"price_in\": 1, \"price_out\": 2 } ] }\n";

static const char script_text[] =
    "{ \"chunk\": 3, \"answers\": [\n"
    "{ \"contains\": \"fail-a\", \"model\": \"quux-a\", \"text\": \"So f\",\n"
    "  \"error\": \"quux-a is down\" },\n"
    "{ \"contains\": \"fail-b\", \"model\": \"quux-b\", \"text\": \"So f\",\n"
    "  \"error\": \"quux-b is down\" },\n"
    "{ \"contains\": \"empty-a\", \"model\": \"quux-a\", \"text\": \" \" },\n"
    "{ \"contains\": \"empty-b\", \"model\": \"quux-b\", \"text\": \" \" },\n"
    "{ \"contains\": \"cut\", \"text\": \"Too lo\", \"finish\": \"length\" },\n"
    "{ \"contains\": \"hang\", \"text\": \"Begun\", \"stall\": true },\n"
    "{ \"contains\": \"mute-a\", \"model\": \"quux-a\", \"stall\": true },\n"
    "{ \"contains\": \"mute-a\", \"text\": \"Said\", \"stall\": true },\n"
    "{ \"contains\": \"who\", \"model\": \"quux-a\",\n"
    "  \"text\": \"I am zorblax9, and you?\" },\n"
    "{ \"contains\": \"aloud\", \"model\": \"quux-a\", \"aloud\": true,\n"
    "  \"delay_ms\": 5, \"thinking\": \"Let me think aloud. Hm.\",\n"
    "  \"text\": \"Done, and longer than the thinking was.\" },\n"
    "{ \"contains\": \"more\", \"text\": \"And more.\" },\n"
    "{ \"model\": \"quux-a\", \"thinking\": \"Thought of A.\", \n"
    "  \"text\": \"Answer of A.\", \"n_in\": 5, \"n_out\": 7 },\n"
    "{ \"text\": \"B says no.\", \"thinking\": \"Thought of B.\",\n"
    "  \"n_in\": 1000000, \"n_out\": 1000000 } ] }\n";

static inline int make(void **state)
{
    struct arena_place *p = place_make();
    place_write(p->config, config_text);
    place_write(p->script, script_text);
    place_open(p);
    *state = p;
    return 0;
}

static inline int unmake(void **state)
{
    struct arena_place *p = *state;
    arena_close(&p->a);
    place_remove(p);
    return 0;
}

/* A battle of zorblax9 on side A and vimtrop3 on side B. */
static inline struct battle *begin(struct arena_place *p, const char *prompt)
{
    struct battle_spec spec = {.prompt = prompt, .model = {0, 1}};
    struct battle *b;
    if (battle_open(&b, &p->a, &spec, &p->e) != 0)
        fail_msg("%s", p->e.text);
    assert_int_equal(battle_state(b), BATTLE_STREAMING);
    return b;
}

/* Nothing may give the sides away. */
static inline void assert_sealed(struct battle *b)
{
    assert_null(battle_reveal(b));
    assert_null(battle_compare_name(b, SIDE_A));
    assert_null(battle_compare_name(b, SIDE_B));
}

static inline void finish(struct arena_place *p, struct battle *b)
{
    while (battle_state(b) == BATTLE_STREAMING) {
        int wait_ms;
        assert_sealed(b);
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        if (battle_state(b) == BATTLE_STREAMING)
            place_wait(p, wait_ms);
    }
}

static inline void assert_text(struct battle *b, enum battle_side side,
                               const char *want)
{
    size_t n;
    const char *text = battle_text(b, side, &n);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(text, want, n);
}

static inline struct store_entry *entry(struct arena_place *p, int64_t id,
                                        size_t *n)
{
    struct store_query q = {.battle_id = id};
    struct store_entry *rows;
    assert_int_equal(store_list_entries(p->a.store, &q, &rows, n, &p->e), 0);
    assert_int_equal(*n, 1);
    return rows;
}

static inline void assert_stored(struct arena_place *p, struct battle *b,
                                 enum store_battle_state state)
{
    size_t n;
    struct store_entry *rows = entry(p, battle_id(b), &n);
    assert_int_equal(rows[0].state, state);
    store_free_entries(rows, n);
}

/* Looking back at it tells no names. */
static inline void assert_stored_blind(struct arena_place *p, struct battle *b,
                                       enum store_battle_state state)
{
    size_t n;
    struct store_entry *rows = entry(p, battle_id(b), &n);
    assert_int_equal(rows[0].state, state);
    assert_null(rows[0].model[0]);
    assert_null(rows[0].model[1]);
    store_free_entries(rows, n);
}

static inline double elo(struct arena_place *p, int model)
{
    struct store_model *rows;
    size_t n;
    double found = NAN;
    assert_int_equal(store_list_models(p->a.store, &rows, &n, &p->e), 0);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == p->a.model_ids[model])
            found = rows[i].elo;
    store_free_models(rows, n);
    return found;
}

/* Steps until both sides show something. */
static inline void wait_for_text(struct arena_place *p, struct battle *b)
{
    for (;;) {
        size_t n[SIDE_N];
        int wait_ms;
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        battle_text(b, SIDE_A, &n[0]);
        battle_text(b, SIDE_B, &n[1]);
        if (n[0] >= 5 && n[1] >= 5)
            return;
        place_wait(p, wait_ms);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, unmake)

#endif
