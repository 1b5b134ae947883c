/* The leaderboard: from counts to rows, and how they are printed. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/leaderboard.h"
#include "base/json.h"
#include "base/mem.h"
#include "tui/print/ratings.h"
#include "tui/print/table.h"

enum { REMOTE, QWEN, TINY };
static const char *const names[] = {"remote-mini", "qwen3-8b", "tiny-110m"};

static void add(struct rating_counts *c, uint32_t a, uint32_t b, uint64_t wins,
                uint64_t losses, uint64_t ties, uint64_t bad)
{
    const uint64_t n[] = {wins, losses, ties, bad};
    for (int i = 0; i < RATING_N_OUTCOMES; i++)
        if (n[i] > 0)
            assert_int_equal(rating_counts_add(c, a, b, (enum rating_outcome)i,
                                               n[i]), 0);
}

static struct leaderboard board_of(const struct rating_counts *c,
                                   const char *const *of_names,
                                   const struct bt_params *p)
{
    struct leaderboard l;
    struct bt_result fit;
    struct err why = {.code = ERR_NONE};
    if (bt_fit(c, p, &fit, &why) != 0)
        fail_msg("%s", why.text);
    leaderboard_from_fit(&l, of_names, c, &fit, p);
    bt_free(&fit);
    return l;
}

/* 75 battles: head to head 31-18-11, 3-0-1 and 8-2-1, three of the first pair's
 * and one of each other pair's ties being both-bad. */
static struct leaderboard sample(struct rating_counts *c)
{
    rating_counts_init(c);
    add(c, REMOTE, QWEN, 20, 10, 8, 3);
    add(c, QWEN, REMOTE, 8, 11, 0, 0);
    add(c, REMOTE, TINY, 3, 0, 0, 1);
    add(c, QWEN, TINY, 8, 2, 1, 0);
    struct bt_params p = bt_defaults();
    p.prior = 1;
    return board_of(c, names, &p);
}

static void rows_are_best_first_with_their_counts(void **state)
{
    (void)state;
    struct rating_counts c;
    struct leaderboard l = sample(&c);
    assert_int_equal(l.n_rows, 3);
    assert_int_equal(l.n_votes, 75);
    const struct leaderboard_row *best = &l.rows[0], *last = &l.rows[2];
    assert_string_equal(best->name, "remote-mini");
    assert_string_equal(last->name, "tiny-110m");
    assert_int_equal(best->votes, 64);
    assert_int_equal(best->wins, 34);
    assert_int_equal(best->losses, 18);
    assert_int_equal(best->ties, 8);
    assert_int_equal(best->bad, 4);
    assert_near(leaderboard_win_rate(best), 62.5, 1e-9);
    assert_near(best->rating, 1062, 0.6);
    assert_near(l.rows[1].rating, 987, 0.6);
    assert_near(last->rating, 794, 0.6);
    assert_int_equal(best->rank, 1);
    assert_int_equal(last->rank, 2); /* few votes: reaches up to the middle */
    assert_false(best->preliminary);
    assert_true(last->preliminary); /* 15 votes */
    assert_int_equal(l.n_first, 20 + 8 + 3 + 8);
    assert_int_equal(l.n_second, 10 + 11 + 2);
    leaderboard_free(&l);
    rating_counts_free(&c);
}

static void elo_takes_the_place_of_scores(void **state)
{
    (void)state;
    static const double elo[] = {1010, 1010, 1020};
    struct rating_counts c;
    struct leaderboard l = sample(&c);
    struct elo_params p = elo_defaults();
    leaderboard_set_elo(&l, elo, &p);
    assert_string_equal(l.rows[0].name, "tiny-110m");
    assert_string_equal(l.rows[1].name, "remote-mini"); /* won more */
    assert_int_equal(l.rows[0].rank, 1);
    assert_int_equal(l.rows[1].rank, 2);
    assert_int_equal(l.rows[2].rank, 2);
    assert_true(isnan(l.rows[0].lower));
    leaderboard_free(&l);
    rating_counts_free(&c);
}

static char *printed(const struct ratings_view *v, enum ratings_format format)
{
    struct buf b;
    struct err e;
    buf_init(&b, 1 << 20);
    assert_int_equal(ratings_print(v, format, &b, &e), 0);
    assert_false(b.overflow);
    return buf_detach(&b);
}

/* Speed and cost: of a store, and where there is room for them. */
static void answers_are_told_where_there_is_room(void **state)
{
    (void)state;
    struct rating_counts c;
    struct leaderboard l = sample(&c);
    struct ratings_view v = {.board = &l, .counts = &c};
    char *text = printed(&v, RATINGS_JSON);
    assert_null(strstr(text, "cost_per_1k"));
    free(text);
    text = printed(&v, RATINGS_CSV);
    assert_non_null(strstr(text, ",group,preliminary\n"));
    free(text);
    l.has_usage = true;
    text = printed(&v, RATINGS_TEXT); /* nothing is known yet */
    assert_null(strstr(text, "TTFT"));
    free(text);
    l.rows[0].usage = (struct store_usage){940, 71.4, 0.00131};
    text = printed(&v, RATINGS_TEXT);
    assert_non_null(strstr(text, "Win%     $/1k  TTFT  tok/s\n"));
    assert_non_null(strstr(text, "0.00131  0.9s     71\n"));
    assert_non_null(strstr(text, "-     -      -\n"));
    size_t width = strcspn(text, "\n");
    free(text);
    v.columns = (int)width;
    text = printed(&v, RATINGS_TEXT);
    assert_non_null(strstr(text, "TTFT"));
    free(text);
    v.columns--;
    text = printed(&v, RATINGS_TEXT);
    assert_null(strstr(text, "TTFT"));
    assert_non_null(strstr(text, "Win%\n"));
    free(text);
    v.columns = 0;
    text = printed(&v, RATINGS_MARKDOWN);
    assert_non_null(strstr(text, "| Win% | $/1k | TTFT | tok/s |"));
    free(text);
    text = printed(&v, RATINGS_CSV);
    assert_non_null(strstr(text, ",preliminary,cost_per_1k,first_ms,"
                                 "tokens_per_second\n"));
    assert_non_null(strstr(text, ",0.00131,940.000000,71.400000\n"));
    assert_non_null(strstr(text, ",,,\n"));
    free(text);
    text = printed(&v, RATINGS_JSON);
    assert_non_null(strstr(text, "\"cost_per_1k\":0.00131,\"first_ms\":940,"
                                 "\"tokens_per_second\":71.4"));
    assert_non_null(strstr(text, "\"cost_per_1k\":null"));
    free(text);
    leaderboard_free(&l);
    rating_counts_free(&c);
}

/* What one answer took, on request. */
static void an_answer_is_told_on_request(void **state)
{
    (void)state;
    struct rating_counts c;
    struct leaderboard l = sample(&c);
    struct ratings_view v = {.board = &l, .counts = &c};
    char *text = printed(&v, RATINGS_TEXT);
    assert_null(strstr(text, "s/answer"));
    assert_null(strstr(text, "an answer: "));
    free(text);
    l.has_usage = l.has_per_answer = true;
    for (size_t i = 1; i < l.n_rows; i++)
        l.rows[i].per_answer = (struct store_per_answer){1, 0, 0, NAN, NAN};
    l.rows[0].per_answer = (struct store_per_answer){9, 8, 7, 3.25, 0.00041};
    text = printed(&v, RATINGS_TEXT);
    assert_non_null(strstr(text, "Win%  s/answer  $/answer\n"));
    assert_non_null(strstr(text, "    3.25   0.00041\n"));
    assert_non_null(strstr(text, "       -         -\n"));
    assert_non_null(strstr(text, "\nan answer: means over the 8 of 11 answers "
                                 "whose time is known, and the 7 whose cost "
                                 "is\n"));
    free(text);
    text = printed(&v, RATINGS_CSV);
    assert_non_null(strstr(text, ",tokens_per_second,seconds_per_answer,"
                                 "cost_per_answer,answers,answers_timed,"
                                 "answers_priced\n"));
    assert_non_null(strstr(text, ",3.250000,0.00041,9,8,7\n"));
    assert_non_null(strstr(text, ",,,1,0,0\n"));
    free(text);
    text = printed(&v, RATINGS_JSON);
    assert_non_null(strstr(text, "\"seconds_per_answer\":3.25,"
                                 "\"cost_per_answer\":0.00041,\"answers\":9,"
                                 "\"answers_timed\":8,\"answers_priced\":7"));
    assert_non_null(strstr(text, "\"seconds_per_answer\":null"));
    free(text);
    leaderboard_free(&l);
    rating_counts_free(&c);
}

static void the_table_says_all_there_is_to_say(void **state)
{
    (void)state;
    struct rating_counts c;
    struct leaderboard l = sample(&c);
    const struct ratings_note notes[] = {{"void", 2}, {"named", 0},
                                         {"withdrawn", 1}};
    struct ratings_view v = {.board = &l, .counts = &c, .excluded = notes,
                             .n_excluded = 3};
    char *text = printed(&v, RATINGS_TEXT);
    static const char head[] =
        "Rank  Model        Score  95% CI       Votes   W   L  T  BB  Win%\n"
        "   1  remote-mini   1062  -";
    assert_memory_equal(text, head, strlen(head));
    assert_non_null(strstr(text, " *  "));
    assert_non_null(strstr(text, "* preliminary. 75 votes rated; excluded: 2 "
                                 "void, 1 withdrawn. bt, ties half, sandwich, "
                                 "prior 1"));
    assert_non_null(strstr(text, "side A won 62.9% of 62 decided votes: "));
    free(text);
    v.matrix = true;
    text = printed(&v, RATINGS_TEXT);
    assert_non_null(strstr(text, "31-18-11"));
    assert_non_null(strstr(text, "18-31-11"));
    free(text);
    leaderboard_free(&l);
    rating_counts_free(&c);
}

static void json_is_json_and_whole(void **state)
{
    (void)state;
    struct rating_counts c;
    struct leaderboard l = sample(&c);
    struct ratings_view v = {.board = &l, .counts = &c, .matrix = true};
    char *text = printed(&v, RATINGS_JSON);
    struct err e;
    cJSON *j = json_parse(text, strlen(text), 1 << 20, "board", &e);
    if (j == NULL)
        fail_msg("%s", e.text);
    assert_string_equal(json_get_string(j, "method", ""), "bt");
    assert_near(json_get_number(j, "n_votes", 0), 75, 0);
    const cJSON *first = json_get(j, "models")->child;
    assert_string_equal(json_get_string(first, "name", ""), "remote-mini");
    assert_near(json_get_number(first, "rating", 0), l.rows[0].rating, 0);
    assert_near(json_get_number(first, "se", 0), l.rows[0].se, 0);
    assert_near(json_get_number(first, "wins", 0), 34, 0);
    assert_near(json_get_number(first, "ties", 0), 8, 0);
    assert_near(json_get_number(first, "both_bad", 0), 4, 0);
    assert_near(json_get_number(j, "components", 0), 1, 0);
    assert_near(json_get_number(json_get(j, "position"), "advantage", 0),
                l.position, 0);
    assert_near(json_get_number(json_get(j, "options"), "prior", 0), 1, 0);
    assert_int_equal(cJSON_GetArraySize(json_get(j, "matrix")), 3);
    cJSON_Delete(j);
    free(text);
    leaderboard_free(&l);
    rating_counts_free(&c);
}

/* An undefeated model and a group of its own: no inf, no nan, no score. */
static void what_has_no_estimate_has_no_number(void **state)
{
    (void)state;
    static const char *const odd[] = {"=cmd()", "\x1b[2Jb", "c|d",
                                      "e, \"f\"", "g", "h"};
    struct rating_counts c;
    rating_counts_init(&c);
    add(&c, 0, 1, 5, 0, 0, 0);
    add(&c, 1, 4, 1, 1, 0, 0);
    add(&c, 4, 5, 2, 0, 0, 0);
    add(&c, 2, 3, 1, 1, 0, 0);
    struct bt_params p = bt_defaults();
    p.prior = 0;
    struct leaderboard l = board_of(&c, odd, &p);
    assert_int_equal(l.n_components, 2);
    struct ratings_view v = {.board = &l, .counts = &c};
    for (int f = RATINGS_TEXT; f <= RATINGS_MARKDOWN; f++) {
        char *text = printed(&v, (enum ratings_format)f);
        assert_null(strstr(text, "nan"));
        assert_null(strstr(text, "inf"));
        assert_null(strchr(text, '\x1b'));
        free(text);
    }
    char *csv = printed(&v, RATINGS_CSV);
    assert_non_null(strstr(csv, "'=cmd()"));
    assert_non_null(strstr(csv, "\"e, \"\"f\"\"\""));
    free(csv);
    char *md = printed(&v, RATINGS_MARKDOWN);
    assert_non_null(strstr(md, "c\\|d"));
    free(md);
    char *text = printed(&v, RATINGS_TEXT);
    assert_non_null(strstr(text, "2 groups of models never met"));
    assert_non_null(strstr(text, "above "));
    assert_non_null(strstr(text, "below "));
    free(text);
    leaderboard_free(&l);
    rating_counts_free(&c);
}

static void cells_are_clipped_between_characters(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    /* U+65E5 takes two columns: two of them and the mark do not fit in 4. */
    assert_int_equal(table_add_clipped("\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5",
                                       4, &b), 3);
    assert_string_equal(b.data, "\xe6\x97\xa5~");
    buf_clear(&b);
    assert_int_equal(table_add_clipped("abcd", 4, &b), 4);
    assert_string_equal(b.data, "abcd");
    buf_clear(&b);
    assert_int_equal(table_add_clipped("abcde", 4, &b), 4);
    assert_string_equal(b.data, "abc~");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_best_first_with_their_counts),
        cmocka_unit_test(elo_takes_the_place_of_scores),
        cmocka_unit_test(answers_are_told_where_there_is_room),
        cmocka_unit_test(an_answer_is_told_on_request),
        cmocka_unit_test(the_table_says_all_there_is_to_say),
        cmocka_unit_test(json_is_json_and_whole),
        cmocka_unit_test(what_has_no_estimate_has_no_number),
        cmocka_unit_test(cells_are_clipped_between_characters),
    };
    return TEST_RUN(tests);
}
