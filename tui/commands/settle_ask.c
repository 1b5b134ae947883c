#include "tui/commands/settle_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tui/commands/voting.h"
#include "tui/played.h"
#include "tui/session.h"

static int ask(struct invocation *in, struct arena *a,
               const struct battle_screen_arg *v, const char *from,
               struct err *e)
{
    if (v->n_queue + v->n_prompts > 0)
        return voting_run(in, a, v, e);
    session_say(stderr, from, "no prompt is left on which the two have no vote");
    return 0;
}

/* On stored battles. */
static int ask_on_run(struct invocation *in, struct arena *a,
                      const struct settled_question *q, const char *run,
                      struct err *e)
{
    int64_t run_id, *ids = NULL;
    struct battle_screen_arg v = {.question = q};
    int result = store_find_run(a->store, run, &run_id, e);
    if (result == 0)
        result = settled_list_battles(a->store, q, run_id, &ids, &v.n_queue, e);
    v.queue = ids;
    if (result == 0)
        result = ask(in, a, &v, run, e);
    free(ids);
    return result;
}

/* Leaves the prompts on which a vote would count. */
static int keep_open(struct played *p, struct arena *a,
                     const struct settled_question *q, size_t *n,
                     struct err *e)
{
    bool *is_open = mem_calloc(p->file.n + 1, sizeof(*is_open));
    int result = settled_find_open(a->store, q, p->prompts, p->categories,
                                   p->file.n, is_open, e);
    *n = 0;
    for (size_t i = 0; i < p->file.n && result == 0; i++) {
        p->prompts[*n] = p->prompts[i];
        p->categories[*n] = p->categories[i];
        *n += is_open[i];
    }
    free(is_open);
    return result;
}

/* On new battles. */
static int ask_on_prompts(struct invocation *in, struct arena *a,
                          const struct settled_question *q,
                          const struct battle_spec *fought, const char *prompts,
                          struct err *e)
{
    struct played p;
    struct battle_screen_arg v = {.question = q, .fought = *fought};
    if (played_read(&p, prompts, false, 0, 0, e) != 0)
        return -1;
    int result = keep_open(&p, a, q, &v.n_prompts, e);
    v.prompts = p.prompts;
    v.categories = p.categories;
    if (result == 0)
        result = ask(in, a, &v, prompts, e);
    played_free(&p);
    return result;
}

/* Both must be of the config. */
static int find_models(struct arena *a, const struct settled_question *q,
                       struct battle_spec *fought, struct err *e)
{
    *fought = (struct battle_spec){.any_side = true};
    for (int side = 0; side < SIDE_N; side++) {
        size_t model;
        if (arena_find_model(a, q->names[side], &model, e) != 0)
            return -1;
        fought->model[side] = (int)model;
    }
    return 0;
}

int settle_ask(struct settled *out, struct invocation *in,
               const struct settled_question *q,
               const struct settle_asked *asked, struct err *e)
{
    struct arena a;
    struct battle_spec fought;
    in->options.config_optional = asked->run != NULL;
    if (session_open(&a, in, e) != 0)
        return -1;
    int result = asked->run != NULL ? 0 : find_models(&a, q, &fought, e);
    if (result == 0)
        result = settled_load(out, a.store, q, e);
    if (result == 0 && out->result.verdict == SETTLE_UNDECIDED) {
        result = asked->run != NULL
                     ? ask_on_run(in, &a, q, asked->run, e)
                     : ask_on_prompts(in, &a, q, &fought, asked->prompts, e);
        if (result == 0)
            result = settled_load(out, a.store, q, e);
    }
    arena_close(&a);
    return result;
}
