#include "backends/remote/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"

extern char **environ;

#define KEY_LOOK_MS 10 /* between looks at a command that has closed its output
                          but not ended */

/* What is between the blanks around it, if that can be a header's value. */
static char *key_trim(const char *s, const char *from, struct err *e)
{
    s += strspn(s, " \t\r\n");
    size_t n = strlen(s);
    while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
        n--;
    const char *problem = n == 0 ? "is empty"
                          : n > KEY_MAX_BYTES ? "is too long for a key"
                                              : NULL;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7F)
            problem = "holds a line break or control character inside";
    if (problem == NULL)
        return mem_strndup(s, n);
    err_set(e, ERR_AUTH, "the key from %s %s", from, problem);
    return NULL;
}

char *key_from_env(const char *variable, struct err *e)
{
    const char *value = getenv(variable);
    if (value != NULL)
        return key_trim(value, variable, e);
    err_set(e, ERR_AUTH, "%s is not set; export it, or name another variable "
            "with \"key_env\"", variable);
    return NULL;
}

void key_free(char *key)
{
    if (key != NULL)
        explicit_bzero(key, strlen(key));
    free(key);
}

/* The variable at "${", to the end of "}"; the length of it all, 0 if it is no
 * such thing. */
static size_t variable_at(const char *s, char name[KEY_NAME_BYTES])
{
    const char *begin = s + 2;
    size_t n = strspn(begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                             "abcdefghijklmnopqrstuvwxyz0123456789");
    if (n == 0 || n >= KEY_NAME_BYTES || begin[n] != '}')
        return 0;
    memcpy(name, begin, n);
    name[n] = '\0';
    return n + 3;
}

char *key_expand(const char *text, bool *secret, struct err *e)
{
    struct buf out;
    buf_init(&out, 2 * KEY_MAX_BYTES);
    if (secret != NULL)
        *secret = false;
    while (*text != '\0') {
        const char *dollar = strstr(text, "${");
        if (dollar == NULL)
            dollar = text + strlen(text);
        buf_add(&out, text, (size_t)(dollar - text));
        text = dollar;
        if (*text == '\0')
            break;
        char name[KEY_NAME_BYTES], *value = NULL;
        size_t n = variable_at(text, name);
        if (n == 0)
            err_set(e, ERR_CONFIG, "\"%.80s\": ${ must be followed by the name "
                    "of a variable and }", text);
        else
            value = key_from_env(name, e);
        if (value == NULL) {
            key_free(buf_detach(&out));
            return NULL;
        }
        buf_add_str(&out, value);
        key_free(value);
        text += n;
        if (secret != NULL)
            *secret = true;
    }
    return buf_detach(&out);
}

bool key_next_variable(const char **text, char name[KEY_NAME_BYTES])
{
    const char *dollar;
    while ((dollar = strstr(*text, "${")) != NULL) {
        size_t n = variable_at(dollar, name);
        *text = dollar + (n > 0 ? n : 2);
        if (n > 0)
            return true;
    }
    return false;
}

/* --- words ------------------------------------------------------------- */

void key_words_free(char **words)
{
    for (char **p = words; p != NULL && *p != NULL; p++)
        free(*p);
    free(words);
}

/* Takes one word off *p; false if a quote stays open. */
static bool take_word(const char **p, struct buf *word)
{
    char quote = '\0';
    const char *s = *p;
    for (; *s != '\0'; s++) {
        if (quote != '\0' && *s == quote)
            quote = '\0';
        else if (quote == '\0' && (*s == '\'' || *s == '"'))
            quote = *s;
        else if (quote == '\0' && strchr(" \t\r\n", *s) != NULL)
            break;
        else if (quote != '\'' && *s == '\\' && s[1] != '\0')
            buf_add_char(word, *++s);
        else
            buf_add_char(word, *s);
    }
    *p = s;
    return quote == '\0';
}

char **key_words(const char *command, struct err *e)
{
    char **words = mem_calloc(1, sizeof(*words));
    size_t n = 0;
    const char *p = command;
    for (;;) {
        p += strspn(p, " \t\r\n");
        if (*p == '\0')
            break;
        struct buf word;
        buf_init(&word, 65536);
        bool whole = take_word(&p, &word);
        words = mem_realloc(words, n + 2, sizeof(*words));
        words[n++] = buf_detach(&word);
        words[n] = NULL;
        if (!whole) {
            key_words_free(words);
            err_set(e, ERR_CONFIG, "\"key_command\": a quote is not closed");
            return NULL;
        }
    }
    if (n > 0)
        return words;
    key_words_free(words);
    err_set(e, ERR_CONFIG, "\"key_command\" is empty");
    return NULL;
}

/* --- the command ------------------------------------------------------- */

struct fetch {
    struct net_task task; /* first: a task is its fetch */
    struct process process;
    int64_t due_ms; /* patience ends */
    struct buf output;
    bool (*stop)(void *arg);
    void (*done)(void *arg, char *key, const struct err *why);
    void *arg;
};

static bool fetch_stop(struct net_task *t)
{
    struct fetch *f = (struct fetch *)t;
    return f->stop(f->arg);
}

static void fetch_finish(struct fetch *f, char *key, const struct err *why)
{
    process_forget(&f->process);
    f->done(f->arg, key, why);
    if (f->output.len > 0)
        explicit_bzero(f->output.data, f->output.len);
    buf_free(&f->output);
    free(f);
}

/* Reads what is there.  True at the end of the output. */
static bool fetch_read(struct fetch *f)
{
    char bytes[1024];
    for (;;) {
        ssize_t n = read(f->task.fd, bytes, sizeof(bytes));
        if (n > 0) {
            buf_add(&f->output, bytes, (size_t)n);
            explicit_bzero(bytes, sizeof(bytes));
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            return true;
        } else if (errno == EAGAIN) {
            return false;
        }
    }
}

static void fetch_judge(struct fetch *f, int status)
{
    struct err why = {.code = ERR_NONE};
    char *key = NULL;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        err_set(&why, ERR_AUTH, "\"key_command\" failed (%s %d); run it by "
                "hand to see why",
                WIFEXITED(status) ? "exit status" : "signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    else
        key = key_trim(f->output.data, "\"key_command\"", &why);
    fetch_finish(f, key, &why);
}

static void fetch_run(struct net *n, struct net_task *t)
{
    struct fetch *f = (struct fetch *)t;
    struct err why;
    bool late = clock_monotonic_ms() >= f->due_ms;
    if (net_closing(n) || f->stop(f->arg) || late) {
        err_set(&why, ERR_AUTH, "\"key_command\" did not end within %d s",
                KEY_COMMAND_MS / 1000);
        fetch_finish(f, NULL, &why);
        return;
    }
    if (t->fd >= 0 && fetch_read(f)) {
        process_close(&f->process.out);
        t->fd = -1;
    }
    if (t->fd < 0) {
        int status;
        if (process_has_ended(&f->process, &status)) {
            fetch_judge(f, status);
            return;
        }
        t->due_ms = clock_monotonic_ms() + KEY_LOOK_MS;
    }
    net_add(n, t);
}

int key_from_command(struct net *n, const char *command,
                     bool (*stop)(void *arg),
                     void (*done)(void *arg, char *key, const struct err *why),
                     void *arg, struct err *e)
{
    struct process process;
    char **words = key_words(command, e);
    if (words == NULL)
        return -1;
    /* In a group of its own, so that all of it can be ended.  It may need any
     * key of ours to get at the one. */
    int failed = process_start(&process, (const char *const *)words, environ,
                               PROCESS_OUT, true);
    if (failed != 0)
        err_set(e, ERR_AUTH, "\"key_command\": cannot run %s: %s", words[0],
                strerror(failed));
    key_words_free(words);
    if (failed != 0)
        return -1;
    struct fetch *f = mem_calloc(1, sizeof(*f));
    net_task_init(&f->task, fetch_run);
    f->task.stop = fetch_stop;
    f->task.fd = process.out;
    f->task.due_ms = f->due_ms = clock_monotonic_ms() + KEY_COMMAND_MS;
    f->process = process;
    f->stop = stop;
    f->done = done;
    f->arg = arg;
    buf_init(&f->output, KEY_MAX_BYTES + 64);
    net_add(n, &f->task);
    return 0;
}
