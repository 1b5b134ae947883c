#include "backends/backend.h"

#include <string.h>

#include "backends/local/engine_thread.h"
#include "backends/remote/net.h"

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

struct net *backend_env_net(struct backend_env *env, struct err *e)
{
    if (env->net == NULL)
        env->net = net_open(e);
    return env->net;
}

struct workshop *backend_env_workshop(struct backend_env *env, struct err *e)
{
    if (env->workshop == NULL)
        env->workshop = workshop_open(env->n_threads, e);
    return env->workshop;
}

void backend_env_free(struct backend_env *env)
{
    workshop_close(env->workshop);
    net_close(env->net);
    backend_env_init(env);
}
