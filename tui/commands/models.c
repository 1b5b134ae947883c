/* `arena models`: which models there are, and changing that. */
#include "tui/commands/models_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/config/askable.h"
#include "backends/local/infer.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"
#include "tui/clean.h"
#include "tui/database.h"
#include "tui/wrap.h"

int models_load_config(const struct invocation *in, struct config *c,
                       struct err *e)
{
    bool foreign;
    char *path = config_find(in->options.config_path, &foreign);
    if (path == NULL)
        return err_set(e, ERR_CONFIG, "there is no arena.json yet; \"arena\" on "
                       "a terminal, or \"arena config init\", makes one");
    int result = config_load(c, path, foreign, e);
    free(path);
    return result;
}

/* --- list --------------------------------------------------------------- */

/* Whether it is made of something on this machine, which can be found. */
static bool model_is_here(const struct model *m)
{
    return m->file != NULL || m->script != NULL || m->command != NULL;
}

static const char *model_source(const struct model *m)
{
    if (m->file_name != NULL)
        return m->file_name;
    if (m->id != NULL)
        return m->id;
    if (m->command != NULL)
        return m->command[0];
    return m->script ? path_name(m->script) : "";
}

/* One cell, cleaned and filled up with spaces to `width` columns. */
static void add_cell(struct buf *out, const char *text, int width)
{
    size_t begin = out->len;
    clean_text(text, strlen(text), true, out);
    int columns = wrap_columns(out->data + begin, out->len - begin);
    do
        buf_add_char(out, ' ');
    while (++columns < width + 1);
}

/* Appends which chat template a model on this machine is used with; nothing
 * for others.  0, or -1 for one that cannot be used. */
static int add_template(const struct model *m, struct buf *out, struct err *e)
{
    if (strcmp(m->backend, "local") != 0)
        return 0;
    return infer_describe_template(m, out, e);
}

/* Appends a line: "left out: NAME: WHY". */
static void add_problem(struct buf *out, const struct model *m,
                        const struct err *why)
{
    buf_add_str(out, "left out: ");
    clean_text(m->name, strlen(m->name), true, out);
    buf_add_str(out, ": ");
    clean_text(why->text, strlen(why->text), true, out);
    buf_add_char(out, '\n');
}

/* The models; then, as messages, why some of them will not be drawn. */
static void print_table(const struct config *c)
{
    struct buf out, settings, problems, template;
    struct err why;
    buf_init(&out, MODELS_TEXT_BYTES);
    buf_init(&settings, 1024);
    buf_init(&problems, MODELS_TEXT_BYTES);
    buf_init(&template, 4096);
    for (size_t i = 0; i < c->n_models; i++) {
        const struct model *m = &c->models[i];
        buf_clear(&template);
        bool left_out = askable_check(m, &why) != 0 ||
                        add_template(m, &template, &why) != 0;
        buf_clear(&settings);
        model_list_settings(m, &settings);
        add_cell(&out, m->name, 22);
        add_cell(&out, m->provider, 8);
        add_cell(&out, model_source(m), 32);
        add_cell(&out, left_out ? "left out" : model_is_here(m) ? "found" : "",
                 8);
        if (template.len > 0)
            buf_addf(&settings, "%stemplate %s", settings.len > 0 ? ", " : "",
                     template.data);
        clean_text(settings.data, settings.len, true, &out);
        while (out.data[out.len - 1] == ' ')
            buf_cut(&out, out.len - 1);
        buf_add_char(&out, '\n');
        if (left_out)
            add_problem(&problems, m, &why);
    }
    fputs(out.data, stdout);
    fflush(stdout);
    fputs(problems.data, stderr);
    buf_free(&template);
    buf_free(&problems);
    buf_free(&settings);
    buf_free(&out);
}

static void print_json(const struct config *c)
{
    struct buf out, template;
    buf_init(&out, MODELS_TEXT_BYTES);
    buf_init(&template, 4096);
    buf_add_str(&out, "{\"models\":[");
    for (size_t i = 0; i < c->n_models; i++) {
        const struct model *m = &c->models[i];
        struct err why;
        buf_clear(&template);
        bool good = askable_check(m, &why) == 0 &&
                    add_template(m, &template, &why) == 0;
        json_comma(&out);
        buf_add_char(&out, '{');
        json_put_text(&out, "name", m->name);
        json_put_text(&out, "backend", m->provider);
        json_put_text(&out, "file", m->file);
        json_put_text(&out, "id", m->id);
        json_put_text(&out, "base_url", m->base_url);
        json_put_text(&out, "problem", good ? NULL : why.text);
        json_put_text(&out, "template", template.len ? template.data : NULL);
        json_key(&out, "settings");
        model_describe(m, &out);
        buf_add_char(&out, '}');
    }
    buf_add_str(&out, "]}\n");
    fputs(out.data, stdout);
    buf_free(&template);
    buf_free(&out);
}

/* The list of a server; for one that the program knows, no config is needed. */
static int list_backend(const struct invocation *in, const char *backend,
                        struct err *e)
{
    struct config c;
    int found = database_config(in, &c, e);
    if (found < 0)
        return -1;
    if (found == 0)
        config_init(&c);
    int result = models_list_backend(in, &c, backend, e);
    config_free(&c);
    return result;
}

static int models_list(const struct invocation *in,
                       const struct models_settings *s, struct err *e)
{
    struct config c;
    if (s->backend != NULL)
        return list_backend(in, s->backend, e);
    if (models_load_config(in, &c, e) != 0)
        return -1;
    if (in->json)
        print_json(&c);
    else
        print_table(&c);
    config_free(&c);
    return 0;
}

/* --- remove ------------------------------------------------------------- */

void models_say_done(const struct invocation *in, const char *done,
                     const char *path)
{
    struct buf out;
    buf_init(&out, MODELS_TEXT_BYTES);
    if (in->json) {
        buf_addf(&out, "{\"%s\":true,\"path\":", done);
        json_add_string(&out, path, strlen(path));
        printf("%s}\n", out.data);
    } else if (in->verbose >= 0) {
        clean_text(path, strlen(path), true, &out);
        fprintf(stderr, "%s %s\n",
                strcmp(done, "added") == 0 ? "added to" : "removed from",
                out.data);
    }
    buf_free(&out);
}

static int models_remove(const struct invocation *in, struct err *e)
{
    bool foreign;
    if (in->argc != 3)
        return err_set(e, ERR_USAGE, "models remove: give one name, as arena "
                       "models list shows it");
    char *path = config_find(in->options.config_path, &foreign);
    if (path == NULL)
        return err_set(e, ERR_CONFIG, "there is no arena.json to remove a "
                       "model from");
    int result = config_remove_model(path, in->argv[2], e);
    if (result == 0)
        models_say_done(in, "removed", path);
    free(path);
    return result;
}

/* --- the verb ----------------------------------------------------------- */

static int unknown_word(const char *word, struct err *e)
{
    struct nearest n;
    nearest_init(&n, word);
    nearest_offer(&n, "list");
    nearest_offer(&n, "add");
    nearest_offer(&n, "remove");
    nearest_offer(&n, "test");
    nearest_offer(&n, "pull");
    if (n.best != NULL)
        return err_set(e, ERR_USAGE, "models: unknown word \"%s\"; did you "
                       "mean %s?", word, n.best);
    return err_set(e, ERR_USAGE, "models: unknown word \"%s\"; it is list, "
                   "add, remove, test or pull", word);
}

static int run_models(struct invocation *in, struct err *e)
{
    struct models_settings s = {.defaults = false};
    if (command_parse(in, &s, 0, -1, e) != 0)
        return -1;
    const char *word = in->argc > 1 ? in->argv[1] : "list";
    if (strcmp(word, "list") == 0)
        return models_list(in, &s, e);
    if (strcmp(word, "add") == 0)
        return models_add(in, e);
    if (strcmp(word, "remove") == 0)
        return models_remove(in, e);
    if (strcmp(word, "test") == 0)
        return models_test(in, e);
    if (strcmp(word, "pull") == 0)
        return models_pull(in, &s, e);
    return unknown_word(word, e);
}

static const struct option_spec models_options[] = {
    OPTION(0, "backend", TEXT, models_settings, backend, "NAME",
           "list: the models that this server offers"),
    OPTION(0, "default", FLAG, models_settings, defaults, NULL,
           "pull: the small models that arena begins with"),
    OPTION(0, "sha256", TEXT, models_settings, sha256, "HEX",
           "pull URL: what the file's sha256 must be"),
    OPTION(0, "yes", FLAG, models_settings, yes, NULL,
           "pull: accept the terms without asking"),
    OPTION_END,
};

const struct command command_models = {
    .name = "models",
    .summary = "list, add, remove, test or pull models",
    .synopsis = "[list|add|remove|test|pull] [...]",
    .options = models_options,
    .help =
        "  list                   the models of arena.json, and what they lack\n"
        "  list --backend NAME    the models that a server offers\n"
        "  add NAME KEY=VALUE...  put one in; keys as in arena.json; the server\n"
        "                         completes an id that is not whole\n"
        "  add '{JSON}'           the same, as it stands in arena.json\n"
        "  remove NAME            take one out; its votes stay\n"
        "  test [NAME...]         ask each for a few words\n"
        "  pull [NAME|URL...]     bring weights into the data folder;\n"
        "                         without a name: list them\n",
    .run = run_models,
};
