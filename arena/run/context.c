#include "arena/run/context.h"

#include <stdlib.h>

#include "base/mem.h"

int context_begin_reading(struct run_context *c, struct err *e)
{
    if (c->in_group || c->is_reading)
        return 0;
    c->is_reading = store_begin_reading(c->arena->store, e) == 0;
    return c->is_reading ? 0 : -1;
}

int context_end_reading(struct run_context *c, struct err *e)
{
    if (!c->is_reading)
        return 0;
    c->is_reading = false;
    return store_end_reading(c->arena->store, e);
}

int context_begin_writing(struct run_context *c, struct err *e)
{
    if (c->in_group)
        return 0;
    if (context_end_reading(c, e) != 0)
        return -1;
    c->in_group = store_begin_group(c->arena->store, e) == 0;
    return c->in_group ? 0 : -1;
}

void context_add_news(struct run_context *c, size_t prompt, size_t model,
                      const char *failure)
{
    c->news = mem_realloc(c->news, c->n_news + 1, sizeof(*c->news));
    c->news[c->n_news++] = (struct context_news){
        .prompt = prompt,
        .model = model,
        .failure = failure ? mem_strdup(failure) : NULL,
    };
}

int context_end_step(struct run_context *c, int result, struct err *e)
{
    if (context_end_reading(c, result < 0 ? NULL : e) != 0)
        result = -1;
    if (c->in_group &&
        store_end_group(c->arena->store, result < 0 ? -1 : 0, e) != 0)
        result = -1;
    c->in_group = false;
    for (size_t i = 0; i < c->n_news; i++) {
        struct context_news *x = &c->news[i];
        struct run_news news = {.prompt = x->prompt,
                                .model = x->model,
                                .failure = x->failure};
        if (result >= 0 && c->tell != NULL)
            c->tell(c->arg, &news);
        free(x->failure);
    }
    free(c->news);
    c->news = NULL;
    c->n_news = 0;
    return result;
}
