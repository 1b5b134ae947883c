/* What a model's settings do to its requests, and what a server may refuse. */
#include "asked.h"

#include <stdlib.h>

static void adapts_to_the_server(void **state)
{
    (void)state;
    struct answer a;
    static const char no_max_tokens[] =
        ERROR("400 No",
              "{\"error\":{\"message\":\"Unsupported parameter: "
              "'max_tokens' is not supported with this model. Use "
              "'max_completion_tokens' instead.\",\"param\":\"max_tokens\","
              "\"code\":\"unsupported_parameter\"}}");
    serve_two(no_max_tokens, SSE_HEAD DELTA("a") DONE);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    assert_int_equal(server_n_requests(server), 2);
    struct server_request rq = server_request_at(server, 1);
    assert_non_null(strstr(rq.body, "\"max_completion_tokens\":64"));
    assert_null(strstr(rq.body, "\"max_tokens\""));
    answer_free(&a);

    /* Once: a server that refuses both is not asked for ever. */
    serve_text(no_max_tokens, SERVER_CLOSE);
    ask(&a);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_int_equal(server_n_requests(server), 4);
    answer_free(&a);

    serve_two(ERROR("422 No", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":"
                              "\"Extra inputs: stream_options\"}]}"),
              SSE_HEAD DELTA("a") DONE);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    rq = server_request_at(server, 5);
    assert_null(strstr(rq.body, "stream_options"));
    answer_free(&a);
}

/* Gives a row of the table some value. */
static void set_row(const struct setting *s, struct model *m)
{
    void *field = setting_field(s, m);
    if (s->type == SETTING_NUMBER)
        *(double *)field = s->max / 2;
    else if (s->type == SETTING_WHOLE)
        *(int *)field = (int)(s->max / 2);
    else if (s->type == SETTING_LONG)
        *(int64_t *)field = 77;
    else if (s->type == SETTING_WORD)
        *(char **)field = (char *)"low";
    else if (s->type == SETTING_BIAS)
        *(struct bias_list *)field = (struct bias_list){
            calloc(1, sizeof(struct bias)), 1};
    if (s->type == SETTING_BIAS)
        m->logit_bias.v[0] = (struct bias){strdup("5"), 1};
    assert_true(setting_is_set(s, m));
}

/* Every row with a name in the protocol is sent by it; and left out, which is
 * said, once the server refuses it. */
static void each_setting_is_sent_and_may_be_refused(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        char name[64], refusal[256], field[70];
        struct asked a;
        struct answer answer;
        if (s->wire[WIRE_OPENAI] == NULL)
            continue;
        snprintf(name, sizeof(name), "%.*s",
                 (int)strcspn(s->wire[WIRE_OPENAI], " "), s->wire[WIRE_OPENAI]);
        snprintf(field, sizeof(field), "\"%s\":", name);
        snprintf(refusal, sizeof(refusal), ERROR("400 No", "{\"error\":{"
                 "\"message\":\"'%s' is not supported with this model\"}}"),
                 name);
        serve_two(refusal, SSE_HEAD DELTA("a") DONE);
        ask_open(&a);
        set_row(s, &a.model);
        answer_init(&answer);
        struct stream *stream = ask_begin(&a);
        answer_finish(&answer, stream);
        assert_string_equal(answer.text.data, "a");
        assert_non_null(strstr(answer.end.note, s->key));
        assert_non_null(strstr(server_request_at(server, 2 * n).body, field));
        assert_null(strstr(server_request_at(server, 2 * n + 1).body, field));
        server_wait_written(server, 2 * (n + 1)); /* before they change */
        backend_openai.close(a.backend);
        answer_free(&answer);
        bias_free(&a.model.logit_bias);
        n++;
    }
    assert_true(n >= 10);
}

/* A refused value is named as the setting that it is. */
static void refused_values_are_named(void **state)
{
    (void)state;
    size_t n = 0; /* replies, which lie in this function until they are sent */
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        char refusal[256], words[100];
        struct answer a;
        if (s->wire[WIRE_OPENAI] == NULL)
            continue;
        snprintf(words, sizeof(words), "the server refuses this \"%.*s\"",
                 (int)strcspn(s->wire[WIRE_OPENAI], " "), s->wire[WIRE_OPENAI]);
        snprintf(refusal, sizeof(refusal), ERROR("400 No", "{\"error\":{"
                 "\"message\":\"too much\",\"param\":\"%.*s\"}}"),
                 (int)strcspn(s->wire[WIRE_OPENAI], " "), s->wire[WIRE_OPENAI]);
        serve_text(refusal, SERVER_CLOSE);
        ask(&a);
        server_wait_written(server, ++n);
        assert_non_null(strstr(a.end.error.text, words));
        answer_free(&a);
    }
    for (int i = 0; setting_limit_field(i) != NULL; i++) {
        char refusal[256];
        struct answer a;
        snprintf(refusal, sizeof(refusal), ERROR("400 No", "{\"error\":{"
                 "\"message\":\"too much\",\"param\":\"%s\"}}"),
                 setting_limit_field(i));
        serve_text(refusal, SERVER_CLOSE);
        ask(&a);
        server_wait_written(server, ++n);
        assert_non_null(strstr(a.end.error.text, "the server refuses this"));
        answer_free(&a);
    }
}

/* Enough for gateways and company proxies: headers, query, key header. */
static void headers_and_query_are_sent(void **state)
{
    (void)state;
    static char *headers[] = {(char *)"X-Team", (char *)"a-${TEST_PART}-b",
                              (char *)"accept", (char *)"*/*", NULL};
    static char *query[] = {(char *)"api-version", (char *)"2026-01-01",
                            (char *)"q", (char *)"a b&c", NULL};
    struct asked a;
    struct answer answer;
    setenv("TEST_PART", "part-0123456789", 1);
    serve_text(ERROR("400 No", "{\"error\":\"part-0123456789 " CANARY "\"}"),
               SERVER_CLOSE);
    ask_open(&a);
    a.model.headers = headers;
    a.model.query = query;
    a.model.key_header = (char *)"api-key";
    answer_init(&answer);
    struct stream *s = ask_begin(&a);
    answer_finish(&answer, s);
    struct server_request rq = server_request_at(server, 0);
    assert_string_equal(rq.path, "/v1/chat/completions?api-version=2026-01-01"
                                 "&q=a%20b%26c");
    assert_non_null(strstr(rq.head, "\r\nX-Team: a-part-0123456789-b\r\n"));
    assert_non_null(strstr(rq.head, "\r\napi-key: " CANARY "\r\n"));
    assert_non_null(strstr(rq.head, "\r\naccept: */*\r\n"));
    assert_null(strstr(rq.head, "\r\nAccept: "));
    assert_null(strstr(rq.head, "Authorization"));
    assert_null(strstr(answer.end.error.text, "0123456789"));
    assert_non_null(strstr(answer.end.error.text, "[key]"));
    backend_openai.close(a.backend);
    answer_free(&answer);

    unsetenv("TEST_PART");
    refuse(&a.model, ERR_AUTH, "TEST_PART is not set");
    headers[1] = (char *)"${TEST PART}";
    refuse(&a.model, ERR_CONFIG, "must be followed by the name of a variable");
}

/* Each limit ends a wait and is named by its key. */
static void limits_are_settings(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct asked a;
        struct answer answer;
        serve_text(i == 0 ? "" : SSE_HEAD DELTA("a"), SERVER_HANG);
        ask_open(&a);
        *(i == 0   ? &a.model.first_token_timeout_s
          : i == 1 ? &a.model.stall_timeout_s
                   : &a.model.total_timeout_s) = 0.03;
        answer_init(&answer);
        struct stream *s = ask_begin(&a);
        answer_finish(&answer, s);
        assert_int_equal(answer.end.finish, FINISH_ERROR);
        assert_non_null(strstr(answer.end.error.text,
                               i == 0   ? "\"first_token_timeout_s\""
                               : i == 1 ? "\"stall_timeout_s\""
                                        : "\"total_timeout_s\""));
        backend_openai.close(a.backend);
        answer_free(&answer);
    }
}

static void system_is_sent_as_a_user(void **state)
{
    (void)state;
    struct answer a;
    serve_two(ERROR("400 No", "{\"error\":{\"message\":\"System role not "
                              "supported\"}}"),
              SSE_HEAD DELTA("a") DONE);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    struct server_request rq = server_request_at(server, 1);
    assert_null(strstr(rq.body, "\"role\":\"system\""));
    assert_non_null(strstr(rq.body, "{\"role\":\"user\",\"content\":"
                                    "\"Be brief.\\n\\nH\xC3\xA9"));
    assert_non_null(strstr(a.end.note, "system prompt"));
    answer_free(&a);
}

/* A model that is not to think is not told how hard, by any protocol. */
static void no_effort_is_sent_for_no_thinking(void **state)
{
    (void)state;
    static const struct {
        const struct backend_ops *ops;
        const char *off;
    } protocols[] = {
        {&backend_openai, "\"reasoning_effort\":\"none\""},
        {&backend_responses, "\"reasoning\":{\"effort\":\"none\"}"},
        {&backend_anthropic, "\"thinking\":{\"type\":\"disabled\"}"},
        {&backend_gemini, "\"thinkingConfig\":{\"thinkingBudget\":0}"},
        {&backend_ollama, "\"think\":false"},
    };
    serve_text(SSE_HEAD DELTA("a") DONE, SERVER_CLOSE);
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        struct asked a;
        struct answer answer;
        asked_ops = protocols[i].ops;
        ask_open(&a);
        a.model.think = 0;
        a.model.think_effort = (char *)"low";
        a.model.think_field = THINK_FIELD_EFFORT;
        ask_as(&a, &answer);
        const char *body = server_request_at(server, i).body;
        assert_non_null(strstr(body, protocols[i].off));
        assert_null(strstr(body, "\"low\""));
        answer_free(&answer);
    }
    asked_ops = &backend_openai;
}

/* A request's temperature takes the place of the model's, on every protocol. */
static void a_request_has_a_temperature(void **state)
{
    (void)state;
    struct message message = {"user", "Hi"};
    const double cold = 0.25;
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = 64, .temperature = &cold};
    static const struct backend_ops *const protocols[] = {
        &backend_openai, &backend_responses, &backend_anthropic,
        &backend_gemini, &backend_ollama,
    };
    serve_text(ERROR("500 No", "{}"), SERVER_CLOSE);
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        struct asked a;
        struct answer answer;
        struct err e;
        ask_open(&a);
        a.model.temperature = i % 2 == 0 ? NAN : 1;
        assert_int_equal(protocols[i]->open(&a.backend, &a.model, &env, &e), 0);
        struct stream *s = stream_open(answer_wake[1]);
        assert_int_equal(protocols[i]->start(a.backend, &rq, s, &e), 0);
        protocols[i]->close(a.backend);
        answer_init(&answer);
        answer_finish(&answer, s);
        size_t last = server_n_requests(server) - 1;
        assert_non_null(strstr(server_request_at(server, last).body,
                               "\"temperature\":0.25"));
        answer_free(&answer);
    }
}

/* Opens the backend, asks by it once and closes it; returns the body of the
 * request. */
static const char *ask_once(struct asked *a, const struct request *rq,
                            struct answer *answer)
{
    struct err e;
    answer_init(answer);
    if (asked_ops->open(&a->backend, &a->model, &env, &e) != 0)
        fail_msg("%s", e.text);
    struct stream *s = stream_open(answer_wake[1]);
    if (asked_ops->start(a->backend, rq, s, &e) != 0)
        fail_msg("%s", e.text);
    asked_ops->close(a->backend);
    answer_finish(answer, s);
    return server_request_at(server, server_n_requests(server) - 1).body;
}

/* Asks for a verdict; returns the body of the request. */
static const char *ask_verdict(int logprobs, int json_schema,
                               struct answer *answer)
{
    static const char *const list[] = {"A", "B"};
    static const struct request_words words = {"[[", list, 2};
    struct message message = {"user", "Which?"};
    struct request rq = {.messages = &message,
                         .n_messages = 1,
                         .max_tokens = 64,
                         .schema = "{\"type\":\"object\"}",
                         .words = &words};
    struct asked a;
    ask_open(&a);
    a.model.logprobs = logprobs;
    a.model.json_schema = json_schema;
    return ask_once(&a, &rq, answer);
}

#define TOKEN(token, others)                                                   \
    "data: {\"choices\":[{\"delta\":{\"content\":\"" token \
    "\"},\"logprobs\":{\"content\":[{\"token\":\"" token \
    "\",\"logprob\":-0.5,\"top_logprobs\":" others "}]}}]}\n\n"
#define OTHER(token, logprob)                                                  \
    "{\"token\":\"" token "\",\"logprob\":" logprob "}"

/* Probabilities and schemas are asked of servers that are said to have them,
 * and what is told of the tokens is read. */
static void verdicts_are_asked_for(void **state)
{
    (void)state;
    struct answer a;
    serve_text(SSE_HEAD TOKEN("[[", "[]")
                   TOKEN("B", "[" OTHER("B", "-0.6931471805599453") ","
                                  OTHER("A", "-1.3862943611198906") "]")
                       TOKEN("]]", "null") STOP DONE,
               SERVER_CLOSE);
    const char *body = ask_verdict(5, -1, &a);
    assert_non_null(strstr(body, "\"logprobs\":true,\"top_logprobs\":5"));
    assert_null(strstr(body, "response_format"));
    assert_string_equal(a.text.data, "[[B]]");
    assert_near(a.end.p_word[0], 1 / 3.0, 1e-9);
    assert_near(a.end.p_word[1], 2 / 3.0, 1e-9);
    assert_true(isnan(a.end.p_word[2]));
    answer_free(&a);

    body = ask_verdict(-1, 1, &a);
    assert_null(strstr(body, "logprobs"));
    assert_non_null(strstr(
        body, "\"response_format\":{\"type\":\"json_schema\","
              "\"json_schema\":{\"name\":\"verdict\",\"strict\":true,"
              "\"schema\":{\"type\":\"object\"}}}"));
    answer_free(&a);

    body = ask_verdict(-1, -1, &a);
    assert_null(strstr(body, "logprobs"));
    assert_null(strstr(body, "response_format"));
    answer_free(&a);

    asked_ops = &backend_ollama;
    body = ask_verdict(-1, 1, &a);
    assert_non_null(strstr(body, "\"format\":{\"type\":\"object\"}"));
    answer_free(&a);
    asked_ops = &backend_openai;
}

/* Asks for a person, with or without probabilities. */
static const char *ask_chances(int logprobs, struct answer *answer)
{
    struct message message = {"user", "Which?"};
    struct request rq = {.messages = &message,
                         .n_messages = 1,
                         .max_tokens = 64,
                         .chances = true};
    struct asked a;
    ask_open(&a);
    a.model.logprobs = logprobs;
    return ask_once(&a, &rq, answer);
}

/* How probable tokens were is asked only of servers that are said to tell it;
 * a character may be in two tokens. */
static void chances_are_asked_for(void **state)
{
    (void)state;
    struct answer a;
    const char *tells =
        SSE_HEAD "data: {\"choices\":[{\"delta\":{\"content\":\"So \u00e9\"},"
        "\"logprobs\":{\"content\":[{\"token\":\"So \",\"logprob\":-20},"
        "{\"token\":\"?\",\"bytes\":[195],\"logprob\":-0.6931471805599453},"
        "{\"token\":\"?\",\"bytes\":[169],\"logprob\":0}]}}]}\n\n" STOP DONE;
    serve_text(tells, SERVER_CLOSE);
    const char *body = ask_chances(5, &a);
    assert_non_null(strstr(body, "\"logprobs\":true"));
    assert_null(strstr(body, "top_logprobs"));
    assert_string_equal(a.text.data, "So \xC3\xA9");
    assert_string_equal(a.chances.data, "!#P!~!");
    answer_free(&a);

    body = ask_chances(-1, &a); /* nor is it read then */
    assert_null(strstr(body, "logprobs"));
    assert_string_equal(a.chances.data, "");
    answer_free(&a);

    serve_two(ERROR("400 Bad Request", "{\"error\":{\"message\":"
                    "\"logprobs is not supported\"}}"),
              SSE_HEAD DELTA("Fine.") STOP DONE);
    body = ask_chances(5, &a);
    assert_null(strstr(body, "logprobs"));
    assert_string_equal(a.text.data, "Fine.");
    assert_string_equal(a.chances.data, "");
    answer_free(&a);
}

/* The limit of a request, by its field. */
static int sent_limit(size_t i, const char *field)
{
    struct server_request rq = server_request_at(server, i);
    const char *at = strstr(rq.body, field);
    return at ? (int)strtol(at + strlen(field), NULL, 10) : 0;
}

/* A person's limit is of what is read: once a server told of thinking, it is
 * given room for it, and the text is cut here.  A server that sends a letter at
 * a time is not cut at as many letters. */
static void thinking_has_room(void **state)
{
    (void)state;
    static const char field[] = "\"max_tokens\":";
    static const char thought[] =
        "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n";
    const struct {
        const char *thought, *delta;
        size_t n_all, n_cut; /* bytes of 70 deltas, and of what is kept */
    } rows[] = {
        {thought, DELTA("word "), 350, 320},
        {USAGE, DELTA("word "), 350, 320}, /* which counts them */
        {thought, DELTA("a"), 70, 70},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_cut = rows[i].n_cut < rows[i].n_all;
        struct buf bytes;
        struct asked a;
        buf_init(&bytes, 1 << 16);
        buf_addf(&bytes, "%s%s", SSE_HEAD, rows[i].thought);
        for (int k = 0; k < 70; k++)
            buf_add_str(&bytes, rows[i].delta);
        buf_add_str(&bytes, STOP DONE);
        ask_open(&a);
        serve_buf(&bytes);
        size_t n = server_n_requests(server);
        struct stream *s = ask_begin(&a);
        for (int k = 0; k < 2; k++) {
            struct answer answer;
            struct message message = {"user", "?"};
            struct request rq = {.messages = &message, .n_messages = 1,
                                 .max_tokens = k == 0 ? 64 : 0};
            struct err e;
            answer_init(&answer);
            answer_finish(&answer, s); /* of the one before */
            assert_int_equal(answer.end.finish,
                             k == 1 && is_cut ? FINISH_LENGTH : FINISH_STOP);
            assert_int_equal(answer.text.len,
                             k == 0 ? rows[i].n_all : rows[i].n_cut);
            answer_free(&answer);
            s = stream_open(answer_wake[1]);
            assert_int_equal(asked_ops->start(a.backend, &rq, s, &e), 0);
        }
        struct answer last;
        answer_init(&last);
        answer_finish(&last, s);
        assert_int_equal(last.end.finish, FINISH_STOP);
        answer_free(&last);
        asked_ops->close(a.backend);
        assert_int_equal(sent_limit(n, field), 64);
        assert_int_equal(sent_limit(n + 1, field), 64 + 4096);
        assert_int_equal(sent_limit(n + 2, field), 0); /* nobody set one */
        buf_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(adapts_to_the_server),
        TEST(each_setting_is_sent_and_may_be_refused),
        TEST(refused_values_are_named),
        TEST(headers_and_query_are_sent),
        TEST(thinking_has_room),
        TEST(limits_are_settings),
        TEST(system_is_sent_as_a_user),
        TEST(no_effort_is_sent_for_no_thinking),
        TEST(a_request_has_a_temperature),
        TEST(verdicts_are_asked_for),
        TEST(chances_are_asked_for),
    };
    return TEST_RUN(tests);
}
