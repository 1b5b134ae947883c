#include "arena/judge/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define FORM_MAX_BYTES (4u << 20)
#define OURS "brief, brief-reference, pair, pair-reference, single, " \
             "single-reference"

/* Fills a form from its object. */
static int take(struct judge_form *f, const cJSON *o, const char *path,
                struct err *e)
{
    const char *name = json_get_string(o, "name", "");
    const char *type = json_get_string(o, "type", "");
    const char *template = json_get_string(o, "prompt_template", NULL);
    if (strcmp(type, "pairwise") != 0 && strcmp(type, "single") != 0)
        return err_set(e, ERR_FORMAT, "%s: form \"%.60s\": \"type\" is neither "
                       "pairwise nor single", path, name);
    if (template == NULL)
        return err_set(e, ERR_FORMAT, "%s: form \"%.60s\": no "
                       "\"prompt_template\"", path, name);
    bool pair = strcmp(type, "pairwise") == 0;
    const char *places[] = {pair ? "{answer_a" : "{answer",
                            pair ? "{answer_b" : "{answer"};
    for (int i = 0; i < 2; i++)
        if (strstr(template, places[i]) == NULL)
            return err_set(e, ERR_FORMAT, "%s: form \"%.60s\": its template "
                           "has no %s}, so the judge would not see the answer",
                           path, name, places[i]);
    *f = (struct judge_form){
        .name = mem_strdup(name),
        .system = mem_strdup(json_get_string(o, "system_prompt", "")),
        .template = mem_strdup(template),
        .kind = pair ? FORM_PAIR : FORM_SCORE,
        .has_reference = strstr(template, "{ref_answer") != NULL,
    };
    return 0;
}

/* Finds the form of a name, or the only one, among the file's objects. */
static int choose(struct judge_form *f, const char *text, size_t n,
                  const char *path, const char *name, struct err *e)
{
    const char *end = text + n;
    size_t n_forms = 0;
    int result = 0;
    bool found = false;
    while (result == 0 && !found) {
        text += strspn(text, " \t\r\n");
        if (text >= end)
            break;
        const char *next = NULL;
        cJSON *o = cJSON_ParseWithLengthOpts(text, (size_t)(end - text), &next,
                                             false);
        if (!cJSON_IsObject(o))
            result = err_set(e, ERR_FORMAT, "%s: object %zu is no JSON object "
                             "of a judge prompt", path, n_forms + 1);
        n_forms++;
        if (result == 0 && name == NULL && n_forms > 1)
            result = err_set(e, ERR_USAGE, "%s has several forms; say which: "
                             "%s:NAME", path, path);
        found = result == 0 && name != NULL &&
                strcmp(json_get_string(o, "name", ""), name) == 0;
        if (result == 0 && (found || name == NULL))
            result = take(f, o, path, e);
        cJSON_Delete(o);
        text = next;
    }
    if (result == 0 && f->template == NULL)
        result = err_set(e, n_forms == 0 ? ERR_FORMAT : ERR_USAGE,
                         n_forms == 0 ? "%s: no judge prompt in it"
                                      : "%s: no form of that name in it", path);
    if (result != 0)
        form_free(f);
    return result;
}

static int read_file(struct judge_form *out, const char *path,
                     const char *name, struct err *e)
{
    struct buf text;
    buf_init(&text, FORM_MAX_BYTES);
    int result = 0;
    if (buf_read_file(&text, path) != 0)
        result = err_set(e, ERR_FORMAT, "%s: cannot be read, or is over 4 MiB",
                         path);
    else
        result = choose(out, text.data, text.len, path, name, e);
    buf_free(&text);
    return result;
}

/* The path of one of our own; NULL: there is none of this name. */
static char *path_of_ours(const char *which)
{
    struct buf file;
    buf_init(&file, 200);
    buf_addf(&file, "judges/%s.json", which);
    char *path = strpbrk(which, "/.") == NULL && !file.overflow
                     ? path_data_file(file.data)
                     : NULL;
    buf_free(&file);
    if (path != NULL && !path_exists(path)) {
        free(path);
        path = NULL;
    }
    return path;
}

int form_read(struct judge_form *out, const char *which, struct err *e)
{
    *out = (struct judge_form){.name = NULL};
    char *path = path_of_ours(which);
    if (path == NULL && path_exists(which))
        path = mem_strdup(which);
    if (path != NULL) {
        int result = read_file(out, path, NULL, e);
        free(path);
        return result;
    }
    const char *colon = strrchr(which, ':');
    path = colon == NULL ? NULL : mem_strndup(which, (size_t)(colon - which));
    int result;
    if (path == NULL || !path_exists(path))
        result = err_set(e, ERR_USAGE, "%.200s: no such file, and no judge "
                         "prompt of this name; ours are: " OURS, which);
    else
        result = read_file(out, path, colon + 1, e);
    free(path);
    return result;
}

void form_free(struct judge_form *f)
{
    free(f->name);
    free(f->system);
    free(f->template);
    *f = (struct judge_form){.name = NULL};
}
