/* `arena doctor`: is everything there that arena needs?  One line for each
 * thing: ok, warn (works, but not as well as it could) or fail, with what to
 * do. */
#include <cjson/cJSON.h>
#include <curses.h>
#include <langinfo.h>
#include <openssl/crypto.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include "arena/arena.h"
#include "arena/config/askable.h"
#include "arena/config/probe.h"
#include "arena/weights/list.h"
#include "backends/local/infer.h"
#include "backends/remote/libcurl.h"
#include "base/json.h"
#include "base/path.h"
#include "base/plural.h"
#include "base/version.h"
#include "tui/clean.h"
#include "tui/command.h"
#include "tui/commands/doctor_private.h"

#define DOCTOR_LINE_BYTES 4096
#define DOCTOR_MIN_COLUMNS 40 /* as the full screen asks for */
#define DOCTOR_MIN_ROWS 10

struct examination {
    const struct invocation *in;
    int n_failed, n_warned;
};

static void say(struct examination *x, enum finding f, const char *what,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void say(struct examination *x, enum finding f, const char *what,
                const char *fmt, ...)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    struct buf raw, line;
    va_list ap;
    buf_init(&raw, DOCTOR_LINE_BYTES);
    buf_init(&line, 4 * DOCTOR_LINE_BYTES);
    va_start(ap, fmt);
    buf_vaddf(&raw, fmt, ap);
    va_end(ap);
    if (x->in->json) {
        buf_addf(&line, "{\"finding\":\"%s\",\"what\":\"%s\",\"text\":",
                 words[f], what);
        json_add_string(&line, raw.data, raw.len);
        buf_add_char(&line, '}');
    } else {
        buf_addf(&line, "%-5s %-10s ", words[f], what);
        clean_text(raw.data, raw.len, true, &line);
    }
    puts(line.data);
    x->n_warned += f == FINDING_WARN;
    x->n_failed += f == FINDING_FAIL;
    buf_free(&line);
    buf_free(&raw);
}

/* --- this machine ------------------------------------------------------- */

static void examine_terminal(struct examination *x)
{
    struct winsize size = {0};
    const char *term = getenv("TERM");
    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
        say(x, FINDING_WARN, "terminal", "none here: the full screen needs "
            "one, arena battle does not");
        return;
    }
    if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0) {
        say(x, FINDING_WARN, "terminal", "TERM is \"%s\": no full screen; set "
            "it to what this terminal is, such as xterm-256color",
            term ? term : "");
        return;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        (size.ws_col < DOCTOR_MIN_COLUMNS || size.ws_row < DOCTOR_MIN_ROWS)) {
        say(x, FINDING_WARN, "terminal", "%s, %d columns by %d rows: make it "
            "at least %d by %d", term, size.ws_col, size.ws_row,
            DOCTOR_MIN_COLUMNS, DOCTOR_MIN_ROWS);
        return;
    }
    say(x, FINDING_OK, "terminal", "%s, %d columns by %d rows", term,
        size.ws_col, size.ws_row);
}

static void examine_locale(struct examination *x)
{
    const char *codeset = nl_langinfo(CODESET);
    if (strcmp(codeset, "UTF-8") == 0)
        say(x, FINDING_OK, "locale", "UTF-8");
    else
        say(x, FINDING_WARN, "locale", "%s: other alphabets will look wrong; "
            "export LC_ALL=C.UTF-8", codeset);
}

static void examine_processor(struct examination *x)
{
    const char *kernels = infer_kernels();
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (strcmp(kernels, "scalar") == 0)
        say(x, FINDING_WARN, "processor", "%ld core%s, no fast kernels for "
            "this kind: local models will be slow", n_cores,
            plural_s((uint64_t)n_cores));
    else
        say(x, FINDING_OK, "processor", "%ld core%s, %s kernels", n_cores,
            plural_s((uint64_t)n_cores), kernels);
}

static void examine_libraries(struct examination *x)
{
    char pcre2[64] = "?";
    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    pcre2[strcspn(pcre2, " ")] = '\0'; /* the date of the release */
    say(x, FINDING_OK, "arena", "%s", ARENA_VERSION);
    if (libcurl_problem() == NULL)
        say(x, FINDING_OK, "libcurl", "%s",
            curl_version_info(CURLVERSION_NOW)->version);
    else
        say(x, FINDING_FAIL, "libcurl", "%s", libcurl_problem());
    say(x, FINDING_OK, "sqlite", "%s", store_engine());
    say(x, FINDING_OK, "cJSON", "%s", cJSON_Version());
    say(x, FINDING_OK, "ncurses", "%s", NCURSES_VERSION);
    say(x, FINDING_OK, "pcre2", "%s", pcre2);
    say(x, FINDING_OK, "utf8proc", "%s", utf8proc_version());
    say(x, FINDING_OK, "libcrypto", "%s", OpenSSL_version(OPENSSL_VERSION));
}

/* --- what is ours ------------------------------------------------------- */

static void say_text(void *arg, enum finding f, const char *what,
                     const char *text)
{
    say(arg, f, what, "%s", text);
}

static void examine_config(struct examination *x)
{
    bool foreign;
    struct config c;
    struct err e;
    char *path = config_find(x->in->options.config_path, &foreign);
    if (path == NULL) {
        say(x, FINDING_WARN, "config", "none yet: start arena on a terminal, "
            "or run arena config init");
        return;
    }
    if (config_load(&c, path, foreign, &e) != 0) {
        say(x, FINDING_FAIL, "config", "%s", e.text);
        free(path);
        return;
    }
    if (c.n_models < 2)
        say(x, FINDING_WARN, "config", "%s: %zu model%s, and a battle needs "
            "two: arena models add (the same weights with another temperature "
            "are another model)", path, c.n_models,
            plural_s(c.n_models));
    else
        say(x, FINDING_OK, "config", "%s: %zu models%s", path, c.n_models,
            foreign ? " (of the current folder)" : "");
    for (size_t i = 0; i < c.n_models; i++)
        if (askable_check(&c.models[i], &e) != 0)
            say(x, FINDING_FAIL, "model", "%s: %s", c.models[i].name, e.text);
    doctor_ask_servers(&c, say_text, x);
    config_free(&c);
    free(path);
}

static void count_problem(void *arg, const char *line)
{
    struct examination *x = arg;
    say(x, FINDING_FAIL, "database", "%s", line);
}

/* A look, no more: a database is not made here. */
static void examine_database(struct examination *x)
{
    struct store *s;
    struct err e;
    struct elo_params elo = elo_defaults();
    size_t n_problems = 0;
    char *path = arena_db_path(&x->in->options);
    if (!path_exists(path))
        say(x, FINDING_OK, "database", "%s: none yet, the first battle makes "
            "it", path);
    else if (store_open(&s, path, &elo, &e) != 0)
        say(x, FINDING_FAIL, "database", "%s", e.text);
    else {
        int result = store_check(s, count_problem, x, &n_problems, &e);
        if (result != 0)
            say(x, FINDING_FAIL, "database", "%s", e.text);
        else if (n_problems == 0)
            say(x, FINDING_OK, "database", "%s: intact", path);
        store_close(s);
    }
    free(path);
}

static void examine_weights(struct examination *x)
{
    struct weights_list l;
    struct err e;
    if (weights_list_load(&l, NULL, &e) != 0) {
        say(x, FINDING_FAIL, "data", "%s; is the installation complete? "
            "ARENA_DATA can name its data folder", e.text);
        return;
    }
    for (size_t i = 0; i < l.n; i++) {
        char *path = weights_path(l.entries[i].file);
        if (weights_present(&l.entries[i]))
            say(x, FINDING_OK, "weights", "%s: %s", l.entries[i].name, path);
        else
            say(x, FINDING_OK, "weights", "%s: not here; get it with arena "
                "models pull %s", l.entries[i].name, l.entries[i].name);
        free(path);
    }
    weights_list_free(&l);
}

static void examine_servers(struct examination *x)
{
    struct probe p;
    probe_servers(&p);
    for (size_t i = 0; i < p.n; i++)
        say(x, FINDING_OK, "server", "%s at %s: %zu model%s",
            p.servers[i].title, p.servers[i].url, p.servers[i].n_ids,
            plural_s(p.servers[i].n_ids));
    if (p.n == 0)
        say(x, FINDING_OK, "servers", "no Ollama, LM Studio, llama-server or "
            "vLLM runs on this machine");
    probe_free(&p);
}

static int run_doctor(struct invocation *in, struct err *e)
{
    struct examination x = {.in = in};
    if (command_parse(in, NULL, 0, 0, e) != 0)
        return -1;
    examine_terminal(&x);
    examine_locale(&x);
    examine_processor(&x);
    examine_libraries(&x);
    examine_config(&x);
    examine_database(&x);
    examine_weights(&x);
    examine_servers(&x);
    if (x.n_failed == 0)
        return 0;
    return err_set(e, ERR_FAILURE, "%d problem%s, see above",
                   x.n_failed, plural_s(x.n_failed));
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "look at terminal, libraries, config, database, weights",
    .synopsis = "",
    .help = "  ok, warn or fail for each, with what to do.  Changes nothing;\n"
            "  contacts only the servers of the config and those on this "
            "machine.\n  --json: an object a line.\n",
    .run = run_doctor,
};
