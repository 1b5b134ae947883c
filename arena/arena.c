#include "arena/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arena/config/askable.h"
#include "arena/store/voter.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"
#include "base/plural.h"
#include "base/wake.h"

#define ARENA_LINE_BYTES 1024

static void add_note(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_note(struct arena *a, const char *fmt, ...)
{
    struct buf line;
    buf_init(&line, ARENA_LINE_BYTES);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&line, fmt, ap);
    va_end(ap);
    a->notes = mem_realloc(a->notes, a->n_notes + 1, sizeof(*a->notes));
    a->notes[a->n_notes++] = buf_detach(&line);
}

const char *arena_next_note(struct arena *a)
{
    return a->n_told < a->n_notes ? a->notes[a->n_told++] : NULL;
}

static int load_config(struct arena *a, const struct arena_options *o,
                       struct err *e)
{
    bool foreign;
    char *path = config_find(o->config_path, &foreign);
    if (path == NULL) {
        config_init(&a->config);
        if (o->config_optional)
            return 0;
        char *usual = config_default_path();
        err_set(e, ERR_CONFIG, "no configuration at %s; write one with \"arena "
                "config init\", or try \"arena demo\"", usual);
        free(usual);
        return -1;
    }
    int result = config_load(&a->config, path, foreign, e);
    if (result == 0 && foreign)
        add_note(a, "using the %s of this folder", path);
    free(path);
    return result;
}

char *arena_db_path(const struct arena_options *o)
{
    return o->db_path ? mem_strdup(o->db_path) : path_of(PATH_DATA, "arena.db");
}

static int open_store(struct arena *a, const struct arena_options *o,
                      struct err *e)
{
    char *path = arena_db_path(o);
    int result = 0;
    if (o->db_path == NULL) {
        char *folder = path_folder(path);
        result = path_make_folder(folder, e);
        free(folder);
        if (result != 0 && e != NULL)
            e->code = ERR_DB;
    }
    if (result == 0)
        result = store_open(&a->store, path, &a->config.elo, e);
    free(path);
    return result;
}

/* A changed model under an old name: the same or another? */
static int settle_changed(struct arena *a, const struct arena_options *o,
                          const char *name, const char *description,
                          int64_t *id, struct err *e)
{
    if (o->same_model != NULL && o->same_model(o->same_model_arg, name))
        return store_redescribe_model(a->store, *id, description, e);
    if (store_replace_model(a->store, name, description, id, e) != 0)
        return -1;
    add_note(a, "%s is not the model it was: it starts afresh on the "
             "leaderboard; its old votes stay under another name", name);
    return 0;
}

static int register_model(struct arena *a, const struct arena_options *o,
                          size_t i, struct err *e)
{
    const struct model *m = &a->config.models[i];
    enum store_model_match match;
    struct buf description;
    buf_init(&description, 1 << 20);
    model_describe(m, &description);
    int result = store_put_model(a->store, m->name, description.data,
                                 &a->model_ids[i], &match, e);
    if (result == 0 && match == STORE_MODEL_BACK)
        add_note(a, "%s is again the model it once was: its old votes "
                 "count again; those given since stay under another name",
                 m->name);
    if (result == 0 && match == STORE_MODEL_CHANGED)
        result = settle_changed(a, o, m->name, description.data,
                                &a->model_ids[i], e);
    buf_free(&description);
    return result;
}

/* Makes the lists beside the config's models as long as it is.  New places are
 * zeroed. */
static void grow_lists(struct arena *a, size_t n_before)
{
    size_t n = a->config.n_models;
    a->model_ids = mem_realloc(a->model_ids, n, sizeof(*a->model_ids));
    a->backends = mem_realloc(a->backends, n, sizeof(*a->backends));
    a->left_out = mem_realloc(a->left_out, n, sizeof(*a->left_out));
    a->remarked = mem_realloc(a->remarked, n, sizeof(*a->remarked));
    for (size_t i = n_before; i < n; i++) {
        a->model_ids[i] = 0;
        a->backends[i] = NULL;
        a->left_out[i] = a->remarked[i] = false;
    }
}

static int register_models(struct arena *a, const struct arena_options *o,
                           struct err *e)
{
    grow_lists(a, 0);
    for (size_t i = 0; i < a->config.n_models; i++)
        if (register_model(a, o, i, e) != 0)
            return -1;
    return 0;
}

int arena_open(struct arena *a, const struct arena_options *o, struct err *e)
{
    *a = (struct arena){.wake = {-1, -1}};
    backend_env_init(&a->env);
    a->seeded = o->seeded;
    if (o->seeded)
        rng_init(&a->rng, o->seed);
    else
        rng_init_system(&a->rng);
    if (load_config(a, o, e) != 0 || wake_open(a->wake, e) != 0 ||
        open_store(a, o, e) != 0 || register_models(a, o, e) != 0) {
        arena_close(a);
        return -1;
    }
    a->env.n_threads = a->config.n_threads;
    a->voter = voter_of(o->voter);
    return 0;
}

int64_t arena_clock(const struct arena *a)
{
    return a->seeded ? REQUEST_FIXED_CLOCK : clock_wall_ms() / 1000;
}

void arena_close(struct arena *a)
{
    for (size_t i = 0; a->backends != NULL && i < a->config.n_models; i++)
        if (a->backends[i] != NULL)
            arena_backend_ops(a, i)->close(a->backends[i]);
    backend_env_free(&a->env); /* before the pipe that its threads write */
    if (a->store != NULL)
        store_close(a->store);
    wake_close(a->wake);
    for (size_t i = 0; i < a->n_notes; i++)
        free(a->notes[i]);
    free(a->notes);
    free(a->backends);
    free(a->left_out);
    free(a->remarked);
    free(a->model_ids);
    free(a->voter);
    config_free(&a->config);
    *a = (struct arena){.wake = {-1, -1}};
}

void arena_drain_wake(struct arena *a)
{
    wake_drain(a->wake[0]);
}

/* --- models ------------------------------------------------------------ */

/* Fewer than two can be asked, and `first` is why. */
static int too_few(size_t n_left, size_t n_out, const struct err *first,
                   struct err *e)
{
    err_set(e, first->code, "%zu of %zu model%s can be asked, and a battle "
            "needs two; %s", n_left, n_left + n_out, plural_s(n_left + n_out),
            first->text);
    if (n_out > 1 && e != NULL)
        err_set(e, first->code, "%s (and %zu more: \"arena config check\")",
                e->text, n_out - 1);
    return -1;
}

/* Notes once what a person should know of a model before it answers.  Before a
 * blind battle it is said of all that may be drawn, so it tells nothing. */
static void note_remarks(struct arena *a, size_t model)
{
    const struct model *m = &a->config.models[model];
    struct buf lines;
    if (a->remarked[model])
        return;
    a->remarked[model] = true;
    buf_init(&lines, ARENA_LINE_BYTES);
    askable_remarks(m, &lines);
    for (char *rest, *line = strtok_r(lines.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        add_note(a, "%s: %s", m->name, line);
    buf_free(&lines);
}

int arena_weigh(struct arena *a, double *weights, struct err *e)
{
    size_t n_left = 0, n_out = 0;
    struct err first, why;
    for (size_t i = 0; i < a->config.n_models; i++) {
        const struct model *m = &a->config.models[i];
        weights[i] = m->weight;
        if (!(m->weight > 0))
            continue;
        bool out = askable_check(m, &why) != 0;
        if (out)
            err_wrap(&why, "%s", m->name);
        if (out && !a->left_out[i])
            add_note(a, "left out: %s", why.text);
        if (out && n_out == 0)
            first = why;
        if (out)
            weights[i] = 0;
        a->left_out[i] = out;
        if (!out)
            note_remarks(a, i);
        n_left += !out;
        n_out += out;
    }
    return n_out > 0 && n_left < 2 ? too_few(n_left, n_out, &first, e) : 0;
}

#define FINISHED "finished" /* in the place of a backend's name */

static void init_finished(struct model *m, const char *name)
{
    model_init(m);
    m->name = mem_strdup(name);
    m->provider = mem_strdup(FINISHED);
    m->backend = mem_strdup(FINISHED);
    m->weight = 0; /* no battle draws it */
    m->price_in = m->price_out = 0;
}

char *arena_describe_finished(void)
{
    struct model m;
    struct buf text;
    init_finished(&m, "");
    buf_init(&text, ARENA_LINE_BYTES);
    model_describe(&m, &text);
    model_free(&m);
    return buf_detach(&text);
}

int arena_add_finished(struct arena *a, const char *name, struct err *e)
{
    struct config *c = &a->config;
    const struct arena_options none = {.seeded = false};
    c->models = mem_realloc(c->models, c->n_models + 1, sizeof(*c->models));
    init_finished(&c->models[c->n_models++], name);
    grow_lists(a, c->n_models - 1);
    return register_model(a, &none, c->n_models - 1, e);
}

bool arena_is_finished(const struct arena *a, size_t model)
{
    return strcmp(a->config.models[model].backend, FINISHED) == 0;
}

const struct backend_ops *arena_backend_ops(const struct arena *a, size_t model)
{
    return backend_find(a->config.models[model].backend);
}

struct backend *arena_backend(struct arena *a, size_t model, struct err *e)
{
    const struct model *m = &a->config.models[model];
    if (a->backends[model] != NULL)
        return a->backends[model];
    const struct backend_ops *ops = arena_backend_ops(a, model);
    if (ops == NULL) {
        err_set(e, ERR_CONFIG, "%s: this program has no backend \"%s\"",
                m->name, m->backend);
        return NULL;
    }
    if (ops->open(&a->backends[model], m, &a->env, e) != 0) {
        a->backends[model] = NULL;
        err_wrap(e, "%s (%s)", m->name, m->provider);
        return NULL;
    }
    note_remarks(a, model);
    return a->backends[model];
}

int arena_find_model(const struct arena *a, const char *name, size_t *model,
                     struct err *e)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < a->config.n_models; i++) {
        if (strcmp(a->config.models[i].name, name) == 0) {
            *model = i;
            return 0;
        }
        nearest_offer(&near, a->config.models[i].name);
    }
    if (near.best != NULL)
        return err_set(e, ERR_USAGE, "no model \"%s\"; did you mean \"%s\"?",
                       name, near.best);
    return err_set(e, ERR_USAGE, "no model \"%s\"; \"arena models list\" shows "
                   "them", name);
}
