/* The responses backend: what it asks, and what it makes of what comes. */
#include "asked.h"

#define EVENT(type, rest) \
    "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define BEGIN \
    SSE_HEAD EVENT("response.created", ",\"response\":{\"status\":" \
                   "\"in_progress\",\"error\":null}")
#define DELTA_OF(what, text) \
    EVENT("response." what ".delta", ",\"delta\":\"" text "\"")
#define TEXT(text) DELTA_OF("output_text", text)
#define ENDS(status, rest) \
    EVENT("response." status, ",\"response\":{\"status\":\"" status "\"" rest \
          "}")
#define END ENDS("completed", ",\"error\":null")
#define OUTPUT                                                                \
    ",\"output\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":"            \
    "\"summary_text\",\"text\":\"hm\"}]},{\"type\":\"web_search_call\"},"     \
    "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":"  \
    "\"a\"}]}]"

static const struct reply_case cases[] = {
    {"plain", BEGIN TEXT("H\xC3\xA9") TEXT("llo") END, SERVER_CLOSE,
     "H\xC3\xA9llo", "", FINISH_STOP, NULL},
    {"thinking, whole and in short",
     BEGIN DELTA_OF("reasoning_text", "h") DELTA_OF("reasoning_summary_text",
     "m") TEXT("a") END,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"what ends a part, and arguments of tools",
     BEGIN TEXT("a") EVENT("response.output_text.done", ",\"text\":\"a\"")
     DELTA_OF("function_call_arguments", "no") END,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"a stream's text, once more at its end",
     BEGIN TEXT("a") ENDS("completed", OUTPUT), SERVER_CLOSE, "a", "",
     FINISH_STOP, NULL},
    {"text at the end alone", BEGIN ENDS("completed", OUTPUT), SERVER_CLOSE,
     "a", "hm", FINISH_STOP, NULL},
    {"open after the end", BEGIN TEXT("a") END, SERVER_HANG, "a", "",
     FINISH_STOP, NULL},
    {"a refusal", BEGIN DELTA_OF("refusal", "No.") END, SERVER_CLOSE, "No.",
     "", FINISH_FILTER, NULL},
    {"a limit",
     BEGIN TEXT("a") ENDS("incomplete", ",\"incomplete_details\":{\"reason\":"
                          "\"max_output_tokens\"}"),
     SERVER_CLOSE, "a", "", FINISH_LENGTH, NULL},
    {"a filter",
     BEGIN TEXT("a") ENDS("incomplete", ",\"incomplete_details\":{\"reason\":"
                          "\"content_filter\"}"),
     SERVER_CLOSE, "a", "", FINISH_FILTER, NULL},
    {"incomplete for no reason", BEGIN TEXT("a") ENDS("incomplete", ""),
     SERVER_CLOSE, "a", "", FINISH_ERROR, "incomplete"},
    {"failed",
     BEGIN TEXT("a") ENDS("failed", ",\"error\":{\"code\":\"server_error\","
                          "\"message\":\"No GPU\"}"),
     SERVER_CLOSE, "a", "", FINISH_ERROR, "No GPU"},
    {"failed without a word", BEGIN TEXT("a") ENDS("failed", ""),
     SERVER_CLOSE, "a", "", FINISH_ERROR, "failed"},
    {"cancelled", BEGIN TEXT("a") ENDS("cancelled", ""), SERVER_CLOSE, "a", "",
     FINISH_ERROR, "cancelled"},
    {"an error in the middle, and an end",
     BEGIN TEXT("a") EVENT("error", ",\"code\":null,\"message\":\"No GPU\"")
     END,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "No GPU"},
    {"no end", BEGIN TEXT("a"), SERVER_CLOSE, "a", "", FINISH_ERROR,
     "the answer was cut off"},
    {"an end marker that is not this protocol's", BEGIN TEXT("a") DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "the answer was cut off"},
    {"in one piece", JSON_HEAD "{\"status\":\"completed\",\"error\":null"
     OUTPUT "}", SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"in one piece, of another protocol", JSON_HEAD "{\"choices\":[]}",
     SERVER_CLOSE, "", "", FINISH_ERROR, "Responses API"},
};

static void cases_give_what_they_should(void **state)
{
    (void)state;
    check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void cuts_change_nothing(void **state)
{
    (void)state;
    static const struct remote_usage usage = {9, 4, 7, 3, NAN};
    check_cuts(BEGIN DELTA_OF("reasoning_text", "h\xC3\xA9") TEXT("H\xC3\xA9")
               ENDS("completed", ",\"usage\":{\"input_tokens\":9,"
                    "\"input_tokens_details\":{\"cached_tokens\":4},"
                    "\"output_tokens\":7,\"output_tokens_details\":{"
                    "\"reasoning_tokens\":3}}"),
               "H\xC3\xA9", "h\xC3\xA9", &usage);
}

static void sends_what_is_configured(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    serve_text(BEGIN TEXT("a") END, SERVER_CLOSE);
    ask_open(&a);
    a.model.temperature = 0.5;
    a.model.think_effort = (char *)"low";
    a.model.think_budget = 100;
    ask_as(&a, &answer);
    assert_string_equal(server_request_at(server, 0).path, "/v1/responses");
    check_body("{\"model\":\"m-1\",\"instructions\":\"Be brief.\",\"input\":[{"
               "\"role\":\"user\",\"content\":\"H\xC3\xA9 \\\"quoted\\\"\\n?\"}"
               "],\"stream\":true,\"store\":false,\"max_output_tokens\":164,"
               "\"temperature\":0.5,\"reasoning\":{\"effort\":\"low\"}}");
    answer_free(&answer);
}

static void adapts_to_the_model(void **state)
{
    (void)state;
    static const struct {
        const char *param, *absent, *note;
        int think;
        const char *effort;
    } refusals[] = {
        {"reasoning.effort", "\"reasoning\"", "without think,", 0, NULL},
        {"reasoning.effort", "\"reasoning\"", "without think_effort", -1,
         "minimal"},
        {"max_output_tokens", "max_output_tokens", "without max_tokens", -1,
         NULL},
        {"store", "\"store\"", "", -1, NULL},
        {"temperature", "temperature", "without temperature", -1, NULL},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct asked a;
        struct answer answer;
        char refusal[400];
        snprintf(refusal, sizeof(refusal),
                 ERROR("400 No", "{\"error\":{\"message\":\"Not supported with "
                       "this model.\",\"type\":\"invalid_request_error\","
                       "\"param\":\"%s\",\"code\":\"unsupported_value\"}}"),
                 refusals[i].param);
        serve_two(refusal, BEGIN TEXT("a") END);
        ask_open(&a);
        a.model.temperature = 0.5;
        a.model.think = refusals[i].think;
        a.model.think_effort = (char *)refusals[i].effort;
        ask_as(&a, &answer);
        assert_string_equal(answer.text.data, "a");
        assert_non_null(strstr(answer.end.note, refusals[i].note));
        assert_non_null(strstr(server_request_at(server, 2 * i).body,
                               refusals[i].absent));
        assert_null(strstr(server_request_at(server, 2 * i + 1).body,
                           refusals[i].absent));
        answer_free(&answer);
    }
}

static void refuses_what_it_cannot_say(void **state)
{
    (void)state;
    struct asked a;
    ask_open(&a);
    a.model.seed = 7;
    refuse(&a.model, ERR_CONFIG, "\"seed\" cannot be told to a server of "
                                 "OpenAI's Responses API");
}

static void lists_models(void **state)
{
    (void)state;
    struct asked a;
    serve_text(JSON_HEAD "{\"data\":[{\"id\":\"m-2\"},{\"id\":\"m-1\"}]}",
               SERVER_CLOSE);
    ask_open(&a);
    check_list(&a, "m-1\nm-2\n");
    assert_string_equal(server_request_at(server, 0).path, "/v1/models");
}

int main(void)
{
    asked_ops = &backend_responses;
    const struct CMUnitTest tests[] = {
        TEST(cases_give_what_they_should),
        TEST(cuts_change_nothing),
        TEST(sends_what_is_configured),
        TEST(adapts_to_the_model),
        TEST(refuses_what_it_cannot_say),
        TEST(lists_models),
    };
    return TEST_RUN(tests);
}
