#include "tui/print/settled.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/plural.h"
#include "tui/clean.h"

/* A verdict's word, its exit status, and what it says of A and B. */
static const struct {
    const char *word, *says;
    int exit_status;
} VERDICTS[] = {
    [SETTLE_BETTER] = {"better", "is better than", 0},
    [SETTLE_WORSE] = {"worse", "is worse than", 10},
    [SETTLE_SAME] = {"same", "is practically equal to", 11},
    [SETTLE_UNDECIDED] = {"undecided", "cannot yet be told from", 12},
};

int settled_exit_status(const struct settled *x)
{
    return VERDICTS[x->result.verdict].exit_status;
}

static void add_name(const char *name, struct buf *out)
{
    clean_text(name, strlen(name), true, out);
}

/* "+12", or "no bound". */
static void add_bound(double points, struct buf *out)
{
    if (isinf(points))
        buf_add_str(out, "no bound");
    else
        buf_addf(out, "%+.0f", points);
}

static void add_bounds(const struct settle_result *r, struct buf *out)
{
    if (isinf(r->lower) && isinf(r->upper)) {
        buf_add_str(out, "no bound yet");
        return;
    }
    add_bound(r->lower, out);
    buf_add_str(out, " to ");
    add_bound(r->upper, out);
}

static void add_worth(const struct decision_worth *w, struct buf *out)
{
    buf_addf(out, "\nthe judge has judged %zu of these battles; %zu %s "
             "compared with others that it judged, now at the weight %.2f",
             w->n_shared, w->n_compared, w->n_compared == 1 ? "is" : "are",
             w->weight);
}

static void add_sentence(const struct settle_result *r,
                         const struct settled_question *q, struct buf *out)
{
    add_name(q->names[0], out);
    buf_addf(out, " %s ", VERDICTS[r->verdict].says);
    add_name(q->names[1], out);
}

/* How far it is to a verdict. */
static void add_to_go(const struct settle_result *r, struct buf *out)
{
    if (isinf(r->to_go))
        buf_add_str(out, "too many votes to go to be worth it");
    else
        buf_addf(out, "about %.0f more vote%s to go", r->to_go,
                 plural_s((uint64_t)lround(r->to_go)));
}

void settled_add_standing(const struct settled *x,
                          const struct settled_question *q, struct buf *out)
{
    const struct settle_result *r = &x->result;
    if (r->verdict == SETTLE_UNDECIDED) {
        add_to_go(r, out);
        return;
    }
    buf_add_str(out, "settled: ");
    add_sentence(r, q, out);
}

void settled_add_text(const struct settled *x,
                      const struct settled_question *q, struct buf *out)
{
    const struct settle_result *r = &x->result;
    uint64_t n = x->votes.wins + x->votes.losses + x->votes.ties;
    add_sentence(r, q, out);
    buf_addf(out, "\n%" PRIu64 " vote%s, one per prompt: %" PRIu64 " won, %"
             PRIu64 " lost, %" PRIu64 " tied", n, plural_s(n),
             x->votes.wins, x->votes.losses, x->votes.ties);
    if (x->n_weighted > 0)
        buf_addf(out, "; %" PRIu64 " by weight do not count", x->n_weighted);
    if (x->n_repeated > 0)
        buf_addf(out, "; %" PRIu64 " more on the same prompts do not count",
                 x->n_repeated);
    if (x->has_judge)
        add_worth(&x->worth, out);
    buf_addf(out, "\nlead in points, %.12g%% sure at any time: ",
             100 * (1 - q->params.risk)); /* all digits of the least risk */
    add_bounds(r, out);
    if (isfinite(r->lead))
        buf_addf(out, " (of these votes: %+.0f)", r->lead);
    buf_addf(out, "; up to %g does not matter\n", q->params.margin);
    if (r->verdict == SETTLE_UNDECIDED) {
        add_to_go(r, out);
        buf_addf(out, ", if %s\n", isnan(r->lead) ? "the two are alike"
                                                  : "they continue like these");
    }
}

void settled_add_json(const struct settled *x,
                      const struct settled_question *q, struct buf *out)
{
    const struct settle_result *r = &x->result;
    buf_add_char(out, '{');
    json_put_text(out, "model", q->names[0]);
    json_put_text(out, "against", q->names[1]);
    json_put_text(out, "verdict", VERDICTS[r->verdict].word);
    json_put_whole(out, "wins", (int64_t)x->votes.wins);
    json_put_whole(out, "losses", (int64_t)x->votes.losses);
    json_put_whole(out, "ties", (int64_t)x->votes.ties);
    json_put_whole(out, "repeated", (int64_t)x->n_repeated);
    const struct {
        const char *key;
        double value; /* null if it is none or infinite */
    } numbers[] = {
        {"lead", r->lead},
        {"lower", r->lower},
        {"upper", r->upper},
        {"to_go", r->to_go},
        {"margin", q->params.margin},
        {"risk", q->params.risk},
    };
    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
        json_put_number(out, numbers[k].key, numbers[k].value);
    if (x->has_judge) {
        json_key(out, "judge");
        buf_add_char(out, '{');
        json_put_whole(out, "shared", (int64_t)x->worth.n_shared);
        json_put_whole(out, "compared", (int64_t)x->worth.n_compared);
        json_put_number(out, "weight", x->worth.weight);
        buf_add_char(out, '}');
    }
    buf_add_str(out, "}\n");
}
