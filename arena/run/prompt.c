#include "arena/run/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

#define RUN_MAX_PROMPT_BYTES (2 * PROMPTS_MAX_BYTES)

struct duel { /* a battle of the plan */
    size_t entrant[2];
    double probability;
    int64_t battle_id;   /* 0: not in the store */
    enum store_battle_state state; /* that was found */
    int round;
    size_t n_written[2]; /* turns of this side that are stored in this round */
    bool over;           /* ready or void in the store, by now */
};

struct run_prompt {
    struct run_context *context;
    struct entrant_question question;
    char *text;
    int64_t prompt_id;  /* 0: not in the store (of a dry run) */
    struct store_run_battle *stored; /* on it in this run; until it is open */
    size_t n_stored;
    struct entrant *entrants;
    struct duel *duels;
    size_t n_entrants, n_duels;
};

/* --- right and wrong ------------------------------------------------------ */

static size_t number_of(const struct run_prompt *p)
{
    return (size_t)(p->question.prompt - p->context->prompts->list);
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

/* Reads what is stored of a battle.  An answer that failed, or a void battle,
 * means a new round of both sides. */
static int recall_answers(struct run_prompt *p, struct duel *d, struct err *e)
{
    struct store_answer_row *rows;
    size_t n;
    if (answer_recall(p->context->arena->store, d->battle_id, &rows, &n, e) !=
        0)
        return -1;
    int last = 0;
    for (size_t i = 0; i < n; i++)
        last = rows[i].round > last ? rows[i].round : last;
    bool failed = d->state == STORE_VOID;
    for (int side = 0; side < 2; side++) {
        size_t n_rows = 0;
        for (size_t i = 0; i < n; i++)
            n_rows += rows[i].side == side && rows[i].round == last;
        d->n_written[side] =
            entrant_take(&p->entrants[d->entrant[side]], &p->question, rows, n,
                         side, last);
        failed = failed || n_rows > d->n_written[side];
    }
    if (failed)
        d->n_written[0] = d->n_written[1] = 0;
    d->round = failed ? last + 1 : last > 0 ? last : 1;
    store_free_answers(rows, n);
    return 0;
}

static int by_models(const void *x, const void *y)
{
    const struct store_run_battle *a = x, *b = y;
    for (int side = 0; side < 2; side++)
        if (a->model_id[side] != b->model_id[side])
            return a->model_id[side] < b->model_id[side] ? -1 : 1;
    return 0;
}

/* Keeps of several battles of the same sides the newest one.  Returns how many
 * are left, in order. */
static size_t keep_newest(struct store_run_battle *rows, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(rows, n, sizeof(*rows), by_models);
    for (size_t i = 0; i < n; i++) {
        bool again = kept > 0 && by_models(&rows[kept - 1], &rows[i]) == 0;
        if (!again)
            rows[kept++] = rows[i];
        else if (rows[i].id > rows[kept - 1].id)
            rows[kept - 1] = rows[i];
    }
    return kept;
}

/* Notes the battle that is stored of a planned one; false: there is none that
 * is over. */
static bool find_duel(struct run_prompt *p, struct duel *d,
                      const struct store_run_battle *rows, size_t n)
{
    struct run_context *c = p->context;
    struct store_run_battle key = {.id = 0};
    for (int side = 0; side < 2; side++)
        key.model_id[side] =
            c->arena->model_ids[p->entrants[d->entrant[side]].model];
    const struct store_run_battle *found =
        n > 0 ? bsearch(&key, rows, n, sizeof(*rows), by_models) : NULL;
    if (found == NULL)
        return false;
    d->battle_id = found->id;
    d->state = found->state;
    d->over = d->state != STORE_OPEN && d->state != STORE_VOID;
    c->n_ready += d->over;
    return d->over;
}

/* Finds the planned battles in the store.  True: all of them are over. */
static bool find_battles(struct run_prompt *p)
{
    bool all_over = true;
    size_t n = keep_newest(p->stored, p->n_stored);
    for (size_t i = 0; i < p->n_duels; i++)
        all_over = find_duel(p, &p->duels[i], p->stored, n) && all_over;
    p->stored = NULL;
    return all_over;
}

/* Finds what an entrant without a turn has elsewhere. */
static int find_answer(struct run_prompt *p, struct entrant *x, struct err *e)
{
    struct run_context *c = p->context;
    if (x->state != ENTRANT_WAITING)
        return 0;
    if (arena_is_finished(c->arena, x->model))
        return entrant_take_finished(x, c, &p->question, e);
    return x->n_rows > 0 || c->fresh ? 0
                                     : entrant_reuse(x, c, &p->question, e);
}

/* Finds the battles and the answers in them; then answers of other runs. */
static int recall(struct run_prompt *p, struct err *e)
{
    struct run_context *c = p->context;
    bool all_over = find_battles(p);
    if (all_over && !accuracy_is_checked(c->accuracy, number_of(p))) {
        c->n_found += p->n_entrants;
        return 0;
    }
    for (size_t i = 0; i < p->n_duels; i++)
        if (p->duels[i].battle_id != 0 &&
            recall_answers(p, &p->duels[i], e) != 0)
            return -1;
    for (size_t i = 0; i < p->n_entrants; i++) {
        struct entrant *x = &p->entrants[i];
        bool asked = x->n_rows > 0;
        if (find_answer(p, x, e) != 0)
            return -1;
        if (x->state != ENTRANT_DONE || !x->usable)
            continue;
        c->n_found++;
        c->n_reused += !asked && !arena_is_finished(c->arena, x->model);
        note_accuracy(p, x);
    }
    return 0;
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
        .probability = d->probability,
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

/* Stores the turns that a battle lacks, and its state. */
static int write_rows(struct run_prompt *p, struct duel *d,
                      enum store_battle_state state, struct err *e)
{
    struct store *s = p->context->arena->store;
    struct entrant *x[2] = {&p->entrants[d->entrant[0]],
                            &p->entrants[d->entrant[1]]};
    size_t n = 0;
    struct store_answer *rows =
        mem_calloc(x[0]->n_rows + x[1]->n_rows, sizeof(*rows));
    for (int side = 0; side < 2; side++)
        for (size_t i = d->n_written[side]; i < x[side]->n_rows; i++)
            fill_row(d, side, &x[side]->rows[i], &rows[n++]);
    int result = n > 0 ? store_add_answers(s, rows, n, state, e)
                       : store_set_battle_state(s, d->battle_id, state, e);
    free(rows);
    if (result == 0)
        for (int side = 0; side < 2; side++)
            d->n_written[side] = x[side]->n_rows;
    return result;
}

/* Brings a battle up to what its entrants have.  With both answers whole it is
 * ready or void. */
static int write_duel(struct run_prompt *p, struct duel *d, struct err *e)
{
    const struct entrant *x[2] = {&p->entrants[d->entrant[0]],
                                  &p->entrants[d->entrant[1]]};
    bool both = x[0]->state == ENTRANT_DONE && x[1]->state == ENTRANT_DONE;
    bool fresh = x[0]->n_rows > d->n_written[0] ||
                 x[1]->n_rows > d->n_written[1];
    if (d->over || (!fresh && !both))
        return 0;
    if (context_begin_writing(p->context, e) != 0 ||
        (d->battle_id == 0 && add_battle(p, d, e) != 0))
        return -1;
    enum store_battle_state state = !both ? STORE_OPEN
                                    : x[0]->usable && x[1]->usable
                                        ? STORE_READY
                                        : STORE_VOID;
    if (write_rows(p, d, state, e) != 0)
        return -1;
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

int run_prompt_begin(struct run_prompt *p, struct err *e)
{
    if (run_prompt_done(p))
        return 0;
    for (size_t i = 0; i < p->n_entrants; i++)
        if (entrant_begin(&p->entrants[i], p->context, &p->question, e) != 0)
            return -1;
    /* What failed at once brings no news later. */
    return run_prompt_step(p, e);
}

int run_prompt_step(struct run_prompt *p, struct err *e)
{
    int any = 0;
    for (size_t i = 0; i < p->n_entrants; i++) {
        struct entrant *x = &p->entrants[i];
        int ended;
        while ((ended = entrant_step(x, p->context, &p->question, e)) == 1) {
            any = 1;
            if (x->state == ENTRANT_DONE)
                note_accuracy(p, x);
            if (write_all(p, e) != 0)
                return -1;
        }
        if (ended < 0)
            return -1;
    }
    return any;
}

bool run_prompt_done(const struct run_prompt *p)
{
    for (size_t i = 0; i < p->n_duels; i++)
        if (!p->duels[i].over)
            return false;
    return true;
}

void run_prompt_list_missing(const struct run_prompt *p,
                             void (*call)(void *arg, const struct entrant *x,
                                          const struct entrant_question *q),
                             void *arg)
{
    for (size_t i = 0; i < p->n_entrants; i++)
        if (p->entrants[i].state == ENTRANT_WAITING && !run_prompt_done(p))
            call(arg, &p->entrants[i], &p->question);
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
    rng_init(&rng, hash_text(rng_next(&rng), text));
    return rng_next(&rng) >> 11; /* exact as a double */
}

/* Most prompts of a run that goes on are there: a look costs less than a
 * change. */
static int put_prompt(struct run_prompt *p, struct err *e)
{
    struct run_context *c = p->context;
    const struct prompt *prompt = p->question.prompt;
    if (context_begin_reading(c, e) != 0)
        return -1;
    int result = ahead_find(&c->ahead, c->arena->store, c->run_id, p->text,
                            prompt->category, &p->prompt_id, &p->stored,
                            &p->n_stored, e);
    if (result != 0 || p->prompt_id != 0 || c->dry)
        return result;
    if (context_begin_writing(c, e) != 0)
        return -1;
    return store_put_prompt(c->arena->store, p->text, prompt->category,
                            prompt->id, &p->prompt_id, e);
}

static void set_question(struct run_prompt *p, const struct prompt *prompt)
{
    struct buf text;
    buf_init(&text, RUN_MAX_PROMPT_BYTES);
    prompt_add_text(prompt, &text);
    p->text = buf_detach(&text);
    p->question = (struct entrant_question){
        .prompt = prompt,
        .text = p->text,
        .seed = seed_of(p->context->seed, p->text),
    };
}

int run_prompt_open(struct run_prompt **out, struct run_context *c,
                    const struct run_planned *plan, size_t n, struct err *e)
{
    struct run_prompt *p = mem_calloc(1, sizeof(*p));
    p->context = c;
    p->entrants = mem_calloc(2 * n, sizeof(*p->entrants));
    p->duels = mem_calloc(n, sizeof(*p->duels));
    p->n_duels = n;
    set_question(p, &c->prompts->list[plan[0].prompt]);
    for (size_t i = 0; i < n; i++) {
        p->duels[i].round = 1;
        p->duels[i].probability = plan[i].probability;
        for (int side = 0; side < 2; side++)
            p->duels[i].entrant[side] = entrant_of(p, plan[i].model[side]);
    }
    if (put_prompt(p, e) != 0 || recall(p, e) != 0 ||
        (!c->dry && write_all(p, e) != 0)) {
        run_prompt_close(p);
        return -1;
    }
    *out = p;
    return 0;
}

void run_prompt_close(struct run_prompt *p)
{
    for (size_t i = 0; i < p->n_entrants; i++)
        entrant_free(&p->entrants[i], p->context);
    free(p->entrants);
    free(p->duels);
    free(p->text);
    free(p);
}
