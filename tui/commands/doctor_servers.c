/* The servers of the config, as `arena doctor` finds them. */
#include <stdarg.h>
#include <string.h>

#include "arena/config/askable.h"
#include "backends/backend.h"
#include "backends/remote/preset.h"
#include "base/plural.h"
#include "tui/commands/doctor_private.h"
#include "tui/commands/models_private.h"

#define DOCTOR_ASK_MS 10000 /* for the list of a server */

static bool is_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Whether two models are asked at one place, with one key. */
static bool share_server(const struct model *a, const struct model *b)
{
    return strcmp(a->backend, b->backend) == 0 &&
           is_same(a->base_url, b->base_url) &&
           is_same(a->key_env, b->key_env) &&
           is_same(a->key_command, b->key_command);
}

/* Whether it asks a server that can be asked for a list. */
static bool is_listed(const struct model *m)
{
    const struct backend_ops *ops = backend_find(m->backend);
    struct err e;
    return ops != NULL && ops->list != NULL && askable_check(m, &e) == 0;
}

/* Whether an id is one of the lines, or stands for whatever the server has. */
static bool is_there(const struct model *m, const char *lines)
{
    const struct preset *p = preset_find(m->provider);
    if (p != NULL && p->id != NULL && strcmp(p->id, m->id) == 0)
        return true;
    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n");
        if (models_is_id(lines, n, m->id))
            return true;
        lines += n + (lines[n] != '\0');
    }
    return false;
}

static size_t count_lines(const char *lines)
{
    size_t n = 0;
    for (; *lines != '\0'; lines++)
        n += *lines == '\n';
    return n;
}

/* To whom findings are told. */
struct listener {
    void (*say)(void *arg, enum finding f, const char *what, const char *text);
    void *arg;
};

static void tell(const struct listener *l, enum finding f, const char *what,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void tell(const struct listener *l, enum finding f, const char *what,
                 const char *fmt, ...)
{
    struct buf text;
    va_list ap;
    buf_init(&text, 1u << 16);
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    l->say(l->arg, f, what, text.data);
    buf_free(&text);
}

static void tell_models(const struct listener *l, const struct config *c,
                        const struct model *first, const char *ids)
{
    size_t n = count_lines(ids);
    tell(l, FINDING_OK, "server", "%s at %s: %zu model%s", first->provider,
         first->base_url, n, plural_s(n));
    for (const struct model *m = first; m < c->models + c->n_models; m++)
        if (share_server(m, first) && m->id != NULL && !is_there(m, ids))
            tell(l, FINDING_WARN, "model", "%s: \"%s\" is not among the models "
                 "of %s", m->name, m->id, first->base_url);
}

static bool was_asked(const struct config *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is_listed(&c->models[k]) &&
            share_server(&c->models[k], &c->models[i]))
            return true;
    return false;
}

void doctor_ask_servers(const struct config *c,
                        void (*say)(void *arg, enum finding f, const char *what,
                                    const char *text),
                        void *arg)
{
    const struct listener l = {say, arg};
    for (size_t i = 0; i < c->n_models; i++) {
        const struct model *m = &c->models[i];
        struct buf ids;
        struct err e;
        if (!is_listed(m) || was_asked(c, i))
            continue;
        buf_init(&ids, STREAM_MAX_BYTES);
        if (models_ids(m, DOCTOR_ASK_MS, &ids, &e) == 0)
            tell_models(&l, c, m, ids.data);
        else
            tell(&l, FINDING_FAIL, "server", "%s at %s: %s", m->provider,
                 m->base_url, e.text);
        buf_free(&ids);
    }
}
