/* `arena models add`: one more model in arena.json, by its words or as JSON.
 * Its server is asked what an "id" means that is not whole. */
#include "tui/commands/models_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "tui/clean.h"

#define ADD_ASK_MS 3000 /* for the list of a server */
#define ADD_NAMES_BYTES 200 /* of ids in an error */

/* The type of a model's key, SETTING_OTHER if there is no such key: the
 * config's own check will name it. */
static enum setting_type key_type(const char *key, size_t n)
{
    char *name = mem_strndup(key, n);
    const struct setting *s = setting_find(&model_settings, name);
    free(name);
    return s ? s->type : SETTING_OTHER;
}

/* Whether a value stands as JSON if such a type is wanted.  What should be
 * and is not goes on as a string, so that the config's check names it. */
static bool is_json_for(enum setting_type type, const char *value)
{
    if (type == SETTING_STRING || type == SETTING_WORD ||
        type == SETTING_CHOICE || type == SETTING_OTHER)
        return false;
    cJSON *node = json_parse(value, strlen(value), MODELS_TEXT_BYTES, "", NULL);
    cJSON_Delete(node);
    return node != NULL;
}

/* Adds `, "KEY": VALUE` of one KEY=VALUE. */
static int add_pair(struct buf *out, const char *pair, struct err *e)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair)
        return err_set(e, ERR_USAGE, "models add: \"%s\" is not KEY=VALUE, "
                       "such as temperature=0", pair);
    size_t n = (size_t)(equals - pair);
    const char *value = equals + 1;
    buf_add_str(out, ", ");
    json_add_string(out, pair, n);
    buf_add_str(out, ": ");
    if (is_json_for(key_type(pair, n), value))
        buf_add_str(out, value);
    else
        json_add_string(out, value, strlen(value));
    return 0;
}

/* The value of an operand KEY=VALUE, NULL if there is none. */
static const char *operand_of(const struct invocation *in, const char *key)
{
    size_t n = strlen(key);
    for (int i = 3; i < in->argc; i++)
        if (strncmp(in->argv[i], key, n) == 0 && in->argv[i][n] == '=')
            return in->argv[i] + n + 1;
    return NULL;
}

/* The model as one object.  id: in place of the operand of that name; NULL: as
 * it is. */
static int write_json(const struct invocation *in, const char *id,
                      struct buf *out, struct err *e)
{
    if (in->argv[2][0] == '{') {
        buf_add_str(out, in->argv[2]);
        if (in->argc == 3)
            return 0;
        return err_set(e, ERR_USAGE, "models add: unexpected \"%s\" after the "
                       "JSON", in->argv[3]);
    }
    buf_add_str(out, "{ \"name\": ");
    json_add_string(out, in->argv[2], strlen(in->argv[2]));
    for (int i = 3; i < in->argc; i++)
        if ((id == NULL || strncmp(in->argv[i], "id=", 3) != 0) &&
            add_pair(out, in->argv[i], e) != 0)
            return -1;
    if (id != NULL) {
        buf_add_str(out, ", \"id\": ");
        json_add_string(out, id, strlen(id));
    }
    buf_add_str(out, " }");
    if (out->overflow)
        return err_set(e, ERR_USAGE, "models add: that is too long");
    return 0;
}

/* --- the id ------------------------------------------------------------- */

/* Sets *id to the one that begins so.  If there is none, it stays: servers may
 * know more than they list. */
static int match_id(const char *ids, const char *given, struct buf *id,
                    struct err *e)
{
    struct buf names;
    size_t n_found = 0, n = 0;
    int result = 0;
    buf_init(&names, ADD_NAMES_BYTES);
    for (const char *line = ids; *line != '\0'; line += n + (line[n] != '\0')) {
        n = strcspn(line, "\n");
        if (models_is_id(line, n, given)) {
            n_found = 0;
            break;
        }
        if (strncmp(line, given, strlen(given)) != 0)
            continue;
        if (n_found++ == 0) {
            buf_clear(id);
            buf_add(id, line, n);
        }
        buf_addf(&names, "%s%.*s", n_found > 1 ? ", " : "", (int)n, line);
    }
    if (n_found != 1) {
        buf_clear(id);
        buf_add_str(id, given);
    }
    if (n_found > 1)
        result = err_set(e, ERR_USAGE, "models add: %zu models of the server "
                         "begin with \"%s\": %s%s; name one with id=", n_found,
                         given, names.data, names.overflow ? ", …" : "");
    else if (id->len == 0)
        result = err_set(e, ERR_BACKEND, "models add: the server lists no "
                         "model; name one with id=");
    buf_free(&names);
    return result;
}

/* The model as it would be, if its server is to be asked for the id: there is
 * none, or a new one. */
static bool is_to_ask(const struct invocation *in, const char *path,
                      bool foreign, struct model *m)
{
    struct buf json;
    bool has_id = operand_of(in, "id") != NULL;
    if (in->argv[2][0] == '{')
        return false;
    buf_init(&json, MODELS_TEXT_BYTES);
    bool is = write_json(in, NULL, &json, NULL) == 0 &&
              config_try_model(path, json.data, foreign, m, NULL) == 0;
    if (is && !has_id) { /* it needs none */
        model_free(m);
        is = false;
    } else if (!is && !has_id) {
        buf_clear(&json);
        is = write_json(in, "-", &json, NULL) == 0 &&
             config_try_model(path, json.data, foreign, m, NULL) == 0;
    }
    buf_free(&json);
    if (is && backend_find(m->backend)->list == NULL) {
        model_free(m);
        is = false;
    }
    return is;
}

/* Sets *id to what the operand "id=…", or its lack, means to the server; leaves
 * it empty if it stays as it is. */
static int complete_id(const struct invocation *in, const char *path,
                       bool foreign, struct buf *id, struct err *e)
{
    struct model m;
    struct buf ids;
    struct err why;
    const char *given = operand_of(in, "id");
    if (!is_to_ask(in, path, foreign, &m))
        return 0;
    buf_init(&ids, STREAM_MAX_BYTES);
    int result = models_ids(&m, ADD_ASK_MS, &ids, &why);
    if (result == 0)
        result = match_id(ids.data, given ? given : "", id, e);
    else if (given != NULL)
        result = 0; /* it stays as it is */
    else
        err_set(e, why.code, "models add: no id, and the server was asked for "
                "its models in vain: %s", why.text);
    buf_free(&ids);
    model_free(&m);
    return result;
}

/* --- the config --------------------------------------------------------- */

/* The config to change, with the folder for it. */
static char *config_to_change(const struct invocation *in, bool *foreign,
                              struct err *e)
{
    char *path = config_find(in->options.config_path, foreign);
    if (path == NULL)
        path = config_default_path();
    char *folder = path_folder(path);
    if (!path_exists(path) && path_make_folder(folder, e) != 0) {
        free(path);
        path = NULL;
    }
    free(folder);
    return path;
}

static void say_id(const struct invocation *in, const char *id)
{
    struct buf line;
    if (in->json || in->verbose < 0)
        return;
    buf_init(&line, 4 * MODELS_TEXT_BYTES);
    buf_add_str(&line, "id ");
    clean_text(id, strlen(id), true, &line);
    fprintf(stderr, "%s\n", line.data);
    buf_free(&line);
}

int models_add(const struct invocation *in, struct err *e)
{
    struct buf json, id;
    bool foreign;
    if (in->argc < 3)
        return err_set(e, ERR_USAGE, "models add: name it and its settings: arena "
                       "models add NAME backend=local file=FILE.gguf "
                       "temperature=0");
    char *path = config_to_change(in, &foreign, e);
    if (path == NULL)
        return -1;
    buf_init(&json, MODELS_TEXT_BYTES);
    buf_init(&id, MODELS_TEXT_BYTES);
    int result = complete_id(in, path, foreign, &id, e);
    const char *given = operand_of(in, "id");
    if (result == 0)
        result = write_json(in, id.len > 0 ? id.data : NULL, &json, e);
    if (result == 0) {
        result = config_add_model(path, json.data, e);
        if (result != 0 && e != NULL && e->code == ERR_FORMAT)
            e->code = ERR_USAGE; /* it came from the command line */
    }
    if (result == 0)
        models_say_done(in, "added", path);
    if (result == 0 && id.len > 0 &&
        (given == NULL || strcmp(given, id.data) != 0))
        say_id(in, id.data);
    free(path);
    buf_free(&id);
    buf_free(&json);
    return result;
}
