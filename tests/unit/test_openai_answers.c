/* What the openai backend makes of all that servers send, right and wrong. */
#include "asked.h"

#include <strings.h>

#include "backends/remote/redact.h"

#define ENDED(text, reason)                                           \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text  \
    "\"},\"finish_reason\":\"" reason "\"}]}\n\n"

static const struct reply_case matrix[] = {
    {"plain", SSE_HEAD DELTA("H\xC3\xA9") DELTA("llo") STOP USAGE DONE,
     SERVER_CLOSE, "H\xC3\xA9llo", "", FINISH_STOP, NULL},
    {"carriage returns",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n"
              "data: [DONE]\r\n\r\n",
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"no space after data:",
     SSE_HEAD "data:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
              "data:[DONE]\n\n",
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"no last blank line",
     SSE_HEAD DELTA("a") "data: {\"choices\":[{\"delta\":{},"
                         "\"finish_reason\":\"stop\"}]}",
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"a byte order mark and comments",
     SSE_HEAD "\xEF\xBB\xBF: OPENROUTER PROCESSING\n\n: x\n\n" DELTA("a") DONE,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"role chunk, null content, null usage, unknown events",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\","
              "\"content\":null}}],\"usage\":null}\n\n"
              "event: ping\ndata: {}\n\ndata: {\"type\":\"ping\"}\n\n"
              DELTA("a") STOP DONE,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"no [DONE]", SSE_HEAD DELTA("a") STOP, SERVER_CLOSE, "a", "", FINISH_STOP,
     NULL},
    {"no finish_reason", SSE_HEAD DELTA("a") DONE, SERVER_CLOSE, "a", "",
     FINISH_STOP, NULL},
    {"text after [DONE]", SSE_HEAD DELTA("a") DONE DELTA("late") "data: {bro",
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"open after [DONE]", SSE_HEAD DELTA("a") STOP DONE, SERVER_HANG, "a", "",
     FINISH_STOP, NULL},
    {"a limit",
     SSE_HEAD DELTA("a") "data: {\"choices\":[{\"delta\":{},"
                         "\"finish_reason\":\"length\"}]}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_LENGTH, NULL},
    {"a filter",
     SSE_HEAD DELTA("a") "data: {\"choices\":[{\"delta\":{},"
                         "\"finish_reason\":\"content_filter\"}]}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_FILTER, NULL},
    {"a refusal",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"refusal\":\"No.\"}}]}\n\n"
              STOP DONE,
     SERVER_CLOSE, "No.", "", FINISH_FILTER, NULL},
    {"an empty answer", SSE_HEAD STOP DONE, SERVER_CLOSE, "", "", FINISH_STOP,
     NULL},
    {"a second choice",
     SSE_HEAD DELTA("a") "data: {\"choices\":[{\"index\":1,\"delta\":"
                         "{\"content\":\"no\"}}]}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"content in parts",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":"
              "\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]"
              "},{\"type\":\"text\",\"text\":\"a\"}]}}]}\n\n" DONE,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"half surrogates and zero bytes",
     SSE_HEAD DELTA("a\\ud83d!\\u0000b\xFF") DONE, SERVER_CLOSE,
     "a\xEF\xBF\xBD!\xEF\xBF\xBD" "b\xEF\xBF\xBD", "", FINISH_STOP, NULL},

    /* The end is the end marker. */
    {"a finish reason on every chunk",
     SSE_HEAD ENDED("a", "stop") ENDED("b", "stop") DONE, SERVER_CLOSE, "ab",
     "", FINISH_STOP, NULL},
    {"a finish reason early, another at the end",
     SSE_HEAD ENDED("a", "stop") ENDED("b", "length") DONE, SERVER_CLOSE, "ab",
     "", FINISH_LENGTH, NULL},
    {"a finish reason that is the word null",
     SSE_HEAD ENDED("a", "null") ENDED("b", "null"), SERVER_CLOSE, "ab", "",
     FINISH_ERROR, "the answer was cut off"},
    {"a finish reason on a thinking chunk",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"},"
              "\"finish_reason\":\"stop\"}]}\n\n" DELTA("a") STOP DONE,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"a reset after the finish reason", SSE_HEAD DELTA("a") STOP,
     SERVER_RESET, NULL, "", FINISH_ERROR, NULL},
    {"chunks cut after the finish reason",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n"
     DELTA("a") STOP,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "the answer was cut off"},
    {"[DONE] alone", SSE_HEAD DONE, SERVER_CLOSE, "", "", FINISH_ERROR,
     "does not answer like"},

    /* Keep-alives of any shape. */
    {"keep-alives",
     SSE_HEAD "data: : PROCESSING\n\ndata:\n\ndata: null\n\ndata: {}\n\n"
              "data: []\n\ndata: \"\"\n\ndata: ping\n\nevent: ping\ndata: \n\n"
     DELTA("a") "data: {\"choices\":[]}\n\n: x\n\ndata: {}\n\n" DELTA("b")
     "data: null\n\n" STOP DONE,
     SERVER_CLOSE, "ab", "", FINISH_STOP, NULL},
    {"nothing but keep-alives",
     SSE_HEAD "data: {}\n\ndata: null\n\ndata: : x\n\n" DONE, SERVER_CLOSE,
     "", "", FINISH_ERROR, "does not answer like"},

    /* Halves of a character in two events. */
    {"surrogates apart", SSE_HEAD DELTA("a \\ud83d") DELTA("\\ude00 b") DONE,
     SERVER_CLOSE, "a \xF0\x9F\x98\x80 b", "", FINISH_STOP, NULL},
    {"surrogates apart, a keep-alive between",
     SSE_HEAD DELTA("\\uD83D") "data: {}\n\n" DELTA("\\uDE00") STOP DONE,
     SERVER_CLOSE, "\xF0\x9F\x98\x80", "", FINISH_STOP, NULL},
    {"the other half is missing",
     SSE_HEAD DELTA("a\\ud83d") DELTA("b") DELTA("\\\\ud83d") DONE,
     SERVER_CLOSE, "a\xEF\xBF\xBD" "b\\ud83d", "", FINISH_STOP, NULL},
    {"the other half is missing at the end", SSE_HEAD DELTA("a\\ud83d") DONE,
     SERVER_CLOSE, "a\xEF\xBF\xBD", "", FINISH_STOP, NULL},

    /* Thinking. */
    {"reasoning_content",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]"
              "}\n\n" DELTA("a") STOP DONE,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"reasoning",
     SSE_HEAD "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n"
              DELTA("a") STOP DONE,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"<think> in the text, split",
     SSE_HEAD DELTA("\\n<th") DELTA("ink>h") DELTA("m</th") DELTA("ink>\\n\\na")
     STOP DONE,
     SERVER_CLOSE, "a", "hm", FINISH_STOP, NULL},
    {"a block that the template began",
     SSE_HEAD DELTA("hm") DELTA("\\n</thi") DELTA("nk>\\n\\na") STOP DONE,
     SERVER_CLOSE, "a", "hm\n", FINISH_STOP, NULL},
    {"nothing but thinking",
     SSE_HEAD DELTA("<think>hm, so") "data: {\"choices\":[{\"delta\":{},"
     "\"finish_reason\":\"length\"}],\"usage\":{\"completion_tokens\":64}}\n\n"
     DONE,
     SERVER_CLOSE, "", "hm, so", FINISH_ERROR, "thinking used all 64 tokens"},

    /* In one piece, whatever was asked for. */
    {"no stream",
     JSON_HEAD "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
               "\"content\":\"a\",\"reasoning_content\":\"hm\"},"
               "\"finish_reason\":\"length\"}],"
               "\"usage\":{\"completion_tokens\":1}}",
     SERVER_CLOSE, "a", "hm", FINISH_LENGTH, NULL},
    {"no stream, and an end marker behind it",
     JSON_HEAD "{\"choices\":[{\"message\":{\"content\":\"a\"},"
               "\"finish_reason\":\"stop\"}]}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_STOP, NULL},
    {"no stream, and another object behind it",
     JSON_HEAD "{\"choices\":[{\"message\":{\"content\":\"a\"},"
               "\"finish_reason\":\"stop\"}]}\n{\"choices\":[]}",
     SERVER_CLOSE, "", "", FINISH_ERROR, "does not answer like"},
    {"no stream, cut", JSON_HEAD "{\"choices\":[{\"index\":0,\"messa",
     SERVER_CLOSE, "", "", FINISH_ERROR, "does not answer like"},

    /* Cut off: never whole. */
    {"closed in the middle", SSE_HEAD DELTA("a"), SERVER_CLOSE, "a", "",
     FINISH_ERROR, "the answer was cut off"},
    {"reset in the middle", SSE_HEAD DELTA("a"), SERVER_RESET, NULL, "",
     FINISH_ERROR, NULL},
    {"chunks cut",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3a\r\n"
     "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n      \r\n",
     SERVER_CLOSE, "a", "", FINISH_ERROR, "the answer was cut off"},
    {"closed before a word", "", SERVER_CLOSE, "", "", FINISH_ERROR,
     "closed the connection without a word"},
    {"closed after the headers", SSE_HEAD, SERVER_CLOSE, "", "", FINISH_ERROR,
     "it sent nothing"},
    {"closed after a comment", SSE_HEAD ": hello\n\n", SERVER_CLOSE, "", "",
     FINISH_ERROR, "does not answer like an OpenAI-compatible server"},
    {"cut inside an event", SSE_HEAD DELTA("a") "data: {\"choices\":[{\"del",
     SERVER_CLOSE, "a", "", FINISH_ERROR, "does not answer like"},

    /* Errors under 200. */
    {"an error at once", SSE_HEAD "data: {\"error\":{\"message\":\"No GPU\","
                                  "\"type\":\"x\"}}\n\n",
     SERVER_CLOSE, "", "", FINISH_ERROR, "No GPU"},
    {"an error in the middle, then [DONE]",
     SSE_HEAD DELTA("a") "data: {\"error\":{\"message\":\"lost " CANARY
     "\",\"code\":502}}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "lost [key]"},
    {"an error beside choices",
     SSE_HEAD DELTA("a") "data: {\"error\":{\"code\":502,\"message\":\"gone\"},"
     "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
     "\"finish_reason\":\"error\"}]}\n\n",
     SERVER_CLOSE, "a", "", FINISH_ERROR, "gone"},
    {"finish_reason error",
     SSE_HEAD DELTA("a") "data: {\"choices\":[{\"delta\":{},"
     "\"finish_reason\":\"error\"}]}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "cut off by an error of the server"},
    {"an empty error is none",
     SSE_HEAD "data: {\"error\":{},\"choices\":[{\"delta\":{\"content\":"
              "\"a\"}}]}\n\ndata: {\"error\":null,\"choices\":[{\"delta\":{"
              "\"content\":\"b\"}}]}\n\ndata: {\"error\":{\"message\":\"\","
              "\"code\":null},"
              "\"choices\":[]}\n\n" DONE,
     SERVER_CLOSE, "ab", "", FINISH_STOP, NULL},
    {"an event that is named error",
     SSE_HEAD DELTA("a") "event: error\ndata: {\"message\":\"full\"}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "full"},
    {"a field that is named error",
     SSE_HEAD DELTA("a") "error: {\"code\":500,\"message\":\"full\"}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "full"},
    {"an error in a choice",
     SSE_HEAD DELTA("a") "data: {\"choices\":[{\"delta\":{},\"error\":{"
     "\"message\":\"full\"}}]}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "full"},
    {"an error in the detail",
     SSE_HEAD DELTA("a") "data: {\"detail\":\"full\"}\n\n" DONE,
     SERVER_CLOSE, "a", "", FINISH_ERROR, "full"},
    {"an error as bare text",
     SSE_HEAD DELTA("a") "data: error: out of memory\n\n" DONE, SERVER_CLOSE,
     "a", "", FINISH_ERROR, "out of memory"},
    {"a web page", "HTTP/1.1 200 OK\r\n\r\n<html><head><title>My  shop</title>",
     SERVER_CLOSE, "", "", FINISH_ERROR, "My shop"},
    {"some text", "HTTP/1.1 200 OK\r\n\r\nhello", SERVER_CLOSE, "", "",
     FINISH_ERROR, "hello"},
    {"no JSON", SSE_HEAD "data: hello\n\n", SERVER_CLOSE, "", "", FINISH_ERROR,
     "hello"},
    {"no HTTP", "220 mail.example ESMTP\r\n", SERVER_CLOSE, "", "",
     FINISH_ERROR, "does not speak HTTP"},
    {"compressed, though nobody asked",
     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x01\x02",
     SERVER_CLOSE, "", "", FINISH_ERROR, "sends a compressed answer (gzip)"},

    /* Statuses. */
    {"401", ERROR("401 No", "{\"error\":{\"message\":\"bad key " CANARY "\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR,
     "key rejected (HTTP 401): bad key [key]. Checked TEST_KEY; export it"},
    {"403", ERROR("403 No", "{\"error\":\"not in your country\"}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "not in your country"},
    {"404 of a model",
     ERROR("404 No", "{\"error\":{\"message\":\"The model does not exist\","
                     "\"code\":\"model_not_found\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "no model \"m-1\""},
    {"404", ERROR("404 No", "404 page not found"), SERVER_CLOSE, "", "",
     FINISH_ERROR, "check \"base_url\""},
    {"400 too long",
     ERROR("400 No", "{\"error\":{\"code\":400,\"message\":\"5000 tokens\","
                     "\"type\":\"exceed_context_size_error\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "the prompt is too long"},
    {"400 of a value",
     ERROR("400 No", "{\"error\":{\"message\":\"Only 1\",\"param\":"
                     "\"temperature\",\"code\":\"unsupported_value\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "\"temperature\""},
    {"402", ERROR("402 No", "{\"message\":\"Pay\"}"), SERVER_CLOSE, "", "",
     FINISH_ERROR, "no credit or quota is left (HTTP 402): Pay"},
    {"422, a list", ERROR("422 No", "{\"detail\":[{\"loc\":[\"a\"],"
                                    "\"msg\":\"too hot\"}]}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "too hot"},
    {"400, the words of another server in a text",
     ERROR("400 No", "{\"error\":{\"message\":\"Provider failed\",\"metadata\":"
                     "{\"raw\":\"{\\\"error\\\":{\\\"message\\\":\\\"too"
                     " loud\\\"}}\"}}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "Provider failed: too loud"},
    {"400, JSON at the end of a text",
     ERROR("400 No", "{\"detail\":\"Upstream said {\\\"message\\\": "
                     "\\\"too loud\\\"}\"}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "Upstream said: too loud"},
    {"422, a place and words",
     ERROR("422 No", "{\"detail\":[{\"loc\":[\"body\",\"stop\",0],\"msg\":"
                     "\"no text\"}]}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "body.stop.0: no text"},
    {"404 in the server's words",
     ERROR("404 No", "{\"error\":{\"message\":\"No endpoint here\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "No endpoint here"},
    {"500 in the server's words",
     ERROR("500 No", "{\"error\":{\"message\":\"out of memory\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "out of memory"},
    {"429, a long wait",
     "HTTP/1.1 429 No\r\nRetry-After: 7325\r\n\r\n", SERVER_CLOSE, "", "",
     FINISH_ERROR, "2 h 2 min 5 s"},
    {"429, a long wait in words",
     "HTTP/1.1 429 No\r\n\r\n{\"error\":{\"message\":\"try again in 5m1s\"}}",
     SERVER_CLOSE, "", "", FINISH_ERROR, "5 min 1 s"},
    {"429, a long wait in RetryInfo",
     "HTTP/1.1 429 No\r\n\r\n[{\"error\":{\"message\":\"x\",\"details\":"
     "[{\"retryDelay\":\"61.5s\"}]}}]",
     SERVER_CLOSE, "", "", FINISH_ERROR, "1 min 2 s"},
    {"429 for good",
     ERROR("429 No", "{\"error\":{\"message\":\"Pay\",\"code\":"
                     "\"insufficient_quota\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "no credit or quota is left"},
    {"429 three times", ERROR("429 No", "[{\"error\":{\"message\":\"Slow\"}}]"),
     SERVER_CLOSE, "", "", FINISH_ERROR,
     "too many requests (HTTP 429): Slow (tried 3 times)"},
    {"500, errors", ERROR("500 No", "{\"errors\":[{\"message\":\"oops\"}]}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "the server failed (HTTP 500): oops"},
    {"500, object error",
     ERROR("500 No", "{\"object\":\"error\",\"message\":\"oops\"}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "oops"},
    {"502, a page",
     ERROR("502 No", "<html>\n<head><TITLE>Bad\nGateway</TITLE>"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "(HTTP 502): Bad Gateway"},
    {"503, nothing", ERROR("503 No", ""), SERVER_CLOSE, "", "", FINISH_ERROR,
     "the server failed (HTTP 503) (tried 3 times)"},
    {"a redirect without an aim", ERROR("302 Found", ""), SERVER_CLOSE, "", "",
     FINISH_ERROR, "redirects"},
    {"control characters in an error",
     ERROR("400 No", "{\"error\":{\"message\":\"a\\u001b[2J\\nb\"}}"),
     SERVER_CLOSE, "", "", FINISH_ERROR, "a [2J b"},
};

static void matrix_gives_what_it_should(void **state)
{
    (void)state;
    check_cases(matrix, sizeof(matrix) / sizeof(matrix[0]));
}

static void cuts_change_nothing(void **state)
{
    (void)state;
    static const struct remote_usage usage = {9, -1, 4, 1, 0.5};
    check_cuts(SSE_HEAD ": hi\r\n\r\n" DELTA("<think>h\xC3\xA9</think>")
               DELTA("H\xC3\xA9 \xF0\x9F\x98\x80") STOP USAGE DONE,
               "H\xC3\xA9 \xF0\x9F\x98\x80", "h\xC3\xA9", &usage);
}

/* --- servers that send the key back ------------------------------------- */

#define LONG "The key that was given for this organisation and this project, " \
             "which are the ones that it belongs to as far as anybody here " \
             "knows, is not one of those that may be used with it: "

static const char *const echoes[] = {
    ERROR("400 No", "{\"error\":{\"message\":\"You sent " CANARY "\"}}"),
    ERROR("400 No", "{\"error\":{\"message\":\"sk-canary-01...89\"}}"),
    ERROR("400 No", "{\"error\":{\"message\":\"sk-****y-0123456789\"}}"),
    ERROR("400 No", "{\"error\":{\"message\":\"SK-CANARY-0123456789\"}}"),
    ERROR("400 No", "{\"error\":{\"message\":\"" LONG CANARY "\"}}"),
    ERROR("403 No", "{\"error\":\"sk\\u002dcanary-0123456789\"}"),
    ERROR("400 No", "<title>" CANARY "</title>"),
    ERROR("400 No", LONG CANARY),
    SSE_HEAD "data: " LONG CANARY "\n\n",
    SSE_HEAD "data: {\"error\":{\"message\":\"" LONG CANARY "\"}}\n\n",
    JSON_HEAD "{\"error\":{\"message\":\"" LONG CANARY "\"}}",
    "HTTP/1.1 200 OK\r\n\r\n" LONG CANARY,
    "HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1/v1?k=" CANARY "\r\n\r\n",
    "HTTP/1.1 307 Go\r\nLocation: /" CANARY "\r\n\r\n",
    "HTTP/1.1 307 Go\r\nLocation: https://" CANARY ".example/\r\n\r\n",
    "HTTP/1.1 400 No\r\nX-Request-Id: for-" CANARY "\r\n\r\n{}",
    "HTTP/1.1 400 No\r\nX-Request-Id: a-request-of-a-server-that-has-got-long-"
    "names-for-them-" CANARY "\r\n\r\n{}",
};

/* Whether eight bytes in a row of the key stand in a text, in any case. */
static bool tells_key(const char *text)
{
    static const char key[] = CANARY;
    for (; *text != '\0'; text++)
        for (size_t i = 0; i + 8 < sizeof(key); i++)
            if (strncasecmp(text, key + i, 8) == 0)
                return true;
    return false;
}

static void keys_are_not_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(echoes) / sizeof(echoes[0]); i++) {
        struct answer a;
        serve_text(echoes[i], SERVER_CLOSE);
        ask(&a);
        assert_int_equal(a.end.finish, FINISH_ERROR);
        if (tells_key(a.end.error.text) || tells_key(a.end.request_id))
            fail_msg("reply %zu: \"%s\" of request \"%s\"", i,
                     a.end.error.text, a.end.request_id);
        answer_free(&a);
    }
}

static void redirect_tells_the_host(void **state)
{
    (void)state;
    struct answer a;
    serve_text("HTTP/1.1 308 Go\r\nLocation: https://new.example/v2?a=b\r\n"
               "\r\n", SERVER_CLOSE);
    ask(&a);
    assert_non_null(strstr(a.end.error.text, "to https://new.example, and"));
    answer_free(&a);
    serve_text("HTTP/1.1 308 Go\r\nLocation: /v2\r\n\r\n", SERVER_CLOSE);
    ask(&a);
    assert_non_null(strstr(a.end.error.text, "to another path of http://127."));
    answer_free(&a);
    serve_text("HTTP/1.1 308 Go\r\nLocation: gemini://x\r\n\r\n",
               SERVER_CLOSE);
    ask(&a);
    assert_non_null(strstr(a.end.error.text, "to nowhere, and"));
    answer_free(&a);
}

static void check_redact(const char *text, const char *key, const char *wanted)
{
    char copy[200];
    snprintf(copy, sizeof(copy), "%s", text);
    assert_int_equal(redact(copy, strlen(copy), key), strlen(wanted));
    assert_string_equal(copy, wanted);
}

static void redact_takes_parts_of_keys(void **state)
{
    (void)state;
    check_redact("no key", NULL, "no key");
    check_redact("no key", "", "no key");
    check_redact("", CANARY, "");
    check_redact(CANARY, CANARY, "[key]");
    check_redact("a " CANARY " b " CANARY, CANARY, "a [key] b [key]");
    check_redact("sk-canary", CANARY, "[key]");
    check_redact("sk-canar", CANARY, "[key]");
    check_redact("sk-cana", CANARY, "sk-cana");
    check_redact("is 01234567 or 23456789.", CANARY, "is [key] or [key].");
    check_redact("Secret, secre", "secret", "[key], secre");
    check_redact("abcde: ABCDE", "abcde", "[key]: [key]");
    check_redact("must not be empty", "EMPTY", "must not be empty");
    check_redact("none of it", "none", "none of it"); /* hides nothing */
    check_redact("aaaaaaaaaaaaaaaaaaab", "aaaaaaaa", "[key][key]aaab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(matrix_gives_what_it_should),
        TEST(cuts_change_nothing),
        TEST(keys_are_not_told),
        TEST(redirect_tells_the_host),
        cmocka_unit_test(redact_takes_parts_of_keys),
    };
    return TEST_RUN(tests);
}
