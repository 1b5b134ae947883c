#include "arena/battle/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/answers.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

/* What was sent, so that it can be repeated. */
static char *describe_settings(const struct model *m, const char *system,
                               const struct request *rq)
{
    struct buf line;
    buf_init(&line, 1 << 20);
    buf_add_char(&line, '{');
    if (rq->max_tokens > 0)
        buf_addf(&line, "\"max_tokens\":%d,", rq->max_tokens);
    buf_addf(&line, "\"seed\":\"%" PRIu64 "\",", rq->seed);
    if (system != NULL) {
        buf_add_str(&line, "\"prompt_system\":");
        json_add_string(&line, system, strlen(system));
        buf_add_char(&line, ',');
    }
    if (rq->temperature != NULL) {
        buf_add_str(&line, "\"prompt_temperature\":");
        json_add_number(&line, *rq->temperature);
        buf_add_char(&line, ',');
    }
    buf_add_str(&line, "\"model\":");
    model_describe(m, &line);
    buf_add_char(&line, '}');
    return buf_detach(&line);
}

/* The model's system prompt, and the prompt's below it; NULL: neither. */
static char *join_system(const char *of_model, const char *of_prompt)
{
    struct buf both;
    if (of_model == NULL || of_prompt == NULL)
        return mem_strdup(of_model ? of_model : of_prompt);
    buf_init(&both, 1 << 24);
    buf_addf(&both, "%s\n\n%s", of_model, of_prompt);
    return buf_detach(&both);
}

int answer_max_tokens(const struct arena *a, size_t model)
{
    const struct model *m = &a->config.models[model];
    int n = config_max_tokens(&a->config, m), cap = a->max_tokens_cap;
    return cap > 0 && (n == 0 || n > cap) ? cap : n;
}

int answer_likely_tokens(const struct arena *a, size_t model)
{
    int n = answer_max_tokens(a, model);
    return n > 0 ? n : CONFIG_MIXED_TOKENS;
}

/* What the config says of a request; `temperature` is the prompt's, or NULL. */
static struct request limits_of(const struct arena *a, size_t model,
                                uint64_t seed, const double *temperature)
{
    const struct model *m = &a->config.models[model];
    return (struct request){
        .max_tokens = answer_max_tokens(a, model),
        .seed = m->seed >= 0 ? (uint64_t)m->seed : seed,
        .temperature = isnan(m->temperature) ? temperature : NULL,
    };
}

char *answer_describe(const struct arena *a, size_t model, const char *system,
                      uint64_t seed, const double *temperature)
{
    struct request rq = limits_of(a, model, seed, temperature);
    return describe_settings(&a->config.models[model], system, &rq);
}

int answer_start(struct answer *x, struct arena *a, size_t model,
                 const struct request *asked, struct err *e)
{
    struct backend *b = arena_backend(a, model, e);
    if (b == NULL)
        return -1;
    const struct model *m = &a->config.models[model];
    *x = (struct answer){.model = m, .started_ms = clock_monotonic_ms()};
    buf_init(&x->text, 2 * STREAM_MAX_BYTES);
    buf_init(&x->thinking, 2 * STREAM_MAX_BYTES);
    buf_init(&x->chances, 4 * STREAM_MAX_BYTES);
    answer_end_init(&x->end);

    const struct message *turns = asked->messages;
    size_t n_turns = asked->n_messages, n = 0;
    const char *system = NULL; /* the prompt's */
    if (n_turns > 0 && strcmp(turns[0].role, "system") == 0) {
        system = turns[0].content;
        turns++;
        n_turns--;
    }
    char *both = join_system(m->system, system);
    struct message *messages = mem_calloc(n_turns + 1, sizeof(*messages));
    if (both != NULL)
        messages[n++] = (struct message){"system", both};
    memcpy(messages + n, turns, n_turns * sizeof(*turns));
    const struct request limits =
        limits_of(a, model, asked->seed, asked->temperature);
    struct request rq = *asked;
    rq.messages = messages;
    rq.n_messages = n + n_turns;
    rq.max_tokens = limits.max_tokens;
    rq.seed = limits.seed;
    rq.temperature = limits.temperature;
    x->settings = describe_settings(m, system, &rq);
    x->stream = stream_open(a->wake[1]);
    struct err why = {.code = ERR_NONE};
    if (arena_backend_ops(a, model)->start(b, &rq, x->stream, &why) != 0) {
        stream_release(x->stream); /* the producer's reference, and ours */
        stream_release(x->stream);
        x->stream = NULL;
        x->end.finish = FINISH_ERROR;
        x->end.error = why;
    }
    free(messages);
    free(both);
    return 0;
}

void answer_free(struct answer *x)
{
    if (x->stream != NULL) {
        stream_cancel(x->stream);
        stream_release(x->stream);
    }
    buf_free(&x->text);
    buf_free(&x->thinking);
    buf_free(&x->chances);
    free(x->settings);
    *x = (struct answer){0};
}

/* Each NUL byte becomes U+FFFD, so that the text is a string. */
static void replace_nuls(struct buf *b)
{
    char *nul = memchr(b->data, '\0', b->len);
    if (nul == NULL)
        return;
    size_t at = (size_t)(nul - b->data), n = b->len - at;
    char *rest = mem_strndup(nul, n);
    buf_cut(b, at);
    for (size_t i = 0; i < n; i++) {
        if (rest[i] != '\0')
            buf_add_char(b, rest[i]);
        else
            buf_add_utf8(b, 0xFFFD);
    }
    free(rest);
}

static void close_stream(struct answer *x)
{
    stream_chances(x->stream, x->text.data, x->text.len, &x->chances);
    stream_release(x->stream);
    x->stream = NULL;
    if (x->end.total_ms < 0)
        x->end.total_ms = clock_monotonic_ms() - x->started_ms;
    x->end.cost = answer_end_cost(&x->end, x->model->price_in,
                                  x->model->price_cached,
                                  x->model->price_out);
}

bool answer_step(struct answer *x)
{
    if (x->stream == NULL)
        return false;
    size_t n_text = x->text.len, n_thinking = x->thinking.len;
    bool ended = stream_poll(x->stream, &x->text, &x->thinking, &x->end);
    x->n_recalls = stream_n_recalls(x->stream);
    bool news = ended || x->text.len != n_text ||
                x->thinking.len != n_thinking;
    replace_nuls(&x->text);
    replace_nuls(&x->thinking);
    if (ended)
        close_stream(x);
    return news;
}

bool answer_done(const struct answer *x)
{
    return x->end.finish != FINISH_NONE;
}

void answer_drop(struct answer *x)
{
    if (x->stream == NULL)
        return;
    stream_cancel(x->stream);
    answer_step(x);
    if (x->stream == NULL)
        return;
    x->end.finish = FINISH_CANCEL;
    close_stream(x);
}

bool answer_text_usable(enum finish finish, const char *text)
{
    return finish != FINISH_NONE && finish != FINISH_ERROR &&
           text[strspn(text, " \t\r\n")] != '\0';
}

bool answer_usable(const struct answer *x)
{
    return answer_text_usable(x->end.finish, x->text.data);
}

int answer_recall(struct store *s, int64_t battle_id,
                  struct store_answer_row **out, size_t *n, struct err *e)
{
    return store_list_answers(s, battle_id, out, n, e);
}

void answer_store_row(const struct answer *x, int64_t battle_id, int side,
                      int turn, int round, const char *prompt,
                      struct store_answer *row)
{
    *row = (struct store_answer){
        .battle_id = battle_id,
        .side = side,
        .turn = turn,
        .round = round,
        .prompt = prompt,
        .text = x->text.data,
        .thinking = x->thinking.data,
        .settings = x->settings,
        .chances = x->chances.data,
        .end = x->end,
    };
}
