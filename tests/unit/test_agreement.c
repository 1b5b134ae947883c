/* How far judges agree with people, and what else moves them. */
#include "arena/agreement.h"

#include <math.h>

#include "arena/store/judgments.h"
#include "store_place.h"

/* What a judge said in both orders, and the vote that follows. */
static void judge(struct place *p, int64_t id, const char *voter,
                  const double value[2], double tie,
                  enum rating_outcome verdict)
{
    for (int part = 0; part < 2; part++) {
        struct store_judgment j = {
            .battle_id = id, .voter = voter, .part = part, .form = "f",
            .value = value[part], .tie = tie, .reply = "", .n_in = -1,
            .n_out = 1, .cost = NAN};
        if (store_put_judgment(p->s, &j, &p->e) != 0)
            fail_msg("%s", p->e.text);
    }
    vote(p, id, verdict, voter);
}

static struct agreement load(struct place *p, const char *category)
{
    struct store_filter f = {.category = category};
    struct agreement a;
    if (agreement_load(&a, p->s, &f, NULL, &p->e) != 0)
        fail_msg("%s", p->e.text);
    return a;
}

/* The answer of side A is the longer one.  Both orders agree on the first
 * battle, and not on the second. */
static void two_verdicts(struct place *p, int64_t id[2])
{
    id[0] = battle_in(p, "1", "math", false);
    id[1] = battle_in(p, "2", "code", false);
    judge(p, id[0], "judge:j", (double[]){1, 1}, 0, RATING_FIRST);
    judge(p, id[1], "judge:j", (double[]){1, 0}, 0, RATING_TIE);
}

static void order_is_counted_of_the_votes_that_were_asked_for(void **state)
{
    struct place *p = *state;
    int64_t id[2];
    two_verdicts(p, id);
    struct agreement a = load(p, NULL);
    assert_int_equal(a.n, 2);
    assert_string_equal(a.voters[1].name, "judge:j");
    assert_int_equal(a.voters[1].n_swapped, 2);
    assert_int_equal(a.voters[1].n_consistent, 1);
    assert_near(a.voters[1].shown_first, 0.75, 1e-12);
    agreement_free(&a);

    a = load(p, "code");
    assert_int_equal(a.voters[1].n, 1);
    assert_int_equal(a.voters[1].n_swapped, 1);
    assert_int_equal(a.voters[1].n_consistent, 0);
    assert_near(a.voters[1].shown_first, 1, 1e-12);
    agreement_free(&a);
}

/* A score of 1 is no share of 1. */
static void scores_say_nothing_of_the_order(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "1", false);
    judge(p, id, "judge:j", (double[]){1, 1}, NAN, RATING_TIE);
    id = battle(p, "2", false);
    judge(p, id, "judge:j", (double[]){7, 3}, NAN, RATING_FIRST);
    struct agreement a = load(p, NULL);
    assert_int_equal(a.voters[1].n, 2);
    assert_int_equal(a.voters[1].n_swapped, 0);
    assert_true(isnan(a.voters[1].shown_first));
    agreement_free(&a);
}

/* Two judges and two people; of the judge k there is no shared battle. */
static void agreement_is_of_shared_battles(void **state)
{
    struct place *p = *state;
    int64_t id[3] = {battle_in(p, "1", "math", false),
                     battle_in(p, "2", "math", false),
                     battle_in(p, "3", "code", false)};
    vote(p, id[0], RATING_FIRST, "human:ann");
    vote(p, id[0], RATING_FIRST, "human:bob");
    vote(p, id[1], RATING_SECOND, "human:ann");
    vote(p, id[0], RATING_FIRST, "judge:j");
    vote(p, id[1], RATING_FIRST, "judge:j");
    vote(p, id[2], RATING_SECOND, "judge:j");
    vote(p, id[2], RATING_TIE, "judge:k");
    struct agreement a = load(p, NULL);
    assert_int_equal(a.n, 3);
    const struct agreement_voter *people = &a.voters[0], *j = &a.voters[1];
    assert_int_equal(people->n, 3);
    assert_near(people->with_people.n, 1, 0); /* ann and bob, once */
    assert_near(people->with_people.n_same, 1, 0);
    assert_int_equal(j->n, 3);
    assert_near(j->with_people.n, 3, 0);
    assert_near(j->with_people.n_same, 2, 0);
    assert_near(a.voters[2].with_people.n, 0, 0);
    assert_true(isnan(a.voters[2].with_people.kappa));
    assert_int_equal(j->longer.n, 3);
    assert_int_equal(j->longer.n_won, 2);
    /* In code no person voted, so math alone is told. */
    assert_int_equal(j->n_categories, 1);
    assert_string_equal(j->categories[0].name, "math");
    assert_near(j->categories[0].with_people.n, 3, 0);
    assert_int_equal(a.voters[2].n_categories, 0);
    agreement_free(&a);

    a = load(p, "math"); /* of one category there are no parts */
    assert_near(a.voters[1].with_people.n, 3, 0);
    assert_int_equal(a.voters[1].n_categories, 0);
    agreement_free(&a);
}

static void categories_stand_in_order(void **state)
{
    static const char *const names[] = {"writing", "math", "code"};
    struct place *p = *state;
    for (int i = 0; i < 3; i++) {
        int64_t id = battle_in(p, names[i], names[i], false);
        vote(p, id, i == 1 ? RATING_SECOND : RATING_FIRST, "human:ann");
        vote(p, id, RATING_FIRST, "judge:j");
    }
    struct agreement a = load(p, NULL);
    const struct agreement_voter *j = &a.voters[1];
    assert_int_equal(j->n_categories, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(j->categories[i].name, names[2 - i]);
    assert_near(j->categories[1].with_people.n_same, 0, 0);
    assert_near(j->categories[2].with_people.n_same, 1, 0);
    agreement_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(order_is_counted_of_the_votes_that_were_asked_for),
        T(scores_say_nothing_of_the_order),
        T(agreement_is_of_shared_battles),
        T(categories_stand_in_order),
    };
    return TEST_RUN(tests);
}
