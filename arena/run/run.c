#include "arena/run/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/battle/answer.h"
#include "arena/run/prompt.h"
#include "arena/run/settings.h"
#include "base/mem.h"

#define RUN_LINE_BYTES (1u << 20)
#define RUN_PASS 64   /* prompts that are done, in one step */
#define RUN_OPEN 1000 /* prompts that wait for the slowest backend */

struct run {
    struct run_context context;
    char *name;
    struct run_planned *plan;  /* by prompt */
    size_t n_plan, next;       /* of the plan: what has not begun */
    struct run_prompt **open;  /* the prompts under way, in order */
    size_t n_open;
    size_t n_answers;
    bool holds;                /* the store's lock on this run */
    struct accuracy accuracy;
};

/* --- beginning and end ---------------------------------------------------- */

/* How many answers the plan needs: models that stand on each prompt. */
static size_t count_answers(const struct run *r, size_t n_config)
{
    uint32_t *seen = mem_calloc(n_config, sizeof(*seen)); /* 1 + prompt */
    size_t n = 0;
    for (size_t i = 0; i < r->n_plan; i++) {
        for (int side = 0; side < 2; side++) {
            uint32_t model = r->plan[i].model[side];
            n += seen[model] != r->plan[i].prompt + 1;
            seen[model] = r->plan[i].prompt + 1;
        }
    }
    free(seen);
    return n;
}

/* A lane for each backend of the config that a model of the run names. */
static void make_lanes(struct run_context *c, const struct run_spec *spec)
{
    const struct config *config = &c->arena->config;
    c->lanes = mem_calloc(spec->n_models, sizeof(*c->lanes));
    c->lane_of = mem_calloc(config->n_models, sizeof(*c->lane_of));
    for (size_t i = 0; i < spec->n_models; i++) {
        const struct model *m = &config->models[spec->models[i]];
        size_t lane = 0;
        while (lane < c->n_lanes &&
               strcmp(c->lanes[lane].provider, m->provider) != 0)
            lane++;
        c->lane_of[spec->models[i]] = lane;
        if (lane < c->n_lanes)
            continue;
        c->lanes[c->n_lanes++] = (struct run_lane){
            .provider = m->provider,
            .n_jobs = batch_n_jobs(m, spec->n_jobs)};
    }
}

/* Opens it in the store; in a dry run only looks whether it is there. */
static int open_stored(struct run *r, const char *settings, struct err *e)
{
    struct run_context *c = &r->context;
    struct store *s = c->arena->store;
    if (c->dry) {
        char *known;
        int result = store_get_run(s, r->name, &c->run_id, &known, e);
        free(known);
        return result;
    }
    if (store_put_run(s, r->name, settings, &c->run_id, e) != 0 ||
        store_hold_run(s, c->run_id, e) != 0)
        return -1;
    r->holds = true;
    return 0;
}

static int plan_run(struct run *r, const struct run_spec *spec, struct err *e)
{
    struct arena *a = r->context.arena;
    struct buf settings;
    double *chances = NULL;
    buf_init(&settings, RUN_LINE_BYTES);
    run_describe(a, spec, &settings);
    r->name = spec->name ? mem_strdup(spec->name)
                         : run_make_name(spec->file, settings.data);
    int result = 0;
    if (spec->pairs.kind == RUN_UNCERTAIN)
        result = run_read_chances(a, spec, r->name, &settings, &chances, e);
    if (result == 0)
        result = run_make_plan(&spec->pairs, chances, spec->models,
                               spec->n_models, spec->prompts->n, spec->seed,
                               &r->plan, &r->n_plan, e);
    if (result == 0)
        result = open_stored(r, settings.data, e);
    free(chances);
    buf_free(&settings);
    return result;
}

int run_open(struct run **out, struct arena *a, const struct run_spec *spec,
             struct err *e)
{
    for (size_t i = 0; i < spec->n_models; i++)
        if (!arena_is_finished(a, spec->models[i]) &&
            arena_backend(a, spec->models[i], e) == NULL)
            return -1;
    for (size_t i = 0; i < spec->n_models; i++)
        if (batch_check_price(a, spec->models[i], spec->budget, e) != 0)
            return -1;
    struct run *r = mem_calloc(1, sizeof(*r));
    r->context = (struct run_context){
        .arena = a,
        .prompts = spec->prompts,
        .seed = spec->seed,
        .fresh = spec->fresh,
        .dry = spec->dry,
        .tell = spec->tell,
        .arg = spec->arg,
        .accuracy = &r->accuracy};
    ahead_init(&r->context.ahead);
    budget_init(&r->context.budget, spec->budget);
    accuracy_init(&r->accuracy, spec->prompts, a->config.n_models);
    make_lanes(&r->context, spec);
    if (plan_run(r, spec, e) != 0) {
        run_close(r);
        return -1;
    }
    r->n_answers = count_answers(r, a->config.n_models);
    *out = r;
    return 0;
}

void run_close(struct run *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n_open; i++)
        run_prompt_close(r->open[i]);
    if (r->holds)
        store_release_run(r->context.arena->store);
    accuracy_free(&r->accuracy);
    ahead_free(&r->context.ahead);
    free(r->context.lanes);
    free(r->context.lane_of);
    free(r->open);
    free(r->plan);
    free(r->name);
    free(r);
}

/* --- going on ------------------------------------------------------------- */

/* Takes up the next prompt of the plan.  0 or -1. */
static int take_next(struct run *r, struct run_prompt **out, struct err *e)
{
    const struct run_planned *first = &r->plan[r->next];
    size_t n = 1;
    while (r->next + n < r->n_plan && first[n].prompt == first->prompt)
        n++;
    if (run_prompt_open(out, &r->context, first, n, e) != 0)
        return -1;
    r->next += n;
    return 0;
}

static int open_next(struct run *r, struct err *e)
{
    struct run_prompt *p;
    if (take_next(r, &p, e) != 0)
        return -1;
    r->open = mem_realloc(r->open, r->n_open + 1, sizeof(*r->open));
    r->open[r->n_open++] = p;
    return 0;
}

static void close_prompt(struct run *r, size_t i)
{
    run_prompt_close(r->open[i]);
    r->n_open--;
    memmove(&r->open[i], &r->open[i + 1],
            (r->n_open - i) * sizeof(*r->open));
}

static bool has_room(const struct run_context *c)
{
    for (size_t i = 0; i < c->n_lanes; i++)
        if (c->lanes[i].n_running < c->lanes[i].n_jobs)
            return true;
    return false;
}

/* Begins answers until each backend has as many under way as may be.  Prompts
 * that need none any more pass by; after many of them the caller gets a
 * turn. */
static int begin_answers(struct run *r, struct err *e)
{
    size_t i = 0;
    int n_passed = 0;
    while (has_room(&r->context) && n_passed < RUN_PASS) {
        bool is_last = i == r->n_open;
        if (is_last && (r->next == r->n_plan || r->n_open >= RUN_OPEN))
            break;
        if (is_last && open_next(r, e) != 0)
            return -1;
        int ended = run_prompt_begin(r->open[i], e);
        if (ended < 0)
            return -1;
        if (!run_prompt_done(r->open[i])) {
            i += !ended;
            continue;
        }
        close_prompt(r, i);
        n_passed++;
    }
    return 0;
}

static int advance(struct run *r, struct err *e)
{
    struct run_context *c = &r->context;
    c->budget.is_spent = false;
    for (size_t i = r->n_open; i-- > 0;) {
        if (run_prompt_step(r->open[i], e) < 0)
            return -1;
        if (run_prompt_done(r->open[i]))
            close_prompt(r, i);
    }
    size_t next = r->next;
    if (begin_answers(r, e) != 0)
        return -1;
    if (c->budget.is_spent && c->n_running == 0 && r->next == next)
        return 0;
    return r->n_open > 0 || r->next < r->n_plan;
}

int run_step(struct run *r, struct err *e)
{
    return context_end_step(&r->context, advance(r, e), e);
}

/* --- looking ahead -------------------------------------------------------- */

struct survey {
    struct run_context *context;
    struct run_estimate *out;
};

/* Later turns read what was said before, each answer as long as may be. */
static void add_missing(void *arg, const struct entrant *x,
                        const struct entrant_question *q)
{
    const struct survey *s = arg;
    struct run_estimate *out = &s->out[x->model];
    const struct arena *a = s->context->arena;
    double n_out = answer_likely_tokens(a, x->model), before = 0;
    struct entrant turn = {.model = x->model};
    out->n_answers++;
    for (size_t i = x->n_rows; i < q->prompt->n_turns; i++) {
        const struct prompt one = {.turns = &q->prompt->turns[i],
                                   .n_turns = 1,
                                   .system = q->prompt->system};
        const struct entrant_question asked = {.prompt = &one};
        double n_in =
            before + (i == x->n_rows ? entrant_n_in(x, s->context, q)
                                     : entrant_n_in(&turn, s->context, &asked));
        struct batch_takes takes = batch_takes(a, x->model, n_in);
        out->n_calls += takes.n_calls;
        out->n_in += takes.n_in;
        out->n_out += takes.n_out;
        out->cost += takes.cost;
        before = n_in + n_out;
    }
}

int run_survey(struct run *r, struct run_estimate *out, struct err *e)
{
    const struct config *config = &r->context.arena->config;
    struct survey s = {.context = &r->context, .out = out};
    for (size_t i = 0; i < config->n_models; i++)
        out[i] = (struct run_estimate){0};
    for (int n = 1; r->next < r->n_plan; n++) {
        struct run_prompt *p;
        if (take_next(r, &p, e) != 0)
            return context_end_step(&r->context, -1, e);
        run_prompt_list_missing(p, add_missing, &s);
        run_prompt_close(p);
        if (n % RUN_PASS == 0 && context_end_reading(&r->context, e) != 0)
            return -1;
    }
    if (context_end_reading(&r->context, e) != 0)
        return -1;
    for (size_t i = 0; i < config->n_models; i++)
        if (isnan(config->models[i].price_in) ||
            isnan(config->models[i].price_out))
            out[i].cost = NAN;
    return 0;
}

/* --- what is known -------------------------------------------------------- */

const char *run_name(const struct run *r)
{
    return r->name;
}

int64_t run_id(const struct run *r)
{
    return r->context.run_id;
}

struct run_status run_status(const struct run *r)
{
    const struct run_context *c = &r->context;
    return (struct run_status){
        .n_battles = r->n_plan,
        .n_ready = c->n_ready,
        .n_void = c->n_void,
        .n_answers = r->n_answers,
        .n_found = c->n_found,
        .n_made = c->n_made,
        .n_reused = c->n_reused,
        .n_failed = c->n_failed,
        .n_running = c->n_running,
        .n_tokens = c->n_tokens,
        .spent = c->budget.spent,
        .is_spent = c->budget.is_spent && c->n_running == 0,
    };
}

size_t run_n_jobs(const struct run *r, size_t model)
{
    return r->context.lanes[r->context.lane_of[model]].n_jobs;
}

const struct accuracy *run_accuracy(const struct run *r)
{
    return &r->accuracy;
}
