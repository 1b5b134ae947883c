/* `arena models pull`: weights into the data folder. */
#include "tui/commands/models_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/weights/pull.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/path.h"
#include "tui/clean.h"
#include "tui/print/progress.h"
#include "tui/session.h"

#define PULL_ANSWER_BYTES 80
#define PULL_TERMS_BYTES (1u << 20)

/* What the callbacks of a pull need. */
struct watcher {
    struct progress progress;
    bool json;     /* each file that is here, as an object on stdout */
    bool may_ask;  /* there is a person at a terminal */
    bool yes;      /* --yes */
    bool declined; /* the terms were not accepted */
};

static bool on_progress(void *arg, const char *what, int64_t done,
                        int64_t total)
{
    struct watcher *w = arg;
    progress_bytes(&w->progress, what, done, total);
    return true;
}

/* Foreign text to stderr, each line after `indent`. */
static void say_cleaned(const char *text, const char *indent)
{
    struct buf clean;
    buf_init(&clean, PULL_TERMS_BYTES);
    clean_text(text, strlen(text), false, &clean);
    for (char *line = clean.data; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        fprintf(stderr, "%s%.*s\n", n > 0 ? indent : "", (int)n, line);
        line += n + (line[n] == '\n');
    }
    buf_free(&clean);
}

static void say_terms(const struct pull_terms *t)
{
    const struct weights_terms *terms = t->weights->terms;
    fprintf(stderr, "\n%s comes under the %s:\n  %s\n", t->weights->name,
            terms->title, terms->address);
    fprintf(stderr, "Their whole text was saved as\n");
    say_cleaned(t->saved, "  ");
    fprintf(stderr, "The package says:\n");
    say_cleaned(t->notice, "  | ");
}

static void say_whole_text(const char *path)
{
    struct buf text;
    buf_init(&text, PULL_TERMS_BYTES);
    if (buf_read_file(&text, path) == 0)
        say_cleaned(text.data, "");
    buf_free(&text);
}

/* y, n or r; asked again until it is one of them. */
static bool ask_for_consent(const struct pull_terms *t)
{
    char answer[PULL_ANSWER_BYTES];
    for (;;) {
        fprintf(stderr, "Do you accept these terms? [y/N, r to read them] ");
        fflush(stderr);
        if (fgets(answer, sizeof(answer), stdin) == NULL)
            return false;
        switch (answer[0]) {
        case 'y': case 'Y': return true;
        case 'n': case 'N': case '\n': return false;
        case 'r': case 'R': say_whole_text(t->saved); break;
        default: break;
        }
    }
}

static bool on_terms(void *arg, const struct pull_terms *t)
{
    struct watcher *w = arg;
    progress_end(&w->progress);
    say_terms(t);
    if (w->may_ask && !w->yes) {
        w->declined = !ask_for_consent(t);
        return !w->declined;
    }
    fprintf(stderr, "%s\n\n", w->yes ? "Accepted with --yes."
            : "Nobody is here to be asked: going on to download means that "
              "you accept them.");
    return true;
}

static void watcher_init(struct watcher *w, const struct invocation *in,
                         const struct models_settings *s)
{
    *w = (struct watcher){.yes = s->yes, .json = in->json};
    w->may_ask = !in->no_input && isatty(STDIN_FILENO) == 1 &&
                 isatty(STDERR_FILENO) == 1;
    progress_init(&w->progress, in->plain);
}

static bool is_url(const char *word)
{
    return strstr(word, "://") != NULL;
}

static void print_entry(const char *name, const char *path, bool here)
{
    struct buf out;
    buf_init(&out, PULL_TERMS_BYTES);
    buf_add_char(&out, '{');
    json_put_text(&out, "name", name);
    json_put_text(&out, "file", path);
    json_put_bool(&out, "here", here);
    printf("%s}\n", out.data);
    fflush(stdout);
    buf_free(&out);
}

static void print_listed(const struct weights_entry *entry)
{
    char *path = weights_path(entry->file);
    print_entry(entry->name, path, weights_present(entry));
    free(path);
}

static int pull_listed(struct watcher *w, const struct weights_entry *entry,
                       bool quiet, struct err *e)
{
    struct pull_watch watch = {w, on_progress, on_terms};
    bool present = weights_present(entry);
    int result = pull_weights(entry, &watch, e);
    progress_end(&w->progress);
    if (result == 0 && w->json)
        print_listed(entry);
    else if (result == 0 && !present && !quiet)
        fprintf(stderr, "%s: here, %.0f MB, sha256 as expected\n", entry->name,
                (double)entry->size / 1e6);
    else if (result == 0 && !quiet)
        fprintf(stderr, "%s: here already\n", entry->name);
    return result;
}

static int pull_word(struct watcher *w, const struct weights_list *l,
                     const char *word, const char *sha256, struct err *e)
{
    if (is_url(word)) {
        struct pull_watch watch = {w, on_progress, on_terms};
        char *path = NULL;
        int result = pull_url(word, sha256, &watch, &path, e);
        progress_end(&w->progress);
        if (result == 0 && w->json) {
            print_entry(path_name(path), path, true);
        } else if (result == 0) {
            fputs("here:\n", stderr);
            say_cleaned(path, "  ");
        }
        free(path);
        return result;
    }
    const struct weights_entry *entry = weights_list_find(l, word);
    if (entry == NULL)
        return err_set(e, ERR_USAGE, "no weights are known as \"%s\"; arena "
                       "models pull lists them, and takes an https address",
                       word);
    if (sha256 != NULL)
        return err_set(e, ERR_USAGE, "--sha256 is for addresses; that of "
                       "\"%s\" is known", word);
    return pull_listed(w, entry, false, e);
}

/* --- the default weights ------------------------------------------------ */

/* A person who said no is not asked again at each start; naming the weights
 * asks anew. */
static char *declined_path(const struct weights_entry *entry)
{
    struct buf name;
    buf_init(&name, 512);
    buf_addf(&name, "%s.declined", entry->file);
    char *path = weights_path(name.data);
    buf_free(&name);
    return path;
}

static int pull_default(struct watcher *w, const struct weights_entry *entry,
                        struct err *e)
{
    char *declined = declined_path(entry);
    int result = 0;
    if (!path_exists(declined)) {
        w->declined = false;
        result = pull_listed(w, entry, weights_present(entry), e);
        if (w->declined) {
            result = path_write_file(declined, "", 0, 0600, e);
            fprintf(stderr, "Left out; `arena models pull %s` asks again.\n",
                    entry->name);
        }
    }
    free(declined);
    return result;
}

/* One that cannot be had does not keep the others away. */
static int pull_defaults(struct watcher *w, const struct weights_list *l,
                         struct err *e)
{
    int n_failed = 0, n_present = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (!l->entries[i].is_default)
            continue;
        if (pull_default(w, &l->entries[i], e) != 0) {
            session_say_error(e);
            n_failed++;
        }
        n_present += weights_present(&l->entries[i]);
    }
    if (n_failed == 0)
        return 0;
    if (n_present > 0)
        return err_set(e, ERR_PARTIAL, "%d of the default weights could not "
                       "be downloaded; the others are here", n_failed);
    return err_set(e, ERR_BACKEND, "none of the default weights could be "
                   "downloaded; the same command tries again, and resumes");
}

static void list_weights(const struct weights_list *l, bool json)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct weights_entry *w = &l->entries[i];
        if (json) {
            print_listed(w);
            continue;
        }
        printf("%-16s %5.0f MB  %-20s %s\n", w->name, (double)w->size / 1e6,
               w->licence, weights_present(w) ? "here" : "not here");
    }
}

int models_pull(struct invocation *in, const struct models_settings *s,
                struct err *e)
{
    struct weights_list l;
    struct watcher w;
    if (s->sha256 != NULL && in->argc != 3)
        return err_set(e, ERR_USAGE, "--sha256 needs one address to pull");
    if (weights_list_load(&l, NULL, e) != 0)
        return -1;
    int result = 0;
    watcher_init(&w, in, s);
    if (s->defaults)
        result = pull_defaults(&w, &l, e);
    else if (in->argc == 2)
        list_weights(&l, in->json);
    for (int i = 2; i < in->argc && result == 0; i++)
        result = pull_word(&w, &l, in->argv[i], s->sha256, e);
    weights_list_free(&l);
    return result;
}
