#include "arena/config/model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena/config/secrets.h"
#include "backends/backend.h"
#include "backends/remote/preset.h"
#include "backends/remote/remote.h"
#include "backends/remote/url.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"

#define PROVIDER_ROW(...) SETTING_ROW(provider, __VA_ARGS__),
static const struct setting provider_rows[] = {
    PROVIDER_ROW(ASIDE, WORD, type, "type", 0, 0,
                 "The backend that speaks its protocol, or a preset to begin "
                 "from.", .inherit = SETTING_BY_CODE)
    SERVER_SETTINGS(PROVIDER_ROW)
};
#undef PROVIDER_ROW

const struct setting_table config_provider_keys = SETTING_TABLE(provider_rows);

void config_provider_init(struct provider *p, const char *name)
{
    p->name = mem_strdup(name);
    for (size_t i = 0; i < config_provider_keys.n; i++)
        setting_unset(&provider_rows[i], p);
}

void config_provider_free(struct provider *p)
{
    for (size_t i = 0; i < config_provider_keys.n; i++)
        setting_free(&provider_rows[i], p);
    free(p->name);
}

static const struct provider *find_provider(const struct providers *providers,
                                            const char *name)
{
    for (size_t i = 0; i < providers->n; i++)
        if (strcmp(providers->list[i].name, name) == 0)
            return &providers->list[i];
    return NULL;
}

/* The words after "backend" or "type" that are built in. */
static void offer_backends(struct nearest *near)
{
    for (size_t i = 0; preset_at(i) != NULL; i++)
        nearest_offer(near, preset_at(i)->name);
    for (size_t i = 0; backend_at(i) != NULL; i++)
        nearest_offer(near, backend_at(i)->name);
}

static int unknown_backend(const struct config_place *at, const char *key,
                           struct nearest *near, struct err *e)
{
    offer_backends(near);
    if (near->best != NULL)
        return config_fail(at, e, "unknown %s \"%.64s\"; did you mean \"%s\"?",
                           key, near->word, near->best);
    return config_fail(at, e,
                       "unknown %s \"%.64s\"; it is \"local\", a preset such "
                       "as \"ollama\" or \"openai\", or an entry of "
                       "\"backends\"", key, near->word);
}

/* A name that a shell could set; anything else is a key pasted in its place,
 * and is not repeated in the message. */
static int check_key_env(const struct config_place *at, const char *name,
                         struct err *e)
{
    if (name == NULL)
        return 0;
    bool good = !isdigit((unsigned char)name[0]);
    for (const char *p = name; *p != '\0'; p++)
        good = good && (isalnum((unsigned char)*p) || *p == '_');
    if (good)
        return 0;
    return config_fail(at, e, "\"key_env\" is not the name of an environment "
                       "variable; it names the variable that holds the key, "
                       "the key itself does not belong in this file");
}

/* What no header of a config may say: it would change how a request is read. */
static bool is_own_header(const char *name)
{
    static const char *const names[] = {"Host", "Content-Length",
                                        "Transfer-Encoding", "Connection",
                                        "Accept-Encoding"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static int check_header_name(const struct config_place *at, const char *key,
                             const char *name, struct err *e)
{
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789-_.")] != '\0')
        return config_fail(at, e, "\"%s\": \"%.64s\" is not the name of a header",
                           key, name);
    if (is_own_header(name))
        return config_fail(at, e, "\"%s\": \"%s\" is set by the program itself",
                           key, name);
    return 0;
}

static int check_headers(const struct config_place *at, char *const *headers,
                         const char *key_header, struct err *e)
{
    if (key_header != NULL &&
        check_header_name(at, "key_header", key_header, e) != 0)
        return -1;
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i += 2)
        if (check_header_name(at, "headers", headers[i], e) != 0)
            return -1;
    return 0;
}

/* A variable in a query would be told to whoever is asked. */
static int check_query(const struct config_place *at, char *const *query,
                       struct err *e)
{
    for (; at->foreign && query != NULL && query[0] != NULL; query += 2)
        if (strstr(query[1], "${") != NULL)
            return config_fail(at, e, "\"query\" may have no ${VAR} in a config "
                               "found in the current folder; if you trust it, "
                               "name it with --config");
    return 0;
}

static int check_url(const struct config_place *at, const char *url,
                     bool allow_http, struct err *e)
{
    const char *problem = url ? url_problem(url, allow_http) : NULL;
    return problem ? config_fail(at, e, "\"base_url\" %s", problem) : 0;
}

static void strip_slashes(char *url)
{
    for (size_t n = strlen(url); n > 0 && url[n - 1] == '/'; n--)
        url[n - 1] = '\0';
}

int config_check_provider(const struct config_place *at,
                          const struct provider *p, struct err *e)
{
    if (p->type == NULL)
        return config_fail(at, e, "needs \"type\"; most servers speak "
                           "\"openai\"");
    if (preset_find(p->type) == NULL && backend_find(p->type) == NULL) {
        struct nearest near;
        nearest_init(&near, p->type);
        return unknown_backend(at, "type", &near, e);
    }
    if (at->foreign && p->base_url != NULL && p->key_env != NULL)
        return config_fail(at, e, "a config found in the current folder may "
                           "not choose where a key is sent; if you trust it, "
                           "name it with --config");
    if (check_url(at, p->base_url, p->allow_http, e) != 0)
        return -1;
    if (check_headers(at, p->headers, p->key_header, e) != 0 ||
        check_query(at, p->query, e) != 0)
        return -1;
    secrets_hide(p->key_env, p->headers, p->query);
    return check_key_env(at, p->key_env, e);
}

/* Takes a copy of the first of two strings that is there. */
static void take_default(char **field, const char *value)
{
    if (*field == NULL && value != NULL)
        *field = mem_strdup(value);
}

/* The vendor that a server is of, as its address or the preset tells, or NULL.
 * A preset that is named like its protocol ("openai") names no vendor by
 * itself: any server may speak it. */
static const struct preset *vendor_of(const struct model *m,
                                      const struct preset *named)
{
    const struct preset *vendor = m->base_url ? preset_of_url(m->base_url)
                                              : NULL;
    if (vendor == NULL && named != NULL &&
        strcmp(named->name, named->type) != 0)
        vendor = named;
    return vendor;
}

/* What the model does not say of its server, its provider does.  What may hold
 * a secret goes only to the address that stands beside it. */
static void inherit_server(struct model *m, const struct provider *entry)
{
    for (size_t i = 0; i < config_provider_keys.n; i++) {
        const struct setting *from = &provider_rows[i];
        const struct setting *to = setting_find(&model_settings, from->key);
        if (from->inherit == SETTING_INHERITED ||
            (from->inherit == SETTING_OF_ADDRESS && !m->own_url))
            setting_inherit(to, m, from, entry);
    }
}

/* Fields that differ by vendor, unless the model or its provider sets them. */
static void resolve_vendor(struct model *m, const struct preset *named)
{
    const struct preset *vendor = vendor_of(m, named);
    if (vendor != NULL && m->limit_field < 0)
        m->limit_field = vendor->limit_field;
    if (vendor != NULL && m->think_field < 0)
        m->think_field = vendor->think_field;
}

/* The preset of a name.  A server that runs already is one; if the model says
 * what to start, it means the backend of that name. */
static const struct preset *preset_of(const struct model *m, const char *name)
{
    const struct preset *preset = preset_find(name);
    bool starts = m->file_name != NULL || m->args != NULL || m->command != NULL;
    bool has_backend = preset != NULL && strcmp(preset->type, name) != 0 &&
                       backend_find(name) != NULL;
    return starts && has_backend ? NULL : preset;
}

/* Which backend, where, and with which key: the model's own words first, then
 * its provider's, then the preset's.  An address cuts off the keys that stand
 * further out. */
static int resolve_provider(const struct config_place *at, struct model *m,
                            const struct providers *providers, struct err *e)
{
    const struct provider *entry = find_provider(providers, m->provider);
    const char *base = entry ? entry->type : m->provider;
    const struct preset *preset = preset_of(m, base);
    if (preset == NULL && backend_find(base) == NULL) {
        struct nearest near;
        nearest_init(&near, base);
        for (size_t i = 0; i < providers->n; i++)
            nearest_offer(&near, providers->list[i].name);
        return unknown_backend(at, "backend", &near, e);
    }
    m->backend = mem_strdup(preset ? preset->type : base);
    if (at->foreign && strcmp(m->backend, "llama-server") == 0)
        return config_fail(at, e, "a config found in the current folder may "
                           "start no server; if you trust it, name it with "
                           "--config");
    m->own_url = m->base_url != NULL;
    bool own_key = m->key_env != NULL || m->key_command != NULL;
    bool stated_url = m->own_url;
    bool stated_key = m->key_env != NULL;
    if (entry != NULL && !m->own_url) {
        take_default(&m->base_url, entry->base_url);
        stated_url = entry->base_url != NULL;
        if (!own_key) {
            take_default(&m->key_env, entry->key_env);
            take_default(&m->key_command, entry->key_command);
            own_key = m->key_env != NULL || m->key_command != NULL;
            stated_key = entry->key_env != NULL;
        }
    }
    if (preset != NULL && m->base_url == NULL) {
        struct buf url;
        buf_init(&url, 4096);
        preset_url(preset, &url);
        m->base_url = buf_detach(&url);
        if (!own_key)
            take_default(&m->key_env, preset_key_env(preset));
    }
    if (preset != NULL)
        take_default(&m->id, preset->id);
    if (entry != NULL)
        inherit_server(m, entry);
    resolve_vendor(m, preset);

    bool usual_key = preset && m->key_env &&
                     preset_has_key_env(preset, m->key_env);
    if (at->foreign && stated_key && (stated_url || !usual_key))
        return config_fail(at, e, "a config found in the current folder may "
                           "not choose where a key is sent; if you trust it, "
                           "name it with --config");
    return 0;
}

bool config_key_fits(const struct setting *k, const char *backend)
{
    const struct backend_ops *ops = backend_find(backend);
    const struct dialect *d = ops ? ops->dialect : NULL;
    if (k->fits != NULL && setting_has_word(k->fits, backend, strlen(backend)))
        return true;
    if (d != NULL)
        return setting_can_be_sent(k, d->wire);
    bool asks = !setting_has_word("local llama-server exec", backend,
                                  strlen(backend));
    return k->fits == NULL ||
           (asks && setting_has_word(k->fits, "remote", 6));
}

/* "~/x" is in the home folder, other relative names are in `folder`. */
static char *resolve_path(const char *folder, const char *name)
{
    const char *home = getenv("HOME");
    if (name[0] == '~' && name[1] == '/' && home != NULL)
        return path_join(home, name + 2);
    return path_join(folder, name);
}

static void resolve_in_place(char **field, const char *folder)
{
    if (*field == NULL)
        return;
    char *whole = resolve_path(folder, *field);
    free(*field);
    *field = whole;
}

/* Beside the config, else in the weights folder, where a pull would put it. */
static char *resolve_weights(const char *folder, const char *name)
{
    char *beside = resolve_path(folder, name);
    if (name[0] == '/' || name[0] == '~' || path_exists(beside))
        return beside;
    free(beside);
    char *weights = path_of(PATH_DATA, "weights");
    char *whole = path_join(weights, name);
    free(weights);
    return whole;
}

/* Whether a template is a file rather than a format by name, as the engine
 * tells them apart (backends/engine/chat/message.h). */
static bool names_file(const char *name)
{
    static const char ending[] = ".jinja";
    size_t n = strlen(name), n_ending = sizeof(ending) - 1;
    return strchr(name, '/') != NULL ||
           (n > n_ending && strcmp(name + n - n_ending, ending) == 0);
}

static void resolve_files(struct model *m, const char *folder)
{
    if (m->file_name != NULL)
        m->file = resolve_weights(folder, m->file_name);
    for (size_t i = 0; i < m->lora.n; i++)
        m->lora.v[i].path = resolve_weights(folder, m->lora.v[i].file);
    if (m->tokenizer != NULL) {
        char *whole = resolve_weights(folder, m->tokenizer);
        free(m->tokenizer);
        m->tokenizer = whole;
    }
    resolve_in_place(&m->script, folder);
    if (m->template_name != NULL && names_file(m->template_name))
        resolve_in_place(&m->template_name, folder);
    resolve_in_place(&m->ca_file, folder);
    /* A program without a slash is found by PATH. */
    if (m->command != NULL && strchr(m->command[0], '/') != NULL)
        resolve_in_place(&m->command[0], folder);
}

static int check_needs(const struct config_place *at, const struct model *m,
                       struct err *e)
{
    const struct backend_ops *ops = backend_find(m->backend);
    if (ops == NULL || ops->needs == NULL ||
        setting_is_set(setting_find(&model_settings, ops->needs), m))
        return 0;
    return config_fail(at, e, "backend \"%s\" needs \"%s\"", m->provider,
                       ops->needs);
}

int config_resolve_model(const struct config_place *at, struct model *m,
                         const struct providers *providers, const char *folder,
                         const char *system, struct err *e)
{
    if (m->provider == NULL)
        return config_fail(at, e, "needs \"backend\": \"local\", a preset such "
                           "as \"ollama\" or \"openai\", or an entry of "
                           "\"backends\"");
    if (resolve_provider(at, m, providers, e) != 0 ||
        check_needs(at, m, e) != 0 || check_key_env(at, m->key_env, e) != 0 ||
        check_url(at, m->base_url, m->allow_http, e) != 0 ||
        check_headers(at, m->headers, m->key_header, e) != 0 ||
        check_query(at, m->query, e) != 0)
        return -1;
    secrets_hide(m->key_env, m->headers, m->query);
    if (m->base_url != NULL)
        strip_slashes(m->base_url);
    resolve_files(m, folder);
    take_default(&m->system, system);
    if (m->system != NULL && m->system[0] == '\0') {
        free(m->system);
        m->system = NULL;
    }
    return 0;
}
