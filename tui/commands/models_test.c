/* `arena models test`: does each model answer? */
#include "tui/commands/models_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arena/config/askable.h"
#include "backends/backend.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/plural.h"
#include "base/wake.h"
#include "tui/clean.h"

#define TEST_PROMPT "Say hello in a few words."
#define TEST_MAX_TOKENS 16
#define TEST_SHOWN_BYTES 60

static int ask(const struct model *m, struct backend_env *env,
               const int wake[2], struct models_answer *a, struct err *e)
{
    const struct message messages[] = {
        {"system", m->system ? m->system : ""}, {"user", TEST_PROMPT}};
    int skip = m->system == NULL;
    struct request rq = {.messages = messages + skip,
                         .n_messages = 2 - (size_t)skip,
                         .max_tokens = TEST_MAX_TOKENS,
                         .seed = 1};
    const struct backend_ops *ops = backend_find(m->backend);
    struct backend *b;
    if (ops == NULL)
        return err_set(e, ERR_CONFIG, "backend \"%s\" is not in this arena",
                       m->backend);
    if (ops->open(&b, m, env, e) != 0)
        return -1;
    struct stream *s = stream_open(wake[1]);
    int result =
        models_take(s, ops->start(b, &rq, s, e), wake[0], MODELS_ASK_MS, a, e);
    ops->close(b);
    return result;
}

/* The remarks of a model as elements of a JSON list, or as lines under it. */
static void add_remarks(const struct models_answer *a, bool json,
                        struct buf *out)
{
    for (char *rest, *line = strtok_r(a->remarks.data, "\n", &rest);
         line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (json) {
            json_comma(out);
            json_add_string(out, line, strlen(line));
        } else {
            buf_addf(out, "\n      %s", line);
        }
    }
}

static double cost_of(const struct model *m, const struct answer_end *end)
{
    return answer_end_cost(end, m->price_in, m->price_cached, m->price_out);
}

static void add_speed(const struct model *m, const struct answer_end *end,
                      struct buf *out)
{
    if (end->first_ms >= 0)
        buf_addf(out, ", first token %.2f s", (double)end->first_ms / 1000);
    if (!isnan(answer_end_speed(end)))
        buf_addf(out, ", %.0f tokens/s", answer_end_speed(end));
    if (!isnan(cost_of(m, end)))
        buf_addf(out, ", $%.4g", cost_of(m, end));
    if (end->note[0] != '\0') {
        buf_add_str(out, ", ");
        clean_text(end->note, strlen(end->note), true, out);
    }
}

static void print_json(const struct model *m, const struct models_answer *a,
                       int result, const struct err *e)
{
    struct buf line;
    buf_init(&line, STREAM_MAX_BYTES);
    buf_add_char(&line, '{');
    json_put_text(&line, "model", m->name);
    json_put_bool(&line, "ok", result == 0);
    if (result == 0) {
        json_put_whole(&line, "took_ms", a->took_ms);
        json_put_number(&line, "first_ms",
                        a->end.first_ms < 0 ? NAN : (double)a->end.first_ms);
        json_put_number(&line, "tokens_per_s", answer_end_speed(&a->end));
        json_put_number(&line, "cost", cost_of(m, &a->end));
        json_key(&line, "text");
        json_add_string(&line, a->text.data, a->text.len);
    } else {
        json_put_text(&line, "error", e->text);
    }
    buf_add_str(&line, ",\"remarks\":[");
    add_remarks(a, true, &line);
    buf_add_str(&line, "]}");
    puts(line.data);
    fflush(stdout);
    buf_free(&line);
}

static void print_result(const struct model *m, const struct models_answer *a,
                         int result, const struct err *e)
{
    struct buf line;
    buf_init(&line, 8192);
    buf_addf(&line, "%s ", result == 0 ? "ok   " : "error");
    size_t begin = line.len;
    clean_text(m->name, strlen(m->name), true, &line);
    while (line.len - begin < 24)
        buf_add_char(&line, ' ');
    if (result == 0) {
        size_t n = a->text.len < TEST_SHOWN_BYTES ? a->text.len
                                                  : TEST_SHOWN_BYTES;
        buf_addf(&line, " %5.2f s", (double)a->took_ms / 1000);
        add_speed(m, &a->end, &line);
        buf_add_str(&line, "  ");
        clean_text(a->text.data, n, true, &line);
    } else {
        buf_add_char(&line, ' ');
        clean_text(e->text, strlen(e->text), true, &line);
    }
    add_remarks(a, false, &line);
    puts(line.data);
    fflush(stdout); /* the next one may take its time */
    buf_free(&line);
}

/* Whether a model is among the operands; with none, all are. */
static bool is_chosen(const struct invocation *in, const char *name)
{
    for (int i = 2; i < in->argc; i++)
        if (strcmp(in->argv[i], name) == 0)
            return true;
    return in->argc == 2;
}

static int check_names(const struct invocation *in, const struct config *c,
                       struct err *e)
{
    for (int i = 2; i < in->argc; i++)
        if (config_model(c, in->argv[i]) == NULL)
            return err_set(e, ERR_USAGE, "%s has no model \"%s\"; arena models "
                           "list shows them", c->path, in->argv[i]);
    return 0;
}

static int test_models(const struct invocation *in, const struct config *c,
                       const int wake[2], struct err *e)
{
    struct backend_env env;
    size_t n = 0, n_failed = 0;
    backend_env_init(&env);
    env.n_threads = c->n_threads;
    for (size_t i = 0; i < c->n_models; i++) {
        const struct model *m = &c->models[i];
        struct models_answer a;
        if (!is_chosen(in, m->name))
            continue;
        buf_init(&a.text, STREAM_MAX_BYTES);
        buf_init(&a.remarks, 4096);
        askable_remarks(m, &a.remarks);
        answer_end_init(&a.end);
        int result = ask(m, &env, wake, &a, e);
        (in->json ? print_json : print_result)(m, &a, result, e);
        buf_free(&a.text);
        buf_free(&a.remarks);
        n++;
        n_failed += result != 0;
    }
    backend_env_free(&env);
    if (n_failed == 0)
        return 0;
    return err_set(e, n_failed < n ? ERR_PARTIAL : ERR_BACKEND,
                   "%zu of %zu model%s did not answer", n_failed, n,
                   plural_s(n));
}

int models_test(struct invocation *in, struct err *e)
{
    struct config c;
    int wake[2];
    if (models_load_config(in, &c, e) != 0)
        return -1;
    int result = check_names(in, &c, e);
    if (result == 0)
        result = wake_open(wake, e);
    if (result == 0) {
        result = test_models(in, &c, wake, e);
        wake_close(wake);
    }
    config_free(&c);
    return result;
}
