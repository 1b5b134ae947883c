/* The promises of backends/stream.h, two threads included. */
#include "test.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "backends/stream.h"

static void moves_text_in_order(void **state)
{
    (void)state;
    struct stream *s = stream_open(-1);
    struct buf text, thinking;
    struct answer_end end;
    buf_init(&text, 1000);
    buf_init(&thinking, 1000);
    assert_true(stream_push_text(s, "one ", 4));
    assert_true(stream_push_thinking(s, "hm", 2));
    assert_false(stream_poll(s, &text, &thinking, &end));
    assert_true(stream_push_text(s, "t\0o", 3));
    answer_end_init(&end);
    end.finish = FINISH_LENGTH;
    end.n_out = 7;
    stream_end(s, &end);
    assert_false(stream_push_text(s, "late", 4));
    stream_release(s);
    answer_end_init(&end);
    assert_true(stream_poll(s, &text, &thinking, &end));
    assert_int_equal(text.len, 7);
    assert_memory_equal(text.data, "one t\0o", 7);
    assert_string_equal(thinking.data, "hm");
    assert_int_equal(end.finish, FINISH_LENGTH);
    assert_int_equal(end.n_out, 7);
    assert_int_equal(end.n_in, -1);
    assert_true(isnan(end.cost));
    /* A second poll says the same and brings nothing new. */
    assert_true(stream_poll(s, &text, NULL, &end));
    assert_int_equal(text.len, 7);
    stream_release(s);
    buf_free(&text);
    buf_free(&thinking);
}

static void wakes_once_a_poll(void **state)
{
    (void)state;
    int fds[2];
    char bytes[16];
    assert_int_equal(pipe(fds), 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    struct stream *s = stream_open(fds[1]);
    struct answer_end end;
    stream_push_text(s, "a", 1);
    stream_push_text(s, "b", 1);
    assert_int_equal(read(fds[0], bytes, sizeof(bytes)), 1);
    assert_false(stream_poll(s, NULL, NULL, &end));
    stream_push_thinking(s, "c", 1);
    assert_int_equal(read(fds[0], bytes, sizeof(bytes)), 1);
    assert_false(stream_poll(s, NULL, NULL, &end));
    answer_end_init(&end);
    end.finish = FINISH_STOP;
    stream_end(s, &end);
    assert_int_equal(read(fds[0], bytes, sizeof(bytes)), 1);
    stream_release(s);
    stream_release(s);
    close(fds[0]);
    close(fds[1]);
}

static void count_call(void *arg)
{
    ++*(int *)arg;
}

static void cancel_wins(void **state)
{
    (void)state;
    struct stream *s = stream_open(-1);
    struct answer_end end;
    int calls = 0;
    stream_on_cancel(s, count_call, &calls);
    stream_cancel(s);
    stream_cancel(s);
    assert_int_equal(calls, 1);
    assert_true(stream_cancelled(s));
    assert_false(stream_push_text(s, "x", 1));
    answer_end_init(&end);
    end.finish = FINISH_ERROR;
    err_set(&end.error, ERR_BACKEND, "closed");
    stream_end(s, &end);
    assert_true(stream_poll(s, NULL, NULL, &end));
    assert_int_equal(end.finish, FINISH_CANCEL);
    assert_int_equal(end.error.code, ERR_NONE);
    stream_release(s);
    stream_release(s);

    /* Cancelled before the producer named its hook: told at once. */
    s = stream_open(-1);
    stream_cancel(s);
    stream_on_cancel(s, count_call, &calls);
    assert_int_equal(calls, 2);
    stream_release(s);
    stream_release(s);

    /* Cancelled after the end: nothing changes, nobody is called. */
    s = stream_open(-1);
    stream_on_cancel(s, count_call, &calls);
    answer_end_init(&end);
    end.finish = FINISH_STOP;
    stream_end(s, &end);
    stream_cancel(s);
    assert_int_equal(calls, 2);
    assert_true(stream_poll(s, NULL, NULL, &end));
    assert_int_equal(end.finish, FINISH_STOP);
    stream_release(s);
    stream_release(s);
}

static void refuses_too_much(void **state)
{
    (void)state;
    struct stream *s = stream_open(-1);
    struct answer_end end;
    static char block[1 << 20];
    for (unsigned i = 0; i < STREAM_MAX_BYTES / sizeof(block); i++) {
        assert_true(i % 2 ? stream_push_text(s, block, sizeof(block))
                          : stream_push_thinking(s, block, sizeof(block)));
        stream_poll(s, NULL, NULL, &end); /* what was taken counts too */
    }
    assert_false(stream_push_text(s, "x", 1));
    answer_end_init(&end);
    end.finish = FINISH_STOP;
    stream_end(s, &end);
    assert_true(stream_poll(s, NULL, NULL, &end));
    assert_int_equal(end.finish, FINISH_ERROR);
    assert_non_null(strstr(end.error.text, "8 MB"));
    stream_release(s);
    stream_release(s);
}

#define N_NUMBERS 20000

static void *produce(void *arg)
{
    struct stream *s = arg;
    for (int i = 0; i < N_NUMBERS; i++) {
        unsigned char bytes[2] = {(unsigned char)(i & 0xFF),
                                  (unsigned char)(i >> 8)};
        if (!stream_push_text(s, (char *)bytes, 2))
            break;
    }
    struct answer_end end;
    answer_end_init(&end);
    end.finish = FINISH_STOP;
    stream_end(s, &end);
    stream_release(s);
    return NULL;
}

static void two_threads(void **state)
{
    (void)state;
    pthread_t thread;
    struct stream *s = stream_open(-1);
    struct buf text;
    struct answer_end end;
    buf_init(&text, 1 << 20);
    assert_int_equal(pthread_create(&thread, NULL, produce, s), 0);
    while (!stream_poll(s, &text, NULL, &end))
        ;
    assert_int_equal(text.len, 2 * N_NUMBERS);
    for (int i = 0; i < N_NUMBERS; i++)
        assert_int_equal((unsigned char)text.data[2 * i] |
                             (unsigned char)text.data[2 * i + 1] << 8,
                         i);
    pthread_join(thread, NULL);
    stream_release(s);
    buf_free(&text);
}

static void consumer_leaves_first(void **state)
{
    (void)state;
    pthread_t thread;
    struct stream *s = stream_open(-1);
    assert_int_equal(pthread_create(&thread, NULL, produce, s), 0);
    stream_cancel(s);
    stream_release(s);
    pthread_join(thread, NULL);
}

static void costs_are_the_servers_or_by_price(void **state)
{
    (void)state;
    struct answer_end end;
    answer_end_init(&end);
    assert_true(isnan(answer_end_cost(&end, 1, NAN, 2)));
    end.n_in = 1000000;
    end.n_out = 500000;
    assert_true(answer_end_cost(&end, 4, NAN, 2) == 5);
    end.n_cached = 750000; /* at their own price, if there is one */
    assert_true(answer_end_cost(&end, 4, NAN, 2) == 5);
    assert_true(answer_end_cost(&end, 4, 1, 2) == 2.75);
    end.n_cached = 2000000; /* a server may claim anything */
    assert_true(answer_end_cost(&end, 4, 1, 2) == 2);
    end.cost = 0.5;
    assert_true(answer_end_cost(&end, 4, 1, 2) == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_text_in_order),
        cmocka_unit_test(wakes_once_a_poll),
        cmocka_unit_test(cancel_wins),
        cmocka_unit_test(refuses_too_much),
        cmocka_unit_test(two_threads),
        cmocka_unit_test(costs_are_the_servers_or_by_price),
        cmocka_unit_test(consumer_leaves_first),
    };
    return TEST_RUN(tests);
}
