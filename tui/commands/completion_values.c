/* `arena completion values`: what a shell offers for a word of a synopsis. */
#include "tui/commands/completion_private.h"

#include <stdio.h>
#include <string.h>

#include "arena/exchange/exchange.h"
#include "arena/run/sets.h"
#include "backends/model.h"
#include "backends/settings.h"
#include "tui/clean.h"
#include "tui/database.h"

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

/* Behind "models add NAME" stand keys, behind "models test" models. */
static void put_models_and_keys(const struct invocation *in)
{
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
