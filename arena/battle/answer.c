#include "arena/battle/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/battle/best.h"
#include "arena/store/answers.h"
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

/* One answer, or the best of several. */
static int begin(struct answer *x, struct arena *a, size_t model,
                 const struct request *rq, struct err *e)
{
    struct best *best;
    if (a->config.models[model].best_of < 2)
        return reply_start(x, a, model, rq, e);
    if (best_open(&best, a, model, rq, e) != 0)
        return -1;
    reply_init(x, &a->config.models[model]);
    x->best = best;
    return 0;
}

int answer_start(struct answer *x, struct arena *a, size_t model,
                 const struct request *asked, struct err *e)
{
    const struct model *m = &a->config.models[model];
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
    int result = begin(x, a, model, &rq, e);
    if (result == 0)
        x->settings = describe_settings(m, system, &rq);
    free(messages);
    free(both);
    return result;
}

void answer_free(struct answer *x)
{
    best_close(x->best);
    reply_free(x);
}

static void close_best(struct answer *x)
{
    best_close(x->best);
    x->best = NULL;
}

bool answer_step(struct answer *x)
{
    if (x->best == NULL)
        return reply_step(x);
    if (!best_step(x->best, x))
        return false;
    close_best(x);
    return true;
}

void answer_drop(struct answer *x)
{
    if (x->best == NULL) {
        reply_drop(x);
        return;
    }
    best_drop(x->best, x);
    close_best(x);
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
        .rhythm = x->rhythm.data,
        .end = x->end,
    };
}
