#include "arena/config/askable.h"

#include "backends/backend.h"

/* Opening a backend checks all that can be checked and does nothing else (see
 * backend_ops.open), so what is said here is what asking would say. */
int askable_check(const struct model *m, struct err *e)
{
    struct backend *b;
    struct backend_env env;
    const struct backend_ops *ops = backend_find(m->backend);
    if (ops == NULL)
        return err_set(e, ERR_CONFIG, "this program has no backend \"%s\"",
                       m->backend);
    backend_env_init(&env);
    int result = ops->open(&b, m, &env, e);
    if (result == 0)
        ops->close(b);
    backend_env_free(&env);
    return result;
}

void askable_remarks(const struct model *m, struct buf *out)
{
    const struct backend_ops *ops = backend_find(m->backend);
    if (ops != NULL && ops->remarks != NULL)
        ops->remarks(m, out);
}
