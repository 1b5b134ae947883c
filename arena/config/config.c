#include "arena/config/config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/config/keys.h"
#include "arena/config/model.h"
#include "backends/backend.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"

#define CONFIG_NAME "arena.json"
#define CONFIG_MAX_BYTES (1u << 20)
#define CONFIG_MAX_MODELS 1000
#define CONFIG_MAX_BINDINGS 200
#define CONFIG_MAX_NAME_BYTES 100

static const char *pace_word(int k)
{
    return k <= PACE_HOLD ? pace_name((enum pace)k) : NULL;
}

const char *motion_name(enum motion m)
{
    static const char *const names[] = {"full", "reduced"};
    return names[m];
}

static const char *motion_word(int k)
{
    return k <= MOTION_REDUCED ? motion_name((enum motion)k) : NULL;
}

const char *theme_name(enum theme t)
{
    static const char *const names[] = {"auto", "dark", "light", "mono"};
    return names[t];
}

static const char *theme_word(int k)
{
    return k <= THEME_MONO ? theme_name((enum theme)k) : NULL;
}

static const char *prefetch_word(int k)
{
    static const char *const names[] = {"free", "all", "none"};
    return k <= PREFETCH_NONE ? names[k] : NULL;
}

static const char *pairing_word(int k)
{
    return rating_policy_word((enum rating_policy)k);
}

#define TOP_ROW(...) SETTING_ROW(config, ASIDE, __VA_ARGS__)
#define TOP_OTHER(key_, help_) \
    {.key = key_, .type = SETTING_OTHER, .help = help_}
static const struct setting top_rows[] = {
    TOP_OTHER("$schema", "Where this schema is, for editors; not read."),
    TOP_ROW(CHOICE, pace, "pace", 0, 0,
            "How answers appear: live, equal (both at the slower one's speed) "
            "or hold (both when both are done).", .word = pace_word),
    TOP_ROW(CHOICE, pairing, "pairing", 0, 0,
            "Who meets whom: uniform, balanced (those that met least), lmarena "
            "(where a vote narrows the interval most), ambiguous (neighbours "
            "on the board whose order is least certain), thompson (who may be "
            "the best), mixed (half balanced, half ambiguous) or leader (half "
            "uniform, half thompson).",
            .word = pairing_word),
    TOP_ROW(STRING, system, "system", 0, 0,
            "System prompt of every model that has none of its own."),
    TOP_ROW(WHOLE, max_tokens, "max_tokens", 1, 1e6,
            "Length at which an answer is cut, in tokens; by default 512, or "
            "4096 beside models on servers, which then are sent no limit."),
    TOP_ROW(WHOLE, n_threads, "threads", 0, 1024,
            "Threads of the in-process engine; 0 for all cores."),
    TOP_ROW(BOOL, vote_early, "vote_early", 0, 0,
            "Take a vote as soon as both sides have text."),
    TOP_ROW(BOOL, confirm_vote, "confirm_vote", 0, 0,
            "Ask for Enter before a vote is stored and the names appear."),
    TOP_ROW(STRING, copy_command, "copy_command", 0, 0,
            "Command that gets copied text on its stdin, instead of the "
            "terminal's clipboard by OSC 52; \"\": nothing is copied.",
            .trusted = true),
    TOP_ROW(STRINGS, vote_hook, "vote_hook", 0, 0,
            "Program and its arguments, run after each vote of yours with the "
            "battle as a line of JSON on its stdin; no shell.",
            .trusted = true),
    TOP_ROW(CHOICE, motion, "motion", 0, 0,
            "full, or reduced: answers appear by whole lines, nothing counts, "
            "the cursor does not blink.", .word = motion_word),
    TOP_ROW(BOOL, mouse, "mouse", 0, 0,
            "The wheel scrolls the pane under the pointer; the terminal then "
            "selects text only with Shift held, or not at all."),
    TOP_ROW(CHOICE, prefetch, "prefetch", 0, 0,
            "Whether the next answers to a file of prompts are made while you "
            "read: free (if no model costs), all or none.",
            .word = prefetch_word),
    TOP_ROW(CHOICE, theme, "theme", 0, 0,
            "Colours for a dark or a light background, auto (as the terminal "
            "says), or mono.", .word = theme_word),
    TOP_ROW(STRINGS, hide_words, "hide_words", 0, 0,
            "Further words that would give a model away; hidden before the "
            "vote."),
    TOP_OTHER("elo", "How a vote moves the running rating."),
    TOP_OTHER("keys", "Key bindings of the terminal: an action and its key, "
                      "or keys."),
    TOP_OTHER("backends", "Servers by name, for models to refer to."),
    TOP_OTHER("models",
              "The models of the arena; each is a row of the leaderboard."),
};
#undef TOP_ROW
#undef TOP_OTHER

#define ELO_ROW(...) SETTING_ROW(elo_params, ASIDE, __VA_ARGS__)
static const struct setting elo_rows[] = {
    ELO_ROW(NUMBER, k, "k", 0, 1000, "Points at stake in one vote."),
    ELO_ROW(NUMBER, base, "base", 1.01, 1000,
            "The odds at a lead of one scale."),
    ELO_ROW(NUMBER, scale, "scale", 1, 1e6,
            "The lead in points at which the odds are base to one."),
    ELO_ROW(NUMBER, start, "start", -1e6, 1e6,
            "Rating before the first vote."),
};
#undef ELO_ROW

const struct setting_table config_top_keys = SETTING_TABLE(top_rows);
const struct setting_table config_elo_keys = SETTING_TABLE(elo_rows);

/* Choices are read as int. */
_Static_assert(sizeof(enum pace) == sizeof(int) &&
               sizeof(enum rating_policy) == sizeof(int) &&
               sizeof(enum motion) == sizeof(int) &&
               sizeof(enum prefetch) == sizeof(int) &&
               sizeof(enum theme) == sizeof(int), "enums are ints");

const char *pace_name(enum pace p)
{
    static const char *const names[] = {"live", "equal", "hold"};
    return names[p];
}

char *config_default_path(void)
{
    return path_of(PATH_CONFIG, CONFIG_NAME);
}

static bool same_file(const char *a, const char *b)
{
    char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);
    bool same = real_a && real_b && strcmp(real_a, real_b) == 0;
    free(real_a);
    free(real_b);
    return same;
}

char *config_find(const char *given, bool *foreign)
{
    *foreign = false;
    if (given != NULL)
        return mem_strdup(given);
    char *own = config_default_path();
    if (path_exists(CONFIG_NAME)) {
        *foreign = !same_file(CONFIG_NAME, own);
        if (*foreign) {
            free(own);
            return mem_strdup(CONFIG_NAME);
        }
    }
    if (path_exists(own))
        return own;
    free(own);
    return NULL;
}

/* What is known while one config is read. */
struct reading {
    struct config *config;
    struct config_place top;
    char *folder;
};

static struct config_place place_in(const struct reading *r, const char *list,
                                    const char *name)
{
    struct config_place at = r->top;
    snprintf(at.where, sizeof(at.where), "%s \"%.*s\"", list,
             CONFIG_MAX_NAME_BYTES, name);
    return at;
}

static int read_elo(struct reading *r, const cJSON *node, struct err *e)
{
    struct config_place at = r->top;
    snprintf(at.where, sizeof(at.where), "elo");
    if (node == NULL)
        return 0;
    return config_read_object(&at, node, &config_elo_keys, &r->config->elo, e);
}

static int add_binding(struct reading *r, const char *action,
                       const cJSON *node, struct err *e)
{
    struct config_place at = place_in(r, "keys", action);
    struct config *c = r->config;
    if (!cJSON_IsString(node) || node->valuestring[0] == '\0')
        return config_fail(&at, e, "must be a key as a string, or a list of "
                           "them");
    if (c->n_bindings == CONFIG_MAX_BINDINGS)
        return config_fail(&at, e, "more than %d bindings",
                           CONFIG_MAX_BINDINGS);
    c->bindings = mem_realloc(c->bindings, c->n_bindings + 1,
                              sizeof(*c->bindings));
    c->bindings[c->n_bindings++] = (struct config_binding){
        .action = mem_strdup(action), .key = mem_strdup(node->valuestring)};
    return 0;
}

static int read_bindings(struct reading *r, const cJSON *node, struct err *e)
{
    struct config_place at = r->top;
    snprintf(at.where, sizeof(at.where), "keys");
    if (node == NULL)
        return 0;
    if (!cJSON_IsObject(node))
        return config_fail(&at, e, "must be an object { … }, not %s",
                           config_type_found(node));
    const cJSON *line, *item;
    cJSON_ArrayForEach (line, node) {
        if (!cJSON_IsArray(line)) {
            if (add_binding(r, line->string, line, e) != 0 &&
                !config_goes_on(&at, e))
                return -1;
            continue;
        }
        cJSON_ArrayForEach (item, line)
            if (add_binding(r, line->string, item, e) != 0 &&
                !config_goes_on(&at, e))
                return -1;
    }
    return 0;
}

/* How many mistakes there are so far. */
static size_t count_mistakes(const struct reading *r)
{
    return r->top.mistakes == NULL ? 0 : r->top.mistakes->n;
}

static int read_provider(struct reading *r, const cJSON *node,
                         const cJSON *entry, struct err *e)
{
    struct config_place at = place_in(r, "backends", entry->string);
    struct providers *all = r->config->providers;
    size_t n_before = count_mistakes(r);
    if (json_get(node, entry->string) != entry)
        return config_fail(&at, e, "is set twice");
    if (all->n == CONFIG_MAX_MODELS)
        return config_fail(&at, e, "more than %d backends", CONFIG_MAX_MODELS);
    all->list = mem_realloc(all->list, all->n + 1, sizeof(*all->list));
    struct provider *p = &all->list[all->n++];
    config_provider_init(p, entry->string);
    if (config_read_object(&at, entry, &config_provider_keys, p, e) != 0)
        return -1;
    /* What follows from a mistake is none of its own. */
    return count_mistakes(r) > n_before ? 0 : config_check_provider(&at, p, e);
}

static int read_providers(struct reading *r, const cJSON *node, struct err *e)
{
    struct config_place at = r->top;
    snprintf(at.where, sizeof(at.where), "backends");
    if (node == NULL)
        return 0;
    if (!cJSON_IsObject(node))
        return config_fail(&at, e, "must be an object { … }, not %s",
                           config_type_found(node));
    const cJSON *entry;
    cJSON_ArrayForEach (entry, node)
        if (read_provider(r, node, entry, e) != 0 && !config_goes_on(&at, e))
            return -1;
    return 0;
}

/* Keys that the model's backend would ignore are mistakes. */
static int check_keys_fit(const struct config_place *at, const cJSON *node,
                          const struct model *m, struct err *e)
{
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *k = &model_settings.rows[i];
        if (json_get(node, k->key) && !config_key_fits(k, m->backend))
            return config_fail(at, e, "\"%s\" has no effect on backend \"%s\"",
                               k->key, m->provider);
    }
    return 0;
}

static int read_model(struct reading *r, const cJSON *node, size_t i,
                      struct err *e)
{
    struct config *c = r->config;
    struct config_place at = r->top;
    const char *name = json_get_string(node, "name", "");
    snprintf(at.where, sizeof(at.where), name[0] ? "models[%zu] \"%.*s\""
             : "models[%zu]", i, CONFIG_MAX_NAME_BYTES, name);
    struct model *m = &c->models[c->n_models++];
    model_init(m);
    size_t n_before = count_mistakes(r);
    if (config_read_object(&at, node, &model_settings, m, e) != 0)
        return -1;
    if (count_mistakes(r) > n_before) /* what follows from it is none */
        return 0;
    if (m->name == NULL)
        return config_fail(&at, e, "needs \"name\"");
    if (strlen(m->name) > CONFIG_MAX_NAME_BYTES)
        return config_fail(&at, e, "\"name\" is longer than %d bytes",
                           CONFIG_MAX_NAME_BYTES);
    for (size_t j = 0; j < i; j++)
        if (c->models[j].name != NULL && /* else it has a mistake itself */
            strcmp(c->models[j].name, m->name) == 0)
            return config_fail(&at, e, "models[%zu] has the same name", j);
    if (config_resolve_model(&at, m, c->providers, r->folder, c->system, e) !=
        0)
        return -1;
    return check_keys_fit(&at, node, m, e);
}

/* What "best_of" needs, and what "best_judge" names. */
static int check_best(struct reading *r, size_t i, struct err *e)
{
    const struct config *c = r->config;
    const struct model *m = &c->models[i];
    struct config_place at = r->top;
    struct nearest near;
    if (m->name == NULL || (m->best_of < 2 && m->best_judge == NULL))
        return 0;
    snprintf(at.where, sizeof(at.where), "models[%zu] \"%.*s\"", i,
             CONFIG_MAX_NAME_BYTES, m->name);
    if (m->best_of < 2)
        return config_fail(&at, e, "\"best_judge\" needs \"best_of\"");
    if (m->temperature == 0)
        return config_fail(&at, e, "\"best_of\" needs a temperature above 0: "
                           "all answers would be the same");
    if (m->best_judge == NULL)
        return 0;
    nearest_init(&near, m->best_judge);
    for (size_t k = 0; k < c->n_models; k++) {
        if (c->models[k].name == NULL)
            continue;
        if (strcmp(c->models[k].name, m->best_judge) == 0)
            return 0;
        nearest_offer(&near, c->models[k].name);
    }
    return config_fail(&at, e, "there is no model \"%.60s\" to be its "
                       "\"best_judge\"%s%s%s", m->best_judge,
                       near.best ? "; did you mean \"" : "",
                       near.best ? near.best : "", near.best ? "\"?" : "");
}

static int read_models(struct reading *r, const cJSON *node, struct err *e)
{
    struct config_place at = r->top;
    snprintf(at.where, sizeof(at.where), "models");
    if (node == NULL)
        return 0;
    if (!cJSON_IsArray(node))
        return config_fail(&at, e, "must be a list [ … ], not %s",
                           config_type_found(node));
    int n = cJSON_GetArraySize(node);
    if (n > CONFIG_MAX_MODELS)
        return config_fail(&at, e, "more than %d", CONFIG_MAX_MODELS);
    r->config->models = mem_calloc((size_t)n, sizeof(struct model));
    const cJSON *model;
    size_t i = 0;
    cJSON_ArrayForEach (model, node)
        if (read_model(r, model, i++, e) != 0 && !config_goes_on(&at, e))
            return -1;
    for (i = 0; i < r->config->n_models; i++)
        if (check_best(r, i, e) != 0 && !config_goes_on(&at, e))
            return -1;
    return 0;
}

void config_init(struct config *c)
{
    *c = (struct config){
        .pace = PACE_EQUAL,
        .pairing = RATING_POLICY_MIXED,
        .max_tokens = CONFIG_TOKENS,
        .elo = elo_defaults(),
    };
}

static void free_providers(struct providers *providers)
{
    if (providers == NULL)
        return;
    for (size_t i = 0; i < providers->n; i++)
        config_provider_free(&providers->list[i]);
    free(providers->list);
    free(providers);
}

/* The folder of the file itself, absolute: links and later changes of the
 * current folder do not move what the file names. */
static char *folder_of(const char *path)
{
    char *real = realpath(path, NULL);
    char *folder = path_folder(real ? real : path);
    free(real);
    if (folder[0] == '/')
        return folder;
    char *whole = realpath(folder, NULL);
    if (whole == NULL)
        return folder;
    free(folder);
    return whole;
}

/* Reads all parts.  0, or -1: there is a mistake. */
static int read_parts(struct reading *r, const cJSON *tree, struct err *e)
{
    const struct {
        int (*read)(struct reading *r, const cJSON *node, struct err *e);
        const char *key;
    } parts[] = {
        {read_elo, "elo"},
        {read_bindings, "keys"},
        {read_providers, "backends"},
        {read_models, "models"},
    };
    if (config_read_object(&r->top, tree, &config_top_keys, r->config, e) !=
            0 &&
        !config_goes_on(&r->top, e))
        return -1;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].read(r, json_get(tree, parts[i].key), e) != 0 &&
            !config_goes_on(&r->top, e))
            return -1;
    if (count_mistakes(r) == 0)
        return 0;
    *e = r->top.mistakes->list[0];
    return -1;
}

/* A server's answers, which nobody cuts, meet no short ones. */
static void choose_limit(struct config *c, const cJSON *tree)
{
    c->has_limit = json_get(tree, "max_tokens") != NULL;
    for (size_t i = 0; i < c->n_models && !c->has_limit; i++)
        if (backend_is_served(&c->models[i]) && c->models[i].weight != 0)
            c->max_tokens = CONFIG_MIXED_TOKENS;
}

int config_max_tokens(const struct config *c, const struct model *m)
{
    return m->max_tokens > 0                         ? m->max_tokens
           : c->has_limit || !backend_is_served(m) ? c->max_tokens
                                                     : 0;
}

static int parse(struct config *c, const char *text, size_t n,
                 const char *path, bool foreign,
                 struct config_mistakes *mistakes, struct err *e)
{
    config_init(c);
    c->path = mem_strdup(path);
    c->providers = mem_calloc(1, sizeof(*c->providers));
    c->foreign = foreign;
    struct reading r = {
        .config = c,
        .top = {.file = path, .foreign = foreign, .mistakes = mistakes}};
    cJSON *tree = json_parse_commented(text, n, CONFIG_MAX_BYTES, path, e);
    int result = -1;
    if (tree == NULL) {
        if (e != NULL)
            e->code = ERR_CONFIG;
        goto out;
    }
    r.folder = folder_of(path);
    result = read_parts(&r, tree, e);
    if (result == 0)
        choose_limit(c, tree);
out:
    cJSON_Delete(tree);
    free(r.folder);
    if (result != 0 && mistakes == NULL)
        config_free(c);
    return result;
}

int config_parse(struct config *c, const char *text, size_t n,
                 const char *path, bool foreign, struct err *e)
{
    return parse(c, text, n, path, foreign, NULL, e);
}

int config_load_all(struct config *c, const char *path, bool foreign,
                    struct config_mistakes *mistakes, struct err *e)
{
    struct buf text;
    buf_init(&text, CONFIG_MAX_BYTES);
    config_init(c);
    int result = path_read_file(&text, path, ERR_CONFIG, e);
    if (result == 0)
        result = parse(c, text.data, text.len, path, foreign, mistakes, e);
    buf_free(&text);
    return result;
}

int config_load(struct config *c, const char *path, bool foreign, struct err *e)
{
    return config_load_all(c, path, foreign, NULL, e);
}

static void free_words(char **words)
{
    for (char **word = words; word != NULL && *word != NULL; word++)
        free(*word);
    free(words);
}

void config_free(struct config *c)
{
    for (size_t i = 0; i < c->n_models; i++)
        model_free(&c->models[i]);
    free(c->models);
    free_providers(c->providers);
    for (size_t i = 0; i < c->n_bindings; i++) {
        free(c->bindings[i].action);
        free(c->bindings[i].key);
    }
    free(c->bindings);
    free_words(c->hide_words);
    free_words(c->vote_hook);
    free(c->system);
    free(c->copy_command);
    free(c->path);
    *c = (struct config){0};
}

int config_backend(const struct config *c, const char *backend,
                   struct model *out, struct err *e)
{
    const struct providers none = {NULL, 0};
    struct config_place at = {.file = c->path ? c->path : CONFIG_NAME,
                              .foreign = c->foreign};
    char *folder = folder_of(at.file);
    model_init(out);
    out->name = mem_strdup(backend);
    out->provider = mem_strdup(backend);
    out->id = mem_strdup("-"); /* which it need not have to be asked */
    int result = config_resolve_model(&at, out,
                                      c->providers ? c->providers : &none,
                                      folder, NULL, e);
    free(folder);
    free(out->id);
    out->id = NULL;
    if (result != 0)
        model_free(out);
    return result;
}

const struct model *config_model(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_models; i++)
        if (strcmp(c->models[i].name, name) == 0)
            return &c->models[i];
    return NULL;
}
