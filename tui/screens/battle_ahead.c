/* The next battle of a file of prompts, made while a person reads this one. */
#include "arena/battle/batch.h"
#include "tui/screens/battle_private.h"

static bool costs_nothing(const struct arena *a, const int model[SIDE_N])
{
    for (size_t i = 0; i < a->config.n_models; i++) {
        bool drawn = model[SIDE_A] < 0 ? a->config.models[i].weight > 0
                                       : (int)i == model[SIDE_A] ||
                                             (int)i == model[SIDE_B];
        if (drawn && (batch_check_price(a, i, 0, NULL) != 0 ||
                      batch_cost(a, i, 1) > 0))
            return false;
    }
    return true;
}

/* Under the live pace a person watches how fast the two are; and while they
 * answer, nothing may slow them down. */
static bool may_begin(const struct battle_screen *s)
{
    const struct arena *a = s->ui->arena;
    const struct ahead *q = &s->ahead;
    return !s->is_settled && q->next == NULL && !q->refused && q->at < q->n &&
           battle_state(s->battle) != BATTLE_STREAMING &&
           a->config.pace != PACE_LIVE && a->config.prefetch != PREFETCH_NONE &&
           (a->config.prefetch == PREFETCH_ALL ||
            costs_nothing(a, q->fought.model));
}

static int open_next(struct battle_screen *s, bool ahead, struct battle **out,
                     struct err *e)
{
    const struct ahead *q = &s->ahead;
    struct battle_spec spec = q->fought;
    spec.prompt = q->prompts[q->at];
    spec.category = q->categories[q->at];
    spec.ahead = ahead;
    return battle_open(out, s->ui->arena, &spec, e);
}

void battle_screen_step_ahead(struct battle_screen *s, int64_t now_ms)
{
    struct ahead *q = &s->ahead;
    struct err e;
    if (may_begin(s))
        q->refused = open_next(s, true, &q->next, &e) != 0;
    if (q->next != NULL)
        battle_step(q->next, now_ms, NULL);
    /* The one at hand is being answered once more. */
    if (q->next != NULL && battle_state(s->battle) == BATTLE_STREAMING &&
        !battle_is_answered(q->next)) {
        battle_close(q->next);
        q->next = NULL;
    }
}

struct battle *battle_screen_take_ahead(struct battle_screen *s)
{
    struct ahead *q = &s->ahead;
    struct battle *b = q->next;
    struct err e;
    int result = b != NULL ? battle_show(b, &e) : open_next(s, false, &b, &e);
    if (result != 0) {
        ui_say_error(s->ui, &e);
        return NULL;
    }
    q->next = NULL;
    q->refused = false;
    q->at++;
    return b;
}
