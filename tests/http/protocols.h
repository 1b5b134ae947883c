/* protocols: how each protocol writes what an answer is made of; a row a
 * backend.  tests/http/faults.h puts answers together from these parts, in any
 * order, and damages them: a new backend gets all of it for one row here.
 *
 * A part is one event or more, whole, with LF at the ends of lines; "%" stands
 * for its text, as the inside of a JSON string.  NULL: the protocol has no such
 * thing, and cases that need it are left out. */
#ifndef TESTS_HTTP_PROTOCOLS_H
#define TESTS_HTTP_PROTOCOLS_H

#include <stdbool.h>

struct protocol {
    const char *backend; /* its name in BACKEND_LIST */
    const char *type;    /* Content-Type of a stream */
    bool lines;          /* a JSON a line, else server-sent events */

    const char *begin;    /* what comes before the first text, or "" */
    const char *text;     /* a piece of the answer */
    const char *thinking; /* a piece of what comes before it */
    const char *finish;   /* says how the answer ended, and text may follow */
    const char *marker;   /* the end, behind `finish` if there is that; NULL: it
                             is the orderly close */
    const char *counted;  /* both of them, with 9 tokens read, 4 written, and,
                             if it tells those apart, 1 of these thinking */
    const char *length;   /* both of them: cut by the limit */
    const char *filter;   /* both of them: withheld */
    const char *error;    /* in place of the rest, under status 200 */
    const char *failure;  /* another way to say so */
    const char *alive;    /* keeps the connection open */
    const char *empty;    /* a piece without text: null, or nothing at all */
    const char *unknown;  /* an event that is none of the protocol's, so far */
    const char *whole;    /* "whole", in one JSON, though a stream was asked */
    const char *refusal;  /* the body of an error status */

    bool closes;     /* `finish` and an orderly close are an end, too */
    bool counts_thinking;
};

static const struct protocol protocols[] = {
    {
        .backend = "openai",
        .type = "text/event-stream",
#define CHUNK(delta, reason)                                                  \
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{" delta "},"        \
    "\"finish_reason\":" reason "}]}\n\n"
#define DONE "data: [DONE]\n\n"
        .begin = CHUNK("\"role\":\"assistant\",\"content\":null", "null"),
        .text = CHUNK("\"content\":\"%\"", "null"),
        .thinking = CHUNK("\"reasoning_content\":\"%\"", "null"),
        .finish = CHUNK("", "\"stop\""),
        .marker = DONE,
        .counted =
            CHUNK("", "\"stop\"")
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
            "\"completion_tokens\":4,\"total_tokens\":13,"
            "\"completion_tokens_details\":{\"reasoning_tokens\":1}}}\n\n" DONE,
        .length = CHUNK("", "\"length\"") DONE,
        .filter = CHUNK("", "\"content_filter\"") DONE,
        .error = "data: {\"error\":{\"message\":\"%\",\"code\":502}}\n\n",
        .failure =
            "data: {\"error\":{\"code\":502,\"message\":\"%\"},\"choices\":"
            "[{\"index\":0,\"delta\":{\"content\":\"\"},"
            "\"finish_reason\":\"error\"}]}\n\n",
        .alive = "data: {}\n\ndata: null\n\ndata:\n\ndata: : WORKING\n\n",
        .empty = CHUNK("\"content\":null", "null") CHUNK("\"content\":\"\"",
                                                        "null"),
        .unknown = "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        .whole = "{\"id\":\"c1\",\"object\":\"chat.completion\",\"choices\":"
                 "[{\"index\":0,\"message\":{\"role\":\"assistant\","
                 "\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}",
        .refusal = "{\"error\":{\"message\":\"%\",\"type\":\"x\"}}",
        .closes = true,
        .counts_thinking = true,
#undef CHUNK
#undef DONE
    },
    {
        .backend = "anthropic",
        .type = "text/event-stream",
#define EVENT(type, rest) \
    "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define DELTA(delta) \
    EVENT("content_block_delta", ",\"index\":0,\"delta\":{" delta "}")
#define STOP(reason, usage)                                             \
    EVENT("content_block_stop", ",\"index\":0")                         \
    EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"" reason      \
                           "\",\"stop_sequence\":null}" usage)
#define DONE EVENT("message_stop", "")
        .begin = EVENT("message_start",
                       ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
                       "\"role\":\"assistant\",\"model\":\"m\",\"content\":[],"
                       "\"stop_reason\":null}")
                 EVENT("ping", "")
                 EVENT("content_block_start",
                       ",\"index\":0,\"content_block\":{\"type\":\"text\","
                       "\"text\":\"\"}"),
        .text = DELTA("\"type\":\"text_delta\",\"text\":\"%\""),
        .thinking = DELTA("\"type\":\"thinking_delta\",\"thinking\":\"%\""),
        .finish = STOP("end_turn", ""),
        .marker = DONE,
        .counted = STOP("end_turn", ",\"usage\":{\"input_tokens\":9,"
                                    "\"output_tokens\":4}") DONE,
        .length = STOP("max_tokens", "") DONE,
        .filter = STOP("refusal", "") DONE,
        .error = EVENT("error", ",\"error\":{\"type\":\"overloaded_error\","
                                "\"message\":\"%\"}"),
        .alive = EVENT("ping", ""),
        .empty = DELTA("\"type\":\"text_delta\",\"text\":\"\""),
        .unknown = EVENT("content_block_delta",
                         ",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
                         "\"signature\":\"x\"}")
                   EVENT("some_new_event", ",\"text\":\"no\""),
        .whole = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":"
                 "\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
                 "\"whole\"}],\"stop_reason\":\"end_turn\"}",
        .refusal = "{\"type\":\"error\",\"error\":{\"type\":\"api_error\","
                   "\"message\":\"%\"},\"request_id\":\"req_1\"}",
        .closes = true,
#undef DELTA
#undef STOP
#undef DONE
#undef EVENT
    },
    {
        .backend = "gemini",
        .type = "text/event-stream",
#define PART(part)                                                         \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{" \
    part "}]},\"index\":0}],\"modelVersion\":\"m\",\"responseId\":\"r\"}\n\n"
#define STOP(reason, rest)                                                   \
    "data: {\"candidates\":[{\"content\":{\"role\":\"model\"},"              \
    "\"finishReason\":\"" reason "\",\"index\":0}]" rest "}\n\n"
        .begin = "",
        .text = PART("\"text\":\"%\""),
        .thinking = PART("\"text\":\"%\",\"thought\":true"),
        .finish = STOP("STOP", ""),
        .marker = NULL,
        .counted = STOP("STOP", ",\"usageMetadata\":{\"promptTokenCount\":9,"
                                "\"candidatesTokenCount\":3,"
                                "\"thoughtsTokenCount\":1,"
                                "\"totalTokenCount\":13}"),
        .length = STOP("MAX_TOKENS", ""),
        .filter = STOP("SAFETY", ""),
        .error = "data: {\"error\":{\"code\":503,\"message\":\"%\","
                 "\"status\":\"UNAVAILABLE\"}}\n\n",
        .alive = "data: {}\n\n",
        .empty = PART("\"text\":\"\"") "data: {\"candidates\":[{\"content\":"
                 "{\"role\":\"model\"},\"index\":0}]}\n\n",
        .unknown = "data: {\"usageMetadata\":{\"promptTokenCount\":9}}\n\n",
        .whole = "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":"
                 "[{\"text\":\"whole\"}]},\"finishReason\":\"STOP\","
                 "\"index\":0}]}",
        .refusal = "{\"error\":{\"code\":400,\"message\":\"%\","
                   "\"status\":\"INTERNAL\"}}",
        .closes = true,
        .counts_thinking = true,
#undef PART
#undef STOP
    },
    {
        .backend = "ollama",
        .type = "application/x-ndjson",
        .lines = true,
#define LINE(message, rest)                                                  \
    "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{" \
    "\"role\":\"assistant\"," message "}," rest "}\n"
#define STOP(reason) \
    LINE("\"content\":\"\"", "\"done\":true,\"done_reason\":\"" reason "\"")
        .begin = "",
        .text = LINE("\"content\":\"%\"", "\"done\":false"),
        .thinking = LINE("\"content\":\"\",\"thinking\":\"%\"",
                         "\"done\":false"),
        .finish = NULL,
        .marker = STOP("stop"),
        .counted = LINE("\"content\":\"\"",
                        "\"done\":true,\"done_reason\":\"stop\","
                        "\"total_duration\":9,\"load_duration\":1,"
                        "\"prompt_eval_count\":9,\"eval_count\":4"),
        .length = STOP("length"),
        .error = "{\"error\":\"%\"}\n",
        .alive = "\n",
        .empty = LINE("\"content\":\"\"", "\"done\":false")
                 LINE("\"content\":null", "\"done\":false"),
        .unknown = "{\"status\":\"warming\"}\n",
        .whole = LINE("\"content\":\"whole\"",
                      "\"done\":true,\"done_reason\":\"stop\""),
        .refusal = "{\"error\":\"%\"}",
#undef LINE
#undef STOP
    },
    {
        .backend = "responses",
        .type = "text/event-stream",
#define EVENT(type, rest) \
    "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define END(type, status, rest)                                            \
    EVENT(type, ",\"response\":{\"id\":\"r\",\"object\":\"response\","      \
                "\"status\":\"" status "\",\"output\":[]" rest "}")
        .begin = EVENT("response.created",
                       ",\"response\":{\"id\":\"r\",\"status\":"
                       "\"in_progress\",\"error\":null,\"output\":[]}")
                 EVENT("response.output_item.added",
                       ",\"output_index\":0,\"item\":{\"type\":\"message\","
                       "\"status\":\"in_progress\",\"content\":[]}"),
        .text = EVENT("response.output_text.delta",
                      ",\"output_index\":0,\"content_index\":0,"
                      "\"delta\":\"%\""),
        .thinking = EVENT("response.reasoning_summary_text.delta",
                          ",\"output_index\":0,\"delta\":\"%\""),
        .finish = NULL,
        .marker = END("response.completed", "completed", ",\"error\":null"),
        .counted = END("response.completed", "completed",
                       ",\"usage\":{\"input_tokens\":9,\"output_tokens\":4,"
                       "\"output_tokens_details\":{\"reasoning_tokens\":1},"
                       "\"total_tokens\":13}"),
        .length = END("response.incomplete", "incomplete",
                      ",\"incomplete_details\":{\"reason\":"
                      "\"max_output_tokens\"}"),
        .filter = END("response.incomplete", "incomplete",
                      ",\"incomplete_details\":{\"reason\":"
                      "\"content_filter\"}"),
        .error = EVENT("error", ",\"code\":\"server_error\",\"message\":\"%\","
                                "\"param\":null"),
        .failure = END("response.failed", "failed",
                       ",\"error\":{\"code\":\"server_error\","
                       "\"message\":\"%\"}"),
        .alive = EVENT("response.in_progress",
                       ",\"response\":{\"status\":\"in_progress\","
                       "\"error\":null}"),
        .empty = EVENT("response.output_text.delta", ",\"delta\":\"\""),
        .unknown = EVENT("response.some_new.thing", ",\"delta\":\"no\""),
        .whole = "{\"id\":\"r\",\"object\":\"response\",\"status\":"
                 "\"completed\",\"error\":null,\"output\":[{\"type\":"
                 "\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
                 "\"output_text\",\"text\":\"whole\"}]}]}",
        .refusal = "{\"error\":{\"message\":\"%\",\"type\":\"x\"}}",
        .counts_thinking = true,
#undef EVENT
#undef END
    },
};
#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

#endif
