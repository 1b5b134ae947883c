#include "arena/exchange/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/* Answers come by turn, round and side. */
void talk_init(struct talk *t, const struct bulk_battle *b)
{
    *t =
        (struct talk){.turns = mem_calloc(b->n_answers + 1, sizeof(*t->turns))};
    for (size_t i = 0; i + 1 < b->n_answers; i++) {
        const struct store_answer *x = &b->answers[i], *y = x + 1;
        if (x->side != 0 || y->side != 1 || x->turn != y->turn ||
            x->round != y->round)
            continue;
        if (t->n > 0 && t->turns[t->n - 1][0]->turn == x->turn)
            t->n--;
        t->turns[t->n][0] = x;
        t->turns[t->n++][1] = y;
    }
}

void talk_free(struct talk *t)
{
    free(t->turns);
    *t = (struct talk){.n = 0};
}

bool talk_shares_history(const struct talk *t)
{
    for (size_t i = 0; i + 1 < t->n; i++)
        if (strcmp(t->turns[i][0]->text, t->turns[i][1]->text) != 0)
            return false;
    return true;
}

void talk_add_message(struct buf *out, const char *role, const char *content)
{
    json_comma(out);
    buf_add_char(out, '{');
    json_put_text(out, "role", role);
    json_put_text(out, "content", content);
    buf_add_char(out, '}');
}

void talk_add_messages(const struct talk *t, int side, bool whole,
                       struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < t->n; i++) {
        talk_add_message(out, "user", t->turns[i][side]->prompt);
        if (whole || i + 1 < t->n)
            talk_add_message(out, "assistant", t->turns[i][side]->text);
    }
    buf_add_char(out, ']');
}
