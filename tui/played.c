#include "tui/played.h"

#include <stdlib.h>

#include "arena/run/plan.h"
#include "arena/run/sets.h"
#include "base/mem.h"

static int check(const struct prompt *p, size_t number, const char *name,
                 struct err *e)
{
    const char *more = p->n_turns + p->n_given != 1 ? "several turns"
                       : p->system != NULL          ? "a system prompt"
                       : p->has_temperature         ? "a temperature"
                                                    : NULL;
    if (more == NULL)
        return 0;
    return err_set(e, ERR_USAGE, "%s: prompt %zu has %s, which only \"arena "
                   "eval\" asks; \"arena vote\" then shows its battles", name,
                   number, more);
}

int played_read(struct played *p, const char *name, bool shuffle, size_t limit,
                uint64_t seed, struct err *e)
{
    *p = (struct played){.prompts = NULL};
    if (prompt_set_read(name, &p->file, e) != 0)
        return -1;
    for (size_t i = 0; i < p->file.n; i++)
        if (check(&p->file.list[i], i + 1, name, e) != 0) {
            played_free(p);
            return -1;
        }
    run_choose_prompts(&p->file, shuffle, limit, seed);
    p->prompts = mem_calloc(p->file.n, sizeof(*p->prompts));
    p->categories = mem_calloc(p->file.n, sizeof(*p->categories));
    for (size_t i = 0; i < p->file.n; i++) {
        p->prompts[i] = p->file.list[i].turns[0];
        p->categories[i] = p->file.list[i].category;
    }
    return 0;
}

void played_free(struct played *p)
{
    free(p->prompts);
    free(p->categories);
    prompts_free(&p->file);
}
