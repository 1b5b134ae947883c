#include "tui/model_arg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena/config/askable.h"
#include "arena/config/config.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"
#include "tui/clean.h"

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void use_file(struct model_arg *d, char *path)
{
    struct config defaults;
    config_init(&defaults);
    d->max_tokens = defaults.max_tokens;
    config_free(&defaults);
    model_init(&d->model);
    d->model.name = mem_strdup(path_name(path));
    d->model.backend = mem_strdup("local");
    d->model.file = path;
    d->is_file = true;
}

static int no_such_model(const struct config *c, const char *name,
                         struct err *e)
{
    struct nearest near;
    struct stat st;
    if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(e, ERR_USAGE, "%s is a folder; name the weights file in "
                       "it, which ends in .gguf", name);
    nearest_init(&near, name);
    for (size_t i = 0; i < c->n_models; i++)
        nearest_offer(&near, c->models[i].name);
    return err_set(e, ERR_USAGE, "no model and no weights file \"%s\"%s%s%s",
                   name, near.best ? "; did you mean \"" : "",
                   near.best ? near.best : "", near.best ? "\"?" : "");
}

/* A model of the config; *found tells whether there is one. */
static int use_config(struct model_arg *d, const struct invocation *in,
                      const char *name, bool *found, struct err *e)
{
    bool foreign;
    char *path = config_find(in->options.config_path, &foreign);
    struct config c;
    *found = false;
    if (path == NULL) {
        config_init(&c);
    } else if (config_load(&c, path, foreign, e) != 0) {
        free(path);
        return -1;
    }
    const struct model *m = config_model(&c, name);
    if (m != NULL) {
        *found = true;
        model_copy(&d->model, m);
        d->max_tokens = config_max_tokens(&c, m);
        d->n_threads = c.n_threads;
    } else {
        no_such_model(&c, name, e);
    }
    config_free(&c);
    free(path);
    return 0;
}

static void replace_text(char **to, const char *text)
{
    if (text == NULL)
        return;
    free(*to);
    *to = mem_strdup(text);
}

int model_arg_find(struct model_arg *d, const struct invocation *in,
                   const struct model_arg_settings *s, const char *name,
                   struct err *e)
{
    *d = (struct model_arg){0};
    bool here = is_file(name), found = false;
    bool is_path = here && strchr(name, '/') != NULL;
    if (!is_path && use_config(d, in, name, &found, e) != 0 && !here)
        return -1;
    if (!found && here) {
        use_file(d, mem_strdup(name));
        found = true;
    }
    if (!found) {
        char *folder = path_of(PATH_DATA, "weights");
        char *path = path_join(folder, name);
        free(folder);
        found = is_file(path);
        if (!found) {
            free(path);
            return -1; /* no_such_model has said so */
        }
        use_file(d, path);
    }
    replace_text(&d->model.tokenizer, s->tokenizer);
    replace_text(&d->model.template_name, s->template_name);
    if (s->n_threads >= 0)
        d->n_threads = (int)s->n_threads;
    return 0;
}

void model_arg_free(struct model_arg *d)
{
    model_free(&d->model);
}

void model_arg_say_remarks(const struct invocation *in,
                           const struct model_arg *d, bool chats)
{
    struct buf lines, out;
    struct model m = d->model; /* borrowed */
    if (in->verbose < 0)
        return;
    m.raw = m.raw || !chats;
    buf_init(&lines, 4096);
    buf_init(&out, 4096);
    askable_remarks(&m, &lines);
    for (char *rest, *line = strtok_r(lines.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        buf_clear(&out);
        clean_text(d->model.name, strlen(d->model.name), true, &out);
        fprintf(stderr, "arena: %s: %s\n", out.data, line);
    }
    buf_free(&lines);
    buf_free(&out);
}

int model_arg_need_local(const struct model_arg *d, const char *verb,
                         struct err *e)
{
    if (strcmp(d->model.backend, "local") == 0)
        return 0;
    return err_set(e, ERR_USAGE, "%s needs the weights themselves; \"%s\" is "
                   "behind the backend %s", verb, d->model.name,
                   d->model.backend);
}

#define MAX_IDS_BYTES (64u << 20)

int model_arg_read_ids(const char *line, size_t n, struct token_list *out,
                       struct err *e)
{
    cJSON *list = json_parse(line, n, MAX_IDS_BYTES, "token ids", e);
    if (list == NULL)
        return -1;
    int rc = cJSON_IsArray(list) ? 0 : -1;
    *out = (struct token_list){0};
    const cJSON *node;
    cJSON_ArrayForEach(node, list) {
        int64_t id;
        if (rc != 0 || !json_is_whole(node, 0, INT32_MAX, &id)) {
            rc = -1;
            break;
        }
        token_list_add(out, (int32_t)id);
    }
    cJSON_Delete(list);
    if (rc == 0)
        return 0;
    token_list_free(out);
    return err_set(e, ERR_FORMAT, "not a JSON array of token ids, as [1, 2]");
}

void model_arg_add_ids(struct buf *out, const struct token_list *ids)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < ids->n; i++)
        buf_addf(out, "%s%d", i ? ", " : "", (int)ids->ids[i]);
    buf_add_char(out, ']');
}
