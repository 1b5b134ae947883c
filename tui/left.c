#include "tui/left.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define LEFT_FILE "left.json"
#define LEFT_MAX_BYTES (8u << 20) /* a draft has 1 MB, with escapes 6 */

void left_init(struct left *l)
{
    *l = (struct left){
        .draft = mem_strdup(""),
        .category = mem_strdup(""),
        .search = mem_strdup(""),
        .screen = mem_strdup(""),
    };
}

void left_free(struct left *l)
{
    free(l->draft);
    free(l->category);
    free(l->search);
    free(l->screen);
}

void left_set(char **text, const char *new)
{
    char *old = *text;
    *text = mem_strdup(new);
    free(old);
}

/* A database by its full path, wherever the program is started. */
static char *full_path(const char *path)
{
    char *full = realpath(path, NULL);
    return full != NULL ? full : mem_strdup(path);
}

static void take_text(char **to, const cJSON *from, const char *key)
{
    left_set(to, json_get_string(from, key, ""));
}

static void take_id(int64_t *to, const cJSON *from, const char *key)
{
    if (!json_is_whole(json_get(from, key), 0, INT64_MAX, to))
        *to = 0;
}

static void take(struct left *l, const cJSON *file, const char *db_path)
{
    char *db = full_path(db_path);
    if (strcmp(json_get_string(file, "db", ""), db) == 0) {
        take_text(&l->draft, file, "draft");
        take_text(&l->category, file, "category");
        take_text(&l->search, file, "search");
        take_text(&l->screen, file, "screen");
        take_id(&l->battle, file, "battle");
        take_id(&l->voting, file, "voting");
    }
    free(db);
}

int left_load(struct left *l, const char *db_path, struct err *e)
{
    char *path = path_of(PATH_STATE, LEFT_FILE);
    struct buf text;
    int result = 0;
    buf_init(&text, LEFT_MAX_BYTES);
    if (path_exists(path)) {
        cJSON *file = NULL;
        if (path_read_file(&text, path, ERR_FORMAT, e) == 0)
            file = json_parse(text.data, text.len, LEFT_MAX_BYTES, path, e);
        result = file != NULL ? 0 : -1;
        if (file != NULL)
            take(l, file, db_path);
        cJSON_Delete(file);
    }
    buf_free(&text);
    free(path);
    return result;
}

int left_save(const struct left *l, const char *db_path, struct err *e)
{
    char *path = path_of(PATH_STATE, LEFT_FILE);
    char *folder = path_folder(path), *db = full_path(db_path);
    struct buf text;
    buf_init(&text, LEFT_MAX_BYTES);
    buf_add_char(&text, '{');
    json_put_text(&text, "db", db);
    json_put_text(&text, "draft", l->draft);
    json_put_text(&text, "category", l->category);
    json_put_text(&text, "search", l->search);
    json_put_text(&text, "screen", l->screen);
    json_put_whole(&text, "battle", l->battle);
    json_put_whole(&text, "voting", l->voting);
    buf_add_str(&text, "}\n");
    int result = path_make_folder(folder, e);
    if (result == 0)
        result = path_write_file(path, text.data, text.len, 0600, e);
    buf_free(&text);
    free(db);
    free(folder);
    free(path);
    return result;
}
