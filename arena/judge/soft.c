/* A local judge that does not write: its probabilities of A, B and a tie. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/judge/private.h"
#include "arena/judge/reply.h"
#include "base/mem.h"

static int load(struct judging *j, struct err *e)
{
    if (j->choose != NULL)
        return 0;
    if (choose_open(&j->choose, &j->reader, j->arena->config.n_threads, e) != 0)
        return -1;
    choose_set_stop(j->choose, j->spec.is_stopped);
    return 0;
}

/* Fills p[part][A, B, tie] as the judge saw them.  Both orders have one fence:
 * then only the order differs, and all before the answers is read once. */
static int read_both(struct judging *j, const struct docket_case *c,
                     double p[2][ANSWER_MAX_WORDS], int64_t *n_read,
                     struct err *e)
{
    const struct request_words *w = &reply_verdicts;
    struct ask_text text[2] = {{.n_messages = 0}, {.n_messages = 0}};
    struct choose_question q[2];
    int result = 0;
    uint64_t drawn = rng_next(&j->arena->rng);
    for (int part = 0; part < 2 && result == 0; part++) {
        struct rng rng;
        rng_init(&rng, drawn);
        result = ask_fill(&text[part], j->spec.form, &c->ask, part,
                          j->reader.system, &rng, e);
        q[part] = (struct choose_question){text[part].messages,
                                           text[part].n_messages};
    }
    double *const rows[2] = {p[0], p[1]};
    if (result == 0)
        result = choose_read_pair(j->choose, q, w->begin, w->list, (size_t)w->n,
                                  rows, n_read, e);
    for (int part = 0; part < 2; part++)
        ask_free(&text[part]);
    return result;
}

/* Both parts and the vote are on disk together. */
static int store_both(struct judging *j, struct judging_item *x,
                      double p[2][ANSWER_MAX_WORDS], int64_t n_read,
                      struct err *e)
{
    if (items_withdraw(j, e) != 0 ||
        store_begin_group(j->arena->store, e) != 0)
        return -1;
    int result = 0;
    for (int part = 0; part < 2 && result == 0; part++) {
        struct reply reply;
        reply_weigh(p[part], &reply);
        struct store_judgment said = {
            .value = part == 0 ? reply.value : 1 - reply.value,
            .tie = reply.tie,
            .reply = "",
            .n_in = part == 0 ? n_read : 0,
            .n_out = 0,
            .cost = NAN,
        };
        result = item_said(j, x, part, &said, e);
    }
    return store_end_group(j->arena->store, result, e);
}

/* 0; 1: it was stopped, and nothing is said yet; or -1. */
static int judge(struct judging *j, struct judging_item *x, struct err *e)
{
    struct docket_case c;
    double p[2][ANSWER_MAX_WORDS];
    int64_t n_read = 0;
    bool is_stopped = false;
    int result = item_read(j, x, &c, e);
    if (result == 1 && load(j, e) != 0)
        result = -1;
    else if (result == 1 && read_both(j, &c, p, &n_read, e) != 0) {
        is_stopped = e->code == ERR_INTERRUPTED;
        if (!is_stopped)
            item_fail(j, x, e->text);
        result = 0;
    }
    docket_case_free(&c);
    if (result != 1)
        return is_stopped ? 1 : result;
    j->status.n_calls += 2;
    j->status.n_tokens += n_read;
    return store_both(j, x, p, n_read, e);
}

static bool has_next(struct judging *j)
{
    while (j->next < j->n_items && j->items[j->next].done)
        j->next++;
    return j->next < j->n_items;
}

int soft_step(struct judging *j, struct err *e)
{
    if (!has_next(j))
        return 0;
    struct judging_item *x = &j->items[j->next];
    if (item_take(j, x, e) != 0 || item_vote(j, x, e) != 0)
        return -1;
    int result = x->done ? 0 : judge(j, x, e);
    if (result != 0)
        return result;
    j->next++;
    return has_next(j); /* an interrupt after the last comes too late */
}
