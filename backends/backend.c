#include "backends/backend.h"

#include <string.h>

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
    backend_env_init(env);
}
