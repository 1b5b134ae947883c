#include "arena/config/offer.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "arena/config/config.h"
#include "arena/config/probe.h"
#include "arena/weights/list.h"
#include "backends/remote/preset.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/plural.h"

#define OFFER_FOUND_BYTES (64u << 10)
#define OFFER_CONFIG_BYTES (1u << 20)
#define OFFER_MODEL_BYTES 4096
#define OFFER_NAME_BYTES 80
#define OFFER_MAX_MODELS 64   /* more is no arena that a person can vote */
#define OFFER_MAX_PER_SERVER 8
#define OFFER_LOCAL_TOKENS 256 /* on a processor, who would wait for more? */

/* --- models ------------------------------------------------------------- */

/* Adds the members of `object` after what is in `out`, but for `skip`. */
static void add_members(struct buf *out, const cJSON *object, const char *skip)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        char *value;
        if (strcmp(member->string, skip) == 0 ||
            (value = cJSON_PrintUnformatted(member)) == NULL)
            continue;
        buf_add_str(out, ", ");
        json_add_string(out, member->string, strlen(member->string));
        buf_addf(out, ": %s", value);
        cJSON_free(value);
    }
}

/* Adds {"name","backend",KEY: value, …}; `rest` may be NULL. */
static void add_model(struct offer *o, const char *name, const char *backend,
                      const char *key, const char *value, const cJSON *rest)
{
    struct buf b;
    if (o->n_models >= OFFER_MAX_MODELS)
        return;
    buf_init(&b, OFFER_MODEL_BYTES);
    buf_add_str(&b, "{ \"name\": ");
    json_add_string(&b, name, strlen(name));
    buf_addf(&b, ", \"backend\": \"%s\", \"%s\": ", backend, key);
    json_add_string(&b, value, strlen(value));
    add_members(&b, rest, "name");
    buf_add_str(&b, " }");
    if (!b.overflow) {
        o->models[o->n_models++] = mem_strdup(b.data);
        o->has_server = o->has_server || strcmp(backend, "local") != 0;
    }
    buf_free(&b);
}

/* The same weights at another temperature are another model; so even one file
 * or one id is enough for an arena. */
static void add_cold(struct offer *o, const char *name, const char *backend,
                     const char *key, const char *value)
{
    struct buf cold;
    buf_init(&cold, OFFER_NAME_BYTES);
    buf_addf(&cold, "%.60s-cold", name);
    cJSON *rest = cJSON_Parse("{\"temperature\": 0}");
    add_model(o, cold.data, backend, key, value, rest);
    cJSON_Delete(rest);
    buf_free(&cold);
}

static bool name_taken(const struct offer *o, const char *name)
{
    struct buf begin;
    bool taken = false;
    buf_init(&begin, OFFER_MODEL_BYTES);
    buf_add_str(&begin, "{ \"name\": ");
    json_add_string(&begin, name, strlen(name));
    buf_add_char(&begin, ',');
    for (size_t i = 0; i < o->n_models && !taken; i++)
        taken = strncmp(o->models[i], begin.data, begin.len) == 0;
    buf_free(&begin);
    return taken;
}

/* A model's name out of a file's name or an id: what stands after the last
 * slash, without ".gguf", in lower case; a number if it is taken. */
static void make_name(const struct offer *o, const char *from, struct buf *out)
{
    const char *word = path_name(from);
    if (word[0] == '\0')
        word = from;
    size_t n = strlen(word);
    if (n > 5 && strcmp(word + n - 5, ".gguf") == 0)
        n -= 5;
    if (n > OFFER_NAME_BYTES / 2)
        n = OFFER_NAME_BYTES / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)word[i];
        buf_add_char(out, isalnum(c) || strchr("._:-", c) ? (char)tolower(c)
                                                          : '-');
    }
    size_t len = out->len;
    for (int i = 2; name_taken(o, out->data) && i < OFFER_MAX_MODELS; i++) {
        buf_cut(out, len);
        buf_addf(out, "-%d", i);
    }
}

/* --- weights ------------------------------------------------------------ */

/* What has been found in the weights folder so far. */
struct files {
    size_t n;
    struct buf names; /* for people: "a, b" */
};

static void note_file(struct files *f, const char *name)
{
    buf_addf(&f->names, "%s%s", f->n > 0 ? ", " : "", name);
    f->n++;
}

static void add_listed(struct offer *o, struct files *f,
                       const struct weights_entry *w)
{
    if (!weights_present(w))
        return;
    note_file(f, w->name);
    for (size_t i = 0; i < w->n_models; i++) {
        cJSON *rest = cJSON_Parse(w->models[i]);
        add_model(o, json_get_string(rest, "name", w->name), "local", "file",
                  w->file, rest);
        cJSON_Delete(rest);
    }
}

static int is_gguf(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + n - 5, ".gguf") == 0;
}

/* Files that are on no list: the user's own. */
static void add_unlisted(struct offer *o, struct files *f,
                         const struct weights_list *l)
{
    struct dirent **entries;
    char *folder = path_of(PATH_DATA, "weights");
    int n = scandir(folder, &entries, is_gguf, alphasort);
    free(folder);
    for (int i = 0; i < n; i++) {
        const char *file = entries[i]->d_name;
        if (weights_list_find(l, file) == NULL) {
            struct buf name;
            buf_init(&name, OFFER_NAME_BYTES);
            make_name(o, file, &name);
            note_file(f, name.data);
            add_model(o, name.data, "local", "file", file, NULL);
            if (o->n_models == 1)
                add_cold(o, name.data, "local", "file", file);
            buf_free(&name);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

static void find_weights(struct offer *o)
{
    struct weights_list l;
    struct files f = {.n = 0};
    buf_init(&f.names, 512);
    if (weights_list_load(&l, NULL, NULL) != 0)
        l = (struct weights_list){0};
    for (size_t i = 0; i < l.n; i++)
        add_listed(o, &f, &l.entries[i]);
    add_unlisted(o, &f, &l);
    if (f.n > 0)
        buf_addf(&o->found, "  %-13s %zu weights file%s in the data folder "
                 "(%s%s)\n", "local", f.n, plural_s(f.n), f.names.data,
                 f.names.overflow ? ", …" : "");
    weights_list_free(&l);
    buf_free(&f.names);
}

/* --- servers ------------------------------------------------------------ */

/* Appends the config's limit of an answer, but not for servers: a model there
 * may think first, and servers count that as well. */
static void add_limit(const struct offer *o, struct buf *out)
{
    if (!o->has_server)
        buf_addf(out, "  \"max_tokens\": %d, // of an answer\n",
                 OFFER_LOCAL_TOKENS);
}

static void add_server(struct offer *o, const struct probe_server *s)
{
    size_t n = s->n_ids < OFFER_MAX_PER_SERVER ? s->n_ids
                                               : OFFER_MAX_PER_SERVER;
    buf_addf(&o->found, "  %-13s %s: %zu model%s", s->title, s->url, s->n_ids,
             plural_s(s->n_ids));
    if (n < s->n_ids)
        buf_addf(&o->found, " (the first %zu are offered)", n);
    buf_add_char(&o->found, '\n');
    for (size_t i = 0; i < n; i++) {
        struct buf name;
        buf_init(&name, OFFER_NAME_BYTES);
        make_name(o, s->ids[i], &name);
        add_model(o, name.data, s->preset, "id", s->ids[i], NULL);
        buf_free(&name);
    }
    /* A model alone meets itself at temperature 0. */
    if (o->n_models == 1)
        add_cold(o, path_name(s->ids[0]), s->preset, "id", s->ids[0]);
}

/* Whether a preset before the i-th takes its key from the same variable. */
static bool is_told(size_t i, const char *variable)
{
    for (size_t k = 0; k < i; k++) {
        const char *other = preset_key_env(preset_at(k));
        if (other != NULL && strcmp(other, variable) == 0)
            return true;
    }
    return false;
}

/* Vendors whose keys are there. */
static void find_keys(struct offer *o)
{
    const struct preset *p;
    for (size_t i = 0; (p = preset_at(i)) != NULL; i++) {
        const char *variable = preset_key_env(p);
        const char *key = variable ? getenv(variable) : NULL;
        if (key != NULL && key[0] != '\0' && !is_told(i, variable))
            buf_addf(&o->found, "  %-13s %s is set (not contacted; arena models "
                     "add NAME backend=%s takes its models)\n", p->name,
                     variable, p->name);
    }
}

void offer_find(struct offer *o)
{
    struct probe p;
    *o = (struct offer){
        .models = mem_calloc(OFFER_MAX_MODELS, sizeof(char *))};
    buf_init(&o->found, OFFER_FOUND_BYTES);
    find_weights(o);
    probe_servers(&p);
    for (size_t i = 0; i < p.n; i++)
        add_server(o, &p.servers[i]);
    probe_free(&p);
    find_keys(o);
}

void offer_free(struct offer *o)
{
    for (size_t i = 0; i < o->n_models; i++)
        free(o->models[i]);
    free(o->models);
    buf_free(&o->found);
    *o = (struct offer){0};
}

void offer_describe(const struct offer *o, struct buf *out)
{
    if (o->found.len > 0) {
        buf_add_str(out, "No configuration yet. Found:\n");
        buf_add_str(out, o->found.data);
    } else {
        buf_add_str(out, "No configuration yet, and no models found.\n");
    }
    if (o->n_models > 0)
        return;
    char *folder = path_of(PATH_DATA, "weights");
    buf_addf(out,
             "An arena needs at least two models; ways to get them:\n"
             "  arena models pull --default    bring two small models\n"
             "  copy *.gguf files to %s\n"
             "  start Ollama, LM Studio, llama-server or vLLM on this machine\n"
             "  arena models add NAME backend=openai id=MODEL\n"
             "  arena demo                     look around without models\n",
             folder);
    free(folder);
}

void offer_config(const struct offer *o, struct buf *out)
{
    char *schema = path_data_file("arena.schema.json");
    buf_add_str(out, "// The models of your arena; `arena config check` finds "
                     "mistakes.\n"
                     "// The same weights with other settings are another "
                     "model.\n"
                     "{\n");
    if (path_exists(schema)) {
        buf_add_str(out, "  \"$schema\": ");
        json_add_string(out, schema, strlen(schema));
        buf_add_str(out, ",\n");
    }
    add_limit(o, out);
    buf_add_str(out, "  \"models\": [\n");
    for (size_t i = 0; i < o->n_models; i++)
        buf_addf(out, "    %s%s\n", o->models[i],
                 i + 1 < o->n_models ? "," : "");
    buf_add_str(out, "  ]\n}\n");
    free(schema);
}

int offer_write(const struct offer *o, const char *path, struct err *e)
{
    if (o->n_models == 0)
        return err_set(e, ERR_CONFIG, "no models found; download small ones "
                       "(arena models pull --default), name a server (arena "
                       "models add NAME backend=ollama id=MODEL), or look "
                       "around without (arena demo)");
    if (path_exists(path))
        return err_set(e, ERR_CONFIG, "%s exists already", path);
    struct buf text;
    buf_init(&text, OFFER_CONFIG_BYTES);
    offer_config(o, &text);
    char *folder = path_folder(path);
    struct config c;
    int result = config_parse(&c, text.data, text.len, path, false, e);
    if (result == 0) {
        config_free(&c);
        result = path_make_folder(folder, e);
    }
    if (result == 0)
        result = path_write_file(path, text.data, text.len, 0600, e);
    free(folder);
    buf_free(&text);
    return result;
}
