/* The anthropic backend: what it asks, and what it makes of what comes. */
#include "asked.h"

#define EVENT(name, rest) \
    "event: " name "\ndata: {\"type\":\"" name "\"" rest "}\n\n"
#define START                                                                  \
    EVENT("message_start", ",\"message\":{\"id\":\"msg_1\",\"type\":"          \
          "\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":" \
          "null,\"usage\":{\"input_tokens\":9,\"cache_read_input_tokens\":4,"  \
          "\"cache_creation_input_tokens\":2,\"output_tokens\":1}}")
#define BLOCK(type, rest)                                                    \
    EVENT("content_block_start", ",\"index\":0,\"content_block\":{\"type\":" \
          "\"" type "\"" rest "}")
#define PIECE(type, rest)                                                   \
    EVENT("content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"" type \
          "\"," rest "}")
#define TEXT(text) PIECE("text_delta", "\"text\":\"" text "\"")
#define THINKING(text) PIECE("thinking_delta", "\"thinking\":\"" text "\"")
#define CLOSE EVENT("content_block_stop", ",\"index\":0")
#define ENDS(reason)                                                      \
    EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"" reason "\"}," \
          "\"usage\":{\"output_tokens\":4}")
#define STOPS EVENT("message_stop", "")
#define BEGIN SSE_HEAD START BLOCK("text", ",\"text\":\"\"")
#define END CLOSE ENDS("end_turn") STOPS
#define WRONG(type, words) "{\"type\":\"error\",\"error\":{\"type\":\"" type \
                           "\",\"message\":\"" words "\"},\"request_id\":\"r\"}"

static const struct reply_case cases[] = {
    {"plain", BEGIN EVENT("ping", "") TEXT("H\xC3\xA9") TEXT("llo") END,
     SERVER_CLOSE, "H\xC3\xA9llo", "", FINISH_STOP, NULL},
    {"no names of events",
     SSE_HEAD "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":"
     "\"text_delta\",\"text\":\"a\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"thinking, its signature, and what was redacted",
     SSE_HEAD START BLOCK("thinking", ",\"thinking\":\"h\"") THINKING("m")
     PIECE("signature_delta", "\"signature\":\"U2VjcmV0\"") CLOSE
     BLOCK("redacted_thinking", ",\"data\":\"U2VjcmV0\"") CLOSE
     BLOCK("text", ",\"text\":\"\"") TEXT("a") END,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"thinking in the text", BEGIN TEXT("<thi") TEXT("nk>hm</think>a") END,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"text in the begin of a block, and two blocks",
     SSE_HEAD START BLOCK("text", ",\"text\":\"a\"") CLOSE
     BLOCK("text", ",\"text\":\"\"") TEXT("b") END,
     SERVER_CLOSE, "ab", "", FINISH_STOP, NULL},
    {"events and pieces that nobody knows",
     BEGIN EVENT("content_block_shine", ",\"delta\":{\"text\":\"no\"}")
     PIECE("citations_delta", "\"citation\":{\"cited_text\":\"no\"}")
     PIECE("input_json_delta", "\"partial_json\":\"no\"") TEXT("a") END,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"open after the end", BEGIN TEXT("a") END, SERVER_HANG, "a", "",
     FINISH_STOP, NULL},
    {"an end marker of another protocol, too",
     BEGIN TEXT("a") END DONE, SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"no message_stop, but a reason and an orderly end",
     BEGIN TEXT("a") CLOSE ENDS("stop_sequence"), SERVER_CLOSE, "a", "",
     FINISH_STOP, NULL},
    {"a reason, and an end marker of another protocol in an open connection",
     BEGIN TEXT("a") CLOSE ENDS("end_turn") DONE, SERVER_HANG, "a", "",
     FINISH_STOP, NULL},
    {"[DONE] before any reason", BEGIN TEXT("a") DONE, SERVER_CLOSE, "a", "",
     FINISH_ERROR, "the answer was cut off"},
    {"a limit", BEGIN TEXT("a") CLOSE ENDS("max_tokens") STOPS, SERVER_CLOSE,
     "a", "", FINISH_LENGTH, NULL},
    {"a full context",
     BEGIN TEXT("a") CLOSE ENDS("model_context_window_exceeded") STOPS,
     SERVER_CLOSE, "a", "", FINISH_LENGTH, NULL},
    {"a refusal", BEGIN TEXT("a") CLOSE ENDS("refusal") STOPS, SERVER_CLOSE,
     "a", "", FINISH_FILTER, NULL},
    {"a pause", BEGIN TEXT("a") CLOSE ENDS("pause_turn") STOPS, SERVER_CLOSE,
     "a", "", FINISH_ERROR, "pause_turn"},
    {"nothing but thinking",
     SSE_HEAD START BLOCK("thinking", ",\"thinking\":\"hm\"") CLOSE
     ENDS("max_tokens") STOPS,
     SERVER_CLOSE, "", "hm", FINISH_ERROR, "thinking used all 4 tokens"},
    {"surrogates apart", BEGIN TEXT("\\ud83d") TEXT("\\ude00") END,
     SERVER_CLOSE, "\xF0\x9F\x98\x80", "", FINISH_STOP, NULL},

    {"in one piece",
     JSON_HEAD "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\","
     "\"thinking\":\"hm\",\"signature\":\"x\"},{\"type\":\"text\",\"text\":"
     "\"a\"}],\"stop_reason\":\"max_tokens\"}",
     SERVER_CLOSE, "a", "hm", FINISH_LENGTH, NULL},
    {"another protocol in one piece", JSON_HEAD "{\"choices\":[]}",
     SERVER_CLOSE, "", "", FINISH_ERROR,
     "does not answer like an Anthropic server"},
    {"nothing but pings", SSE_HEAD EVENT("ping", "") EVENT("ping", ""),
     SERVER_CLOSE, "", "", FINISH_ERROR, "does not answer like"},
    {"closed in the middle", BEGIN TEXT("a"), SERVER_CLOSE, "a", "",
     FINISH_ERROR, "the answer was cut off"},
    {"reset in the middle", BEGIN TEXT("a"), SERVER_RESET, NULL, "",
     FINISH_ERROR, NULL},

    {"an error in the middle",
     BEGIN TEXT("a") "event: error\ndata: " WRONG("overloaded_error", "Full")
     "\n\n",
     SERVER_CLOSE, "a", "", FINISH_ERROR,
     "the answer was cut off by an error of the server: Full"},
    {"an error without a name, and the end behind it",
     BEGIN TEXT("a") "data: " WRONG("api_error", "Broken") "\n\n" END,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "Broken"},
    {"401", ERROR("401 No", WRONG("authentication_error", "invalid x-api-key")),
     SERVER_CLOSE, "", "", FINISH_ERROR,
     "key rejected (HTTP 401): invalid x-api-key. Checked TEST_KEY"},
    {"404 of a model", ERROR("404 No", WRONG("not_found_error", "model: m-1")),
     SERVER_CLOSE, "", "", FINISH_ERROR, "no model \"m-1\""},
    {"too long",
     ERROR("400 No", WRONG("invalid_request_error", "prompt is too long: "
                           "210000 tokens > 200000 maximum")),
     SERVER_CLOSE, "", "", FINISH_ERROR, "the prompt is too long"},
    {"529", ERROR("529 Full", WRONG("overloaded_error", "Overloaded")),
     SERVER_CLOSE, "", "", FINISH_ERROR,
     "the server failed (HTTP 529): Overloaded (tried 3 times)"},
    {"429 for good",
     ERROR("429 No", "{\"type\":\"error\",\"error\":{\"type\":"
           "\"rate_limit_error\",\"message\":\"Enough\",\"details\":{"
           "\"error_code\":\"enforced_spend_limit_reached\"}}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "(HTTP 429): Enough"},
};

static void cases_give_what_they_should(void **state)
{
    (void)state;
    check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

/* Cached tokens count as read; the last number of those written holds. */
static void cuts_change_nothing(void **state)
{
    (void)state;
    static const struct remote_usage usage = {15, 4, 4, -1, NAN};
    check_cuts(SSE_HEAD START BLOCK("thinking", ",\"thinking\":\"h\"")
               THINKING("\xC3\xA9") CLOSE BLOCK("text", ",\"text\":\"\"")
               TEXT("H\xC3\xA9 \xF0\x9F\x98\x80") END,
               "H\xC3\xA9 \xF0\x9F\x98\x80", "h\xC3\xA9", &usage);
}

static void sends_what_is_configured(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    serve_text(BEGIN TEXT("a") END, SERVER_CLOSE);
    ask_open(&a);
    a.url[strlen(a.url) - strlen("/v1")] = '\0'; /* usual; with it, the same */
    a.model.temperature = 0.5;
    a.model.top_k = 40;
    a.model.think = 0;
    ask_as(&a, &answer);
    struct server_request rq = server_request_at(server, 0);
    assert_string_equal(rq.path, "/v1/messages");
    assert_non_null(strstr(rq.head, "\r\nx-api-key: " CANARY "\r\n"));
    assert_non_null(strstr(rq.head, "\r\nanthropic-version: 2023-06-01\r\n"));
    assert_null(strstr(rq.head, "Authorization"));
    check_body("{\"model\":\"m-1\",\"max_tokens\":64,\"stream\":true,"
               "\"system\":\"Be brief.\",\"messages\":[{\"role\":\"user\","
               "\"content\":\"H\xC3\xA9 \\\"quoted\\\"\\n?\"}],"
               "\"temperature\":0.5,\"top_k\":40,\"thinking\":{\"type\":"
               "\"disabled\"}}");
    answer_free(&answer);

    /* What it may think comes on top of what it may say. */
    ask_open(&a);
    a.model.think_budget = 100; /* less is not accepted than 1024 */
    a.model.think_effort = (char *)"low";
    ask_as(&a, &answer);
    struct server_request second = server_request_at(server, 1);
    assert_string_equal(second.path, "/v1/messages");
    assert_non_null(strstr(second.body, "\"max_tokens\":1088,"));
    assert_non_null(strstr(second.body,
                           "\"thinking\":{\"type\":\"enabled\","
                           "\"budget_tokens\":1024},"
                           "\"output_config\":{\"effort\":\"low\"}}"));
    answer_free(&answer);
}

/* The reader's limit is held although the server's is larger. */
static void text_is_cut_at_the_persons_limit(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    struct buf stream;
    buf_init(&stream, 1 << 20);
    buf_add_str(&stream, BEGIN);
    for (int i = 0; i < 100; i++)
        buf_add_str(&stream, THINKING("t") TEXT("word "));
    buf_add_str(&stream, END);
    serve_buf(&stream);
    ask_open(&a);
    a.model.think = 1;
    ask_as(&a, &answer);
    assert_int_equal(answer.end.finish, FINISH_LENGTH);
    assert_int_equal(answer.text.len, 64 * strlen("word "));
    answer_free(&answer);
    server_wait_written(server, 1); /* before the reply goes */
    buf_free(&stream);
}

static void adapts_to_the_model(void **state)
{
    (void)state;
    static const struct {
        const char *refusal, *absent, *present, *note;
    } refusals[] = {
        {"`temperature` may only be set to 1 when thinking is enabled.",
         "\"temperature\"", "\"budget_tokens\"", "without temperature"},
        {"`temperature` and `top_p` cannot both be specified for this model.",
         "\"temperature\"", "\"top_p\"", "without temperature"},
        {"\\\"thinking.type.enabled\\\" is not supported for this model. Use "
         "\\\"thinking.type.adaptive\\\".",
         "budget_tokens", "\"thinking\":{\"type\":\"adaptive\"}",
         "without think_budget"},
        {"This model does not support the effort parameter.",
         "output_config", "\"budget_tokens\"", "without think_effort"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct asked a;
        struct answer answer;
        char refusal[400];
        snprintf(refusal, sizeof(refusal),
                 ERROR("400 No", WRONG("invalid_request_error", "%s")),
                 refusals[i].refusal);
        serve_two(refusal, BEGIN TEXT("a") END);
        ask_open(&a);
        a.model.temperature = 0.5;
        a.model.top_p = 0.9;
        a.model.think = 1;
        a.model.think_effort = (char *)"high";
        ask_as(&a, &answer);
        assert_string_equal(answer.text.data, "a");
        assert_non_null(strstr(answer.end.note, refusals[i].note));
        struct server_request rq = server_request_at(server, 2 * i + 1);
        assert_null(strstr(rq.body, refusals[i].absent));
        assert_non_null(strstr(rq.body, refusals[i].present));
        answer_free(&answer);
    }
}

static void waits_out_a_full_server(void **state)
{
    (void)state;
    struct answer a;
    serve_two(SSE_HEAD START "event: error\ndata: "
              WRONG("overloaded_error", "Full") "\n\n", BEGIN TEXT("a") END);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    assert_int_equal(server_n_requests(server), 2);
    answer_free(&a);
}

static void refuses_what_it_cannot_say(void **state)
{
    (void)state;
    struct asked a;
    ask_open(&a);
    a.model.min_p = 0.1;
    refuse(&a.model, ERR_CONFIG,
           "\"min_p\" cannot be told to an Anthropic server");
}

static void lists_models(void **state)
{
    (void)state;
    struct asked a;
    serve_two(JSON_HEAD "{\"data\":[{\"type\":\"model\",\"id\":\"m-2\"},{"
              "\"id\":\"m-1\"}],\"has_more\":true,\"last_id\":\"m 1\"}",
              JSON_HEAD "{\"data\":[{\"id\":\"m-3\"}],\"has_more\":false,"
              "\"last_id\":\"m-3\"}");
    ask_open(&a);
    check_list(&a, "m-1\nm-2\nm-3\n");
    assert_string_equal(server_request_at(server, 0).path,
                        "/v1/models?limit=1000");
    assert_string_equal(server_request_at(server, 1).path,
                        "/v1/models?limit=1000&after_id=m%201");
}

int main(void)
{
    asked_ops = &backend_anthropic;
    const struct CMUnitTest tests[] = {
        TEST(cases_give_what_they_should),
        TEST(cuts_change_nothing),
        TEST(sends_what_is_configured),
        TEST(text_is_cut_at_the_persons_limit),
        TEST(adapts_to_the_model),
        TEST(waits_out_a_full_server),
        TEST(refuses_what_it_cannot_say),
        TEST(lists_models),
    };
    return TEST_RUN(tests);
}
