#include "arena/run/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "arena/battle/answer.h"
#include "base/clock.h"
#include "base/mem.h"

#define RUN_MAX_PROMPT_BYTES (2 * PROMPTS_MAX_BYTES)

enum entrant_state {
    ENTRANT_WAITING,
    ENTRANT_RUNNING,
    ENTRANT_DONE,
};

struct entrant { /* a model on this prompt */
    size_t model;
    enum entrant_state state;
    bool usable;                   /* once done */
    struct store_answer_row *rows; /* its turns so far; side and round unset */
    size_t n_rows;
    struct answer answer;          /* of the turn under way */
};

struct duel { /* a battle of the plan */
    size_t entrant[2];
    int64_t battle_id;  /* 0: not in the store */
    int round;
    bool written[2];    /* this side's answer is stored in this round */
    bool over;          /* ready or void in the store, by now */
};

struct run_prompt {
    struct run_context *context;
    const struct prompt *prompt;
    int64_t prompt_id;
    uint64_t seed;
    int64_t clock;
    struct entrant *entrants;
    struct duel *duels;
    size_t n_entrants, n_duels;
};

/* --- right and wrong ------------------------------------------------------ */

static size_t number_of(const struct run_prompt *p)
{
    return (size_t)(p->prompt - p->context->prompts->list);
}

/* The entrant is done: tells the run's accuracy how it did. */
static void note_accuracy(const struct run_prompt *p, const struct entrant *x)
{
    struct accuracy *a = p->context->accuracy;
    if (!x->usable || !accuracy_is_checked(a, number_of(p)))
        return;
    const char **texts = mem_calloc(x->n_rows, sizeof(*texts));
    for (size_t i = 0; i < x->n_rows; i++)
        texts[i] = x->rows[i].text;
    accuracy_note(a, x->model, number_of(p),
                  accuracy_agrees(a, number_of(p), texts));
    free(texts);
}

/* --- what an earlier session left ----------------------------------------- */

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

/* Whether rows[0..n) hold a whole usable answer of a side in a round; it is
 * then the entrant's, if that has none. */
static bool take_answer(const struct run_prompt *p, struct entrant *x,
                        const struct store_answer_row *rows, size_t n,
                        int side, int round)
{
    size_t n_turns = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].side == side && rows[i].round == round &&
            answer_text_usable(rows[i].end.finish, rows[i].text))
            n_turns++;
    if (n_turns != p->prompt->n_turns)
        return false;
    if (x->state == ENTRANT_DONE)
        return true;
    for (size_t i = 0; i < n; i++)
        if (rows[i].side == side && rows[i].round == round)
            keep_row(x, &rows[i]);
    x->state = ENTRANT_DONE;
    x->usable = true;
    p->context->n_found++;
    note_accuracy(p, x);
    return true;
}

/* Reads what is stored of a battle.  An answer that failed, or a void battle,
 * means a new round of both sides. */
static int recall_answers(struct run_prompt *p, struct duel *d,
                          enum store_battle_state state, struct err *e)
{
    struct store_answer_row *rows;
    size_t n;
    if (answer_recall(p->context->arena->store, d->battle_id, &rows, &n, e) !=
        0)
        return -1;
    int last = 0;
    for (size_t i = 0; i < n; i++)
        last = rows[i].round > last ? rows[i].round : last;
    bool failed = state == STORE_VOID;
    for (int side = 0; side < 2; side++) {
        bool any = false;
        for (size_t i = 0; i < n; i++)
            any = any || (rows[i].side == side && rows[i].round == last);
        d->written[side] = take_answer(p, &p->entrants[d->entrant[side]], rows,
                                       n, side, last);
        failed = failed || (any && !d->written[side]);
    }
    if (failed)
        d->written[0] = d->written[1] = false;
    d->round = failed ? last + 1 : last > 0 ? last : 1;
    store_free_answers(rows, n);
    return 0;
}

/* Finds the planned battles in the store, and the answers in them. */
static int recall(struct run_prompt *p, struct err *e)
{
    struct run_context *c = p->context;
    enum store_battle_state *states = mem_calloc(p->n_duels, sizeof(*states));
    bool all_over = true; /* then the answers need not be read … */
    bool is_checked = accuracy_is_checked(c->accuracy, number_of(p));
    int result = 0;
    for (size_t i = 0; i < p->n_duels && result == 0; i++) {
        struct duel *d = &p->duels[i];
        int64_t models[2];
        for (int side = 0; side < 2; side++)
            models[side] =
                c->arena->model_ids[p->entrants[d->entrant[side]].model];
        result = store_find_run_battle(c->arena->store, c->run_id,
                                       p->prompt_id, models, &d->battle_id,
                                       &states[i], e);
        d->over = d->battle_id != 0 && states[i] != STORE_OPEN &&
                  states[i] != STORE_VOID;
        c->n_ready += d->over;
        all_over = all_over && d->over;
    }
    bool read = !all_over || is_checked; /* … but to be checked */
    if (!read)
        c->n_found += p->n_entrants;
    for (size_t i = 0; i < p->n_duels && result == 0 && read; i++)
        if (p->duels[i].battle_id != 0)
            result = recall_answers(p, &p->duels[i], states[i], e);
    free(states);
    return result;
}

/* --- storing -------------------------------------------------------------- */

static int add_battle(struct run_prompt *p, struct duel *d, struct err *e)
{
    struct run_context *c = p->context;
    struct store_battle b = {
        .prompt_id = p->prompt_id,
        .run_id = c->run_id,
        .model_id = {c->arena->model_ids[p->entrants[d->entrant[0]].model],
                     c->arena->model_ids[p->entrants[d->entrant[1]].model]},
        .state = STORE_OPEN,
        .probability = c->probability,
        .pace = pace_name(PACE_HOLD),
        .created_ms = clock_wall_ms(),
    };
    return store_add_battle(c->arena->store, &b, &d->battle_id, e);
}

static void fill_row(const struct duel *d, int side,
                     const struct store_answer_row *from,
                     struct store_answer *row)
{
    *row = (struct store_answer){
        .battle_id = d->battle_id,
        .side = side,
        .turn = from->turn,
        .round = d->round,
        .prompt = from->prompt,
        .text = from->text,
        .thinking = from->thinking,
        .settings = from->settings,
        .end = from->end,
    };
}

/* Writes to a battle the answers that are done and not in it yet.  With both,
 * it is ready or void. */
static int write_duel(struct run_prompt *p, struct duel *d, struct err *e)
{
    struct entrant *x[2] = {&p->entrants[d->entrant[0]],
                            &p->entrants[d->entrant[1]]};
    bool done[2], fresh[2];
    for (int side = 0; side < 2; side++) {
        done[side] = x[side]->state == ENTRANT_DONE;
        fresh[side] = done[side] && !d->written[side];
    }
    bool both = done[0] && done[1];
    if (d->over || (!fresh[0] && !fresh[1] && !both))
        return 0;
    if (d->battle_id == 0 && add_battle(p, d, e) != 0)
        return -1;
    size_t n = 0;
    struct store_answer *rows =
        mem_calloc(x[0]->n_rows + x[1]->n_rows, sizeof(*rows));
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; fresh[side] && i < x[side]->n_rows; i++)
            fill_row(d, side, &x[side]->rows[i], &rows[n++]);
    enum store_battle_state state = !both ? STORE_OPEN
                                    : x[0]->usable && x[1]->usable
                                        ? STORE_READY
                                        : STORE_VOID;
    struct store *s = p->context->arena->store;
    int result = n > 0 ? store_add_answers(s, rows, n, state, e)
                       : store_set_battle_state(s, d->battle_id, state, e);
    free(rows);
    if (result != 0)
        return -1;
    d->written[0] = d->written[0] || done[0];
    d->written[1] = d->written[1] || done[1];
    d->over = both;
    p->context->n_ready += state == STORE_READY;
    p->context->n_void += state == STORE_VOID;
    return 0;
}

static int write_all(struct run_prompt *p, struct err *e)
{
    for (size_t i = 0; i < p->n_duels; i++)
        if (write_duel(p, &p->duels[i], e) != 0)
            return -1;
    return 0;
}

/* --- asking --------------------------------------------------------------- */

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

/* Asks for the entrant's next turn, after those it has. */
static int ask(struct run_prompt *p, struct entrant *x, struct err *e)
{
    const struct prompt *prompt = p->prompt;
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
    int result = answer_start(&x->answer, p->context->arena, x->model, turns, n,
                              p->seed, p->clock, e);
    free(turns);
    return result;
}

static void report_failure(const struct run_prompt *p, const struct entrant *x)
{
    const struct run_context *c = p->context;
    const struct answer *answer = &x->answer;
    struct buf line;
    if (c->report == NULL)
        return;
    buf_init(&line, 2 * ERR_TEXT_BYTES);
    if (p->prompt->id != NULL)
        buf_addf(&line, "prompt %.40s", p->prompt->id);
    else
        buf_addf(&line, "prompt %zu", 1 + number_of(p));
    buf_addf(&line, ", %s: %s", answer->model->name,
             answer->end.finish == FINISH_ERROR ? answer->end.error.text
                                                : "an empty answer");
    c->report(c->arg, line.data);
    buf_free(&line);
}

/* A turn has ended: the next one, or the entrant is done. */
static int end_turn(struct run_prompt *p, struct entrant *x, struct err *e)
{
    bool usable = answer_usable(&x->answer);
    struct buf prompt;
    buf_init(&prompt, RUN_MAX_PROMPT_BYTES);
    prompt_add_turn_text(p->prompt, x->n_rows, &prompt);
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
    if (!usable)
        report_failure(p, x);
    answer_free(&x->answer);
    if (usable && x->n_rows < p->prompt->n_turns)
        return ask(p, x, e);
    x->state = ENTRANT_DONE;
    x->usable = usable;
    p->context->n_running--;
    p->context->n_made++;
    note_accuracy(p, x);
    return write_all(p, e);
}

int run_prompt_begin(struct run_prompt *p, size_t room, struct err *e)
{
    if (run_prompt_done(p))
        return 0;
    for (size_t i = 0; i < p->n_entrants && room > 0; i++) {
        struct entrant *x = &p->entrants[i];
        if (x->state != ENTRANT_WAITING)
            continue;
        if (ask(p, x, e) != 0)
            return -1;
        x->state = ENTRANT_RUNNING;
        p->context->n_running++;
        room--;
    }
    /* What failed at once brings no news later. */
    return run_prompt_step(p, e);
}

bool run_prompt_waits(const struct run_prompt *p)
{
    for (size_t i = 0; i < p->n_entrants; i++)
        if (p->entrants[i].state == ENTRANT_WAITING)
            return true;
    return false;
}

int run_prompt_step(struct run_prompt *p, struct err *e)
{
    for (size_t i = 0; i < p->n_entrants; i++) {
        struct entrant *x = &p->entrants[i];
        if (x->state == ENTRANT_RUNNING)
            answer_step(&x->answer);
        while (x->state == ENTRANT_RUNNING && answer_done(&x->answer))
            if (end_turn(p, x, e) != 0)
                return -1;
    }
    return 0;
}

bool run_prompt_done(const struct run_prompt *p)
{
    for (size_t i = 0; i < p->n_duels; i++)
        if (!p->duels[i].over)
            return false;
    return true;
}

/* --- beginning and end ---------------------------------------------------- */

static size_t entrant_of(struct run_prompt *p, size_t model)
{
    for (size_t i = 0; i < p->n_entrants; i++)
        if (p->entrants[i].model == model)
            return i;
    p->entrants[p->n_entrants].model = model;
    return p->n_entrants++;
}

/* The same for every model and every session: of the prompt's words. */
static uint64_t seed_of(uint64_t seed, const char *text)
{
    struct rng rng;
    rng_init(&rng, seed);
    uint64_t h = rng_next(&rng);
    for (; *text != '\0'; text++) /* FNV-1a */
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    rng_init(&rng, h);
    return rng_next(&rng) >> 11; /* exact as a double */
}

static int put_prompt(struct run_prompt *p, struct err *e)
{
    struct buf text;
    buf_init(&text, RUN_MAX_PROMPT_BYTES);
    prompt_add_text(p->prompt, &text);
    p->seed = seed_of(p->context->seed, text.data);
    p->clock = arena_clock(p->context->arena);
    int result = store_put_prompt(p->context->arena->store, text.data,
                                  p->prompt->category, p->prompt->id,
                                  &p->prompt_id, e);
    buf_free(&text);
    return result;
}

int run_prompt_open(struct run_prompt **out, struct run_context *c,
                    const struct run_planned *plan, size_t n, struct err *e)
{
    struct run_prompt *p = mem_calloc(1, sizeof(*p));
    p->context = c;
    p->prompt = &c->prompts->list[plan[0].prompt];
    p->entrants = mem_calloc(2 * n, sizeof(*p->entrants));
    p->duels = mem_calloc(n, sizeof(*p->duels));
    p->n_duels = n;
    for (size_t i = 0; i < n; i++) {
        p->duels[i].round = 1;
        for (int side = 0; side < 2; side++)
            p->duels[i].entrant[side] = entrant_of(p, plan[i].model[side]);
    }
    if (put_prompt(p, e) != 0 || recall(p, e) != 0 || write_all(p, e) != 0) {
        run_prompt_close(p);
        return -1;
    }
    *out = p;
    return 0;
}

void run_prompt_close(struct run_prompt *p)
{
    for (size_t i = 0; i < p->n_entrants; i++) {
        struct entrant *x = &p->entrants[i];
        if (x->state == ENTRANT_RUNNING) {
            answer_free(&x->answer);
            p->context->n_running--;
        }
        store_free_answers(x->rows, x->n_rows);
    }
    free(p->entrants);
    free(p->duels);
    free(p);
}
