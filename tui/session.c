#include "tui/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/config/offer.h"
#include "base/log.h"
#include "base/path.h"
#include "base/plural.h"
#include "tui/clean.h"

#define SESSION_TEXT_BYTES (4u << 20)

bool session_may_ask(const struct invocation *in)
{
    return !in->no_input && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool session_read_line(FILE *from, struct buf *out)
{
    buf_clear(out);
    bool any = false;
    int c;
    while ((c = getc(from)) != EOF && c != '\n') {
        buf_add_char(out, (char)c);
        any = true;
    }
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        buf_cut(out, out->len - 1);
    return any || c == '\n';
}

/* Asks on stderr; an empty answer is yes. */
static bool ask_yes(const char *question)
{
    struct buf line;
    buf_init(&line, 64);
    fprintf(stderr, "%s [Y/n] ", question);
    fflush(stderr);
    bool yes = session_read_line(stdin, &line) &&
               (line.len == 0 || line.data[0] == 'y' || line.data[0] == 'Y');
    buf_free(&line);
    return yes;
}

void session_say(FILE *to, const char *name, const char *text)
{
    struct buf line;
    buf_init(&line, SESSION_TEXT_BYTES);
    if (name != NULL) {
        clean_text(name, strlen(name), true, &line);
        buf_add_str(&line, ": ");
    }
    clean_text(text, strlen(text), true, &line);
    fprintf(to, "%s\n", line.data);
    buf_free(&line);
}

static bool ask_same_model(void *arg, const char *name)
{
    (void)arg;
    session_say(stderr, NULL, name);
    fputs("is described otherwise than when it was rated last.\n", stderr);
    return ask_yes("Is it still the same model?");
}

static int no_config(struct err *e)
{
    return err_set(e, ERR_CONFIG, "no configuration yet; run \"arena config "
                   "init\" (or arena on a terminal), or try \"arena demo\"");
}

static bool ask_offer(const struct offer *o)
{
    char question[80];
    snprintf(question, sizeof(question), "Write arena.json with %zu model%s "
             "made of these and start?", o->n_models, plural_s(o->n_models));
    return ask_yes(question);
}

/* The first run: says what was found, and asks. */
static int offer_first_config(struct invocation *in, struct err *e)
{
    struct offer offer;
    struct buf text, clean;
    int result = -1;
    buf_init(&text, SESSION_TEXT_BYTES);
    buf_init(&clean, SESSION_TEXT_BYTES);
    offer_find(&offer);
    offer_describe(&offer, &text);
    clean_text(text.data, text.len, false, &clean);
    fprintf(stderr, "%s\n", clean.data);
    if (offer.n_models < 2) {
        no_config(e);
    } else if (ask_offer(&offer)) {
        char *usual = config_default_path();
        const char *given = in->options.config_path;
        result = offer_write(&offer, given ? given : usual, e);
        free(usual);
    } else {
        err_set(e, ERR_INTERRUPTED, "nothing was written");
    }
    offer_free(&offer);
    buf_free(&text);
    buf_free(&clean);
    return result;
}

static void open_log(void)
{
    char *folder = path_of(PATH_STATE, "");
    char *path = path_of(PATH_STATE, "log");
    if (path_make_folder(folder, NULL) == 0)
        log_open(path);
    free(folder);
    free(path);
}

static bool config_is_missing(const struct invocation *in)
{
    bool foreign;
    char *path = config_find(in->options.config_path, &foreign);
    free(path);
    return path == NULL && !in->options.config_optional;
}

int session_check(const struct invocation *in, struct err *e)
{
    return config_is_missing(in) && !session_may_ask(in) ? no_config(e) : 0;
}

void session_say_error(const struct err *e)
{
    session_say(stderr, "arena", e->text);
}

void session_say_notes(const struct invocation *in, struct arena *a)
{
    const char *note;
    while ((note = arena_next_note(a)) != NULL)
        if (in->verbose >= 0)
            session_say(stderr, "arena", note);
}

int session_open(struct arena *a, struct invocation *in, struct err *e)
{
    if (session_check(in, e) != 0 ||
        (config_is_missing(in) && offer_first_config(in, e) != 0))
        return -1;
    open_log();
    if (session_may_ask(in))
        in->options.same_model = ask_same_model;
    if (arena_open(a, &in->options, e) != 0)
        return -1;
    session_say_notes(in, a);
    return 0;
}

int session_read_prompt(const char *operand, struct buf *out, struct err *e)
{
    if (operand == NULL) {
        if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
            fputs("prompt: ", stderr);
        session_read_line(stdin, out);
    } else if (strcmp(operand, "-") != 0) {
        buf_add_str(out, operand);
    } else if (buf_read_fd(out, STDIN_FILENO) != 0 && errno != EFBIG) {
        return err_set(e, ERR_FAILURE, "cannot read stdin: %s",
                       strerror(errno));
    }
    if (out->overflow)
        return err_set(e, ERR_USAGE, "the prompt is longer than %zu bytes",
                       out->max);
    while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]) != NULL)
        buf_cut(out, out->len - 1);
    if (strspn(out->data, " \t\r\n") == out->len)
        return err_set(e, ERR_USAGE, "the prompt is empty; give one as an "
                       "operand, or on stdin");
    if (strlen(out->data) != out->len)
        return err_set(e, ERR_USAGE, "the prompt has a NUL byte in it");
    return 0;
}
