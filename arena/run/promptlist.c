#include "arena/run/promptlist.h"

#include <stdlib.h>

#include "base/mem.h"

const double *prompt_temperature(const struct prompt *p)
{
    return p->has_temperature ? &p->temperature : NULL;
}

void prompt_add_turn(struct prompt *p, const char *text, size_t n)
{
    p->turns = mem_realloc(p->turns, p->n_turns + 1, sizeof(*p->turns));
    p->turns[p->n_turns++] = mem_strndup(text, n);
}

void prompt_give_answer(struct prompt *p, const char *text, size_t n)
{
    p->given = mem_realloc(p->given, p->n_given + 1, sizeof(*p->given));
    p->n_turns--;
    p->given[p->n_given++] =
        (struct prompt_given){.before = p->n_turns,
                              .user = p->turns[p->n_turns],
                              .assistant = mem_strndup(text, n)};
}

void prompt_add_turn_text(const struct prompt *p, size_t turn, struct buf *out)
{
    for (size_t i = 0; i < p->n_given; i++)
        if (p->given[i].before == turn)
            buf_addf(out, "%s\n\nAssistant: %s\n\n", p->given[i].user,
                     p->given[i].assistant);
    buf_add_str(out, p->turns[turn]);
}

void prompt_add_text(const struct prompt *p, struct buf *out)
{
    if (p->system != NULL)
        buf_addf(out, "System: %s\n\n", p->system);
    for (size_t i = 0; i < p->n_turns; i++) {
        buf_add_str(out, i > 0 ? "\n\n" : "");
        prompt_add_turn_text(p, i, out);
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
    for (size_t i = 0; i < p->n_given; i++) {
        free(p->given[i].user);
        free(p->given[i].assistant);
    }
    free(p->turns);
    free(p->given);
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
