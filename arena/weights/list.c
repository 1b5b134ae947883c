#include "arena/weights/list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define LIST_MAX_BYTES (1u << 20)
#define LIST_MAX_SIZE ((int64_t)1 << 50) /* of weights; 1 PiB */

/* Where in the file we are, for messages. */
struct place {
    const char *path, *name; /* of the list, of the entry */
};

static int fail(const struct place *at, struct err *e, const char *what)
{
    return err_set(e, ERR_FORMAT, "%s: \"%s\": %s", at->path, at->name, what);
}

/* A member that must be a string, copied. */
static int take_string(const struct place *at, const cJSON *object,
                       const char *key, char **out, struct err *e)
{
    const char *s = json_get_string(object, key, NULL);
    if (s == NULL || *s == '\0')
        return err_set(e, ERR_FORMAT, "%s: \"%s\": needs \"%s\"", at->path,
                       at->name, key);
    *out = mem_strdup(s);
    return 0;
}

static int take_size(const struct place *at, const cJSON *object,
                     const char *key, int64_t *out, struct err *e)
{
    if (!json_is_whole(json_get(object, key), 1, LIST_MAX_SIZE, out))
        return err_set(e, ERR_FORMAT, "%s: \"%s\": \"%s\" is not a size in "
                       "bytes", at->path, at->name, key);
    return 0;
}

/* Letters, digits, and dots, dashes and underscores within: safe as a file's
 * name and as a package's, which must not look like an option. */
static bool is_plain(const char *s)
{
    if (!isalnum((unsigned char)*s))
        return false;
    while (isalnum((unsigned char)*s) || (*s != '\0' && strchr("._-+", *s)))
        s++;
    return *s == '\0';
}

static int take_plain(const struct place *at, const cJSON *object,
                      const char *key, char **out, struct err *e)
{
    if (take_string(at, object, key, out, e) != 0)
        return -1;
    if (!is_plain(*out))
        return err_set(e, ERR_FORMAT, "%s: \"%s\": \"%s\" has characters "
                       "other than letters, digits, '.', '_', '+' and '-'",
                       at->path, at->name, key);
    return 0;
}

static int read_part(const struct place *at, const cJSON *object,
                     struct weights_part *p, struct err *e)
{
    if (take_plain(at, object, "package", &p->package, e) != 0 ||
        take_plain(at, object, "version", &p->version, e) != 0 ||
        take_string(at, object, "member", &p->member, e) != 0 ||
        take_size(at, object, "size", &p->size, e) != 0 ||
        take_size(at, object, "download_size", &p->download_size, e) != 0)
        return -1;
    return 0;
}

static int read_parts(const struct place *at, const cJSON *list,
                      struct weights_entry *w, struct err *e)
{
    int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (n == 0)
        return fail(at, e, "needs \"https\" or \"pypi\"");
    w->parts = mem_calloc((size_t)n, sizeof(*w->parts));
    int64_t sum = 0;
    const cJSON *object;
    cJSON_ArrayForEach(object, list)
    {
        struct weights_part *p = &w->parts[w->n_parts++];
        if (read_part(at, object, p, e) != 0)
            return -1;
        if (__builtin_add_overflow(sum, p->size, &sum))
            return fail(at, e, "the sizes are too large");
    }
    if (sum != w->size)
        return fail(at, e, "the pieces are not as large as the whole");
    return 0;
}

static int read_source(const struct place *at, const cJSON *object,
                       struct weights_entry *w, struct err *e)
{
    const char *url = json_get_string(object, "https", NULL);
    if (url == NULL)
        return read_parts(at, json_get(object, "pypi"), w, e);
    if (strncasecmp(url, "https://", strlen("https://")) != 0)
        return fail(at, e, "\"https\" does not begin with https://");
    w->url = mem_strdup(url);
    return 0;
}

static int read_terms(const struct place *at, const cJSON *object,
                      struct weights_entry *w, struct err *e)
{
    if (object == NULL)
        return 0;
    struct weights_terms *t = w->terms = mem_calloc(1, sizeof(*t));
    if (take_string(at, object, "title", &t->title, e) != 0 ||
        take_string(at, object, "address", &t->address, e) != 0 ||
        take_plain(at, object, "package", &t->package, e) != 0 ||
        take_plain(at, object, "version", &t->version, e) != 0 ||
        take_string(at, object, "text", &t->text, e) != 0 ||
        take_string(at, object, "notice", &t->notice, e) != 0)
        return -1;
    return 0;
}

static int read_models(const struct place *at, const cJSON *list,
                       struct weights_entry *w, struct err *e)
{
    int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    w->models = mem_calloc((size_t)n, sizeof(*w->models));
    const cJSON *object;
    cJSON_ArrayForEach(object, list)
    {
        if (json_get_string(object, "name", NULL) == NULL)
            return fail(at, e, "a model of it has no \"name\"");
        char *text = cJSON_PrintUnformatted(object);
        if (text == NULL)
            return fail(at, e, "a model of it cannot be written");
        w->models[w->n_models++] = mem_strdup(text);
        cJSON_free(text);
    }
    return 0;
}

static int read_entry(const char *path, const cJSON *object,
                      struct weights_entry *w, struct err *e)
{
    struct place at = {path, json_get_string(object, "name", "?")};
    const char *sha256 = json_get_string(object, "sha256", "");
    if (!digest_is_valid(sha256))
        return fail(&at, e, "\"sha256\" is not 64 hexadecimal digits");
    for (size_t i = 0; i < DIGEST_TEXT_BYTES - 1; i++)
        w->sha256[i] = (char)tolower((unsigned char)sha256[i]);
    w->is_default = json_get_bool(object, "default", false);
    if (take_plain(&at, object, "name", &w->name, e) != 0 ||
        take_plain(&at, object, "file", &w->file, e) != 0 ||
        take_size(&at, object, "size", &w->size, e) != 0 ||
        take_string(&at, object, "licence", &w->licence, e) != 0 ||
        read_source(&at, object, w, e) != 0 ||
        read_terms(&at, json_get(object, "terms"), w, e) != 0 ||
        read_models(&at, json_get(object, "models"), w, e) != 0)
        return -1;
    return 0;
}

static int read_list(struct weights_list *l, const char *path, cJSON *root,
                     struct err *e)
{
    const cJSON *list = json_get(root, "weights");
    if (!cJSON_IsArray(list))
        return err_set(e, ERR_FORMAT, "%s: needs a list \"weights\"", path);
    l->entries = mem_calloc((size_t)cJSON_GetArraySize(list),
                            sizeof(*l->entries));
    const cJSON *object;
    cJSON_ArrayForEach(object, list)
        if (read_entry(path, object, &l->entries[l->n++], e) != 0)
            return -1;
    return 0;
}

int weights_list_load(struct weights_list *l, const char *path, struct err *e)
{
    *l = (struct weights_list){0};
    char *found = path ? mem_strdup(path) : path_data_file("weights.json");
    struct buf text;
    buf_init(&text, LIST_MAX_BYTES);
    cJSON *root = NULL;
    int result = -1;
    if (path_read_file(&text, found, ERR_FORMAT, e) == 0)
        root = json_parse(text.data, text.len, LIST_MAX_BYTES, found, e);
    if (root != NULL)
        result = read_list(l, found, root, e);
    if (result != 0)
        weights_list_free(l);
    cJSON_Delete(root);
    buf_free(&text);
    free(found);
    return result;
}

static void free_terms(struct weights_terms *t)
{
    if (t == NULL)
        return;
    free(t->title);
    free(t->address);
    free(t->package);
    free(t->version);
    free(t->text);
    free(t->notice);
    free(t);
}

static void free_entry(struct weights_entry *w)
{
    for (size_t i = 0; i < w->n_parts; i++) {
        free(w->parts[i].package);
        free(w->parts[i].version);
        free(w->parts[i].member);
    }
    for (size_t i = 0; i < w->n_models; i++)
        free(w->models[i]);
    free(w->parts);
    free(w->models);
    free_terms(w->terms);
    free(w->name);
    free(w->file);
    free(w->licence);
    free(w->url);
}

void weights_list_free(struct weights_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free_entry(&l->entries[i]);
    free(l->entries);
    *l = (struct weights_list){0};
}

const struct weights_entry *weights_list_find(const struct weights_list *l,
                                              const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->entries[i].name, name) == 0 ||
            strcmp(l->entries[i].file, name) == 0)
            return &l->entries[i];
    return NULL;
}

char *weights_path(const char *file)
{
    char *folder = path_of(PATH_DATA, "weights");
    char *path = path_join(folder, file);
    free(folder);
    return path;
}

bool weights_present(const struct weights_entry *w)
{
    char *path = weights_path(w->file);
    struct stat st;
    bool present = stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
                   st.st_size == w->size;
    free(path);
    return present;
}
