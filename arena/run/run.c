#include "arena/run/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/prompt.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define RUN_LINE_BYTES (1u << 20)
#define RUN_PASS 64 /* prompts that are done, in one step */

struct run {
    struct run_context context;
    char *name;
    int n_jobs;
    struct run_planned *plan;  /* by prompt */
    size_t n_plan, next;       /* of the plan: what has not begun */
    struct run_prompt **open;  /* the prompts under way, in order */
    size_t n_open;
    size_t n_answers;
    struct accuracy accuracy;
};

/* --- name and settings ---------------------------------------------------- */

/* FNV-1a (Fowler, Noll, Vo). */
static uint64_t hash_text(uint64_t h, const char *s)
{
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

#define HASH_START 14695981039346656037u

static void add_key(struct buf *out, const char *key, const char *text)
{
    buf_addf(out, ",\"%s\":", key);
    json_add_string(out, text, strlen(text));
}

/* All that the battles of a run depend on, as one line of JSON. */
static void describe_run(const struct arena *a, const struct run_spec *spec,
                         struct buf *out)
{
    uint64_t h = HASH_START;
    buf_addf(out, "{\"prompts_hash\":\"%016" PRIx64 "\"", spec->prompts->hash);
    add_key(out, "prompts", path_name(spec->file));
    buf_add_str(out, ",\"models\":[");
    for (size_t i = 0; i < spec->n_models; i++) {
        const struct model *m = &a->config.models[spec->models[i]];
        struct buf description;
        buf_init(&description, RUN_LINE_BYTES);
        model_describe(m, &description);
        h = hash_text(h, description.data);
        buf_free(&description);
        buf_add_str(out, i > 0 ? "," : "");
        json_add_string(out, m->name, strlen(m->name));
    }
    buf_addf(out, "],\"models_hash\":\"%016" PRIx64 "\"", h);
    add_key(out, "pairs", spec->pairs_text);
    buf_addf(out, ",\"seed\":\"%" PRIu64 "\",\"max_tokens\":%d}", spec->seed,
             a->config.max_tokens);
}

/* "mini-3fa09c": the file's name and a hash of the settings. */
static char *make_name(const char *file, const char *settings)
{
    struct buf name;
    buf_init(&name, 100);
    const char *base = strcmp(file, "-") == 0 ? "stdin" : path_name(file);
    size_t n = strcspn(base, ".");
    for (size_t i = 0; i < n && i < 60; i++) {
        unsigned char c = (unsigned char)base[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || c == '_';
        buf_add_char(&name, plain ? (char)c : '-');
    }
    uint64_t h = hash_text(HASH_START, settings);
    buf_addf(&name, "-%06x", (unsigned)((h ^ h >> 24 ^ h >> 48) & 0xFFFFFF));
    return buf_detach(&name);
}

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

int run_open(struct run **out, struct arena *a, const struct run_spec *spec,
             struct err *e)
{
    for (size_t i = 0; i < spec->n_models; i++)
        if (arena_backend(a, spec->models[i], e) == NULL)
            return -1;
    struct run *r = mem_calloc(1, sizeof(*r));
    r->context = (struct run_context){.arena = a,
                                      .prompts = spec->prompts,
                                      .seed = spec->seed,
                                      .report = spec->report,
                                      .arg = spec->arg};
    r->n_jobs = spec->n_jobs;
    accuracy_init(&r->accuracy, spec->prompts, a->config.n_models);
    r->context.accuracy = &r->accuracy;
    struct buf settings;
    buf_init(&settings, RUN_LINE_BYTES);
    describe_run(a, spec, &settings);
    r->name = spec->name ? mem_strdup(spec->name)
                         : make_name(spec->file, settings.data);
    int result = run_make_plan(&spec->pairs, spec->models, spec->n_models,
                               spec->prompts->n, spec->seed, &r->plan,
                               &r->n_plan, &r->context.probability, e);
    if (result == 0)
        result = store_put_run(a->store, r->name, settings.data,
                               &r->context.run_id, e);
    if (result == 0)
        result = store_hold_run(a->store, r->context.run_id, e);
    buf_free(&settings);
    if (result != 0) {
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
    store_release_run(r->context.arena->store);
    accuracy_free(&r->accuracy);
    free(r->open);
    free(r->plan);
    free(r->name);
    free(r);
}

/* --- going on ------------------------------------------------------------- */

/* Takes up the next prompt of the plan.  0 or -1. */
static int open_next(struct run *r, struct err *e)
{
    const struct run_planned *first = &r->plan[r->next];
    size_t n = 1;
    while (r->next + n < r->n_plan && first[n].prompt == first->prompt)
        n++;
    struct run_prompt *p;
    if (run_prompt_open(&p, &r->context, first, n, e) != 0)
        return -1;
    r->next += n;
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

/* Begins answers until as many are under way as may be.  Prompts that need
 * none any more pass by; after many of them the caller gets a turn. */
static int begin_answers(struct run *r, struct err *e)
{
    size_t i = 0;
    int n_passed = 0;
    while (r->context.n_running < (size_t)r->n_jobs && n_passed < RUN_PASS) {
        if (i == r->n_open && r->next == r->n_plan)
            break;
        if (i == r->n_open && open_next(r, e) != 0)
            return -1;
        size_t room = (size_t)r->n_jobs - r->context.n_running;
        if (run_prompt_begin(r->open[i], room, e) != 0)
            return -1;
        if (!run_prompt_done(r->open[i])) {
            /* Some may have ended at once, so that there is room again. */
            i += !run_prompt_waits(r->open[i]);
            continue;
        }
        close_prompt(r, i);
        n_passed++;
    }
    return 0;
}

int run_step(struct run *r, struct err *e)
{
    for (size_t i = r->n_open; i-- > 0;) {
        if (run_prompt_step(r->open[i], e) != 0)
            return -1;
        if (run_prompt_done(r->open[i]))
            close_prompt(r, i);
    }
    if (begin_answers(r, e) != 0)
        return -1;
    return r->n_open > 0 || r->next < r->n_plan;
}

const char *run_name(const struct run *r)
{
    return r->name;
}

struct run_status run_status(const struct run *r)
{
    return (struct run_status){
        .n_battles = r->n_plan,
        .n_ready = r->context.n_ready,
        .n_void = r->context.n_void,
        .n_answers = r->n_answers,
        .n_found = r->context.n_found,
        .n_made = r->context.n_made,
        .n_running = r->context.n_running,
    };
}

const struct accuracy *run_accuracy(const struct run *r)
{
    return &r->accuracy;
}
