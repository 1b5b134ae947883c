/* Tests of arena/votelog: forms, faults, and reading in parts. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/unit/votelog_taken.h"

/* --- CSV --------------------------------------------------------------- */

static void csv_in_other_clothes(void **state)
{
    (void)state;
    const char *const same[] = {
        "model_a,model_b,winner\nx,y,model_a\ny,x,tie\n",
        "model_a;model_b;winner\nx;y;model_a\ny;x;tie",
        "model_a\tmodel_b\twinner\r\nx\ty\tmodel_a\r\ny\tx\ttie\r\n",
        "\xEF\xBB\xBFmodel_a,model_b,winner\nx,y,a\n\n\ny,x,tie\n\n",
        "\n\nModel_A,MODEL_B,Winner\nx,y,left\n\r\ny,x,tie\n",
        "\"model_a\",\"model_b\",\"winner\"\n\"x\",\"y\",\"model_a\"\n"
        "\"y\",\"x\",\"tie\"",
        "w,winner_model_a,winner_model_b,winner_tie,model_a,model_b\n"
        "9,1,0,0,x,y\n9,0,0,1,y,x\n",
        "left,right,winner\nx,y,left\ny,x,tie\n",
        "sep=\t\r\n \nmodel_a\tmodel_b\twinner\nx\ty\ta\ny\tx\ttie\n",
        "model_a, model_b , winner\nx,y,model_a\n y, x,\ttie \n",
        "model_a\tmodel_b\twinner\ta, b, c, d\nx\ty\tmodel_a\t,\n"
        "y\tx\ttie\t\n",
        "a;b,model_a,model_b,\"winner\",c;d;e;f;g\n1,x,y,a,\n2,y,x,tie,\n",
        "model_a,model_b,winner\r\nx,y,model_a\r\ny,x,tie\r",
        "model_a,model_b,winner\r\nx,y,model_a\r\ny,x,\"tie\"\r",
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        struct taken *t = read_string(same[i]);
        if (t->status != 0)
            fail_msg("%zu: %s", i, t->e.text);
        assert_int_equal(t->log.n_votes, 2);
        assert_int_equal(t->log.n_rejected, 0);
        assert_vote(t, 0, "x", "y", RATING_FIRST);
        assert_vote(t, 1, "y", "x", RATING_TIE);
        done(t);
    }
}

static void csv_quotes(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "model_a,model_b,winner\n"
        "\"a, \"\"b\"\"\",\"\"\"\",model_a\n" /* a, "b"  and  " */
        "\"two\nlines\",in\"side,model_b\n"
        "\"x\"y,z,tie\n"
        "\"x\",\" z\",tie\n"
        "\"open,z,tie\nq,r,tie\n");
    assert_int_equal(t->status, 0);
    assert_vote(t, 0, "a, \"b\"", "\"", RATING_FIRST);
    assert_vote(t, 1, "two\nlines", "in\"side", RATING_SECOND);
    assert_vote(t, 2, "x", " z", RATING_TIE);
    assert_vote(t, 3, "q", "r", RATING_TIE); /* none of that quote's fault */
    assert_int_equal(t->log.n_votes, 4);
    assert_int_equal(t->log.n_rejected, 2);
    assert_rejected(t, 0, 5, "behind a closing quote");
    assert_rejected(t, 1, 7, "never closed");
    done(t);
}

static void csv_rejects_rows(void **state)
{
    (void)state;
    static const char text[] =
        "model_a,model_b,winner\n"
        "x,y\n"
        ",y,tie\n"
        "x,x,tie\n"
        "x,y,MODEL_A\n"
        "x,\xFF,tie\n"
        "x,a\0b,tie\n"
        "x,y,model_a,more,columns\n";
    struct votelog_options o = {.n_threads = 1};
    struct taken *t = read_text(text, sizeof(text) - 1, &o);
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_votes, 1);
    assert_rejected(t, 0, 2, "2 columns where 3");
    assert_rejected(t, 1, 3, "without a name");
    assert_rejected(t, 2, 4, "self-play");
    assert_rejected(t, 3, 5, "unknown winner label 'MODEL_A'");
    assert_rejected(t, 4, 6, "not UTF-8");
    assert_rejected(t, 5, 7, "not UTF-8");
    done(t);
}

static void csv_is_no_log(void **state)
{
    (void)state;
    const struct {
        const char *text, *says;
    } cases[] = {
        {"", "empty"},
        {"\n \n", "empty"},
        {"\xFF\xFEm\0", "UTF-16"},
        {"a,b,c\n1,2,3\n", "no column model_a"},
        {"model_a,b,c\n1,2,3\n", "no column model_b"},
        {"model_a,model_b,winner\rx,y,tie\ry,x,tie\r", "end in CR alone"},
        {"model_a,model_b,c\n1,2,3\n", "this file has model_a, model_b, c"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct taken *t = read_string(cases[i].text);
        assert_int_equal(t->status, -1);
        assert_int_equal(t->e.code, ERR_FORMAT);
        if (strstr(t->e.text, cases[i].says) == NULL)
            fail_msg("\"%s\" does not say %s", t->e.text, cases[i].says);
        done(t);
    }
}

/* However many threads read it: all parts together, or one of them. */
static void too_many_models(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 24);
    buf_add_str(&text, "model_a,model_b,winner\n");
    for (int k = 0; k < VOTELOG_MAX_MODELS; k++)
        buf_addf(&text, "a model with the long name number %d,z,tie\n", k);
    for (int threads = 1; threads <= 2; threads++) {
        struct votelog_options o = {.n_threads = threads};
        struct taken *t = read_text(text.data, text.len, &o);
        assert_int_equal(t->status, -1);
        assert_int_equal(t->e.code, ERR_FORMAT);
        assert_non_null(strstr(t->e.text, ": more than 65536 models; are"));
        done(t);
    }
    buf_free(&text);
}

static void csv_columns_on_request(void **state)
{
    (void)state;
    static const char text[] =
        "model_a,model_b,winner,judge,n,lang,tokens_a,tokens_b\n"
        "x,y,tie,ann,3,de,10,20\n"
        "x,y,tie,bob,0,de,1,2\n"
        "x,y,tie,ann,5000000000,en,,7\n";
    struct votelog_options o = {.n_threads = 1,
                                .voters = true,
                                .category = "lang",
                                .count = "n",
                                .features = true};
    struct taken *t = read_text(text, strlen(text), &o);
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_votes, 2);
    assert_rejected(t, 0, 3, "'0' is not a count");
    assert_int_equal(t->votes[0].voter, t->votes[1].voter);
    assert_string_equal(names_get(&t->log.voters, t->votes[0].voter, NULL),
                        "ann");
    assert_true(t->votes[1].times == 5000000000u);
    assert_int_equal(t->log.categories.n, 2);
    assert_int_equal(t->log.n_features, 1);
    assert_string_equal(t->log.features[0], "tokens");
    assert_true(t->x[0][0][0] == 10 && t->x[0][0][1] == 20);
    assert_true(t->x[1][0][0] != t->x[1][0][0]); /* NaN: not given */
    assert_true(t->x[1][0][1] == 7);
    done(t);
    o.category = "language";
    t = read_text(text, strlen(text), &o);
    assert_int_equal(t->status, -1);
    done(t);
}

/* --- parts ------------------------------------------------------------- */

/* The same log whole and in parts gives the same counts by name. */
static void assert_same_counts(const struct taken *whole,
                               const struct taken *parts)
{
    struct rating_counts all;
    rating_counts_init(&all);
    for (int k = 0; k < parts->log.n_chunks; k++)
        rating_counts_merge(&all, &parts->parts[k], parts->log.model_map[k]);
    assert_int_equal(whole->log.models.n, parts->log.models.n);
    for (uint32_t i = 0; i < whole->log.models.n; i++)
        assert_string_equal(model(whole, i), model(parts, i));
    assert_int_equal(all.n_cells, whole->parts[0].n_cells);
    for (size_t k = 0; k < all.n_cells; k++) {
        const struct rating_cell *a = &all.cells[k];
        const struct rating_cell *b =
            rating_counts_find(&whole->parts[0], a->first, a->second);
        assert_non_null(b);
        assert_memory_equal(a->n, b->n, sizeof(a->n));
    }
    rating_counts_free(&all);
    assert_int_equal(whole->log.n_votes, parts->log.n_votes);
    assert_int_equal(whole->log.n_rejected, parts->log.n_rejected);
    assert_int_equal(whole->log.n_shown, parts->log.n_shown);
    for (size_t k = 0; k < whole->log.n_shown; k++)
        assert_int_equal(whole->log.shown[k].line, parts->log.shown[k].line);
}

static void compare_parts(const struct buf *text, bool restarts)
{
    struct votelog_options o = {.n_threads = 1};
    struct taken *whole = read_text(text->data, text->len, &o);
    assert_int_equal(whole->status, 0);
    for (int n = 2; n <= 7; n++) {
        o.n_threads = n;
        struct taken *t = read_text(text->data, text->len, &o);
        assert_int_equal(t->status, 0);
        assert_true(t->log.n_chunks > 1);
        assert_same_counts(whole, t);
        assert_int_equal(t->n_restarts > 0, restarts);
        done(t);
    }
    done(whole);
}

static void parts_agree(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 24);
    buf_add_str(&text, "model_a,model_b,winner\n");
    for (unsigned i = 0; text.len < 3500000; i++)
        buf_addf(&text, "model-%u,model-%u,%s%s", i * 7 % 50,
                 50 + i * 11 % 60 + (i > 90000), i % 3 ? "model_a" : "tie",
                 i % 20000 == 9 ? "x\n" : i % 5 ? "\n" : "\r\n");
    compare_parts(&text, false);
    buf_free(&text);
}

/* Fields that hold whole rows between quotes: a part that begins inside one
 * takes its lines for rows, and must be read again. */
static void parts_that_guess_wrong(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 24);
    buf_add_str(&text, "note,model_a,model_b,winner\n");
    for (unsigned i = 0; text.len < 3500000; i++) {
        buf_addf(&text, "\"");
        for (int k = 0; k < 3000; k++)
            buf_addf(&text, "not a vote,u%d,v%d,tie\n", k, k);
        buf_addf(&text, "\",m%u,n%u,model_b\n", i, i + 1);
    }
    compare_parts(&text, true);
    buf_free(&text);
}

/* --- JSON -------------------------------------------------------------- */

static void json_lmarena(void **state)
{
    (void)state;
    const char *const same[] = {
        "[{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"model_a\"},\n"
        " {\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie (bothbad)\"}]",
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"model_a\"}\n\n"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"both_bad\"}",
        "{\"type\":\"leftvote\",\"models\":[\"\",\"\"],\"states\":["
        "{\"model_name\":\"x\"},{\"model_name\":\"y\"}]}\n"
        "{\"type\":\"chat\",\"model\":\"x\"}\n"
        "{\"type\":\"bothbad_vote\",\"states\":[{\"model_name\":\"x\"},"
        "{\"model_name\":\"y\"}]}\n",
    };
    for (size_t i = 0; i < 3; i++) {
        struct taken *t = read_string(same[i]);
        if (t->status != 0)
            fail_msg("%s", t->e.text);
        assert_int_equal(t->log.n_votes, 2);
        assert_int_equal(t->log.n_rejected, 0);
        assert_vote(t, 0, "x", "y", RATING_FIRST);
        assert_vote(t, 1, "x", "y", RATING_BAD);
        done(t);
    }
}

static void json_judgments(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "{\"model\":\"m\",\"baseline\":\"b\",\"judge\":\"j\",\"games\":["
        "{\"score\":\"B>A\"},{\"score\":\"A>>B\"}]}\n"
        "{\"model\":\"m\",\"baseline\":\"b\",\"games\":[{\"score\":null},"
        "{\"score\":\"A=B\"},{\"score\":\"?\"}]}\n");
    assert_int_equal(t->log.n_votes, 3);
    assert_int_equal(t->log.n_skipped, 1);
    assert_int_equal(t->log.n_rejected, 1);
    assert_vote(t, 0, "b", "m", RATING_SECOND);
    assert_vote(t, 1, "m", "b", RATING_FIRST);
    assert_int_equal(t->votes[1].times, 3);
    assert_vote(t, 2, "m", "b", RATING_TIE);
    done(t);

    t = read_string("[{\"generator_1\":\"r\",\"generator_2\":\"m\","
                    "\"preference\":1.5},{\"generator_1\":\"r\","
                    "\"generator_2\":\"m\",\"preference\":1.8},"
                    "{\"generator_1\":\"r\",\"generator_2\":\"m\","
                    "\"preference\":null},\n{\"generator_1\":\"r\","
                    "\"generator_2\":\"m\",\"preference\":7}]");
    assert_int_equal(t->log.n_votes, 2);
    assert_int_equal(t->log.n_skipped, 1);
    assert_vote(t, 0, "r", "m", RATING_TIE);
    assert_vote(t, 1, "r", "m", RATING_SECOND);
    assert_rejected(t, 0, 2, "within 1 to 2");
    done(t);

    t = read_string("{\"model_1\":\"m\",\"model_2\":\"n\",\"g1_winner\":"
                    "\"model_1\",\"g2_winner\":\"model_1\"}\n"
                    "{\"model_1\":\"m\",\"model_2\":\"n\",\"g1_winner\":"
                    "\"model_1\",\"g2_winner\":\"model_2\"}\n"
                    "{\"model_1\":\"m\",\"model_2\":\"n\",\"g1_winner\":"
                    "\"error\",\"g2_winner\":\"tie\"}\n");
    assert_int_equal(t->log.n_votes, 2);
    assert_vote(t, 0, "m", "n", RATING_FIRST);
    assert_vote(t, 1, "m", "n", RATING_TIE);
    done(t);
}

static void json_faults(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\"}\n"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"never\"}\n"
        "{\"model_a\":\"x\",\n"
        "7\n"
        "{\"some\":\"thing\"}\n"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\"}\n"
        "{\"model_a\":\"x\",\"model_b");
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_votes, 2);
    assert_rejected(t, 0, 2, "unknown winner label 'never'");
    assert_rejected(t, 1, 3, "JSON");
    assert_rejected(t, 2, 4, "no object");
    assert_rejected(t, 3, 5, "no battle of a form that we know");
    assert_rejected(t, 4, 7, "JSON");
    done(t);

    t = read_string("[{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":"
                    "\"tie\"},\n\n{\"model_a\":\"}]\\\"\"");
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_votes, 1);
    assert_rejected(t, 0, 3, "ends inside");
    assert_int_equal(t->log.n_rejected, 1);
    done(t);
}

/* The parser would end a string at an escaped NUL. */
static void json_nul(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "{\"model_a\":\"x\\u0000a\",\"model_b\":\"y\",\"winner\":\"tie\"}\n"
        "{\"model_a\":\"x\\\\u0000\",\"model_b\":\"y\",\"winner\":\"tie\","
        "\"text\":\"\\u0000\"}\n");
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_votes, 1);
    assert_rejected(t, 0, 1, "a model's name is not UTF-8 text");
    assert_vote(t, 0, "x\\u0000", "y", RATING_TIE);
    done(t);
}

/* An element longer than the first window, and strings full of brackets. */
static void json_large_elements(void **state)
{
    (void)state;
    struct buf text;
    struct votelog_options o = {.n_threads = 1};
    buf_init(&text, 1 << 24);
    buf_add_str(&text, "[\n");
    for (int k = 0; k < 4; k++) {
        buf_addf(&text, "%s{\"model_a\":\"x\",\"text\":\"", k ? ",\n" : "");
        while (text.len < (size_t)(k + 1) * 700000)
            buf_add_str(&text, "]}{[\\\"\\\\ ");
        buf_addf(&text, "\",\"model_b\":\"y%d\",\"winner\":\"tie\"}", k);
    }
    buf_add_str(&text, "]\n");
    struct taken *t = read_text(text.data, text.len, &o);
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_votes, 4);
    assert_vote(t, 3, "x", "y3", RATING_TIE);
    done(t);
    buf_free(&text);
}

static void json_style(void **state)
{
    (void)state;
    static const char text[] =
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\",\"meta\":"
        "{\"lang\":\"en\"},\"conversation_a\":[{\"role\":\"user\",\"content\":"
        "\"# no\"},{\"role\":\"assistant\",\"content\":\"# T\\n- a\\n1. b\\n"
        "**c** d\\n```\\n# code\\n```\\n\\u00e9\"}],\"conversation_b\":["
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"abc\"}]}]}\n"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\"}\n";
    struct votelog_options o = {
        .n_threads = 1, .features = true, .category = "meta.lang"};
    struct taken *t = read_text(text, strlen(text), &o);
    assert_int_equal(t->status, 0);
    assert_int_equal(t->log.n_features, 5);
    const float want[5][2] = {{30, 3}, {1, 0}, {2, 0}, {1, 0}, {1, 0}};
    assert_string_equal(t->log.features[0], "length");
    for (int k = 0; k < 5; k++)
        for (int side = 0; side < 2; side++)
            if (t->x[0][k][side] != want[k][side])
                fail_msg("%s: %g", t->log.features[k],
                         (double)t->x[0][k][side]);
    assert_true(t->x[1][0][0] != t->x[1][0][0]);
    assert_string_equal(
        names_get(&t->log.categories, t->votes[0].category, NULL), "en");
    assert_int_equal(t->votes[1].category, VOTELOG_NONE);
    done(t);
}

static void no_such_file(void **state)
{
    (void)state;
    struct votelog log;
    struct votelog_options o = {.n_threads = 1};
    struct votelog_sink sink = {.votes = take, .restart = restart};
    struct err e;
    assert_int_equal(votelog_read(&log, "tests/none.csv", &o, &sink, &e), -1);
    assert_non_null(strstr(e.text, "tests/none.csv: cannot open"));
    votelog_free(&log);
    assert_int_equal(votelog_read(&log, "tests", &o, &sink, &e), -1);
    assert_non_null(strstr(e.text, "tests: cannot read"));
    votelog_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_in_other_clothes),
        cmocka_unit_test(csv_quotes),
        cmocka_unit_test(csv_rejects_rows),
        cmocka_unit_test(csv_is_no_log),
        cmocka_unit_test(too_many_models),
        cmocka_unit_test(csv_columns_on_request),
        cmocka_unit_test(parts_agree),
        cmocka_unit_test(parts_that_guess_wrong),
        cmocka_unit_test(json_lmarena),
        cmocka_unit_test(json_judgments),
        cmocka_unit_test(json_faults),
        cmocka_unit_test(json_nul),
        cmocka_unit_test(json_large_elements),
        cmocka_unit_test(json_style),
        cmocka_unit_test(no_such_file),
    };
    return TEST_RUN(tests);
}
