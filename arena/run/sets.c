#include "arena/run/sets.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/prompts.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

#define SET_SUFFIX ".jsonl"

static int is_set(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name), end = strlen(SET_SUFFIX);
    return n > end && strcmp(entry->d_name + n - end, SET_SUFFIX) == 0;
}

void prompt_sets_each(void (*take)(void *arg, const char *name), void *arg)
{
    struct dirent **entries;
    char *folder = path_data_file("prompts");
    int n = scandir(folder, &entries, is_set, alphasort);
    free(folder);
    for (int i = 0; i < n; i++) {
        char *name = entries[i]->d_name;
        name[strlen(name) - strlen(SET_SUFFIX)] = '\0';
        take(arg, name);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* Makes "deliberate, facts, …" of a buf that is empty at first. */
static void add_set(void *arg, const char *name)
{
    struct buf *list = arg;
    buf_add_str(list, list->len > 0 ? ", " : "");
    buf_add_str(list, name);
}

char *prompt_set_path(const char *name, struct err *e)
{
    if (strpbrk(name, "/.") != NULL || strcmp(name, "-") == 0 ||
        path_exists(name))
        return mem_strdup(name);
    struct buf file, sets;
    buf_init(&file, ERR_TEXT_BYTES);
    buf_init(&sets, ERR_TEXT_BYTES);
    buf_addf(&file, "%s" SET_SUFFIX, name);
    char *folder = path_data_file("prompts");
    char *path = path_join(folder, file.data);
    if (file.overflow || !path_exists(path)) {
        free(path);
        path = NULL;
        prompt_sets_each(add_set, &sets);
        err_set(e, ERR_USAGE, "%.80s: no such file, and no prompt set of this "
                "name; the sets are: %s", name, sets.data);
    }
    free(folder);
    buf_free(&file);
    buf_free(&sets);
    return path;
}

int prompt_set_read(const char *name, struct prompts *p, struct err *e)
{
    char *path = prompt_set_path(name, e);
    int result = path ? prompts_read(p, path, PROMPTS_AUTO, e) : -1;
    free(path);
    return result;
}
