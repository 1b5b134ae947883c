#include "backends/backend.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

#define BACKEND_ENTRY(name) &backend_##name,
static const struct backend_ops *const backends[] = {
    BACKEND_LIST(BACKEND_ENTRY)
};
#undef BACKEND_ENTRY

const struct backend_ops *backend_at(size_t i)
{
    return i < sizeof(backends) / sizeof(backends[0]) ? backends[i] : NULL;
}

const struct backend_ops *backend_find(const char *name)
{
    for (size_t i = 0; backend_at(i) != NULL; i++)
        if (strcmp(backend_at(i)->name, name) == 0)
            return backend_at(i);
    return NULL;
}

bool backend_is_served(const struct model *m)
{
    const struct backend_ops *ops = backend_find(m->backend);
    return ops != NULL && (ops->dialect != NULL || ops->starts_server);
}

void request_add_messages(struct buf *out, const struct message *messages,
                          size_t n)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        json_comma(out);
        buf_add_char(out, '{');
        json_put_text(out, "role", messages[i].role);
        json_put_text(out, "content", messages[i].content);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

const char *request_prompt(const struct request *rq)
{
    const char *prompt = "";
    for (size_t i = 0; i < rq->n_messages; i++)
        if (strcmp(rq->messages[i].role, "user") == 0)
            prompt = rq->messages[i].content;
    return prompt;
}

struct message *request_copy_messages(const struct request *rq)
{
    struct message *messages = mem_calloc(rq->n_messages, sizeof(*messages));
    for (size_t i = 0; i < rq->n_messages; i++) {
        messages[i].role = mem_strdup(rq->messages[i].role);
        messages[i].content = mem_strdup(rq->messages[i].content);
    }
    return messages;
}

void request_free_messages(struct message *messages, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free((char *)messages[i].role);
        free((char *)messages[i].content);
    }
    free(messages);
}

void backend_env_init(struct backend_env *env)
{
    *env = (struct backend_env){0};
}

static void close_thread(struct backend_thread *t)
{
    if (t->it != NULL)
        t->close(t->it);
}

void backend_env_free(struct backend_env *env)
{
    close_thread(&env->engine);
    close_thread(&env->net);
    close_thread(&env->servers); /* which the net thread has ended */
    backend_env_init(env);
}
