#include "arena/run/entrant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/finished.h"
#include "base/mem.h"

#define BYTES_A_TOKEN 3.0 /* few texts have fewer: so the guess is high */
#define TOKENS_A_MESSAGE 8.0 /* that a chat template puts around it */

/* --- what is there already ------------------------------------------------ */

static void keep_row(struct entrant *x, const struct store_answer_row *row)
{
    x->rows = mem_realloc(x->rows, x->n_rows + 1, sizeof(*x->rows));
    x->rows[x->n_rows++] = (struct store_answer_row){
        .turn = row->turn,
        .prompt = mem_strdup(row->prompt),
        .text = mem_strdup(row->text),
        .thinking = mem_strdup(row->thinking),
        .settings = mem_strdup(row->settings),
        .end = row->end,
    };
}

/* Whether a row answers a turn (from 0) of these words. */
static bool is_asked(const struct prompt *p, size_t turn,
                     const struct store_answer_row *row)
{
    struct buf text;
    buf_init(&text, PROMPTS_MAX_BYTES);
    prompt_add_turn_text(p, turn, &text);
    bool same = strcmp(row->prompt, text.data) == 0;
    buf_free(&text);
    return same;
}

/* The row of a turn (from 1), if it is usable and answers these words. */
static const struct store_answer_row *
find_turn(const struct entrant_question *q, const struct store_answer_row *rows,
          size_t n, int side, int round, size_t turn)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].side == side && rows[i].round == round &&
            rows[i].turn == (int)turn &&
            is_asked(q->prompt, turn - 1, &rows[i]) &&
            answer_text_usable(rows[i].end.finish, rows[i].text))
            return &rows[i];
    return NULL;
}

size_t entrant_take(struct entrant *x, const struct entrant_question *q,
                    const struct store_answer_row *rows, size_t n, int side,
                    int round)
{
    const struct store_answer_row *row;
    size_t n_turns = 0;
    while (n_turns < q->prompt->n_turns &&
           (row = find_turn(q, rows, n, side, round, n_turns + 1)) != NULL) {
        if (n_turns == x->n_rows)
            keep_row(x, row);
        n_turns++;
    }
    if (x->n_rows == q->prompt->n_turns) {
        x->state = ENTRANT_DONE;
        x->usable = true;
    }
    return n_turns;
}

int entrant_take_finished(struct entrant *x, struct run_context *c,
                          const struct entrant_question *q, struct err *e)
{
    struct store_answer_row *rows;
    size_t n;
    if (finished_get(c->arena->store, c->arena->model_ids[x->model], q->text,
                     &rows, &n, e) != 0)
        return -1;
    entrant_take(x, q, rows, n, 0, 1);
    store_free_answers(rows, n);
    if (x->state == ENTRANT_DONE)
        return 0;
    x->state = ENTRANT_DONE; /* nobody can be asked */
    if (c->dry)
        return 0;
    c->n_made++;
    c->n_failed++;
    context_add_news(c, (size_t)(q->prompt - c->prompts->list), x->model,
                     "its finished answers (arena answers) have none to this "
                     "prompt");
    return 0;
}

int entrant_reuse(struct entrant *x, struct run_context *c,
                  const struct entrant_question *q, struct err *e)
{
    struct store *s = c->arena->store;
    char *settings =
        answer_describe(c->arena, x->model, q->prompt->system, q->seed,
                        prompt_temperature(q->prompt));
    struct store_wanted wanted = {
        .prompt = q->text,
        .settings = settings,
        .model_id = c->arena->model_ids[x->model],
        .n_turns = (int)q->prompt->n_turns,
    };
    struct store_answer_row *rows = NULL;
    size_t n = 0;
    int64_t battle_id;
    int side, round;
    int result = store_find_answer(s, &wanted, &battle_id, &side, &round, e);
    if (result == 0 && battle_id != 0)
        result = answer_recall(s, battle_id, &rows, &n, e);
    if (result == 0 && battle_id != 0)
        entrant_take(x, q, rows, n, side, round);
    store_free_answers(rows, n);
    free(settings);
    return result;
}

/* --- what it costs -------------------------------------------------------- */

static double tokens_of(const char *text)
{
    if (text == NULL)
        return 0;
    return TOKENS_A_MESSAGE + (double)strlen(text) / BYTES_A_TOKEN;
}

double entrant_n_in(const struct entrant *x, const struct run_context *c,
                    const struct entrant_question *q)
{
    double n = tokens_of(c->arena->config.models[x->model].system) +
               tokens_of(q->prompt->system) +
               tokens_of(q->prompt->turns[x->n_rows]);
    for (size_t i = 0; i < q->prompt->n_given; i++)
        if (q->prompt->given[i].before <= x->n_rows)
            n += tokens_of(q->prompt->given[i].user) +
                 tokens_of(q->prompt->given[i].assistant);
    for (size_t i = 0; i < x->n_rows; i++)
        n += tokens_of(q->prompt->turns[i]) + tokens_of(x->rows[i].text);
    return n;
}

/* Whether the next turn may begin; the money for it is put aside. */
static bool reserve(struct entrant *x, struct run_context *c,
                    const struct entrant_question *q)
{
    double n_in = entrant_n_in(x, c, q);
    return budget_reserve(&c->budget, batch_cost(c->arena, x->model, n_in),
                          &x->reserved);
}

static void settle(struct entrant *x, struct run_context *c)
{
    budget_settle(&c->budget, &x->reserved, x->answer.end.cost);
    if (x->answer.end.n_out > 0)
        c->n_tokens += x->answer.end.n_out;
}

/* --- asking --------------------------------------------------------------- */

static struct run_lane *lane_of(const struct run_context *c,
                                const struct entrant *x)
{
    return &c->lanes[c->lane_of[x->model]];
}

/* Appends the given turns before an asked one, and that one. */
static size_t add_turn(const struct prompt *prompt, size_t turn,
                       struct message *out)
{
    size_t n = 0;
    for (size_t i = 0; i < prompt->n_given; i++) {
        if (prompt->given[i].before != turn)
            continue;
        out[n++] = (struct message){"user", prompt->given[i].user};
        out[n++] = (struct message){"assistant", prompt->given[i].assistant};
    }
    out[n++] = (struct message){"user", prompt->turns[turn]};
    return n;
}

static int ask(struct entrant *x, struct run_context *c,
               const struct entrant_question *q, struct err *e)
{
    const struct prompt *prompt = q->prompt;
    struct message *turns = mem_calloc(2 * (x->n_rows + prompt->n_given) + 2,
                                       sizeof(*turns));
    size_t n = 0;
    if (prompt->system != NULL)
        turns[n++] = (struct message){"system", prompt->system};
    for (size_t i = 0; i < x->n_rows; i++) {
        n += add_turn(prompt, i, turns + n);
        turns[n++] = (struct message){"assistant", x->rows[i].text};
    }
    n += add_turn(prompt, x->n_rows, turns + n);
    const struct request rq = {.messages = turns,
                               .n_messages = n,
                               .seed = q->seed,
                               .clock = q->clock,
                               .temperature = prompt_temperature(prompt)};
    int result = answer_start(&x->answer, c->arena, x->model, &rq, e);
    free(turns);
    return result;
}

int entrant_begin(struct entrant *x, struct run_context *c,
                  const struct entrant_question *q, struct err *e)
{
    struct run_lane *lane = lane_of(c, x);
    if (x->state != ENTRANT_WAITING || lane->n_running >= lane->n_jobs ||
        !reserve(x, c, q))
        return 0;
    if (ask(x, c, q, e) != 0)
        return -1;
    x->state = ENTRANT_RUNNING;
    lane->n_running++;
    c->n_running++;
    return 0;
}

static void add_news(const struct entrant *x, struct run_context *c,
                     const struct entrant_question *q)
{
    const char *failure = x->answer.end.finish == FINISH_ERROR
                              ? x->answer.end.error.text
                              : "an empty answer";
    context_add_news(c, (size_t)(q->prompt - c->prompts->list), x->model,
                     x->usable ? NULL : failure);
}

int entrant_step(struct entrant *x, struct run_context *c,
                 const struct entrant_question *q, struct err *e)
{
    if (x->state != ENTRANT_RUNNING)
        return 0;
    answer_step(&x->answer);
    if (!answer_done(&x->answer))
        return 0;
    struct buf prompt;
    buf_init(&prompt, PROMPTS_MAX_BYTES);
    prompt_add_turn_text(q->prompt, x->n_rows, &prompt);
    struct store_answer_row row = {
        .turn = (int)x->n_rows + 1,
        .prompt = prompt.data,
        .text = x->answer.text.data,
        .thinking = x->answer.thinking.data,
        .settings = x->answer.settings,
        .end = x->answer.end,
    };
    keep_row(x, &row);
    buf_free(&prompt);
    settle(x, c);
    lane_of(c, x)->n_running--;
    c->n_running--;
    x->usable = answer_usable(&x->answer);
    bool last = !x->usable || x->n_rows == q->prompt->n_turns;
    x->state = last ? ENTRANT_DONE : ENTRANT_WAITING;
    if (last) {
        c->n_made++;
        c->n_failed += !x->usable;
        add_news(x, c, q);
    }
    answer_free(&x->answer);
    /* What it was told so far is still in the model's memory. */
    return entrant_begin(x, c, q, e) != 0 ? -1 : 1;
}

void entrant_free(struct entrant *x, struct run_context *c)
{
    if (x->state == ENTRANT_RUNNING) {
        answer_free(&x->answer);
        lane_of(c, x)->n_running--;
        c->n_running--;
        budget_settle(&c->budget, &x->reserved, 0);
    }
    store_free_answers(x->rows, x->n_rows);
}
