/* The ollama backend: what it asks, and what it makes of what comes. */
#include "asked.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
#define LINE(message, rest) \
    "{\"model\":\"m\",\"message\":{\"role\":\"assistant\"," message "}," rest \
    "}\n"
#define TEXT(text) LINE("\"content\":\"" text "\"", "\"done\":false")
#define THINKING(text) \
    LINE("\"content\":\"\",\"thinking\":\"" text "\"", "\"done\":false")
#define ENDS(reason, rest) \
    LINE("\"content\":\"\"", "\"done\":true,\"done_reason\":" reason rest)
#define END ENDS("\"stop\"", "")

static const struct reply_case cases[] = {
    {"plain", HEAD TEXT("H\xC3\xA9") TEXT("llo") END, SERVER_CLOSE,
     "H\xC3\xA9llo", "", FINISH_STOP, NULL},
    {"thinking", HEAD THINKING("hm") TEXT("a") END, SERVER_CLOSE, "a", "hm",
     FINISH_STOP, NULL},
    {"thinking in the text", HEAD TEXT("<think>hm</th") TEXT("ink>a") END,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"text in the last line",
     HEAD LINE("\"content\":\"a\"", "\"done\":true,\"done_reason\":\"stop\""),
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"no reason", HEAD TEXT("a") LINE("\"content\":\"\"", "\"done\":true"),
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"a reason that is null", HEAD TEXT("a") ENDS("null", ""), SERVER_CLOSE,
     "a", "", FINISH_STOP, NULL},
    {"open after the end", HEAD TEXT("a") END, SERVER_HANG, "a", "",
     FINISH_STOP, NULL},
    {"a limit", HEAD TEXT("a") ENDS("\"length\"", ""), SERVER_CLOSE, "a", "",
     FINISH_LENGTH, NULL},
    {"the model was only loaded", HEAD ENDS("\"load\"", ""), SERVER_CLOSE, "",
     "", FINISH_ERROR, "\"load\""},
    {"and only unloaded", HEAD ENDS("\"unload\"", ""), SERVER_CLOSE, "", "",
     FINISH_ERROR, "\"unload\""},
    {"surrogates apart", HEAD TEXT("\\ud83d") TEXT("\\ude00") END,
     SERVER_CLOSE, "\xF0\x9F\x98\x80", "", FINISH_STOP, NULL},
    {"no end", HEAD TEXT("a"), SERVER_CLOSE, "a", "", FINISH_ERROR,
     "the answer was cut off"},
    {"events in place of lines",
     HEAD "data: {\"message\":{\"content\":\"a\"}}\n\n", SERVER_CLOSE, "", "",
     FINISH_ERROR, "does not answer like Ollama"},

    {"an error in the middle", HEAD TEXT("a") "{\"error\":\"out of memory\"}\n",
     SERVER_CLOSE, "a", "", FINISH_ERROR,
     "the answer was cut off by an error of the server: out of memory"},
    {"an error in an array", HEAD "[{\"error\":\"out of memory\"}]",
     SERVER_CLOSE, "", "", FINISH_ERROR, "out of memory"},
    {"a model that is not there",
     ERROR("404 No", "{\"error\":\"model 'm-1' not found\"}"), SERVER_CLOSE,
     "", "", FINISH_ERROR,
     "no model \"m-1\" (HTTP 404): model 'm-1' not found; bring it with "
     "\"ollama pull m-1\""},
    {"a prompt that does not fit",
     ERROR("400 No", "{\"error\":\"the input length exceeds the context "
                     "length\"}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "the prompt is too long"},
    {"no thinking in the model",
     ERROR("400 No", "{\"error\":\"\\\"m-1\\\" does not support thinking\"}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "does not support thinking"},
};

static void cases_give_what_they_should(void **state)
{
    (void)state;
    check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void cuts_change_nothing(void **state)
{
    (void)state;
    static const struct remote_usage usage = {9, -1, 4, -1, NAN};
    check_cuts(HEAD THINKING("h\xC3\xA9") TEXT("H\xC3\xA9")
               ENDS("\"stop\"", ",\"prompt_eval_count\":9,\"eval_count\":4"),
               "H\xC3\xA9", "h\xC3\xA9", &usage);
}

static void sends_what_is_configured(void **state)
{
    (void)state;
    static const struct {
        const char *base, *path;
    } addresses[] = {{"", "/api/chat"},
                     {"/v1", "/api/chat"},
                     {"/api", "/api/chat"},
                     {"/sub", "/sub/api/chat"}};
    struct asked a;
    struct answer answer;
    serve_text(HEAD TEXT("a") END, SERVER_CLOSE);
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        ask_open(&a);
        snprintf(strstr(a.url, "/v1"), 5, "%s", addresses[i].base);
        a.model.temperature = 0.5;
        a.model.min_p = 0.25;
        a.model.repeat_last_n = 8;
        a.model.n_ctx = 4096;
        a.model.think = 0;
        ask_as(&a, &answer);
        assert_string_equal(server_request_at(server, i).path,
                            addresses[i].path);
        answer_free(&answer);
    }
    check_body("{\"model\":\"m-1\",\"messages\":[{\"role\":\"system\","
               "\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":"
               "\"H\xC3\xA9 \\\"quoted\\\"\\n?\"}],\"stream\":true,"
               "\"truncate\":false,\"shift\":false,\"think\":false,"
               "\"options\":{\"num_predict\":64,\"temperature\":0.5,"
               "\"min_p\":0.25,\"repeat_last_n\":8,\"num_ctx\":4096}}");

    /* gpt-oss takes no other word for thinking than how much of it. */
    ask_open(&a);
    a.model.think = 1;
    a.model.think_effort = (char *)"low";
    ask_as(&a, &answer);
    size_t n = server_n_requests(server);
    assert_non_null(strstr(server_request_at(server, n - 1).body,
                           ",\"think\":\"low\",\"options\":{\"num_predict\":"
                           "4160}}"));
    answer_free(&answer);
}

/* A prompt that was cut is told, and only then. */
static void a_cut_prompt_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *note;
    } notes[] = {
        {HEAD TEXT("a") ENDS("\"stop\"", ",\"prompt_eval_count\":16,"
                             "\"eval_count\":4"),
         "the prompt was cut to the context of 16 tokens"},
        {HEAD TEXT("a") ENDS("\"stop\"", ",\"prompt_eval_count\":15,"
                             "\"eval_count\":4"),
         "its beginning was cut: the context has 16 tokens"},
        {HEAD TEXT("a") ENDS("\"stop\"", ",\"prompt_eval_count\":12,"
                             "\"eval_count\":4"),
         ""},
    };
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        struct asked a;
        struct answer answer;
        serve_text(notes[i].bytes, SERVER_CLOSE);
        ask_open(&a);
        a.model.n_ctx = 16;
        ask_as(&a, &answer);
        assert_string_equal(answer.end.note, notes[i].note);
        answer_free(&answer);
    }
}

/* What the server says it took to load is no part of the speed; but no server
 * can say that it took longer than it did. */
static void loading_is_told_apart(void **state)
{
    (void)state;
    struct answer a;
    set_reply((struct server_reply){
        .bytes = HEAD TEXT("a")
                 ENDS("\"stop\"", ",\"load_duration\":100000000"),
        .n = sizeof(HEAD TEXT("a")
                    ENDS("\"stop\"", ",\"load_duration\":100000000")) - 1,
        .cut = sizeof(HEAD) - 1, .pause_ms = 150}, NULL);
    ask(&a);
    assert_int_equal(a.end.load_ms, 100);
    assert_true(a.end.first_ms >= 45); /* of the 150 */
    assert_true(a.end.total_ms >= a.end.first_ms);
    answer_free(&a);
    serve_text(HEAD TEXT("a")
               ENDS("\"stop\"", ",\"load_duration\":900000000000"),
               SERVER_CLOSE);
    ask(&a);
    assert_int_equal(a.end.load_ms, -1);
    assert_true(a.end.total_ms >= 0);
    answer_free(&a);
}

static void lists_models(void **state)
{
    (void)state;
    struct asked a;
    serve_text(JSON_HEAD "{\"models\":[{\"name\":\"q:2\",\"size\":1},"
               "{\"name\":\"q:1\"},{\"model\":\"no\"}]}", SERVER_CLOSE);
    ask_open(&a);
    check_list(&a, "q:1\nq:2\n");
    assert_string_equal(server_request_at(server, 0).path, "/api/tags");
}

int main(void)
{
    asked_ops = &backend_ollama;
    const struct CMUnitTest tests[] = {
        TEST(cases_give_what_they_should),
        TEST(cuts_change_nothing),
        TEST(sends_what_is_configured),
        TEST(a_cut_prompt_is_told),
        TEST(loading_is_told_apart),
        TEST(lists_models),
    };
    return TEST_RUN(tests);
}
