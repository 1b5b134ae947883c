/* What a run has stored of its prompts, read ahead or looked up. */
#include "arena/run/ahead.h"

#include "store_place.h"

#define N_PROMPTS 1500

static int64_t models[2];

static int64_t prompt(struct place *p, int i)
{
    char text[32];
    int64_t id;
    snprintf(text, sizeof(text), "question %d", i);
    if (store_put_prompt(p->s, text, i % 3 ? "" : "c", NULL, &id, &p->e) != 0)
        fail_msg("%s", p->e.text);
    return id;
}

/* So many battles in a run. */
static void fight(struct place *p, int64_t run_id, int64_t prompt_id, int n)
{
    struct store_battle b = {.prompt_id = prompt_id,
                             .run_id = run_id,
                             .model_id = {models[0], models[1]},
                             .state = STORE_OPEN,
                             .probability = NAN};
    int64_t id;
    while (n-- > 0)
        if (store_add_battle(p->s, &b, &id, &p->e) != 0)
            fail_msg("%s", p->e.text);
}

/* Of every 50 prompts the first one is only in another run. */
static int battles_of(int i)
{
    return i % 50 == 0 ? 0 : i == 700 + 1 ? 5000 : i % 4;
}

static int64_t begin(struct place *p)
{
    enum store_model_match match;
    int64_t run_id, other;
    const char *const names[2] = {"x", "y"};
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_put_model(p->s, names[i], "", &models[i],
                                         &match, &p->e), 0);
    assert_int_equal(store_put_run(p->s, "r", "{}", &run_id, &p->e), 0);
    assert_int_equal(store_put_run(p->s, "o", "{}", &other, &p->e), 0);
    assert_int_equal(store_begin_group(p->s, &p->e), 0);
    for (int i = 0; i < N_PROMPTS; i++) {
        int64_t id = prompt(p, i);
        fight(p, run_id, id, battles_of(i));
        fight(p, other, id, 1);
    }
    assert_int_equal(store_end_group(p->s, 0, &p->e), 0);
    return run_id;
}

static void find(struct place *p, struct ahead *a, int64_t run_id, int i)
{
    char text[32];
    int64_t id;
    struct store_run_battle *rows;
    size_t n;
    snprintf(text, sizeof(text), "question %d", i);
    if (ahead_find(a, p->s, run_id, text, i % 3 ? "" : "c", &id, &rows, &n,
                   &p->e) != 0)
        fail_msg("%s", p->e.text);
    if (i >= N_PROMPTS) {
        assert_int_equal(id, 0);
        assert_int_equal(n, 0);
        return;
    }
    assert_int_equal(id, i + 1); /* the store was empty */
    assert_int_equal(n, run_id == 0 ? 0 : battles_of(i));
    for (size_t k = 0; k < n; k++)
        assert_int_equal(rows[k].prompt_id, id);
}

static void every_prompt_is_found_in_any_order(void **state)
{
    struct place *p = *state;
    int64_t run_id = begin(p);
    struct ahead a;
    ahead_init(&a);
    for (int i = 0; i < N_PROMPTS + 3; i++)
        find(p, &a, run_id, i);
    for (int i = N_PROMPTS + 2; i >= 0; i--)
        find(p, &a, run_id, i);
    for (int i = 0; i < N_PROMPTS; i += i % 100 == 99 ? 7 : 1)
        find(p, &a, run_id, i);
    for (int i = 0; i < N_PROMPTS; i++)
        find(p, &a, run_id, i * 7 % N_PROMPTS);
    for (int i = 0; i < 5; i++)
        find(p, &a, 0, i);
    ahead_free(&a);
}

/* A prompt that was put while the ones after it were read ahead. */
static void what_is_stored_meanwhile_is_found(void **state)
{
    struct place *p = *state;
    int64_t run_id = begin(p);
    struct ahead a;
    ahead_init(&a);
    for (int i = 0; i < 10; i++)
        find(p, &a, run_id, i);
    int64_t id = prompt(p, N_PROMPTS + 1), found;
    fight(p, run_id, id, 1);
    char text[32];
    struct store_run_battle *rows;
    size_t n;
    snprintf(text, sizeof(text), "question %d", N_PROMPTS + 1);
    assert_int_equal(ahead_find(&a, p->s, run_id, text,
                                (N_PROMPTS + 1) % 3 ? "" : "c", &found, &rows,
                                &n, &p->e), 0);
    assert_int_equal(found, id);
    assert_int_equal(n, 1);
    find(p, &a, run_id, 10);
    find(p, &a, run_id, 11);
    ahead_free(&a);
}

static void few_are_read_until_more_are_met_in_order(void **state)
{
    struct place *p = *state;
    int64_t run_id = begin(p);
    struct ahead a;
    ahead_init(&a);
    for (int i = 0; i < N_PROMPTS; i += i % 10 == 2 ? 8 : 1) {
        find(p, &a, run_id, i);
        assert_true(a.n < AHEAD_PROMPTS / 16);
    }
    size_t most = 0;
    for (int i = 0; i < N_PROMPTS; i++) {
        find(p, &a, run_id, i);
        most = a.n > most ? a.n : most;
    }
    assert_int_equal(most, AHEAD_PROMPTS);
    ahead_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_prompt_is_found_in_any_order),
        T(what_is_stored_meanwhile_is_found),
        T(few_are_read_until_more_are_met_in_order),
    };
    return TEST_RUN(tests);
}
