#include "arena/judge/docket.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void references_init(struct references *r, const struct prompts *prompts)
{
    *r = (struct references){.prompts = prompts};
    names_init(&r->texts, PROMPTS_MAX);
    size_t n = prompts == NULL ? 0 : prompts->n;
    r->at = mem_calloc(n + 1, sizeof(*r->at));
    for (size_t i = 0; i < n; i++) {
        struct buf text;
        buf_init(&text, PROMPTS_MAX_BYTES);
        prompt_add_text(&prompts->list[i], &text);
        uint32_t number = names_add(&r->texts, text.data, text.len);
        if (number < n)
            r->at[number] = i;
        buf_free(&text);
    }
}

void references_free(struct references *r)
{
    names_free(&r->texts);
    free(r->at);
}

/* The first right answer of each turn, NULL if a turn has none. */
static void find_references(struct docket_case *c, const struct references *r)
{
    const char *text = c->battle.entry->prompt;
    uint32_t number = names_find(&r->texts, text, strlen(text));
    if (r->prompts == NULL || number == NAMES_NONE)
        return;
    const struct prompt *p = &r->prompts->list[r->at[number]];
    c->ask.references = mem_calloc(c->ask.n_turns, sizeof(char *));
    for (size_t i = p->n_references; i-- > 0;)
        if (p->references[i].turn < c->ask.n_turns)
            c->ask.references[p->references[i].turn] = p->references[i].text;
}

/* Of each turn and side the last round counts, and it comes last. */
static void take_answers(struct docket_case *c)
{
    const struct blind_battle *b = &c->battle;
    for (size_t i = 0; i < b->n_answers; i++) {
        const struct store_answer_row *x = &b->answers[i];
        if (x->turn < 1 || (size_t)x->turn > c->ask.n_turns)
            continue;
        size_t t = (size_t)x->turn - 1;
        c->ask.questions[t] = x->prompt;
        c->ask.answers[x->side][t] = x->text;
    }
}

int docket_read(struct docket_case *c, struct arena *a, int64_t battle_id,
                const struct references *r, struct err *e)
{
    *c = (struct docket_case){.ask = {.n_turns = 0}};
    if (blind_read_hidden(&c->battle, a->store, &a->config, battle_id, e) != 0)
        return -1;
    struct ask_case *ask = &c->ask;
    for (size_t i = 0; i < c->battle.n_answers; i++)
        if ((size_t)c->battle.answers[i].turn > ask->n_turns)
            ask->n_turns = (size_t)c->battle.answers[i].turn;
    ask->questions = mem_calloc(ask->n_turns + 1, sizeof(char *));
    for (int side = 0; side < 2; side++)
        ask->answers[side] = mem_calloc(ask->n_turns + 1, sizeof(char *));
    take_answers(c);
    for (size_t t = 0; t < ask->n_turns; t++)
        if (ask->answers[0][t] == NULL || ask->answers[1][t] == NULL)
            return err_set(e, ERR_FORMAT, "an answer of turn %zu is missing",
                           t + 1);
    if (ask->n_turns == 0)
        return err_set(e, ERR_FORMAT, "it has no answers");
    find_references(c, r);
    return 0;
}

void docket_case_free(struct docket_case *c)
{
    free(c->ask.questions);
    free(c->ask.answers[0]);
    free(c->ask.answers[1]);
    free(c->ask.references);
    blind_free(&c->battle);
}

bool docket_has_reference(const struct docket_case *c)
{
    return c->ask.references != NULL && c->ask.references[0] != NULL;
}
