/* Tests of arena/votelog: logs as people have them, a kind a test. */
#include "tests/unit/votelog_taken.h"

#include <math.h>

#include "base/buf.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct taken *read_good(const char *text,
                               const struct votelog_options *o)
{
    struct taken *t = read_text(text, strlen(text), o);
    if (t->status != 0)
        fail_msg("%s: %s", text, t->e.text);
    return t;
}

/* --- what a log says about a vote ---------------------------------------- */

static void named_votes_are_set_apart(void **state)
{
    (void)state;
    const char *const same[] = {
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\",\"anony\":true}"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\",\"anony\":"
        "false}",
        "[{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\",\"anony\":1},"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\","
        "\"anonymous\":\"False\"}]",
        "model_a,model_b,winner,anony\nx,y,tie,True\nx,y,tie,False\n",
        "model_a,model_b,winner,named\nx,y,tie,0\nx,y,tie,1\n",
        "model_a,model_b,winner,anony\nx,y,tie,t\nx,y,tie,no\n",
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\",\"anony\":"
        "null}{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\","
        "\"anony\":\" 0\"}",
        "{\"type\":\"tievote\",\"models\":[\"\",\"\"],\"states\":["
        "{\"model_name\":\"x\"},{\"model_name\":\"y\"}]}\n"
        "{\"type\":\"tievote\",\"models\":[\"x\",\"y\"],\"states\":["
        "{\"model_name\":\"x\"},{\"model_name\":\"y\"}]}\n",
    };
    for (size_t i = 0; i < N(same); i++) {
        struct taken *t = read_string(same[i]);
        if (t->log.n_votes != 1 || t->log.n_marked[VOTELOG_OPEN] != 1)
            fail_msg("%zu", i);
        assert_int_equal(t->log.n_rejected, 0);
        done(t);
    }
    struct taken *t = read_string("model_a,model_b,winner,anony\nx,y,a,maybe\n");
    assert_rejected(t, 0, 2, "'maybe' says neither that names were known");
    done(t);
    t = read_string("{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\","
                    "\"anony\":\"maybe\"}\n{\"model_a\":\"x\",\"model_b\":"
                    "\"y\",\"winner\":\"tie\",\"named\":2}\n");
    assert_int_equal(t->log.n_votes, 0);
    assert_rejected(t, 0, 1, "\"anony\" says neither yes nor no");
    assert_rejected(t, 1, 2, "\"named\" says neither yes nor no");
    done(t);
}

static void strengths_are_weights(void **state)
{
    (void)state;
    const struct {
        const char *text;
        double lean;
        enum rating_outcome outcome;
    } cases[] = {
        {"{\"generator_1\":\"x\",\"generator_2\":\"y\",\"preference\":1.4}",
         0.1, RATING_FIRST},
        {"generator_1,generator_2,preference\nx,y,1.4\n", 0.1, RATING_FIRST},
        {"{\"model_a\":\"x\",\"model_b\":\"y\",\"p_a\":0.25}", -0.25,
         RATING_SECOND},
        {"{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"model_b\",\"p_a\":"
         "0.75}", 0.25, RATING_FIRST},
        {"model_a,model_b,winner,p_a\nx,y,model_b,0.75\n", 0.25, RATING_FIRST},
        {"model_a,model_b,winner,p_a\nx,y,model_b,\n", 0, RATING_SECOND},
        {"model_a,model_b,p_a\nx,y,0.5\n", 0, RATING_TIE},
        {"model_a,model_b,p_a\nx,y,1\n", 0, RATING_FIRST},
        {"generator_1,generator_2,preference\nx,y,2.0\n", 0, RATING_SECOND},
        /* Tables that became JSON have texts. */
        {"{\"model_a\":\"x\",\"model_b\":\"y\",\"p_a\":\"0.25\"}", -0.25,
         RATING_SECOND},
        {"{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"model_b\",\"p_a\":"
         "\"\"}", 0, RATING_SECOND},
        {"{\"generator_1\":\"x\",\"generator_2\":\"y\",\"preference\":"
         "\"1.4\"}", 0.1, RATING_FIRST},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct taken *t = read_string(cases[i].text);
        assert_vote(t, 0, "x", "y", cases[i].outcome);
        if (fabs(t->votes[0].lean - cases[i].lean) > 1e-12)
            fail_msg("%s: %g", cases[i].text, t->votes[0].lean);
        done(t);
    }
    struct taken *t = read_string("model_a,model_b,p_a\nx,y,1.2\nx,y,high\n"
                                  "x,y,nan\n");
    assert_rejected(t, 0, 2, "'1.2' is not a probability from 0 to 1");
    assert_rejected(t, 1, 3, "'high' is not a probability");
    assert_int_equal(t->log.n_skipped, 1);
    done(t);
}

static void labels_and_names_of_winners(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "model_a,model_b,winner\n"
        "x,y,tie (inconsistent)\n"
        "x,y,\" model_a \"\n"
        "gpt,llama,llama\n"
        "gpt,llama,gpt\n"
        "b,a,a\n"
        "a,b,a\n"
        "x,y,z\n");
    assert_vote(t, 0, "x", "y", RATING_TIE);
    assert_vote(t, 1, "x", "y", RATING_FIRST);
    assert_vote(t, 2, "gpt", "llama", RATING_SECOND);
    assert_vote(t, 3, "gpt", "llama", RATING_FIRST);
    assert_vote(t, 4, "a", "b", RATING_FIRST);
    assert_rejected(t, 0, 6, "the winner 'a' is a label and the name of the "
                             "other model");
    assert_rejected(t, 1, 8, "unknown winner label 'z'");
    done(t);
}

static void judges_may_be_lists(void **state)
{
    (void)state;
    struct votelog_options o = {.n_threads = 1, .voters = true};
    struct taken *t = read_good(
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\",\"judge\":[\"j\","
        "\"pair\"]}{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\","
        "\"judge\":\"j\"}{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\","
        "\"user\":7}", &o);
    assert_int_equal(t->log.voters.n, 2);
    assert_int_equal(t->votes[0].voter, t->votes[1].voter);
    assert_string_equal(names_get(&t->log.voters, t->votes[2].voter, NULL),
                        "7");
    done(t);
}

/* --- no value is guessed ------------------------------------------------- */

static void one_hot_is_zero_or_one(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "model_a,model_b,winner_model_a,winner_model_b,winner_tie\n"
        "x,y,1,0,0\n"
        "x,y,0.0,1.0,0\n"
        "x,y,1e-05,0.99,0\n"
        "x,y,0,11,0\n"
        "x,y,1,,0\n"
        "x,y,1,0,1\n"
        "x,y,False,False,True\n");
    assert_vote(t, 0, "x", "y", RATING_FIRST);
    assert_vote(t, 1, "x", "y", RATING_SECOND);
    assert_vote(t, 2, "x", "y", RATING_TIE);
    assert_int_equal(t->log.n_votes, 3);
    assert_rejected(t, 0, 4, "winner_model_a is '1e-05', neither 0 nor 1");
    assert_rejected(t, 1, 5, "winner_model_b is '11', neither 0 nor 1");
    assert_rejected(t, 2, 6, "winner_model_b is '', neither 0 nor 1");
    assert_rejected(t, 3, 7, "more than one");
    done(t);
    t = read_string("{\"model_a\":\"x\",\"model_b\":\"y\",\"winner_model_a\":0,"
                    "\"winner_model_b\":1,\"winner_tie\":0}{\"model_a\":\"x\","
                    "\"model_b\":\"y\",\"winner_model_a\":0.3,"
                    "\"winner_model_b\":0.7}");
    assert_vote(t, 0, "x", "y", RATING_SECOND);
    assert_rejected(t, 0, 1, "winner_model_a is neither 0 nor 1");
    done(t);
    t = read_string("{\"model_a\":\"x\",\"model_b\":\"y\",\"winner_model_a\":"
                    "\"0\",\"winner_model_b\":\"1.0\",\"winner_tie\":\"0\"}");
    assert_vote(t, 0, "x", "y", RATING_SECOND);
    done(t);
}

static void lists_must_end(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "[{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"tie\"},\n");
    assert_int_equal(t->log.n_votes, 1);
    assert_rejected(t, 0, 2, "the file ends inside the list");
    done(t);
}

/* A thumb on an answer is a vote against those beside it. */
static void feedback_is_read(void **state)
{
    (void)state;
#define FEEDBACK(rating, others, arena)                                        \
    "{\"id\":\"f\",\"user_id\":\"u\",\"type\":\"rating\",\"data\":{"           \
    "\"rating\":" rating ",\"model_id\":\"m\",\"sibling_model_ids\":" others   \
    "},\"meta\":{\"arena\":" arena "}}"
    struct taken *t = read_string("[" FEEDBACK("1", "[\"n\",\"o\"]", "true")
        "," FEEDBACK("\"-1\"", "[\"n\"]", "true")
        "," FEEDBACK("1", "[\"n\"]", "false")
        "," FEEDBACK("1", "[]", "true")
        "," FEEDBACK("null", "[\"n\"]", "true")
        "," FEEDBACK("5", "[\"n\"]", "true") "]");
    assert_int_equal(t->log.n_votes, 3);
    assert_vote(t, 0, "m", "n", RATING_FIRST);
    assert_vote(t, 1, "m", "o", RATING_FIRST);
    assert_vote(t, 2, "m", "n", RATING_SECOND);
    assert_int_equal(t->log.n_marked[VOTELOG_OPEN], 1);
    assert_int_equal(t->log.n_skipped, 2);
    assert_rejected(t, 0, 1, "a rating that is neither 1 nor -1");
    done(t);
}

static void verdicts_may_be_missing(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":NaN}\n"
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":1}\n"
        "{\"model\":\"m\",\"baseline\":\"b\",\"games\":[{\"score\":null},"
        "{\"score\":3},{\"score\":[]}]}\n");
    assert_int_equal(t->log.n_votes, 0);
    assert_int_equal(t->log.n_skipped, 2);
    assert_rejected(t, 0, 2, "unknown winner label '1'");
    assert_rejected(t, 1, 3, "unknown score '3'");
    assert_rejected(t, 2, 3, "a score that is not text");
    done(t);
}

/* What one order says and what is no verdict are not a tie. */
static void both_orders_need_a_verdict(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "{\"model_1\":\"x\",\"model_2\":\"y\",\"g1_winner\":\"model_1\","
        "\"g2_winner\":\"perhaps\"}\n"
        "{\"model_1\":\"x\",\"model_2\":\"y\",\"g1_winner\":\"Error\","
        "\"g2_winner\":\"model_1\"}\n"
        "{\"model_1\":\"x\",\"model_2\":\"y\",\"g1_winner\":\"?\","
        "\"g2_winner\":\"model_1\"}\n");
    assert_int_equal(t->log.n_votes, 0);
    assert_int_equal(t->log.n_skipped, 1);
    assert_rejected(t, 0, 1, "unknown winner label 'perhaps'");
    assert_rejected(t, 1, 3, "unknown winner label '?'");
    done(t);
}

static void blanks_make_no_other_model(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "model_a,model_b,winner\n"
        "\"x \",\"\xC2\xA0y\",a\n"
        "x,\"\ty\r\n\",b\n"
        "\"x\xE2\x80\x8B\",y ,tie\n"
        "x, \"y\" ,tie\n"
        "\"x \",x,tie\n"
        "\" \",y,tie\n"
        "\" z\",y,tie\n");
    assert_int_equal(t->log.models.n, 3);
    assert_int_equal(t->log.n_votes, 5);
    assert_vote(t, 0, "x", "y", RATING_FIRST);
    assert_vote(t, 1, "x", "y", RATING_SECOND);
    assert_vote(t, 2, "x", "y", RATING_TIE);
    assert_vote(t, 3, "x", "y", RATING_TIE);
    assert_vote(t, 4, " z", "y", RATING_TIE); /* so it is always written */
    assert_rejected(t, 0, 7, "self-play");
    assert_rejected(t, 1, 8, "a model without a name");
    done(t);
    t = read_string("{\"model_a\":\"x \",\"model_b\":\"y\",\"winner\":\"a\"}"
                    "{\"model_a\":\"x\",\"model_b\":\" y\",\"winner\":\"a\"}");
    assert_int_equal(t->log.models.n, 2);
    assert_vote(t, 0, "x", "y", RATING_FIRST);
    done(t);
}

/* --- one bad element costs itself alone ---------------------------------- */

#define GOOD "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\"}"

static void damage_stays_where_it_is(void **state)
{
    (void)state;
    const struct {
        const char *text;
        uint64_t n_votes, n_rejected;
    } cases[] = {
        {"[" GOOD ",7," GOOD ",null,\"a\",[1,2]," GOOD "]", 3, 4},
        {"[" GOOD ",{\"a\":nope}," GOOD "]", 2, 1},
        {"[" GOOD ",{\"a\" \"b\"}," GOOD "]", 2, 1},
        {"[" GOOD ",{\"a\":\"he said \"hi\" to\"}," GOOD "]", 2, 1},
        {"[" GOOD ",{\"model_a\":\"x\",\"conv\":[{\"a\":1}" GOOD "]", 2, 1},
        {"[\n" GOOD ",\n{\"model_a\":\"x\",\"mod\n" GOOD "\n]", 2, 1},
        {"[\n" GOOD ",\n{\"model_a\":[\n" GOOD ",\n" GOOD "\n]", 3, 1},
        {"[" GOOD ",;," GOOD "]", 2, 1},
        {GOOD "\n{\"model_a\":\n" GOOD "\n" GOOD "\n", 3, 1},
        {GOOD "\n{\"model_a\":\"x\n" GOOD "\n", 2, 1},
        {GOOD "\n]\n" GOOD "\n", 2, 1},
        {GOOD "\nnull\n" GOOD "\n", 2, 1},
        {GOOD "\n{\n  \"model_a\": \"x\"\n  \"winner\": \"a\"\n}\n" GOOD, 2, 1},
        {"[" GOOD "]\n[" GOOD "]\n", 2, 0},
        {GOOD "," GOOD, 2, 0},
        {"model_a,model_b,winner\nx,y,a\n\"x,y,a\nx,y,a\nx,y,b\n", 3, 1},
        {"model_a,model_b,winner\n\"x\ny\"z,y,a\nx,y,b\n", 2, 1},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct taken *t = read_string(cases[i].text);
        if (t->status != 0 || t->log.n_votes != cases[i].n_votes ||
            t->log.n_rejected != cases[i].n_rejected)
            fail_msg("%zu: %d votes, %d rejected: %s", i, (int)t->log.n_votes,
                     (int)t->log.n_rejected, t->log.shown[1].reason);
        done(t);
    }
}

static void rows_of_a_list_are_numbered(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "[" GOOD ",{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"no\"},"
        GOOD ",\n5]");
    assert_rejected(t, 0, 1, "'no'");
    assert_int_equal(t->log.shown[0].object, 2);
    assert_rejected(t, 1, 2, "no object");
    assert_int_equal(t->log.shown[1].object, 4);
    done(t);
    t = read_string(GOOD "\n5\n" GOOD "6");
    assert_int_equal(t->log.shown[0].object, 0);
    assert_int_equal(t->log.shown[1].object, 4); /* the second of its line */
    done(t);
}

static void objects_may_span_lines(void **state)
{
    (void)state;
    struct taken *t = read_string(
        "{\n  \"model_a\": \"x\",\n  \"model_b\": \"y\",\n  \"t\": NaN,\n"
        "  \"winner\": \"a\"\n}\n{\n  \"model_a\": \"y\",\n  \"u\": -Infinity,\n"
        "  \"model_b\": \"x\",\n  \"winner\": \"who\"\n}\n" GOOD);
    assert_int_equal(t->log.n_votes, 2);
    assert_rejected(t, 0, 7, "unknown winner label 'who'");
    done(t);
    t = read_string("{\"generator_1\":\"x\",\"generator_2\":\"y\","
                    "\"preference\":NaN}");
    assert_int_equal(t->log.n_skipped, 1); /* no verdict */
    done(t);
}

/* --- nested keys, style, our own output ---------------------------------- */

static void keys_with_dots_are_reached(void **state)
{
    (void)state;
    const char *text =
        "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\",\"tag\":"
        "{\"math_v0.1\":{\"math\":true},\"math_v0\":{\"1.math\":3},"
        "\"a\":{\"b\":{\"c\":\"d\"}}},\"lang.code\":\"en\"}";
    const struct {
        const char *path, *value;
    } cases[] = {
        {"tag.math_v0.1.math", "true"},
        {"tag.a.b.c", "d"},
        {"lang.code", "en"},
        {"tag.math_v0.1", NULL},
        {"tag.none", NULL},
        {".", NULL},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct votelog_options o = {.n_threads = 1,
                                    .category = cases[i].path};
        struct taken *t = read_good(text, &o);
        assert_int_equal(t->log.n_votes, 1);
        if (cases[i].value == NULL)
            assert_int_equal(t->log.categories.n, 0);
        else
            assert_string_equal(names_get(&t->log.categories, 0, NULL),
                                cases[i].value);
        done(t);
    }
}

static void assert_style(const char *text, const char *first, float a, float b)
{
    struct votelog_options o = {.n_threads = 1, .features = true};
    struct taken *t = read_good(text, &o);
    assert_string_equal(t->log.features[0], first);
    if (isnan(a) ? !isnan(t->x[0][0][0]) : t->x[0][0][0] != a)
        fail_msg("%s: %g", text, (double)t->x[0][0][0]);
    if (isnan(b) ? !isnan(t->x[0][0][1]) : t->x[0][0][1] != b)
        fail_msg("%s: %g", text, (double)t->x[0][0][1]);
    done(t);
}

static void style_counts_texts(void **state)
{
    (void)state;
    const char *head = "model_a,model_b,winner,";
    char text[512];
    const struct {
        const char *rest, *first;
        float a, b;
    } cases[] = {
        {"response_a,response_b\nx,y,a,some text,b\n", "length", 9, 1},
        {"reply_a,reply_b\nx,y,a,some text,more words\n", "length", 9, 10},
        {"lang_a,lang_b,answer_a,answer_b\nx,y,a,en,de,abc,\n", "length", 3,
         NAN},
        {"tokens_a,tokens_b,text_a,text_b\nx,y,a,5,6,hi you,yo\n", "tokens", 5,
         6},
        {"response_a,response_b\nx,y,a,\"[\"\"ab\"\",\"\"c\"\"]\",[null]\n",
         "length", 3, NAN},
        {"output_1,output_2\nx,y,a,one,three\n", "length", 3, 5},
    };
    for (size_t i = 0; i < N(cases); i++) {
        snprintf(text, sizeof(text), "%s%s", head, cases[i].rest);
        assert_style(text, cases[i].first, cases[i].a, cases[i].b);
    }
    assert_style("{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\","
                 "\"response_a\":\"abc\",\"response_b\":7}", "length", 3, NAN);
    assert_style("model_a,model_b,winner,conversation_a,conversation_b\nx,y,a,"
                 "\"[{'role': 'user', 'content': 'q'}]\",\"['a']\"\n",
                 "length", NAN, NAN);
    assert_style("{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"a\","
                 "\"messages_a\":null,\"response_a\":\"[\\\"ab\\\"]\","
                 "\"response_b\":\"['ab'\"}", "length", 2, 5);
    assert_style("{\"type\":\"leftvote\",\"states\":[{\"model_name\":\"x\","
                 "\"messages\":[[\"USER\",\"q\"],[\"ASSISTANT\",\"abcd\"]]},"
                 "{\"model_name\":\"y\",\"messages\":[[\"U\",\"q\"]]}]}",
                 "length", 4, NAN);
}

static void our_own_output_is_read(void **state)
{
    (void)state;
    struct votelog_options o = {.n_threads = 1, .voters = true};
    struct taken *t = read_good(
        "[{\"battle\":4,\"state\":\"voted\",\"model_a\":\"x\",\"model_b\":\"y\","
        "\"named\":false,\"verdict\":\"bad\",\"voter\":\"human:u\","
        "\"corrected\":false,\"leaked\":false},\n"
        "{\"battle\":3,\"state\":\"voted\",\"model_a\":\"x\",\"model_b\":\"y\","
        "\"named\":false,\"verdict\":\"a\",\"corrected\":true,\"leaked\":false},"
        "{\"battle\":2,\"state\":\"voted\",\"model_a\":\"x\",\"model_b\":\"y\","
        "\"named\":false,\"verdict\":\"a\",\"corrected\":false,\"leaked\":true},"
        "{\"battle\":1,\"state\":\"ready\",\"model_a\":null,\"model_b\":null,"
        "\"named\":false,\"verdict\":null,\"voter\":null}]", &o);
    assert_vote(t, 0, "x", "y", RATING_BAD);
    assert_int_equal(t->log.n_votes, 1);
    assert_int_equal(t->log.n_rejected, 0);
    assert_int_equal(t->log.n_skipped, 1);
    assert_int_equal(t->log.n_marked[VOTELOG_SEEN], 1);
    assert_int_equal(t->log.n_marked[VOTELOG_LEAK], 1);
    done(t);
    t = read_string("{\"method\":\"bt\",\"n_votes\":5,\"models\":[],\"matrix\":["
                    "{\"model\":\"x\",\"opponent\":\"y\",\"wins\":2,\"losses\":0,"
                    "\"ties\":1,\"both_bad\":0}],\"weighted\":[{\"model\":\"x\","
                    "\"opponent\":\"y\",\"share\":0.75,\"votes\":2}]}");
    assert_int_equal(t->n_votes, 3);
    assert_vote(t, 0, "x", "y", RATING_FIRST);
    assert_int_equal(t->votes[0].times, 2);
    assert_vote(t, 1, "x", "y", RATING_TIE);
    assert_true(t->votes[2].lean == 0.25 && t->votes[2].times == 2);
    done(t);
    t = read_string("{\"method\":\"bt\",\"n_votes\":5,\"models\":[]}"
                    "{\"run\":\"r\",\"battles\":3}");
    assert_rejected(t, 0, 1, "a leaderboard holds no votes; with --matrix");
    assert_rejected(t, 1, 1, "the end of a run holds no votes");
    done(t);
}

static void games_need_a_baseline(void **state)
{
    (void)state;
    const char *text = "{\"question_id\":\"q\",\"model\":\"m\",\"judge\":\"j\","
                       "\"games\":[{\"score\":\"A>B\"},{\"score\":\"A>>B\"}]}";
    struct taken *t = read_string(text);
    assert_rejected(t, 0, 1, "say --baseline MODEL");
    done(t);
    struct votelog_options o = {.n_threads = 1, .baseline = "base"};
    t = read_good(text, &o);
    assert_vote(t, 0, "base", "m", RATING_FIRST);
    assert_vote(t, 1, "m", "base", RATING_FIRST);
    assert_int_equal(t->votes[1].times, 3);
    assert_true(t->log.uses_baseline);
    done(t);
    t = read_good("{\"model\":\"m\",\"baseline\":\"b\",\"games\":["
                  "{\"score\":\"A>B\"}]}", &o);
    assert_vote(t, 0, "b", "m", RATING_FIRST);
    assert_false(t->log.uses_baseline);
    done(t);
}

/* --- containers ---------------------------------------------------------- */

/* printf 'model_a,model_b,winner\nx,y,model_a\n' | gzip -n */
static const char GZIP[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcd\x4f\x49\xcd\x89"
    "\x4f\xd4\xc9\x05\xd3\x49\x3a\xe5\x99\x79\x79\xa9\x45\x5c\x15\x3a"
    "\x95\x50\xa1\x44\x2e\x00\x1d\xe6\x8c\x0b\x23\x00\x00\x00";

static void containers_are_known(void **state)
{
    (void)state;
    struct votelog_options o = {.n_threads = 4};
    struct taken *t = read_text(GZIP, sizeof(GZIP) - 1, &o);
    if (t->status != 0)
        fail_msg("%s", t->e.text);
    assert_vote(t, 0, "x", "y", RATING_FIRST);
    done(t);
    t = read_text(GZIP, sizeof(GZIP) - 9, &o);
    assert_int_equal(t->status, -1);
    assert_non_null(strstr(t->e.text, "the packed data end too early"));
    done(t);
    t = read_text("PAR1\0\0\0\0PAR1", 12, &o);
    assert_int_equal(t->status, -1);
    assert_non_null(strstr(t->e.text, "the file is Parquet; save it as CSV"));
    done(t);
    t = read_text("m\0o\0d\0e\0l\0", 10, &o);
    assert_non_null(strstr(t->e.text, "the file is UTF-16"));
    done(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_votes_are_set_apart),
        cmocka_unit_test(strengths_are_weights),
        cmocka_unit_test(labels_and_names_of_winners),
        cmocka_unit_test(judges_may_be_lists),
        cmocka_unit_test(one_hot_is_zero_or_one),
        cmocka_unit_test(both_orders_need_a_verdict),
        cmocka_unit_test(feedback_is_read),
        cmocka_unit_test(verdicts_may_be_missing),
        cmocka_unit_test(lists_must_end),
        cmocka_unit_test(blanks_make_no_other_model),
        cmocka_unit_test(damage_stays_where_it_is),
        cmocka_unit_test(rows_of_a_list_are_numbered),
        cmocka_unit_test(objects_may_span_lines),
        cmocka_unit_test(keys_with_dots_are_reached),
        cmocka_unit_test(style_counts_texts),
        cmocka_unit_test(our_own_output_is_read),
        cmocka_unit_test(games_need_a_baseline),
        cmocka_unit_test(containers_are_known),
    };
    return TEST_RUN(tests);
}
