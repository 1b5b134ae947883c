/* Replies that servers of each protocol were seen or reported to send, beside
 * what the protocols say; the test of each backend has its own. */
#include "asked.h"

struct odd_case {
    const struct backend_ops *ops;
    struct reply_case reply;
};

#define OF(backend, ...) {&backend_##backend, {__VA_ARGS__}}

static const struct odd_case cases[] = {
    OF(openai, "the older API of completions",
       SSE_HEAD
       "data: {\"choices\":[{\"text\":\"a\"}]}\n\n"
       "data: {\"choices\":[{\"text\":\"b\",\"finish_reason\":\"stop\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "ab", "", FINISH_STOP, NULL),
    OF(openai, "a message beside a delta of null",
       SSE_HEAD
       "data: {\"choices\":[{\"delta\":null,\"message\":{\"content\":\"a\"},"
       "\"finish_reason\":\"stop\"}]}\n\n",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "an end marker in quotes",
       SSE_HEAD DELTA("a")
       "data: \"[DONE]\"\n\n",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "an end marker in small letters",
       SSE_HEAD DELTA("a")
       "data: [done]\n\n",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "an answer in an array",
       JSON_HEAD
       "[{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"s"
       "top\"}]}]",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "keep-alives in words",
       SSE_HEAD
       "data: [KEEPALIVE]\n\n"
       DELTA("a")
       "data: heartbeat\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "a code and a message that say all is well",
       SSE_HEAD
       "data: {\"code\":0,\"message\":\"Success\"}\n\n"
       DELTA("a")
       "data: {\"code\":\"200\",\"msg\":\"ok\"}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "parts that are thinking by their type",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\""
       "reasoning\",\"text\":\"h\"},{\"type\":\"thinking\",\"text\":\"m\"},{"
       "\"type\":\"text\",\"text\":\"a\"}]},\"finish_reason\":null}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL),
    OF(openai, "parts that are strings, and one part alone",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[\"a\",\"b\"]"
       "},\"finish_reason\":null}]}\n\n"
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":{\"type\":\"t"
       "ext\",\"text\":\"c\"}},\"finish_reason\":null}]}\n\n"
       DONE,
       SERVER_CLOSE, "abc", "", FINISH_STOP, NULL),
    OF(openai, "parts without end",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[[[[[[[[[[[[["
       "[[[[[[[[[[[[[[[[[[[[[[[[[[[\"a\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
       "]]]},\"finish_reason\":null}]}\n\n"
       DELTA("b") DONE,
       SERVER_CLOSE, "b", "", FINISH_STOP, NULL),
    OF(openai, "details of reasoning alone",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{"
       "\"type\":\"reasoning.text\",\"text\":\"hm\"}]},\"finish_reason\":null"
       "}]}\n\n"
       DELTA("a") DONE,
       SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL),
    OF(openai, "reasoning under two names",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"hm\",\"re"
       "asoning_details\":[{\"text\":\"hm\"}]},\"finish_reason\":null}]}\n\n"
       DELTA("a") DONE,
       SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL),
    OF(openai, "nothing but a call of a tool",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"functi"
       "on\":{\"name\":\"f\"}}]},\"finish_reason\":null}]}\n\n"
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"too"
       "l_calls\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "", "", FINISH_ERROR, "called a tool"),
    OF(openai, "a list of no calls",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[]},\"fini"
       "sh_reason\":\"stop\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "text and a call of a tool",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":"
       "\"x\"}]},\"finish_reason\":\"tool_calls\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "an end by abort",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"abo"
       "rt\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "abort"),
    OF(openai, "an end by network_error",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"net"
       "work_error\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "network_error"),
    OF(openai, "an end by cancelled",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"can"
       "celled\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "cancelled"),
    OF(openai, "an end by timeout",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tim"
       "eout\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "timeout"),
    OF(openai, "a reason in capitals",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"MAX"
       "_TOKENS\"}]}\n\n",
       SERVER_CLOSE, "a", "", FINISH_LENGTH, NULL),
    OF(openai, "what a filter calls sensitive",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"sen"
       "sitive\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_FILTER, NULL),
    OF(openai, "an error in a code and a message",
       SSE_HEAD DELTA("a")
       "data: {\"code\":500,\"msg\":\"full\"}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in a word as code",
       SSE_HEAD DELTA("a")
       "data: {\"code\":\"ServerError\",\"message\":\"full\"}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in error_code",
       SSE_HEAD DELTA("a")
       "data: {\"error_code\":110,\"error_msg\":\"full\"}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in statusCode",
       SSE_HEAD DELTA("a")
       "data: {\"statusCode\":429,\"message\":\"full\"}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in base_resp",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[],\"base_resp\":{\"status_code\":1004,\"status_ms"
       "g\":\"full\"}}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in a fault",
       SSE_HEAD DELTA("a")
       "data: {\"fault\":{\"faultstring\":\"full\"}}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in a capital Message",
       SSE_HEAD DELTA("a")
       "data: {\"Message\":\"full\"}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in success: false",
       SSE_HEAD DELTA("a")
       "data: {\"success\":false,\"message\":\"full\"}\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error in a delta",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"delta\":{\"error\":{\"message\":\"full\"}}}]}"
       "\n\n"
       STOP DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "a line that breaks off in JSON",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"fini"
       "sh_reason\":\"stop\"}]}\n\n"
       "{\"usage\"\n\n",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "an error of a bare line of JSON",
       SSE_HEAD DELTA("a")
       "{\"error\":{\"message\":\"full\"}}\ndata: {\"choices\":[{\"index\":0,"
       "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(openai, "an error of a code alone",
       SSE_HEAD DELTA("a")
       "data: {\"error\":{\"code\":502}}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "502"),
    OF(openai, "an end of MiniMax that is none of an error",
       SSE_HEAD DELTA("a")
       "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"base"
       "_resp\":{\"status_code\":0,\"status_msg\":\"\"}}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "all of the answer again behind the stream",
       SSE_HEAD
       "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
       "\"delta\":{\"content\":\"a\"}}]}\n\n"
       "data: {\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"mess"
       "age\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(openai, "a part that is thinking by the begin of its type",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\""
       "reasoning.summary\",\"text\":\"hm\"},{\"type\":\"text\",\"text\":\"a\""
       "}]},\"finish_reason\":\"stop\"}]}\n\n",
       SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL),
    OF(openai, "a refusal among parts",
       SSE_HEAD
       "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\""
       "refusal\",\"refusal\":\"no\"}]},\"finish_reason\":\"stop\"}]}\n\n",
       SERVER_CLOSE, "no", "", FINISH_FILTER, NULL),
    OF(openai, "words of a gateway",
       "HTTP/1.1 400 No\r\n\r\n"
       "{\"fault\":{\"faultstring\":\"no such app\"}}",
       SERVER_CLOSE, "", "", FINISH_ERROR, "no such app"),
    OF(openai, "an event as the body of an error",
       "HTTP/1.1 400 No\r\n\r\n"
       "data: {\"error\":{\"message\":\"full\"}}\n\n",
       SERVER_CLOSE, "", "", FINISH_ERROR, "(HTTP 400): full"),
    OF(anthropic, "text in the first event",
       SSE_HEAD
       "data: {\"type\":\"message_start\",\"message\":{\"content\":[{\"type\""
       ":\"text\",\"text\":\"a\"}]}}\n\n"
       "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_de"
       "lta\",\"text\":\"b\"}}\n\n"
       "data: {\"type\":\"message_stop\"}\n\n",
       SERVER_CLOSE, "ab", "", FINISH_STOP, NULL),
    OF(anthropic, "nothing but a call of a tool",
       SSE_HEAD
       "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":"
       "\"tool_use\",\"name\":\"f\",\"input\":{}}}\n\n"
       "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_u"
       "se\"}}\n\n"
       "data: {\"type\":\"message_stop\"}\n\n",
       SERVER_CLOSE, "", "", FINISH_ERROR, "called a tool"),
    OF(anthropic, "a reason and an orderly close",
       SSE_HEAD
       "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_de"
       "lta\",\"text\":\"a\"}}\n\n"
       "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_tu"
       "rn\"}}\n\n",
       SERVER_CLOSE, "a", "", FINISH_STOP, NULL),
    OF(anthropic, "no reason and an orderly close",
       SSE_HEAD
       "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_de"
       "lta\",\"text\":\"a\"}}\n\n"
       "data: {\"type\":\"content_block_stop\"}\n\n",
       SERVER_CLOSE, "a", "", FINISH_ERROR, "cut off"),
    OF(anthropic, "a bare line of an error",
       SSE_HEAD
       "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_de"
       "lta\",\"text\":\"a\"}}\n\n"
       "{\"type\":\"error\",\"error\":{\"message\":\"full\"}}\n",
       SERVER_CLOSE, "a", "", FINISH_ERROR, "full"),
    OF(gemini, "a reason that is none",
       SSE_HEAD
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\""
       "finishReason\":\"FINISH_REASON_UNSPECIFIED\"}]}\n\n",
       SERVER_CLOSE, "a", "", FINISH_ERROR, "cut off"),
    OF(gemini, "a reason on each part",
       SSE_HEAD
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\""
       "finishReason\":\"STOP\"}]}\n\n"
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]},\""
       "finishReason\":\"STOP\"}]}\n\n",
       SERVER_CLOSE, "ab", "", FINISH_STOP, NULL),
    OF(gemini, "nothing but a call of a tool",
       SSE_HEAD
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\""
       "name\":\"f\"}}]},\"finishReason\":\"STOP\"}]}\n\n",
       SERVER_CLOSE, "", "", FINISH_ERROR, "called a tool"),
    OF(ollama, "nothing but a call of a tool",
       JSON_HEAD
       "{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]},\"don"
       "e\":false}\n{\"message\":{},\"done\":true,\"done_reason\":\"stop\"}\n",
       SERVER_CLOSE, "", "", FINISH_ERROR, "called a tool"),
    OF(responses, "nothing but a call of a tool",
       SSE_HEAD
       "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"com"
       "pleted\",\"output\":[{\"type\":\"function_call\",\"name\":\"f\"}]}}\n"
       "\n",
       SERVER_CLOSE, "", "", FINISH_ERROR, "called a tool"),
    OF(responses, "thinking that streams, and text at the end alone",
       SSE_HEAD
       "data: {\"type\":\"response.reasoning_text.delta\",\"delta\":\"hm\"}\n"
       "\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"c"
       "ompleted\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":"
       "\"output_text\",\"text\":\"a\"}]}]}}\n\n",
       SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL),
    OF(responses, "thinking that streams, and stands in the end again",
       SSE_HEAD
       "data: {\"type\":\"response.reasoning_text.delta\",\"delta\":\"hm\"}\n"
       "\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"c"
       "ompleted\",\"output\":[{\"type\":\"reasoning\",\"content\":[{\"type\":"
       "\"reasoning_text\",\"text\":\"hm\"}]},{\"type\":\"message\",\"content\":"
       "[{\"type\":\"output_text\",\"text\":\"a\"}]}]}}\n\n",
       SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL),
    OF(responses, "the end marker of another protocol",
       SSE_HEAD
       "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n"
       DONE,
       SERVER_CLOSE, "a", "", FINISH_ERROR, "cut off"),
};

static void odd_replies_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        asked_ops = cases[i].ops;
        check_cases(&cases[i].reply, 1);
    }
    asked_ops = &backend_openai;
}

/* A wait that is said by a string. */
static void words_of_numbers_are_numbers(void **state)
{
    static const struct {
        const char *field, *value;
        int64_t ms;
    } waits[] = {
        {"retry_after", "3", 3000},     {"retry_after", "2m", 120000},
        {"retryAfter", "1.5 s", 1500},  {"retry_after_ms", "350", 350},
        {"retry_after_ms", "6s", 6000}, {"retry_after", "soon", 7000},
        {"retry_after", "", 7000},      {"retry_after", "2026-01-02", 7000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        char said[200];
        struct fault f;
        int n = snprintf(said, sizeof(said), "{\"error\":{\"message\":\"try "
                         "again in 7s\",\"%s\":\"%s\"}}", waits[i].field,
                         waits[i].value);
        fault_read(&f, said, (size_t)n, NULL);
        assert_int_equal(f.retry_ms, waits[i].ms);
    }
}

/* Whatever its words, a server that wants no system's message gets none. */
static void no_system_in_any_words(void **state)
{
    static const struct {
        int status;
        const char *words;
    } refusals[] = {
        {400, "Only user and assistant roles are supported!"},
        {400, "invalid role: system"},
        {400, "'system' is not one of ['user', 'assistant']"},
        {400, "System role not supported"},
        {500, "System role not supported"},
        {400, "Developer instruction is not enabled for this model"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        char refusal[300];
        struct answer a;
        snprintf(refusal, sizeof(refusal),
                 "HTTP/1.1 %d No\r\n\r\n{\"error\":{\"message\":\"%s\"}}",
                 refusals[i].status, refusals[i].words);
        serve_two(refusal, SSE_HEAD DELTA("a") DONE);
        ask(&a);
        assert_string_equal(a.text.data, "a");
        size_t n = server_n_requests(server);
        struct server_request rq = server_request_at(server, n - 1);
        assert_null(strstr(rq.body, "\"system\""));
        assert_non_null(strstr(rq.body, "Be brief."));
        answer_free(&a);
    }
}

/* A refusal by 200 is one. */
static void refusals_under_200(void **state)
{
    struct answer a;
    (void)state;
    serve_two(JSON_HEAD
              "{\"error\":{\"type\":\"invalid_request_error\",\"message\":"
              "\"'stream_options' is not supported\"}}",
              SSE_HEAD DELTA("a") DONE);
    ask(&a);
    assert_string_equal(a.text.data, "a");
    size_t n = server_n_requests(server);
    struct server_request rq = server_request_at(server, n - 1);
    assert_null(strstr(rq.body, "stream_options"));
    answer_free(&a);
}

static void lists_that_are_an_array(void **state)
{
    struct asked a;
    (void)state;
    serve_text(JSON_HEAD "[{\"id\":\"m-2\"},{\"id\":\"m-1\"}]", SERVER_CLOSE);
    ask_open(&a);
    check_list(&a, "m-1\nm-2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(odd_replies_are_read),
        TEST(no_system_in_any_words),
        TEST(refusals_under_200),
        TEST(lists_that_are_an_array),
        TEST(words_of_numbers_are_numbers),
    };
    return TEST_RUN(tests);
}
