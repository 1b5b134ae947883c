/* exec: any program that reads a conversation and prints an answer.
 *
 * "command" is started anew for each answer, without a shell, in the folder
 * that we are in.  It reads stdin to the end and prints the answer:
 *
 *   "input": "json" (default)  one line, as a request of the OpenAI protocol:
 *       {"messages":[{"role":"user","content":"Hi"}],"max_tokens":64,"seed":5}
 *       with the sampling settings that are configured
 *   "input": "text"            the last message of the user, and a line end
 *   "output": "text" (default) the answer as it is; blank ends are cut off
 *   "output": "json"           a JSON object a line, each with some of
 *       "text", "thinking"   a piece of the answer, of the thinking
 *       "finish"             "stop", "length" or "filter"
 *       "error"              in place of the rest, in these words
 *       "n_in", "n_out", "n_think", "cost"   usage
 *
 * It has our environment, but for the variables that hold keys of other models;
 * "key_env" names the one that is for it.
 *
 * The answer is whole when the program has ended with status 0.  Its stderr
 * goes to the log, and its last line into the error.  Then, and if the answer
 * is cancelled or takes too long, all that it has started is ended with it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/remote/fault.h"
#include "backends/remote/key.h"
#include "backends/remote/program.h"
#include "backends/remote/said.h"
#include "backends/think.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#define EXEC_FIRST_MS 300000 /* as of a server on this machine */
#define EXEC_STALL_MS 30000
#define EXEC_TOTAL_MS 600000
#define EXEC_LOG_LINES 100  /* of stderr, for an answer */
#define EXEC_LINE_BYTES (1u << 20) /* of JSON */

struct backend {
    struct backend_env *env;
    const struct model *model;
    char *key; /* that the program may have, NULL: none */
};

/* One answer on its way. */
struct exec {
    struct stream *stream;
    char *name;       /* of the program */
    char *key;        /* taken out of what it says, or NULL */
    bool reads_json;  /* its lines */
    struct buf line;  /* unfinished, of JSON */
    struct buf held;  /* the start of a character, or blanks at the end */
    struct said said; /* its stderr */
    struct think think;
    struct answer_end end;
    bool has_content, has_failed;
    int64_t start_ms, stall_ms, total_ms;
    int64_t due_ms;    /* of what is waited for: */
    const char *limit; /* its key */
    double limit_s;
};

/* --- the request ------------------------------------------------------- */

/* The settings by the names of the OpenAI protocol, which people know. */
static void write_settings(const struct model *m, struct buf *out)
{
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        if (s->wire[WIRE_OPENAI] == NULL || s->type == SETTING_LONG ||
            !setting_is_set(s, m))
            continue;
        json_key(out, s->key);
        setting_add_json(s, m, out);
    }
}

static void write_json(const struct model *m, const struct request *rq,
                       struct buf *out)
{
    buf_add_char(out, '{');
    json_key(out, "messages");
    request_add_messages(out, rq->messages, rq->n_messages);
    if (rq->max_tokens > 0)
        json_put_whole(out, "max_tokens", rq->max_tokens);
    buf_addf(out, ",\"seed\":%llu", (unsigned long long)rq->seed);
    write_settings(m, out);
    buf_add_str(out, "}\n");
}

/* Appends s[0..n) with what is no UTF-8 replaced, and zero bytes too. */
static void add_repaired(struct buf *out, const char *s, size_t n)
{
    while (n > 0) {
        uint32_t cp;
        size_t used = utf8_decode(s, n, &cp);
        buf_add_utf8(out, cp != 0 ? cp : UTF8_REPLACEMENT);
        s += used;
        n -= used;
    }
}

/* --- the end ----------------------------------------------------------- */

static void exec_free(struct exec *x)
{
    buf_free(&x->line);
    buf_free(&x->held);
    said_free(&x->said);
    think_free(&x->think);
    key_free(x->key);
    free(x->name);
    free(x);
}

/* Hands the end over. */
static void finish(struct exec *x)
{
    think_end(&x->think, x->stream, &x->end);
    x->end.total_ms = clock_monotonic_ms() - x->start_ms;
    stream_end(x->stream, &x->end);
    stream_release(x->stream);
    exec_free(x);
}

static void fail(struct exec *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The first failure counts. */
static void fail(struct exec *x, const char *fmt, ...)
{
    struct buf words;
    char line[ERR_TEXT_BYTES];
    va_list ap;
    if (x->has_failed)
        return;
    buf_init(&words, 4 * ERR_TEXT_BYTES);
    va_start(ap, fmt);
    buf_vaddf(&words, fmt, ap);
    va_end(ap);
    if (x->said.last[0] != '\0')
        buf_addf(&words, ": %s", x->said.last);
    fault_line(line, sizeof(line), words.data, words.len, x->key);
    x->has_failed = true;
    x->end.finish = FINISH_ERROR;
    err_set(&x->end.error, ERR_BACKEND, "%s%s",
            x->has_content ? "the answer was cut off: " : "", line);
    buf_free(&words);
}

/* --- the answer -------------------------------------------------------- */

static void note_content(struct exec *x)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!x->has_content)
        x->end.first_ms = now_ms - x->start_ms;
    x->has_content = true;
    x->limit = "stall_timeout_s";
    x->limit_s = (double)x->stall_ms / 1000;
    x->due_ms = now_ms + x->stall_ms;
}

static void fail_large(struct exec *x)
{
    fail(x, "the answer is larger than %u MB", STREAM_MAX_BYTES >> 20);
}

static void push_text(struct exec *x, const char *s, size_t n)
{
    if (n > 0 && !think_add(&x->think, x->stream, s, n))
        fail_large(x);
}

/* The length of s[0..n) without the line ends and blanks behind it. */
static size_t without_blanks(const char *s, size_t n)
{
    while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL && s[n - 1] != '\0')
        n--;
    return n;
}

/* Text as the program prints it, in any pieces: what may still become a part of
 * a character, or of the blanks at the end, is held. */
static void take_text(struct exec *x, const char *bytes, size_t n, bool at_end)
{
    struct buf good;
    size_t n_held = x->held.len;
    buf_add(&x->held, bytes, n);
    if (x->held.overflow)
        fail_large(x);
    const char *s = x->held.data;
    size_t left = x->held.len;
    if (!at_end)
        left -= utf8_incomplete(s, left);
    /* Before that there is nothing but blanks. */
    size_t from = n_held > 3 ? n_held - 3 : 0;
    size_t part = left > from ? without_blanks(s + from, left - from) : 0;
    left = part > 0 ? from + part : 0;
    buf_init(&good, 3 * left + 1);
    add_repaired(&good, s, left);
    if (good.len > 0)
        note_content(x);
    push_text(x, good.data, good.len);
    buf_free(&good);
    buf_shift(&x->held, left);
}

static void read_usage(struct exec *x, const cJSON *tree)
{
    const struct {
        const char *key;
        int64_t *to;
    } counts[] = {{"n_in", &x->end.n_in}, {"n_out", &x->end.n_out},
                  {"n_think", &x->end.n_think}};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        json_is_whole(json_get(tree, counts[i].key), 0, INT64_C(1) << 40,
                      counts[i].to);
    x->end.cost = json_get_number(tree, "cost", x->end.cost);
}

static void read_object(struct exec *x, const cJSON *tree)
{
    const char *thinking = json_get_string(tree, "thinking", "");
    const char *text = json_get_string(tree, "text", "");
    const char *finish = json_get_string(tree, "finish", NULL);
    const char *error = json_get_string(tree, "error", NULL);
    if (thinking[0] != '\0' || text[0] != '\0')
        note_content(x);
    if (thinking[0] != '\0' &&
        !think_add_thinking(&x->think, x->stream, thinking, strlen(thinking)))
        fail_large(x);
    push_text(x, text, strlen(text));
    read_usage(x, tree);
    if (error != NULL)
        fail(x, "%s: %.200s", x->name, error);
    if (finish == NULL)
        return;
    if (!finish_parse(finish, &x->end.finish) ||
        (x->end.finish != FINISH_STOP && x->end.finish != FINISH_LENGTH &&
         x->end.finish != FINISH_FILTER))
        fail(x, "%s: the \"finish\" \"%.40s\" is none of \"stop\", \"length\", "
             "\"filter\"", x->name, finish);
}

static void take_line(struct exec *x)
{
    if (without_blanks(x->line.data, x->line.len) > 0) {
        cJSON *tree = json_parse_repaired(x->line.data, x->line.len,
                                          EXEC_LINE_BYTES, x->name, NULL);
        if (cJSON_IsObject(tree))
            read_object(x, tree);
        else
            fail(x, "%s prints a line that is no JSON object (%.60s), though "
                 "its \"output\" is \"json\"", x->name, x->line.data);
        cJSON_Delete(tree);
    }
    buf_clear(&x->line);
}

static void take_lines(struct exec *x, const char *bytes, size_t n)
{
    while (n > 0 && !x->has_failed) {
        const char *end = memchr(bytes, '\n', n);
        size_t part = end ? (size_t)(end - bytes) : n;
        buf_add(&x->line, bytes, part);
        if (x->line.overflow)
            fail(x, "%s prints a line of more than %u MB", x->name,
                 EXEC_LINE_BYTES >> 20);
        else if (end != NULL)
            take_line(x);
        part += end != NULL;
        bytes += part;
        n -= part;
    }
}

static void take_output(void *arg, const char *bytes, size_t n)
{
    struct exec *x = arg;
    if (x->has_failed)
        return;
    if (x->reads_json)
        take_lines(x, bytes, n);
    else
        take_text(x, bytes, n, false);
}

static void take_said(void *arg, const char *bytes, size_t n)
{
    struct exec *x = arg;
    said_add(&x->said, bytes, n);
}

/* --- its life ---------------------------------------------------------- */

static void on_end(void *arg, int status)
{
    struct exec *x = arg;
    int code = process_exit_code(status);
    said_end(&x->said);
    if (x->reads_json && !x->has_failed)
        take_line(x);
    else if (!x->has_failed)
        take_text(x, "", 0, true);
    if (code >= 128)
        fail(x, "%s was ended by signal %d", x->name, code - 128);
    else if (code != 0)
        fail(x, "%s failed with status %d", x->name, code);
    if (x->end.finish == FINISH_NONE)
        x->end.finish = FINISH_STOP;
    finish(x);
}

static void fail_late(struct exec *x, bool is_silent)
{
    said_end(&x->said);
    fail(x, is_silent ? "%s has closed its output, but did not end within %g s "
                        "(\"%s\")"
            : strcmp(x->limit, "stall_timeout_s") == 0
                ? "%s fell silent for %g s (\"%s\")"
                : "%s did not answer within %g s (\"%s\")",
         x->name, x->limit_s, x->limit);
}

static bool on_look(void *arg, struct net *n, bool is_silent)
{
    struct exec *x = arg;
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms >= x->start_ms + x->total_ms) {
        x->limit = "total_timeout_s";
        x->limit_s = (double)x->total_ms / 1000;
        x->due_ms = now_ms;
    }
    if (net_closing(n) || stream_cancelled(x->stream))
        x->end.finish = FINISH_CANCEL;
    else if (!x->has_failed && now_ms >= x->due_ms)
        fail_late(x, is_silent);
    else if (!x->has_failed)
        return true;
    finish(x);
    return false;
}

static bool on_stop(void *arg)
{
    const struct exec *x = arg;
    return stream_cancelled(x->stream);
}

/* --- the backend ------------------------------------------------------- */

static int no_program(const struct model *m, int why, struct err *e)
{
    return err_set(e, ERR_BACKEND, "cannot run %s: %s; see \"command\"",
                   m->command[0], strerror(why));
}

static int exec_open(struct backend **out, const struct model *m,
                     struct backend_env *env, struct err *e)
{
    if (m->command == NULL)
        return err_set(e, ERR_CONFIG, "no \"command\": [\"PROGRAM\", …]");
    int why = process_find(m->command[0]);
    if (why != 0)
        return no_program(m, why, e);
    char *key = NULL;
    if (m->key_env != NULL && (key = key_from_env(m->key_env, e)) == NULL)
        return -1;
    struct backend *b = mem_calloc(1, sizeof(*b));
    b->env = env;
    b->model = m;
    b->key = key;
    *out = b;
    return 0;
}

static void exec_close(struct backend *b)
{
    key_free(b->key);
    free(b);
}

static struct exec *exec_new(const struct backend *b, struct stream *s)
{
    const struct model *m = b->model;
    struct exec *x = mem_calloc(1, sizeof(*x));
    x->stream = s;
    x->name = mem_strdup(m->command[0]);
    x->reads_json = m->output == EXEC_OUTPUT_JSON;
    buf_init(&x->line, EXEC_LINE_BYTES);
    buf_init(&x->held, STREAM_MAX_BYTES);
    x->key = mem_strdup(b->key);
    said_init(&x->said, x->name, EXEC_LOG_LINES);
    x->said.key = x->key;
    answer_end_init(&x->end);
    think_init(&x->think, m->think == 1 ? THINK_LIKELY : THINK_OUTSIDE);
    x->start_ms = clock_monotonic_ms();
    x->stall_ms = model_limit_ms(m->stall_timeout_s, EXEC_STALL_MS);
    x->total_ms = model_limit_ms(m->total_timeout_s, EXEC_TOTAL_MS);
    int64_t first_ms = model_limit_ms(m->first_token_timeout_s, EXEC_FIRST_MS);
    x->limit = "first_token_timeout_s";
    x->limit_s = (double)first_ms / 1000;
    x->due_ms = x->start_ms + first_ms;
    return x;
}

static int exec_start(struct backend *b, const struct request *rq,
                      struct stream *s, struct err *e)
{
    const struct model *m = b->model;
    struct model asked = *m; /* its strings are those of m */
    struct buf input;
    struct net *net = net_of(b->env, e);
    if (net == NULL)
        return -1;
    if (rq->temperature != NULL)
        asked.temperature = *rq->temperature;
    buf_init(&input, SIZE_MAX / 2);
    if (m->input == EXEC_INPUT_TEXT)
        buf_addf(&input, "%s\n", request_prompt(rq));
    else
        write_json(&asked, rq, &input);
    char **environment = process_environment(m->key_env, NULL);
    struct program_plan plan = {.argv = (const char *const *)m->command,
                                .env = environment,
                                .input = &input,
                                .arg = exec_new(b, s),
                                .out = take_output,
                                .err = take_said,
                                .look = on_look,
                                .ended = on_end,
                                .stop = on_stop};
    stream_on_cancel(s, net_wake, net);
    int failed = program_start(net, &plan);
    if (failed != 0) {
        no_program(m, failed, e);
        exec_free(plan.arg);
    }
    buf_free(&input);
    free(environment);
    return failed != 0 ? -1 : 0;
}

static void exec_remarks(const struct model *m, struct buf *out)
{
    if (m->input == EXEC_INPUT_TEXT)
        buf_add_str(out, "its program is given the last message alone, without "
                         "a system prompt and what was said before "
                         "(\"input\": \"text\")\n");
}

const struct backend_ops backend_exec = {
    .name = "exec",
    .summary = "any program, by stdin and stdout",
    .needs = "command",
    .open = exec_open,
    .start = exec_start,
    .remarks = exec_remarks,
    .close = exec_close,
};
