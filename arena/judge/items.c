#include <math.h>
#include <string.h>

#include "arena/judge/private.h"
#include "arena/judge/reply.h"
#include "rating/votes/share.h"

void item_fail(struct judging *j, struct judging_item *x, const char *why)
{
    if (x->done) /* its other part has failed, too */
        return;
    x->done = true;
    j->status.n_failed++;
    if (j->spec.tell != NULL)
        j->spec.tell(j->spec.arg, x->battle_id, why);
}

int item_take(struct judging *j, struct judging_item *x, struct err *e)
{
    if (x->taken)
        return 0;
    if (!j->spec.again && store_get_judged(j->arena->store, x->battle_id,
                                           j->voter, &x->said, e) != 0)
        return -1;
    x->taken = true;
    for (int part = 0; part < 2; part++)
        x->asked[part] = x->said.known[part];
    return 0;
}

int item_read(struct judging *j, struct judging_item *x,
              struct docket_case *c, struct err *e)
{
    if (docket_read(c, j->arena, x->battle_id, &j->references, e) != 0) {
        if (e->code == ERR_DB)
            return -1;
        item_fail(j, x, e->text);
        return 0;
    }
    x->leak = c->battle.leak;
    x->n_answers = c->battle.n_answers;
    if (j->spec.form->has_reference && !docket_has_reference(c)) {
        x->done = true;
        j->status.n_bare++;
        return 0;
    }
    return 1;
}

/* How an order changed the verdict, of a pair that is whole. */
static void note_order(struct judging *j, const struct judging_item *x)
{
    struct judging_status *s = &j->status;
    const double *value = x->said.value, *tie = x->said.tie;
    if (j->spec.form->kind != FORM_PAIR)
        return;
    s->n_swapped++;
    s->n_agreed += share_likeliest(value[0], tie[0]) ==
                   share_likeliest(value[1], tie[1]);
    j->first_sum += share_shown_first(value);
}

/* Both parts may have been said before a session ended that did not come to
 * vote: then the battle has not been read in this one. */
static int read_if_new(struct judging *j, struct judging_item *x,
                       struct err *e)
{
    struct docket_case c;
    if (x->n_answers > 0)
        return 1;
    int result = item_read(j, x, &c, e);
    docket_case_free(&c);
    return result;
}

int item_vote(struct judging *j, struct judging_item *x, struct err *e)
{
    if (x->done || !x->said.known[0] || !x->said.known[1])
        return 0;
    int is_read = read_if_new(j, x, e);
    if (is_read != 1)
        return is_read;
    double share;
    struct store_vote vote = {
        .battle_id = x->battle_id,
        .n_answers = x->n_answers,
        .voter = j->voter,
        .dwell_ms = -1,
        .leak = x->leak,
        .share = j->spec.soft ? &share : NULL,
    };
    struct store_vote_result result;
    reply_combine(j->spec.form->kind, j->spec.soft, x->said.value, x->said.tie,
                  &vote.verdict, &share);
    if (store_vote(j->arena->store, &vote, &result, e) != 0) {
        if (e->code != ERR_USAGE)
            return -1;
        item_fail(j, x, e->text); /* somebody made its answers anew */
        return 0;
    }
    x->done = true;
    j->status.n_voted++;
    note_order(j, x);
    return 0;
}

int items_withdraw(struct judging *j, struct err *e)
{
    if (!j->spec.again || j->status.is_anew)
        return 0;
    if (store_withdraw_judge(j->arena->store, j->spec.run_id, j->voter,
                             &j->status.n_withdrawn, e) != 0)
        return -1;
    j->status.is_anew = true;
    j->status.n_voted = 0;
    return 0;
}

int item_said(struct judging *j, struct judging_item *x, int part,
              const struct store_judgment *said, struct err *e)
{
    struct store_judgment row = *said;
    row.battle_id = x->battle_id;
    row.voter = j->voter;
    row.part = part;
    row.form = j->form;
    if (items_withdraw(j, e) != 0 ||
        store_put_judgment(j->arena->store, &row, e) != 0)
        return -1;
    if (isnan(row.value))
        return 0;
    x->said.known[part] = true;
    x->said.value[part] = row.value;
    x->said.tie[part] = row.tie;
    return item_vote(j, x, e);
}
