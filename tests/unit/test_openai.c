/* How the openai backend asks, waits, gives up and explains. */
#include "asked.h"

/* --- the request ------------------------------------------------------- */

static void sends_what_is_configured(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    serve_text(SSE_HEAD DELTA("a") DONE, SERVER_CLOSE);
    ask_open(&a);
    a.model.temperature = 0.7;
    a.model.top_k = 40;
    char forbidden[] = "1820", likely[] = "5";
    struct bias bias[] = {{forbidden, -100}, {likely, 2.5}};
    a.model.logit_bias = (struct bias_list){bias, 2};
    a.model.seed = 9007199254740993;
    a.model.think = 0;
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    answer_finish(&answer, s);
    backend_openai.close(a.backend);

    struct server_request rq = server_request_at(server, 0);
    assert_string_equal(rq.path, "/v1/chat/completions");
    assert_non_null(strstr(rq.head,
                           "\r\nAuthorization: Bearer " CANARY "\r\n"));
    assert_non_null(strstr(rq.head, "\r\nContent-Type: application/json\r\n"));
    assert_null(strstr(rq.head, "Accept-Encoding"));
    assert_null(strstr(rq.head, "Expect"));
    assert_string_equal(
        rq.body,
        "{\"model\":\"m-1\",\"messages\":[{\"role\":\"system\",\"content\":"
        "\"Be brief.\"},{\"role\":\"user\",\"content\":\"H\xC3\xA9 \\\"quoted"
        "\\\"\\n?\"}],\"stream\":true,\"stream_options\":{\"include_usage\":"
        "true},\"max_tokens\":64,\"temperature\":0.7,"
        "\"top_k\":40,\"logit_bias\":{\"1820\":-100,\"5\":2.5},"
        "\"seed\":9007199254740993,"
        "\"chat_template_kwargs\":{\"enable_thinking\":false}}");
    answer_free(&answer);
}

static void connections_are_used_again(void **state)
{
    (void)state;
    static const char whole[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "39\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"}}]}\n\n\r\n" "e\r\n" DONE "\r\n0\r\n\r\n";
    for (int i = 0; i < 3; i++) {
        struct answer a;
        serve_text(whole, SERVER_KEEP);
        ask(&a);
        assert_string_equal(a.text.data, "a");
        answer_free(&a);
    }
    assert_int_equal(server_n_requests(server), 3);
    assert_int_equal(server_n_accepted(server), 1);
}

static void tries_again_before_the_first_word(void **state)
{
    (void)state;
    struct answer a;
    static const char good[] = SSE_HEAD DELTA("a") DONE;
    serve_two("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n", good);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    assert_int_equal(server_n_requests(server), 2);
    assert_true(a.end.load_ms >= 0);
    answer_free(&a);

    /* A date, in the past. */
    serve_two("HTTP/1.1 429 Slow\r\n"
              "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n",
              good);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    assert_int_equal(server_n_requests(server), 4);
    answer_free(&a);

    /* The server says no. */
    serve_two("HTTP/1.1 503 No\r\nx-should-retry: false\r\n\r\n", good);
    ask(&a);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_int_equal(server_n_requests(server), 5);
    answer_free(&a);

    /* Never after the first word. */
    serve_two(SSE_HEAD DELTA("a") "data: {\"error\":{\"code\":503,"
                                  "\"message\":\"gone\"}}\n\n",
              good);
    ask(&a);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_int_equal(server_n_requests(server), 6);
    answer_free(&a);
}

/* --- cancel, silence, size --------------------------------------------- */

static void cancel_closes_the_connection(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    serve_text(SSE_HEAD DELTA("a"), SERVER_HANG);
    ask_open(&a);
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    backend_openai.close(a.backend);
    assert_false(answer_take(&answer, s, 1));
    stream_cancel(s);
    answer_finish(&answer, s);
    assert_int_equal(answer.end.finish, FINISH_CANCEL);
    server_wait_left(server, 1);
    answer_free(&answer);

    /* Before any byte of an answer, and nobody waits for the end. */
    serve_text("", SERVER_HANG);
    ask_open(&a);
    s = ask_begin(&a);
    server_wait_written(server, 2);
    stream_cancel(s);
    stream_release(s);
    backend_openai.close(a.backend);
    server_wait_left(server, 2);
}

static void closing_the_arena_ends_all(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    serve_text(SSE_HEAD DELTA("a"), SERVER_HANG);
    ask_open(&a);
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    assert_false(answer_take(&answer, s, 1));
    backend_openai.close(a.backend);
    backend_env_free(&env);
    answer_finish(&answer, s);
    assert_int_equal(answer.end.finish, FINISH_CANCEL);
    answer_free(&answer);
}

static void two_answers_at_once(void **state)
{
    (void)state;
    struct asked a, b;
    struct answer one, two;
    serve_text(SSE_HEAD DELTA("a"), SERVER_HANG);
    ask_open(&a);
    ask_open(&b);
    answer_init(&one);
    answer_init(&two);
    struct stream *s = ask_begin(&a), *t = ask_begin(&b);
    assert_false(answer_take(&one, s, 1));
    assert_false(answer_take(&two, t, 1));
    stream_cancel(s);
    stream_cancel(t);
    answer_finish(&one, s);
    answer_finish(&two, t);
    assert_string_equal(one.text.data, "a");
    assert_string_equal(two.text.data, "a");
    backend_openai.close(a.backend);
    backend_openai.close(b.backend);
    answer_free(&one);
    answer_free(&two);
}

/* The second waits outside until the first has left. */
static void one_answer_at_a_time(void **state)
{
    (void)state;
    struct asked a, b, c;
    struct answer one, two;
    serve_text(SSE_HEAD DELTA("a"), SERVER_HANG);
    ask_open(&a);
    ask_open(&b);
    ask_open(&c);
    a.model.max_parallel = 1;
    b.model.max_parallel = 1;
    c.model.max_parallel = 1;
    answer_init(&one);
    answer_init(&two);
    struct stream *s = ask_begin(&a);
    assert_false(answer_take(&one, s, 1));
    struct stream *t = ask_begin(&b), *u = ask_begin(&c);
    stream_cancel(u); /* one that waits can be cancelled */
    answer_finish(&two, u);
    assert_int_equal(two.end.finish, FINISH_CANCEL);
    assert_int_equal(server_n_requests(server), 1);
    answer_free(&two);
    answer_init(&two);
    stream_cancel(s);
    answer_finish(&one, s);
    assert_false(answer_take(&two, t, 1));
    assert_int_equal(server_n_requests(server), 2);
    stream_cancel(t);
    answer_finish(&two, t);
    assert_true(two.end.load_ms >= 0);
    backend_openai.close(a.backend);
    backend_openai.close(b.backend);
    backend_openai.close(c.backend);
    answer_free(&one);
    answer_free(&two);
}

/* More than one waits, by either limit: each comes in, in its turn. */
static void all_who_wait_come_in(void **state)
{
    (void)state;
    enum { N = 4 };
    serve_text(SSE_HEAD DELTA("a") STOP DONE, SERVER_CLOSE);
    for (int by_rate = 0; by_rate < 2; by_rate++) {
        struct asked a[N];
        struct stream *s[N];
        for (int i = 0; i < N; i++) {
            ask_open(&a[i]);
            a[i].model.provider = (char *)(by_rate ? "rate" : "parallel");
            if (by_rate)
                a[i].model.requests_per_minute = 600;
            else
                a[i].model.max_parallel = 1;
            s[i] = ask_begin(&a[i]);
        }
        for (int i = 0; i < N; i++) {
            struct answer answer;
            answer_init(&answer);
            answer_finish(&answer, s[i]);
            assert_int_equal(answer.end.finish, FINISH_STOP);
            assert_string_equal(answer.text.data, "a");
            answer_free(&answer);
            backend_openai.close(a[i].backend);
        }
    }
}

static void large_answers(void **state)
{
    (void)state;
    struct buf bytes;
    struct answer a;
    static char block[1 << 20];
    memset(block, 'x', sizeof(block));

    /* A line of 10 MB. */
    buf_init(&bytes, 64 << 20);
    buf_add_str(&bytes, SSE_HEAD DELTA("a") "data: ");
    for (int i = 0; i < 10; i++)
        buf_add(&bytes, block, sizeof(block));
    serve_buf(&bytes);
    ask(&a);
    server_wait_written(server, 1); /* then the bytes are ours again */
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_non_null(strstr(a.end.error.text, "a line of more than 1 MB"));
    answer_free(&a);

    /* 20 MB of text in good events. */
    buf_clear(&bytes);
    buf_add_str(&bytes, SSE_HEAD);
    for (int i = 0; i < 40; i++) {
        buf_add_str(&bytes, "data: {\"choices\":[{\"delta\":{\"content\":\"");
        buf_add(&bytes, block, sizeof(block) / 2);
        buf_add_str(&bytes, "\"}}]}\n\n");
    }
    buf_add_str(&bytes, DONE);
    serve_buf(&bytes);
    ask(&a);
    server_wait_written(server, 2);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_non_null(strstr(a.end.error.text, "larger than 8 MB"));
    answer_free(&a);

    /* 20 MB of JSON. */
    buf_clear(&bytes);
    buf_add_str(&bytes, JSON_HEAD "{\"choices\": \"");
    for (int i = 0; i < 20; i++)
        buf_add(&bytes, block, sizeof(block));
    serve_buf(&bytes);
    ask(&a);
    server_wait_written(server, 3);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_non_null(strstr(a.end.error.text, "larger than"));
    answer_free(&a);

    /* Headers without end. */
    buf_clear(&bytes);
    buf_add_str(&bytes, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 8000; i++)
        buf_addf(&bytes, "X-Header-%d: %060d\r\n", i, i);
    serve_buf(&bytes);
    ask(&a);
    server_wait_written(server, 4);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_non_null(strstr(a.end.error.text, "headers without end"));
    answer_free(&a);
    buf_free(&bytes);
}

/* --- keys and places --------------------------------------------------- */

static void redirects_are_not_followed(void **state)
{
    (void)state;
    struct answer a;
    char bytes[256];
    struct server *other = server_open(serve, NULL);
    snprintf(bytes, sizeof(bytes), "HTTP/1.1 307 Go\r\nLocation: "
             "http://127.0.0.1:%d/v1/chat/completions\r\n\r\n",
             server_port(other));
    serve_text(bytes, SERVER_CLOSE);
    ask(&a);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_non_null(strstr(a.end.error.text, "redirects (HTTP 307)"));
    assert_int_equal(server_n_requests(other), 0);
    assert_int_equal(server_n_requests(server), 1);
    answer_free(&a);
    server_close(other);
}

static void nobody_there(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    struct server *gone = server_open(serve, NULL);
    char place[64];
    ask_open(&a);
    snprintf(place, sizeof(place), "127.0.0.1:%d", server_port(gone));
    snprintf(a.url, sizeof(a.url), "http://%s/v1", place);
    server_close(gone);
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    answer_finish(&answer, s);
    assert_int_equal(answer.end.error.code, ERR_BACKEND);
    assert_non_null(strstr(answer.end.error.text, "cannot connect to "));
    assert_non_null(strstr(answer.end.error.text, place));
    assert_non_null(strstr(answer.end.error.text, "Start the server there"));
    backend_openai.close(a.backend);
    answer_free(&answer);
}

static void missing_version(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    serve_text(ERROR("404 No", "nothing here"), SERVER_CLOSE);
    ask_open(&a);
    *strstr(a.url, "/v1") = '\0';
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    answer_finish(&answer, s);
    assert_non_null(strstr(answer.end.error.text, "lack a /v1"));
    backend_openai.close(a.backend);
    answer_free(&answer);
}

static void bad_settings(void **state)
{
    (void)state;
    struct asked a;
    ask_open(&a);
    a.model.key_env = (char *)"TEST_KEY_UNSET";
    refuse(&a.model, ERR_AUTH, "TEST_KEY_UNSET is not set; export it");
    setenv("TEST_KEY_BROKEN", CANARY "\r\nX-Evil: 1", 1);
    a.model.key_env = (char *)"TEST_KEY_BROKEN";
    refuse(&a.model, ERR_AUTH, "the key from TEST_KEY_BROKEN holds a line");
    setenv("TEST_KEY_EMPTY", " \n", 1);
    a.model.key_env = (char *)"TEST_KEY_EMPTY";
    refuse(&a.model, ERR_AUTH, "TEST_KEY_EMPTY is empty");
    a.model.key_env = NULL;
    a.model.base_url = (char *)"http://example.com/v1";
    refuse(&a.model, ERR_CONFIG, "plain http");
    a.model.base_url = (char *)"ftp://127.0.0.1/v1";
    refuse(&a.model, ERR_CONFIG, "http://");
    a.model.base_url = NULL;
    refuse(&a.model, ERR_CONFIG, "\"base_url\"");
}

static void ask_with_command(const char *command, struct answer *answer)
{
    struct asked a;
    ask_open(&a);
    a.model.key_env = NULL;
    a.model.key_command = (char *)command;
    answer_init(answer);
    struct stream *s = ask_begin(&a);
    answer_finish(answer, s);
    backend_openai.close(a.backend);
}

static void key_commands(void **state)
{
    (void)state;
    struct answer a;
    serve_text(SSE_HEAD DELTA("a") DONE, SERVER_CLOSE);
    ask_with_command("printf ' key-%s\\n' \"from command\"", &a);
    assert_string_equal(a.text.data, "a");
    struct server_request rq = server_request_at(server, 0);
    assert_non_null(strstr(rq.head, "Bearer key-from command\r\n"));
    answer_free(&a);

    /* No shell: nothing expands. */
    ask_with_command("printf %s $HOME;id", &a);
    rq = server_request_at(server, 1);
    assert_non_null(strstr(rq.head, "Bearer $HOME;id\r\n"));
    answer_free(&a);

    ask_with_command("false", &a);
    assert_int_equal(a.end.error.code, ERR_AUTH);
    assert_non_null(strstr(a.end.error.text, "\"key_command\" failed (exit "
                                             "status 1)"));
    answer_free(&a);
    ask_with_command("/nonexistent/program x", &a);
    assert_int_equal(a.end.error.code, ERR_AUTH);
    assert_non_null(strstr(a.end.error.text, "/nonexistent/program"));
    answer_free(&a);
    ask_with_command("true", &a);
    assert_non_null(strstr(a.end.error.text, "\"key_command\" is empty"));
    answer_free(&a);
    ask_with_command("printf 'open", &a);
    assert_int_equal(a.end.error.code, ERR_CONFIG);
    answer_free(&a);
    assert_int_equal(server_n_requests(server), 2);
}

/* A command that never ends is left when the answer is cancelled. */
static void key_command_cancelled(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    ask_open(&a);
    a.model.key_env = NULL;
    a.model.key_command = (char *)"sleep 1000";
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    stream_cancel(s);
    answer_finish(&answer, s);
    assert_int_equal(answer.end.finish, FINISH_CANCEL);
    backend_openai.close(a.backend);
    answer_free(&answer);
}

static void lists_models(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    struct err e;
    serve_text(JSON_HEAD "{\"object\":\"list\",\"data\":[{\"id\":\"m-2\"},"
                         "{\"id\":\"m-1\"},{\"id\":\"o-" CANARY "\"},"
                         "{\"no\":1}]}",
               SERVER_CLOSE);
    ask_open(&a);
    a.model.id = NULL;
    answer_init(&answer);
    assert_int_equal(backend_openai.open(&a.backend, &a.model, &env, &e), 0);
    struct stream *s = stream_open(answer_wake[1]);
    assert_int_equal(backend_openai.list(a.backend, s, &e), 0);
    answer_finish(&answer, s);
    assert_string_equal(answer.text.data, "m-1\nm-2\no-[key]\n");
    assert_int_equal(answer.end.finish, FINISH_STOP);
    struct server_request rq = server_request_at(server, 0);
    assert_string_equal(rq.path, "/v1/models");
    assert_memory_equal(rq.head, "GET ", 4);
    backend_openai.close(a.backend);
    answer_free(&answer);
}

/* A server that was started with a key of ours may have been told another. */
static void a_key_of_no_config_is_explained(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    struct message messages[] = {{"user", "Hi"}};
    struct request rq = {.messages = messages, .n_messages = 1,
                         .max_tokens = 64, .seed = 5};
    struct err e;
    serve_text(ERROR("401 No", "{\"error\":\"Invalid API Key\"}"),
               SERVER_CLOSE);
    ask_open(&a);
    a.model.key_env = NULL;
    assert_int_equal(asked_ops->open(&a.backend, &a.model, &env, &e), 0);
    remote_use_key(a.backend, CANARY);
    struct stream *s = stream_open(answer_wake[1]);
    assert_int_equal(asked_ops->start(a.backend, &rq, s, &e), 0);
    asked_ops->close(a.backend);
    answer_init(&answer);
    answer_finish(&answer, s);
    assert_string_equal(answer.end.error.text,
                        "key rejected (HTTP 401): Invalid API Key. It is the "
                        "one that the server was started with; do its "
                        "arguments name another?");
    answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sends_what_is_configured),
        TEST(connections_are_used_again),
        TEST(tries_again_before_the_first_word),
        TEST(cancel_closes_the_connection),
        TEST(closing_the_arena_ends_all),
        TEST(two_answers_at_once),
        TEST(one_answer_at_a_time),
        TEST(all_who_wait_come_in),
        TEST(large_answers),
        TEST(redirects_are_not_followed),
        TEST(nobody_there),
        TEST(missing_version),
        TEST(bad_settings),
        TEST(key_commands),
        TEST(key_command_cancelled),
        TEST(lists_models),
        TEST(a_key_of_no_config_is_explained),
    };
    return TEST_RUN(tests);
}
