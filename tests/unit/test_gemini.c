/* The gemini backend: what it asks, and what it makes of what comes. */
#include "asked.h"

#define CANDIDATE(parts, rest) \
    "\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" parts \
    "]}" rest ",\"index\":0}]"
#define PART(text) "{\"text\":\"" text "\"}"
#define CHUNK(parts) "data: {" CANDIDATE(parts, "") "}\n\n"
#define TEXT(text) CHUNK(PART(text))
#define THINKING(text) CHUNK("{\"text\":\"" text "\",\"thought\":true}")
#define ENDS(reason) \
    "data: {\"candidates\":[{\"finishReason\":\"" reason "\",\"index\":0}]}\n\n"
#define END ENDS("STOP")
#define COUNTED                                                               \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\"},"               \
    "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,"  \
    "\"cachedContentTokenCount\":4,\"candidatesTokenCount\":4,"               \
    "\"thoughtsTokenCount\":3,\"totalTokenCount\":16}}\n\n"
#define WRONG(code, status, words) "{\"error\":{\"code\":" code \
    ",\"message\":\"" words "\",\"status\":\"" status "\"}}"

static const struct reply_case cases[] = {
    {"plain", SSE_HEAD TEXT("H\xC3\xA9") TEXT("llo") END, SERVER_CLOSE,
     "H\xC3\xA9llo", "", FINISH_STOP, NULL},
    {"a reason beside the last text",
     SSE_HEAD "data: {" CANDIDATE(PART("a"), ",\"finishReason\":\"STOP\"")
     "}\n\n",
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"a thought, and a text in two parts",
     SSE_HEAD THINKING("hm") CHUNK(PART("a") "," PART("b")) END, SERVER_CLOSE,
     "ab", "hm", FINISH_STOP, NULL},
    {"parts of other kinds, and a second candidate",
     SSE_HEAD CHUNK("{\"executableCode\":{\"code\":\"no\"}}," PART("a"))
     "data: {\"candidates\":[{\"content\":{\"parts\":[" PART("no")
     "]},\"index\":1}]}\n\n" END,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"an end marker of another protocol in an open connection",
     SSE_HEAD TEXT("a") END DONE, SERVER_HANG, "a", "", FINISH_STOP, NULL},
    {"a limit", SSE_HEAD TEXT("a") ENDS("MAX_TOKENS"), SERVER_CLOSE, "a", "",
     FINISH_LENGTH, NULL},
    {"thinking took all of it",
     SSE_HEAD THINKING("hm") "data: {\"candidates\":[{\"content\":{\"role\":"
     "\"model\"},\"finishReason\":\"MAX_TOKENS\"}],\"usageMetadata\":{"
     "\"thoughtsTokenCount\":64}}\n\n",
     SERVER_CLOSE, "", "hm", FINISH_ERROR, "thinking used all 64 tokens"},
    {"withheld", SSE_HEAD TEXT("a") ENDS("SAFETY"), SERVER_CLOSE, "a", "",
     FINISH_FILTER, NULL},
    {"withheld for a reason that is new", SSE_HEAD TEXT("a") ENDS("IMAGE_LORE"),
     SERVER_CLOSE, "a", "", FINISH_FILTER, NULL},
    {"an end that is none", SSE_HEAD TEXT("a") ENDS("OTHER"), SERVER_CLOSE,
     "a", "", FINISH_ERROR, "OTHER"},
    {"a blocked prompt",
     SSE_HEAD "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n",
     SERVER_CLOSE, "", "", FINISH_FILTER, NULL},
    {"no reason", SSE_HEAD TEXT("a"), SERVER_CLOSE, "a", "", FINISH_ERROR,
     "the answer was cut off"},
    {"nothing but usage",
     SSE_HEAD "data: {\"usageMetadata\":{\"promptTokenCount\":9}}\n\n",
     SERVER_CLOSE, "", "", FINISH_ERROR, "does not answer like a Gemini"},

    {"an array in place of events",
     JSON_HEAD "[{" CANDIDATE(PART("a"), "") "},\n{"
     CANDIDATE(PART("b"), ",\"finishReason\":\"STOP\"") "}]",
     SERVER_CLOSE, "ab", "", FINISH_STOP, NULL},
    {"an array that is cut", JSON_HEAD "[{" CANDIDATE(PART("a"), "") "},\n{",
     SERVER_CLOSE, "", "", FINISH_ERROR, "does not answer like"},
    {"an error at the end of an array",
     JSON_HEAD "[{" CANDIDATE(PART("a"), "") "},"
     WRONG("503", "UNAVAILABLE", "Full") "]",
     SERVER_CLOSE, NULL, "", FINISH_ERROR, "Full"},
    {"an error in the middle",
     SSE_HEAD TEXT("a") "data: " WRONG("503", "UNAVAILABLE", "Full") "\n\n" END,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "Full"},
    {"a key that is none",
     ERROR("400 No", WRONG("400", "INVALID_ARGUMENT", "API key not valid. "
                           "Please pass a valid API key.")),
     SERVER_CLOSE, "", "", FINISH_ERROR,
     "key rejected (HTTP 400): API key not valid"},
    {"404 of a model",
     ERROR("404 No", WRONG("404", "NOT_FOUND", "models/m-1 is not found")),
     SERVER_CLOSE, "", "", FINISH_ERROR, "no model \"m-1\""},
    {"too long",
     ERROR("400 No", WRONG("400", "INVALID_ARGUMENT", "The input token count "
                           "(2000000) exceeds the maximum")),
     SERVER_CLOSE, "", "", FINISH_ERROR, "the prompt is too long"},
    {"enough for a day",
     ERROR("429 No", "[{\"error\":{\"code\":429,\"message\":\"Enough\","
           "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":"
           "[{\"quotaId\":\"RequestsPerDay\"}]},{\"retryDelay\":\"1s\"}]}}]"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "(HTTP 429): Enough"},
};

static void cases_give_what_they_should(void **state)
{
    (void)state;
    check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

/* Thoughts are counted beside the text; written are both. */
static void cuts_change_nothing(void **state)
{
    (void)state;
    static const struct remote_usage usage = {9, 4, 7, 3, NAN};
    check_cuts(SSE_HEAD THINKING("h\xC3\xA9") TEXT("H\xC3\xA9") COUNTED,
               "H\xC3\xA9", "h\xC3\xA9", &usage);
}

static void a_blocked_prompt_is_told(void **state)
{
    (void)state;
    struct answer a;
    serve_text(SSE_HEAD "data: {\"promptFeedback\":{\"blockReason\":"
               "\"OTHER\"}}\n\n", SERVER_CLOSE);
    ask(&a);
    assert_string_equal(a.end.note, "the server blocked the prompt: OTHER");
    answer_free(&a);
}

#define BLOCKED(reason) \
    SSE_HEAD "data: {\"promptFeedback\":{\"blockReason\":\"" reason "\"}}\n\n"
#define NOTE(reason) "the server blocked the prompt: " reason

/* In a server's words, which may be anything. */
static void a_note_is_one_clean_line(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *note;
    } replies[] = {
        {BLOCKED("\\u001b]0;x\\u0007y\\nz\\u009b1m"), NOTE("]0;x y z 1m")},
        {BLOCKED("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\u00e9\\u00e9"),
         NOTE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")}, /* no half of one */
        {BLOCKED("with " CANARY), NOTE("with [key]")},
    };
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        struct answer a;
        serve_text(replies[i].bytes, SERVER_CLOSE);
        ask(&a);
        assert_string_equal(a.end.note, replies[i].note);
        answer_free(&a);
    }
}

static void sends_what_is_configured(void **state)
{
    (void)state;
    struct message messages[] = {{"user", "1"}, {"assistant", "2"},
                                 {"user", "3"}};
    struct request rq = {.messages = messages, .n_messages = 3,
                         .max_tokens = 64, .seed = 5};
    static const struct {
        const char *base, *id, *path;
    } addresses[] = {
        {"", "m-1", "/v1beta/models/m-1"},
        {"/v1beta", "m-1", "/v1beta/models/m-1"},
        {"/v1", "m ?1", "/v1/models/m%20%3F1"},
        {"", "tunedModels/m-1", "/v1beta/tunedModels/m-1"},
    };
    struct asked a;
    struct answer answer;
    char path[128];
    serve_text(SSE_HEAD TEXT("a") END, SERVER_CLOSE);
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        ask_open(&a);
        snprintf(strstr(a.url, "/v1"), 9, "%s", addresses[i].base);
        a.model.id = (char *)addresses[i].id;
        a.model.temperature = 0.5;
        a.model.top_k = 40;
        a.model.seed = 5;
        a.model.think = 0;
        ask_as(&a, &answer);
        snprintf(path, sizeof(path), "%s:streamGenerateContent?alt=sse",
                 addresses[i].path);
        assert_string_equal(server_request_at(server, i).path, path);
        answer_free(&answer);
    }
    const char *head = server_request_at(server, 0).head;
    assert_non_null(strstr(head, "\r\nx-goog-api-key: " CANARY "\r\n"));
    assert_null(strstr(head, "Authorization"));
    check_body("{\"systemInstruction\":{\"parts\":[{\"text\":\"Be brief.\"}]},"
               "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
               "\"H\xC3\xA9 \\\"quoted\\\"\\n?\"}]}],\"generationConfig\":{"
               "\"maxOutputTokens\":64,\"temperature\":0.5,\"topK\":40,"
               "\"seed\":5,\"thinkingConfig\":{\"thinkingBudget\":0}}}");

    /* A conversation; and nothing is said of thinking. */
    struct err e;
    ask_open(&a);
    assert_int_equal(asked_ops->open(&a.backend, &a.model, &env, &e), 0);
    struct stream *s = stream_open(answer_wake[1]);
    assert_int_equal(asked_ops->start(a.backend, &rq, s, &e), 0);
    asked_ops->close(a.backend);
    answer_init(&answer);
    answer_finish(&answer, s);
    check_body("{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"1\"}]}"
               ",{\"role\":\"model\",\"parts\":[{\"text\":\"2\"}]},{\"role\":"
               "\"user\",\"parts\":[{\"text\":\"3\"}]}],\"generationConfig\":{"
               "\"maxOutputTokens\":64}}");
    answer_free(&answer);
}

static void adapts_to_the_model(void **state)
{
    (void)state;
    static const struct {
        const char *refusal, *body, *note;
        int think, budget;
        const char *effort;
    } refusals[] = {
        {"Budget 0 is invalid. This model only works in thinking mode.",
         "\"thinkingConfig\":{}", "without think", 0, -1, NULL},
        {"thinking_budget is not supported for this model",
         "\"thinkingConfig\":{\"includeThoughts\":true}",
         "without think_budget", 1, 512, NULL},
        {"Thinking level is not supported for this model.",
         "\"thinkingConfig\":{\"includeThoughts\":true}",
         "without think_effort", -1, -1, "low"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct asked a;
        struct answer answer;
        char refusal[400];
        snprintf(refusal, sizeof(refusal),
                 ERROR("400 No", WRONG("400", "INVALID_ARGUMENT", "%s")),
                 refusals[i].refusal);
        serve_two(refusal, SSE_HEAD TEXT("a") END);
        ask_open(&a);
        a.model.think = refusals[i].think;
        a.model.think_budget = refusals[i].budget;
        a.model.think_effort = (char *)refusals[i].effort;
        ask_as(&a, &answer);
        assert_string_equal(answer.text.data, "a");
        assert_non_null(strstr(answer.end.note, refusals[i].note));
        assert_non_null(strstr(server_request_at(server, 2 * i + 1).body,
                               refusals[i].body));
        answer_free(&answer);
    }
}

static void refuses_what_it_cannot_say(void **state)
{
    (void)state;
    struct asked a;
    ask_open(&a);
    a.model.min_p = 0.1;
    refuse(&a.model, ERR_CONFIG, "\"min_p\" cannot be told to a Gemini server");
}

static void lists_models(void **state)
{
    (void)state;
    struct asked a;
    serve_two(JSON_HEAD "{\"models\":[{\"name\":\"models/m-1\","
              "\"supportedGenerationMethods\":[\"generateContent\"]},{\"name\":"
              "\"models/e-1\",\"supportedGenerationMethods\":[\"embedContent\"]"
              "}],\"nextPageToken\":\"a=b\"}",
              JSON_HEAD "{\"models\":[{\"name\":\"models/m-2\"}]}");
    ask_open(&a);
    check_list(&a, "m-1\nm-2\n");
    assert_string_equal(server_request_at(server, 1).path,
                        "/v1/models?pageSize=1000&pageToken=a%3Db");
}

int main(void)
{
    asked_ops = &backend_gemini;
    const struct CMUnitTest tests[] = {
        TEST(cases_give_what_they_should),
        TEST(cuts_change_nothing),
        TEST(a_blocked_prompt_is_told),
        TEST(a_note_is_one_clean_line),
        TEST(sends_what_is_configured),
        TEST(adapts_to_the_model),
        TEST(refuses_what_it_cannot_say),
        TEST(lists_models),
    };
    return TEST_RUN(tests);
}
