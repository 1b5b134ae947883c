/* `arena completion values`: what a shell offers for a word of a synopsis. */
#include "tui/commands/completion_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/exchange/exchange.h"
#include "arena/run/sets.h"
#include "backends/model.h"
#include "backends/settings.h"
#include "base/mem.h"
#include "tui/clean.h"
#include "tui/commands/models_private.h"
#include "tui/database.h"

#define COMPLETION_ASK_MS 2000 /* that a person waits for */

/* A name that would not be the same when it is typed is left out. */
static void put(const char *name)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    clean_text(name, strlen(name), true, &b);
    if (!b.overflow && strcmp(b.data, name) == 0)
        puts(name);
    buf_free(&b);
}

static void put_models(const struct invocation *in)
{
    struct config c;
    if (database_config(in, &c, NULL) != 1)
        return;
    for (size_t i = 0; i < c.n_models; i++)
        put(c.models[i].name);
    config_free(&c);
}

static void put_runs(const struct invocation *in)
{
    struct store *s;
    char **names;
    size_t n;
    if (database_open(&s, in, DATABASE_READ, NULL) != 0)
        return;
    if (store_list_runs(s, &names, &n, NULL) == 0) {
        for (size_t i = 0; i < n; i++)
            put(names[i]);
        store_free_names(names, n);
    }
    store_close(s);
}

static void put_verbs(const struct invocation *in)
{
    (void)in;
    for (int i = 0; command_at(i) != NULL; i++)
        puts(command_at(i)->name);
}

static void put_forms(const struct invocation *in)
{
    (void)in;
    for (size_t i = 0; exchange_at(i) != NULL; i++)
        puts(exchange_name(exchange_at(i)));
}

static void put_set(void *arg, const char *name)
{
    (void)arg;
    put(name);
}

/* The prompt sets that come with arena. */
static void put_sets(const struct invocation *in)
{
    (void)in;
    prompt_sets_each(put_set, NULL);
}

/* The word of the line that begins so, without that, to its end; "" if there is
 * none.  The caller frees it. */
static char *word_of(const char *line, const char *begin)
{
    size_t n = strlen(begin);
    for (const char *p = line; *p != '\0'; p += strcspn(p, " \t")) {
        p += strspn(p, " \t");
        if (strncmp(p, begin, n) == 0)
            return mem_strndup(p + n, strcspn(p + n, " \t"));
    }
    return mem_strdup("");
}

static bool ends_in_id(const char *line)
{
    const char *last = strrchr(line, ' ');
    return last != NULL && strncmp(last + 1, "id=", 3) == 0;
}

/* "id=…" for each model of the server that the line names. */
static void put_ids(const struct invocation *in, const char *backend)
{
    struct config c;
    struct model m;
    struct buf ids;
    if (database_config(in, &c, NULL) != 1)
        config_init(&c);
    buf_init(&ids, STREAM_MAX_BYTES);
    if (config_backend(&c, backend, &m, NULL) == 0) {
        struct err e;
        if (models_ids(&m, COMPLETION_ASK_MS, &ids, &e) == 0)
            for (char *rest, *id = strtok_r(ids.data, "\n", &rest); id != NULL;
                 id = strtok_r(NULL, "\n", &rest)) {
                struct buf word;
                buf_init(&word, STREAM_MAX_BYTES);
                buf_addf(&word, "id=%s", id);
                put(word.data);
                buf_free(&word);
            }
        model_free(&m);
    }
    buf_free(&ids);
    config_free(&c);
}

/* Behind "models add NAME" stand keys, behind "models test" models.  ARENA_LINE
 * is the line as far as it is written. */
static void put_models_and_keys(const struct invocation *in)
{
    const char *line = getenv("ARENA_LINE");
    if (line != NULL && ends_in_id(line)) {
        char *backend = word_of(line, "backend=");
        put_ids(in, backend);
        free(backend);
        return;
    }
    put_models(in);
    for (size_t i = 0; i < model_settings.n; i++)
        printf("%s=\n", model_settings.rows[i].key);
}

static const struct {
    const char *word;
    void (*put)(const struct invocation *in);
} kinds[] = {
    {"MODEL", put_models}, {"A", put_models},  {"B", put_models},
    {"RUN", put_runs},     {"VERB", put_verbs}, {"FORMAT", put_forms},
    {"PROMPTS", put_sets}, {"...", put_models_and_keys},
};

static void put_kind(const struct invocation *in, const char *word)
{
    if (word[0] >= 'a' && word[0] <= 'z')
        puts(word);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].word, word) == 0)
            kinds[i].put(in);
}

int completion_values(struct invocation *in, struct err *e)
{
    (void)e;
    for (int i = 2; i < in->argc; i++)
        for (char *rest, *word = strtok_r(in->argv[i], "|", &rest);
             word != NULL; word = strtok_r(NULL, "|", &rest))
            put_kind(in, word);
    return 0;
}
