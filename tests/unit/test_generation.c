/* Answers that begin alike read what they begin with once. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backends/local/generation.h"
#include "tiny_engine.h"

static int set_up(void **state)
{
    (void)state;
    return tiny_open("generation");
}

static int tear_down(void **state)
{
    (void)state;
    return tiny_close();
}

/* A generation whose prompt is tokens. */
static struct generation *rendered(const char *prompt, int n_ctx)
{
    struct message message = {"user", prompt};
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = 8, .seed = 7};
    struct model m;
    struct err e;
    model_init(&m);
    m.file = weights;
    m.tokenizer = tokenizer;
    m.n_ctx = n_ctx;
    struct stream *s = stream_open(-1);
    struct generation *g = generation_open(&m, &rq, s);
    stream_release(s); /* the consumer's */
    if (generation_render(g, engine, &e) != 0)
        fail_msg("%s", e.text);
    return g;
}

/* A generation that is ready to read its prompt. */
static struct generation *ready(const char *prompt, int n_ctx)
{
    struct generation *g = rendered(prompt, n_ctx);
    struct token_list none = {0};
    struct engine_session *session;
    struct err e;
    if (engine_session_open(&session, engine, n_ctx, ENGINE_KV_F16, &e) != 0 ||
        generation_begin(g, session, &none, &e) != 0)
        fail_msg("%s", e.text);
    return g;
}

/* Reads one piece of the prompt. */
static void read_piece(struct generation *g)
{
    struct engine_feed feed;
    struct err e;
    generation_feed(g, false, &feed);
    if (engine_eval(engine, &feed, 1, &e) != 0)
        fail_msg("%s", e.text);
}

static size_t held(const struct generation *g)
{
    return (size_t)engine_session_length(g->session);
}

#define TEN "a b x y a b x y a b"
#define LONG TEN " " TEN " " TEN " " TEN " " TEN " " TEN " " TEN " " TEN

static void what_is_common_is_read_once(void **state)
{
    (void)state;
    struct generation *first = ready(LONG " a", 256);
    struct generation *same = ready(LONG " a", 256);
    struct generation *like = ready(LONG " x x x", 256);
    size_t n = first->ids.n, common;
    assert_true(n > GENERATION_CHUNK); /* it takes more than one piece */
    read_piece(first);
    assert_true(generation_follow(same, first));
    assert_true(generation_follow(like, first));
    assert_int_equal(held(same), 0);
    while (held(first) < n)
        read_piece(first);
    assert_false(generation_follow(same, first));
    assert_int_equal(held(same), n - 1); /* the last gives the logits */
    assert_false(generation_follow(like, first));
    common = token_list_common(&like->ids, &first->ids);
    assert_true(common > GENERATION_CHUNK && common < like->ids.n);
    assert_int_equal(held(like), common);

    read_piece(same);
    size_t bytes = (size_t)engine_info(engine)->n_vocab * sizeof(float);
    assert_memory_equal(engine_session_logits(same->session),
                        engine_session_logits(first->session), bytes);
    generation_close(first);
    generation_close(same);
    generation_close(like);
}

static void what_differs_is_not_waited_for(void **state)
{
    (void)state;
    struct generation *first = ready(LONG, 256);
    struct generation *smaller = ready(LONG, 200);
    struct generation *other = ready("x " LONG, 256);
    struct generation *brief = ready("a b", 256);
    assert_false(generation_follow(smaller, first));
    assert_false(generation_follow(other, first));
    assert_false(generation_follow(brief, first));
    while (held(first) < first->ids.n)
        read_piece(first);
    assert_false(generation_follow(smaller, first));
    assert_false(generation_follow(other, first));
    assert_false(generation_follow(brief, first));
    assert_int_equal(held(smaller) + held(other) + held(brief), 0);
    /* Nor does one that has read more give it up. */
    struct generation *ahead = ready(LONG " y", 256);
    while (held(ahead) < ahead->ids.n - 1)
        read_piece(ahead);
    size_t n = held(ahead);
    assert_false(generation_follow(ahead, first));
    assert_int_equal(held(ahead), n);
    generation_close(first);
    generation_close(smaller);
    generation_close(other);
    generation_close(brief);
    generation_close(ahead);
}

/* A prompt that does not fit is refused; where nobody waits for the answer any
 * more, the session is kept all the same, and its tokens must be its own. */
static void refused_prompt_leaves_a_true_session(void **state)
{
    (void)state;
    struct generation *first = ready("a b x y", 60);
    read_piece(first);
    struct token_list held_first, held_huge;
    struct engine_session *s = generation_detach_session(first, &held_first);
    assert_true(held_first.n > 4);

    struct generation *huge = rendered("a b y " LONG, 60);
    struct err e;
    assert_int_equal(generation_begin(huge, s, &held_first, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_non_null(strstr(e.text, "context"));
    s = generation_detach_session(huge, &held_huge);
    assert_int_equal(held_huge.n, engine_session_length(s));
    assert_int_equal(token_list_common(&held_huge, &held_first), held_huge.n);
    assert_true(held_huge.n < held_first.n);
    engine_session_close(s);
    token_list_free(&held_first);
    token_list_free(&held_huge);
    generation_close(first);
    generation_close(huge);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_common_is_read_once),
        TEST(what_differs_is_not_waited_for),
        TEST(refused_prompt_leaves_a_true_session),
    };
    return TEST_RUN(tests);
}
