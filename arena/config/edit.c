/* Changing one model in arena.json without touching the rest of its text.
 *
 * A person's config has comments and a layout; printing a parsed tree would
 * lose both.  So the text is scanned for where the list of models and its
 * elements stand, and bytes are put in or cut out there.  The file was parsed
 * before, so the scanner may trust that brackets match; the result is parsed
 * again, with all checks, before it replaces the file. */
#include "arena/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define EDIT_MAX_BYTES (1u << 20)

struct span { /* of bytes: [from, to) */
    size_t from, to;
};

/* The first byte from `at` on that is no space and in no comment. */
static size_t skip_blanks(const char *s, size_t at, size_t n)
{
    while (at < n) {
        if (memchr(" \t\r\n", s[at], 4) != NULL) {
            at++;
        } else if (s[at] == '/' && at + 1 < n && s[at + 1] == '/') {
            while (at < n && s[at] != '\n')
                at++;
        } else if (s[at] == '/' && at + 1 < n && s[at + 1] == '*') {
            const char *end = strstr(s + at + 2, "*/");
            at = end ? (size_t)(end + 2 - s) : n;
        } else {
            break;
        }
    }
    return at;
}

/* The end of the value that starts at `at`. */
static size_t skip_value(const char *s, size_t at, size_t n)
{
    int depth = 0;
    do {
        if (s[at] == '"') {
            for (at++; at < n && s[at] != '"'; at++)
                if (s[at] == '\\')
                    at++;
            at++;
        } else if (memchr("[{", s[at], 2) != NULL) {
            depth++;
            at++;
        } else if (memchr("]}", s[at], 2) != NULL) {
            depth--;
            at++;
        } else if (memchr(",:", s[at], 2) != NULL) {
            at++;
        } else {
            at += strcspn(s + at, " \t\r\n,:/[]{}\"");
        }
        if (depth > 0)
            at = skip_blanks(s, at, n);
    } while (depth > 0 && at < n);
    return at < n ? at : n;
}

/* The next value of the object or list whose last value (or opening bracket)
 * ends at `at`; false if there is none, and `value.from` is the closing
 * bracket. */
static bool next_value(const char *s, size_t at, size_t n, struct span *value)
{
    at = skip_blanks(s, at, n);
    if (at < n && (s[at] == ',' || s[at] == ':'))
        at = skip_blanks(s, at + 1, n);
    value->from = value->to = at;
    if (at >= n || s[at] == ']' || s[at] == '}')
        return false;
    value->to = skip_value(s, at, n);
    return true;
}

/* The value of "models" in the top object; false if there is none, and
 * `list` is empty and lies after the opening brace. */
static bool find_models(const char *s, size_t n, struct span *list)
{
    size_t start = strncmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    size_t open = skip_blanks(s, start, n);
    struct span key, value = {open + 1, open + 1};
    while (next_value(s, value.to, n, &key)) {
        if (!next_value(s, key.to, n, &value))
            break;
        if (key.to - key.from == 8 &&
            strncmp(s + key.from, "\"models\"", 8) == 0) {
            *list = value;
            return true;
        }
    }
    *list = (struct span){open + 1, open + 1};
    return false;
}

/* The white space that the line of `at` begins with. */
static struct span indent_of(const char *s, size_t at)
{
    size_t line = at;
    while (line > 0 && s[line - 1] != '\n')
        line--;
    return (struct span){line, line + strspn(s + line, " \t")};
}

static void add_span(struct buf *out, const char *s, struct span from)
{
    buf_add(out, s + from.from, from.to - from.from);
}

/* `text` with `json` as the last of its models. */
static void insert_model(const char *text, size_t n, const char *json,
                         struct buf *out)
{
    struct span list, value, last = {0, 0};
    if (!find_models(text, n, &list)) {
        struct span rest;
        bool more = next_value(text, list.to, n, &rest);
        buf_add(out, text, list.from);
        buf_addf(out, "\n  \"models\": [\n    %s\n  ]%s", json,
                 more ? "," : "\n");
        buf_add(out, text + list.from, n - list.from);
        return;
    }
    value.to = list.from + 1;
    while (next_value(text, value.to, n, &value))
        last = value;
    size_t close = value.from;
    size_t at = close; /* after the last thing before the bracket */
    while (memchr(" \t\r\n", text[at - 1], 4) != NULL)
        at--;
    if (last.to != 0) {
        buf_add(out, text, last.to);
        if (text[skip_blanks(text, last.to, n)] != ',')
            buf_add_char(out, ',');
        buf_add(out, text + last.to, at - last.to);
        buf_add_char(out, '\n');
        add_span(out, text, indent_of(text, last.from));
    } else {
        buf_add(out, text, at);
        buf_add_char(out, '\n');
        add_span(out, text, indent_of(text, list.from));
        buf_add_str(out, "  ");
    }
    buf_add_str(out, json);
    if (memchr(text + at, '\n', close - at) == NULL) {
        buf_add_char(out, '\n');
        add_span(out, text, indent_of(text, list.from));
        at = close;
    }
    buf_add(out, text + at, n - at);
}

/* Whether the object in a span has this name. */
static bool is_named(const char *text, struct span value, const char *name)
{
    cJSON *tree = json_parse_commented(text + value.from, value.to - value.from,
                                       EDIT_MAX_BYTES, "", NULL);
    bool is = strcmp(json_get_string(tree, "name", ""), name) == 0;
    cJSON_Delete(tree);
    return is;
}

/* Grows a model's span to its comma, the comment after it on its line, and the
 * line itself if nothing else stands on it. */
static struct span whole_lines(const char *s, size_t n, struct span value)
{
    size_t comma = skip_blanks(s, value.to, n);
    if (comma < n && s[comma] == ',')
        value.to = comma + 1;
    size_t end = value.to + strspn(s + value.to, " \t");
    if (strncmp(s + end, "//", 2) == 0)
        end += strcspn(s + end, "\n");
    struct span indent = indent_of(s, value.from);
    bool alone = indent.to == value.from && (s[end] == '\n' || s[end] == '\r');
    if (!alone)
        return value;
    value.to = end + strcspn(s + end, "\n") + 1;
    value.from = indent.from;
    return value;
}

/* `text` without the model `name`; false if it has none. */
static bool cut_model(const char *text, size_t n, const char *name,
                      struct buf *out)
{
    struct span list, value, before = {0, 0};
    if (!find_models(text, n, &list))
        return false;
    value.to = list.from + 1;
    for (;; before = value) {
        if (!next_value(text, value.to, n, &value))
            return false;
        if (is_named(text, value, name))
            break;
    }
    struct span next;
    bool last = !next_value(text, value.to, n, &next);
    struct span cut = whole_lines(text, n, value);
    size_t from = 0;
    if (last && before.to != 0) { /* the comma before it goes as well */
        size_t comma = skip_blanks(text, before.to, n);
        buf_add(out, text, comma);
        from = comma + 1;
    }
    buf_add(out, text + from, cut.from - from);
    buf_add(out, text + cut.to, n - cut.to);
    return true;
}

/* Checks a text as the new config and puts it in the place of the old, also
 * if that is a link.  Whether a config may be trusted was asked when it was
 * read; the person is editing it now. */
static int replace(const char *path, const struct buf *text, struct err *e)
{
    struct config c;
    struct stat st;
    if (config_parse(&c, text->data, text->len, path, false, e) != 0)
        return -1;
    config_free(&c);
    if (!path_exists(path))
        return path_write_file(path, text->data, text->len, 0600, e);
    char *real = realpath(path, NULL);
    if (real == NULL || stat(real, &st) != 0) {
        free(real);
        return err_set(e, ERR_CONFIG, "%s: %s", path, strerror(errno));
    }
    int result = path_write_file(real, text->data, text->len,
                                 st.st_mode & 0777, e);
    free(real);
    return result;
}

/* Makes other programs wait until the file is changed; else one change would be
 * lost.  Locks the folder, because the file itself is replaced.  Closing the
 * descriptor unlocks it.  -1, to continue unlocked, if there are no locks. */
static int lock_config(const char *path)
{
    char *real = realpath(path, NULL);
    char *folder = path_folder(real ? real : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    free(folder);
    free(real);
    return fd;
}

static void unlock_config(int lock)
{
    if (lock >= 0)
        close(lock);
}

/* Reads a config's text and checks that it is one. */
static int read_text(const char *path, struct buf *text, struct err *e)
{
    struct config c;
    if (path_read_file(text, path, ERR_CONFIG, e) != 0)
        return -1;
    if (config_parse(&c, text->data, text->len, path, false, e) != 0)
        return -1;
    config_free(&c);
    if (strlen(text->data) != text->len)
        return err_set(e, ERR_CONFIG, "%s: has a NUL byte", path);
    return 0;
}

/* The same, or an empty config if there is none. */
static int read_or_begin(const char *path, struct buf *text, struct err *e)
{
    if (path_exists(path))
        return read_text(path, text, e);
    buf_add_str(text, "{\n  \"models\": [\n  ]\n}\n");
    return 0;
}

/* Appends the text of the config with the model in it. */
static int add_text(const char *path, const char *json, struct buf *changed,
                    struct err *e)
{
    struct buf text;
    cJSON *model = json_parse(json, strlen(json), EDIT_MAX_BYTES, "model", e);
    if (model == NULL)
        return -1;
    buf_init(&text, EDIT_MAX_BYTES);
    int result = cJSON_IsObject(model)
                     ? read_or_begin(path, &text, e)
                     : err_set(e, ERR_CONFIG,
                               "a model must be one JSON object");
    if (result == 0)
        insert_model(text.data, text.len, json, changed);
    cJSON_Delete(model);
    buf_free(&text);
    return result;
}

int config_try_model(const char *path, const char *json, bool foreign,
                     struct model *out, struct err *e)
{
    struct config c;
    struct buf changed;
    buf_init(&changed, EDIT_MAX_BYTES);
    int result = add_text(path, json, &changed, e);
    if (result == 0)
        result = config_parse(&c, changed.data, changed.len, path, foreign, e);
    if (result == 0) {
        model_copy(out, &c.models[c.n_models - 1]);
        config_free(&c);
    }
    buf_free(&changed);
    return result;
}

int config_add_model(const char *path, const char *json, struct err *e)
{
    struct buf changed;
    buf_init(&changed, EDIT_MAX_BYTES);
    int lock = lock_config(path);
    int result = add_text(path, json, &changed, e);
    if (result == 0)
        result = replace(path, &changed, e);
    unlock_config(lock);
    buf_free(&changed);
    return result;
}

int config_remove_model(const char *path, const char *name, struct err *e)
{
    struct buf text, changed;
    buf_init(&text, EDIT_MAX_BYTES);
    buf_init(&changed, EDIT_MAX_BYTES);
    int lock = lock_config(path);
    int result = read_text(path, &text, e);
    if (result == 0 && !cut_model(text.data, text.len, name, &changed))
        result = err_set(e, ERR_USAGE, "%s: no model \"%s\"", path, name);
    if (result == 0)
        result = replace(path, &changed, e);
    unlock_config(lock);
    buf_free(&changed);
    buf_free(&text);
    return result;
}
