#include "arena/run/promptlist.h"

#include <stdlib.h>

#include "base/mem.h"

void prompt_add_turn(struct prompt *p, const char *text, size_t n)
{
    p->turns = mem_realloc(p->turns, p->n_turns + 1, sizeof(*p->turns));
    p->turns[p->n_turns++] = mem_strndup(text, n);
}

void prompt_add_text(const struct prompt *p, struct buf *out)
{
    if (p->system != NULL)
        buf_addf(out, "System: %s\n\n", p->system);
    for (size_t i = 0; i < p->n_turns; i++) {
        buf_add_str(out, i > 0 ? "\n\n" : "");
        buf_add_str(out, p->turns[i]);
    }
}

void prompt_add_reference(struct prompt *p, size_t turn, const char *text)
{
    p->references = mem_realloc(p->references, p->n_references + 1,
                                sizeof(*p->references));
    p->references[p->n_references++] =
        (struct prompt_reference){.turn = turn, .text = mem_strdup(text)};
}

void prompt_free(struct prompt *p)
{
    for (size_t i = 0; i < p->n_turns; i++)
        free(p->turns[i]);
    free(p->turns);
    free(p->id);
    free(p->category);
    free(p->system);
    free(p->pair);
    for (size_t i = 0; i < p->n_references; i++)
        free(p->references[i].text);
    free(p->references);
    *p = (struct prompt){0};
}

void prompts_free(struct prompts *p)
{
    for (size_t i = 0; i < p->n; i++)
        prompt_free(&p->list[i]);
    free(p->list);
    free(p->purpose);
    *p = (struct prompts){0};
}
