/* `arena config`: the one file of settings. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/config/askable.h"
#include "arena/config/config.h"
#include "arena/config/keys.h"
#include "arena/config/offer.h"
#include "backends/local/infer.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/session.h"
#include "tui/widgets/keymap.h"

#define CONFIG_TEXT_BYTES (4u << 20)

struct config_settings {
    bool yes; /* init --yes */
};

static char *find_config(const struct invocation *in, bool *foreign,
                         struct err *e)
{
    char *path = config_find(in->options.config_path, foreign);
    if (path == NULL)
        err_set(e, ERR_CONFIG, "there is no arena.json yet; \"arena config "
                "init\" makes one");
    return path;
}

static int load(const struct invocation *in, struct config *c, struct err *e)
{
    bool foreign;
    char *path = find_config(in, &foreign, e);
    int result = path ? config_load(c, path, foreign, e) : -1;
    free(path);
    return result;
}

/* --- path, schema -------------------------------------------------------- */

static void print_path(const char *path, bool json)
{
    struct buf out;
    buf_init(&out, CONFIG_TEXT_BYTES);
    if (json) {
        buf_add_char(&out, '{');
        json_put_text(&out, "path", path);
        json_put_bool(&out, "exists", path_exists(path));
        buf_add_char(&out, '}');
    } else {
        clean_text(path, strlen(path), true, &out);
    }
    puts(out.data);
    buf_free(&out);
}

/* Also if there is none yet: then the path that it would have. */
static int config_path(const struct invocation *in, struct err *e)
{
    bool foreign;
    (void)e;
    char *path = config_find(in->options.config_path, &foreign);
    if (path == NULL)
        path = config_default_path();
    print_path(path, in->json);
    free(path);
    return 0;
}

static int config_print_schema(const struct invocation *in, struct err *e)
{
    (void)in;
    (void)e;
    struct buf out;
    buf_init(&out, CONFIG_TEXT_BYTES);
    config_schema(&out);
    fputs(out.data, stdout);
    buf_free(&out);
    return 0;
}

/* --- show ---------------------------------------------------------------- */

static void add_pair(struct buf *out, const char *indent, const char *key,
                     const char *value)
{
    if (value == NULL)
        return;
    buf_addf(out, "%s\"%s\": ", indent, key);
    json_add_string(out, value, strlen(value));
    buf_add_str(out, ",\n");
}

static void add_model(struct buf *out, const struct model *m, bool last)
{
    static const char indent[] = "      ";
    const char *key = m->key_env ? getenv(m->key_env) : NULL;
    buf_add_str(out, "    {\n");
    add_pair(out, indent, "name", m->name);
    add_pair(out, indent, "backend", m->backend);
    add_pair(out, indent, "file", m->file);
    add_pair(out, indent, "base_url", m->base_url);
    add_pair(out, indent, "key_env", m->key_env);
    if (m->key_env != NULL)
        buf_addf(out, "%s\"key_is_set\": %s,\n", indent,
                 key != NULL && *key != '\0' ? "true" : "false");
    if (m->key_command != NULL) /* someone may have written a key into it */
        buf_addf(out, "%s\"key_command_is_set\": true,\n", indent);
    buf_addf(out, "%s\"weight\": ", indent);
    json_add_number(out, m->weight);
    buf_addf(out, ",\n%s\"answers_by\": ", indent);
    model_describe(m, out);
    buf_addf(out, "\n    }%s\n", last ? "" : ",");
}

/* What holds, defaults filled in, as JSON.  No key was ever read, so none can
 * be shown. */
static int config_show(const struct invocation *in, struct err *e)
{
    struct config c;
    if (load(in, &c, e) != 0)
        return -1;
    struct buf out;
    buf_init(&out, CONFIG_TEXT_BYTES);
    buf_add_str(&out, "{\n");
    add_pair(&out, "  ", "path", c.path);
    add_pair(&out, "  ", "pace", pace_name(c.pace));
    add_pair(&out, "  ", "system", c.system);
    add_pair(&out, "  ", "copy_command", c.copy_command);
    add_pair(&out, "  ", "motion", motion_name(c.motion));
    add_pair(&out, "  ", "theme", theme_name(c.theme));
    buf_addf(&out, "  \"max_tokens\": %d,\n  \"threads\": %d,\n", c.max_tokens,
             c.n_threads);
    buf_addf(&out, "  \"mouse\": %s,\n  \"vote_early\": %s,\n"
             "  \"confirm_vote\": %s,\n",
             c.mouse ? "true" : "false", c.vote_early ? "true" : "false",
             c.confirm_vote ? "true" : "false");
    buf_addf(&out, "  \"elo\": { \"k\": %.10g, \"base\": %.10g, \"scale\": "
             "%.10g, \"start\": %.10g },\n", c.elo.k, c.elo.base, c.elo.scale,
             c.elo.start);
    buf_add_str(&out, "  \"models\": [\n");
    for (size_t i = 0; i < c.n_models; i++)
        add_model(&out, &c.models[i], i + 1 == c.n_models);
    buf_add_str(&out, "  ]\n}\n");
    fputs(out.data, stdout);
    buf_free(&out);
    config_free(&c);
    return 0;
}

/* --- check --------------------------------------------------------------- */

/* Whether a model can be asked, by a chat template that can be used; says
 * which one that is. */
static int check_model(const struct model *m, bool json, struct err *why)
{
    struct buf what;
    if (askable_check(m, why) != 0)
        return -1;
    if (strcmp(m->backend, "local") != 0)
        return 0;
    buf_init(&what, 4096);
    buf_add_str(&what, "template ");
    int rc = infer_describe_template(m, &what, why);
    if (rc == 0 && !json)
        session_say(stdout, m->name, what.data);
    buf_free(&what);
    return rc;
}

/* What a check tells of a model: on stderr, or as an element of a JSON list. */
static void tell(const struct model *m, const char *key, const char *text,
                 bool json, struct buf *list)
{
    if (!json) {
        session_say(stderr, m->name, text);
        return;
    }
    json_comma(list);
    buf_add_char(list, '{');
    json_put_text(list, "model", m->name);
    json_put_text(list, key, text);
    buf_add_char(list, '}');
}

/* A problem for each model that cannot be asked; remarks about the others. */
static size_t check_models(const struct config *c, bool json,
                           struct buf *problems, struct buf *remarks)
{
    size_t n_bad = 0;
    struct err why;
    for (size_t i = 0; i < c->n_models; i++) {
        const struct model *m = &c->models[i];
        if (check_model(m, json, &why) != 0) {
            tell(m, "problem", why.text, json, problems);
            n_bad++;
            continue;
        }
        struct buf lines;
        buf_init(&lines, CONFIG_TEXT_BYTES);
        askable_remarks(m, &lines);
        for (char *rest, *line = strtok_r(lines.data, "\n", &rest);
             line != NULL; line = strtok_r(NULL, "\n", &rest))
            tell(m, "remark", line, json, remarks);
        buf_free(&lines);
    }
    return n_bad;
}

/* Mistakes in the file itself are what was asked for, too. */
static void print_mistakes(const struct err *list, size_t n)
{
    struct buf out;
    buf_init(&out, CONFIG_TEXT_BYTES);
    buf_add_str(&out, "{\"problems\":[");
    for (size_t i = 0; i < n; i++) {
        json_comma(&out);
        buf_add_char(&out, '{');
        json_put_text(&out, "problem", list[i].text);
        buf_add_char(&out, '}');
    }
    printf("%s],\"ok\":false}\n", out.data);
    buf_free(&out);
}

/* "keys" name actions that only the full screen knows. */
static void check_keys(const struct config *c, struct config_mistakes *mistakes)
{
    struct err e;
    for (size_t i = 0; i < c->n_bindings; i++)
        if (keymap_check(c, i, &e) != 0)
            config_mistakes_add(mistakes, &e);
}

/* Reads the config.  -1 with all mistakes in it said. */
static int load_checked(const struct invocation *in, struct config *c,
                        struct err *e)
{
    bool foreign;
    struct config_mistakes mistakes = {NULL, 0};
    char *path = find_config(in, &foreign, e);
    config_init(c);
    int result = path ? config_load_all(c, path, foreign, &mistakes, e) : -1;
    check_keys(c, &mistakes);
    if (result == 0 && mistakes.n > 0) {
        *e = mistakes.list[0];
        result = -1;
    }
    if (result != 0 && in->json)
        print_mistakes(mistakes.n > 0 ? mistakes.list : e,
                       mistakes.n > 0 ? mistakes.n : 1);
    for (size_t i = 0; !in->json && mistakes.n > 1 && i < mistakes.n; i++)
        session_say(stderr, NULL, mistakes.list[i].text);
    if (mistakes.n > 1)
        err_set(e, ERR_CONFIG, "%s: %zu mistakes", path, mistakes.n);
    config_mistakes_free(&mistakes);
    free(path);
    if (result != 0)
        config_free(c);
    return result;
}

static int config_check(const struct invocation *in, struct err *e)
{
    struct config c;
    struct buf out, problems, remarks;
    if (load_checked(in, &c, e) != 0)
        return -1;
    buf_init(&out, CONFIG_TEXT_BYTES);
    buf_init(&problems, CONFIG_TEXT_BYTES);
    buf_init(&remarks, CONFIG_TEXT_BYTES);
    if (in->json) {
        buf_add_char(&out, '{');
        json_put_text(&out, "path", c.path);
        json_put_whole(&out, "n_models", (int64_t)c.n_models);
    } else {
        buf_addf(&out, "%zu model%s, no mistakes", c.n_models,
                 plural_s(c.n_models));
    }
    size_t n_bad = check_models(&c, in->json, &problems, &remarks);
    if (in->json)
        printf("%s,\"problems\":[%s]%s%s%s,\"ok\":%s}\n", out.data,
               problems.data, remarks.len > 0 ? ",\"remarks\":[" : "",
               remarks.data, remarks.len > 0 ? "]" : "",
               n_bad == 0 ? "true" : "false");
    else if (n_bad == 0)
        session_say(stdout, c.path, out.data);
    int result = 0;
    if (n_bad > 0)
        result = err_set(e, ERR_CONFIG, "%s: %zu of %zu model%s cannot be "
                         "asked", c.path, n_bad, c.n_models,
                         plural_s(c.n_models));
    buf_free(&out);
    buf_free(&problems);
    buf_free(&remarks);
    config_free(&c);
    return result;
}

/* --- edit ---------------------------------------------------------------- */

/* The editor has the terminal, and its keys are the editor's: ^C, which the
 * terminal sends to both of us, must not end us and leave it there alone. */
static void ignore_keys(struct sigaction before[2])
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &ignore, &before[0]);
    sigaction(SIGQUIT, &ignore, &before[1]);
}

static void heed_keys(const struct sigaction before[2])
{
    sigaction(SIGINT, &before[0], NULL);
    sigaction(SIGQUIT, &before[1], NULL);
}

/* $VISUAL or $EDITOR may have arguments, so a shell splits it; the file is
 * given beside it and never read as shell.  env, in place of that shell, starts
 * the editor: one that stayed would die of the ^C that the editor takes. */
static int run_editor(const char *path, struct err *e)
{
    const char *editor = getenv("VISUAL");
    if (editor == NULL || *editor == '\0')
        editor = getenv("EDITOR");
    if (editor == NULL || *editor == '\0')
        editor = "vi";
    struct buf line;
    struct sigaction before[2];
    buf_init(&line, CONFIG_TEXT_BYTES);
    buf_addf(&line, "exec env %s \"$1\"", editor);
    ignore_keys(before);
    pid_t pid = fork();
    if (pid == 0) {
        heed_keys(before);
        signal(SIGPIPE, SIG_DFL); /* what we ignore would stay ignored */
        signal(SIGXFSZ, SIG_DFL);
        execl("/bin/sh", "sh", "-c", line.data, "sh", path, (char *)NULL);
        _exit(127);
    }
    buf_free(&line);
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    heed_keys(before);
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(e, ERR_FAILURE, "the editor \"%s\" failed; set EDITOR "
                       "to another", editor);
    return 0;
}

static int config_edit(const struct invocation *in, struct err *e)
{
    bool foreign;
    struct config c;
    char *path = find_config(in, &foreign, e);
    if (path == NULL || command_refuse_json(in, "config edit", e) != 0) {
        free(path);
        return -1;
    }
    int result = run_editor(path, e);
    if (result == 0)
        result = config_load(&c, path, foreign, e);
    if (result == 0)
        config_free(&c);
    free(path);
    return result;
}

/* --- init ---------------------------------------------------------------- */

static void show_offer(const struct offer *o)
{
    struct buf text, clean;
    buf_init(&text, CONFIG_TEXT_BYTES);
    buf_init(&clean, CONFIG_TEXT_BYTES);
    offer_describe(o, &text);
    clean_text(text.data, text.len, false, &clean);
    fputs(clean.data, stderr);
    buf_free(&clean);
    buf_free(&text);
}

/* Return alone is yes; the end of the input is no. */
static bool ask(const char *path)
{
    char line[16];
    fprintf(stderr, "Write %s? [Y/n] ", path);
    if (fgets(line, sizeof(line), stdin) == NULL)
        return false;
    return line[0] == '\n' || line[0] == 'y' || line[0] == 'Y';
}

static int config_init_file(const struct invocation *in,
                            const struct config_settings *s, struct err *e)
{
    const char *given = in->options.config_path;
    char *path = given ? mem_strdup(given) : config_default_path();
    struct offer o;
    int result = 0;
    if (path_exists(path)) {
        err_set(e, ERR_CONFIG, "%s exists already; \"arena config edit\" "
                "changes it", path);
        free(path);
        return -1;
    }
    offer_find(&o);
    show_offer(&o);
    if (o.n_models >= 2 && !s->yes) {
        if (in->no_input || !isatty(STDIN_FILENO))
            result = err_set(e, ERR_CONFIG, "nothing was written; run \"arena "
                             "config init --yes\" to accept this");
        else if (!ask(path))
            result = err_set(e, ERR_INTERRUPTED, "nothing was written");
    }
    if (result == 0)
        result = offer_write(&o, path, e);
    if (result == 0 && in->json)
        print_path(path, true);
    else if (result == 0)
        session_say(stderr, path, "written");
    offer_free(&o);
    free(path);
    return result;
}

/* --- the verb ------------------------------------------------------------ */

static int run_config(struct invocation *in, struct err *e)
{
    struct config_settings s = {.yes = false};
    static const struct {
        const char *word;
        int (*run)(const struct invocation *in, struct err *e);
    } words[] = {
        {"path", config_path}, {"show", config_show},
        {"check", config_check}, {"edit", config_edit},
        {"schema", config_print_schema},
    };
    if (command_parse(in, &s, 1, 1, e) != 0)
        return -1;
    const char *word = in->argv[1];
    if (strcmp(word, "init") == 0)
        return config_init_file(in, &s, e);
    struct nearest near;
    nearest_init(&near, word);
    nearest_offer(&near, "init");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].run(in, e);
        nearest_offer(&near, words[i].word);
    }
    if (near.best != NULL)
        return err_set(e, ERR_USAGE, "config: unknown word \"%s\"; did you "
                       "mean %s?", word, near.best);
    return err_set(e, ERR_USAGE, "config: unknown word \"%s\"; it is path, "
                   "show, check, edit, init or schema", word);
}

static const struct option_spec config_options[] = {
    OPTION(0, "yes", FLAG, config_settings, yes, NULL,
           "init: accept the offer without asking"),
    OPTION_END,
};

const struct command command_config = {
    .name = "config",
    .summary = "show, check, edit or begin arena.json",
    .synopsis = "path|show|check|edit|init|schema",
    .options = config_options,
    .help =
        "  path    where it is, or would be\n"
        "  show    the settings in force, defaults included; never a key\n"
        "  check   find mistakes and what models lack; contacts no server\n"
        "  edit    open it in $VISUAL or $EDITOR, then check it\n"
        "  init    look for weights and servers here, and write a first one\n"
        "  schema  the JSON Schema, for editors\n",
    .run = run_config,
};
