/* Which battle of a run is shown next. */
#include "arena/telling.h"

#include <math.h>

#include "arena/pairing.h"
#include "arena_place.h"

enum { N_MODELS = 4, N_PAIRS = 6, N_PROMPTS = 5, N_BATTLES = 30 };

static int setup(void **state)
{
    struct arena_place *p = place_make();
    place_write(p->config, "{}");
    place_open(p);
    *state = p;
    return 0;
}

struct run {
    int64_t id, models[N_MODELS], battles[N_BATTLES];
    size_t pair[N_BATTLES], prompt[N_BATTLES];
};

/* Every pair on every prompt, with answers. */
static void fill_run(struct arena_place *p, struct run *r)
{
    struct store *s = p->a.store;
    enum store_model_match match;
    size_t n = 0;
    place_must(p, store_put_run(s, "r", "", &r->id, &p->e));
    for (size_t i = 0; i < N_MODELS; i++) {
        const char name[] = {(char)('a' + i), '\0'};
        place_must(p, store_put_model(s, name, "", &r->models[i], &match,
                                      &p->e));
    }
    for (size_t k = 0; k < N_PROMPTS; k++) {
        const char text[] = {'q', (char)('1' + k), '\0'};
        struct store_battle b = {.run_id = r->id, .probability = NAN};
        place_must(p, store_put_prompt(s, text, "", NULL, &b.prompt_id, &p->e));
        for (size_t i = 0; i < N_MODELS; i++) {
            for (size_t j = 0; j < i; j++, n++) {
                b.model_id[0] = r->models[i];
                b.model_id[1] = r->models[j];
                r->pair[n] = rating_pair_index(i, j);
                r->prompt[n] = k;
                place_must(p, store_add_battle(s, &b, &r->battles[n], &p->e));
            }
        }
    }
}

/* Models c and d are far ahead of the others and alike. */
static void vote_some(struct arena_place *p)
{
    static const struct {
        const char *name[2];
        enum rating_outcome verdict[2];
    } votes[] = {
        {{"c", "a"}, {RATING_FIRST, RATING_FIRST}},
        {{"c", "b"}, {RATING_FIRST, RATING_FIRST}},
        {{"d", "a"}, {RATING_FIRST, RATING_FIRST}},
        {{"d", "b"}, {RATING_FIRST, RATING_FIRST}},
        {{"c", "d"}, {RATING_FIRST, RATING_SECOND}},
        {{"a", "b"}, {RATING_FIRST, RATING_SECOND}},
    };
    for (int round = 0; round < 40; round++) {
        for (size_t k = 0; k < sizeof(votes) / sizeof(votes[0]); k++) {
            struct store_vote v = {.verdict = votes[k].verdict[round % 2],
                                   .voter = "human:me", .dwell_ms = -1};
            struct store_vote_result result;
            place_must(p, store_record(p->a.store, votes[k].name[0],
                                 votes[k].name[1], NULL, &v, &result, &p->e));
        }
    }
}

static size_t place_of(const struct run *r, int64_t id)
{
    for (size_t i = 0; i < N_BATTLES; i++)
        if (r->battles[i] == id)
            return i;
    fail_msg("battle %d is not of the run", (int)id);
    return 0;
}

/* Half of the draws are of any pair, and half of the two that lead. */
static void the_leaders_meet_first(void **state)
{
    struct arena_place *p = *state;
    struct run r;
    double share = 0;
    vote_some(p);
    fill_run(p, &r);
    for (int k = 0; k < 400; k++) {
        struct telling *t;
        int64_t id;
        place_must(p, telling_open(&t, &p->a, r.id, r.battles, N_BATTLES,
                                   &p->e));
        assert_int_equal(telling_next(t, &id, &p->e), 1);
        share += r.pair[place_of(&r, id)] == rating_pair_index(2, 3);
        telling_close(t);
    }
    assert_near(share / 400, 0.5 + 0.5 / N_PAIRS, 0.08);
}

/* Every battle that was asked for comes once, no other; and of the same pair no
 * prompt again before the others. */
static void each_comes_once(void **state)
{
    struct arena_place *p = *state;
    struct run r;
    struct telling *t;
    int64_t id;
    int seen[N_BATTLES] = {0}, more;
    size_t n = 0, shown[N_PROMPTS] = {0};
    fill_run(p, &r);
    place_must(p, telling_open(&t, &p->a, r.id, r.battles + 6, 24, &p->e));
    while ((more = telling_next(t, &id, &p->e)) == 1) {
        size_t i = place_of(&r, id);
        seen[i]++;
        n++;
        for (size_t k = 6; k < N_BATTLES; k++)
            if (r.pair[k] == r.pair[i] && seen[k] == 0)
                assert_true(shown[r.prompt[i]] <= shown[r.prompt[k]]);
        shown[r.prompt[i]]++;
    }
    assert_int_equal(more, 0);
    assert_int_equal(n, 24);
    for (size_t i = 0; i < N_BATTLES; i++)
        assert_int_equal(seen[i], i >= 6);
    telling_close(t);

    place_must(p, telling_open(&t, &p->a, r.id, NULL, 0, &p->e));
    assert_int_equal(telling_next(t, &id, &p->e), 0);
    telling_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_leaders_meet_first, setup,
                                        place_end),
        cmocka_unit_test_setup_teardown(each_comes_once, setup, place_end),
    };
    return TEST_RUN(tests);
}
