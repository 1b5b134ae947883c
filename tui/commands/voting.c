#include "tui/commands/voting.h"

#include <stdio.h>
#include <unistd.h>

#include "base/plural.h"
#include "tui/print/plain.h"
#include "tui/print/settled.h"
#include "tui/session.h"
#include "tui/widgets/ui.h"

#define VOTING_LINE_BYTES 16384

/* Says how a question stands.  1: it is answered, 0: it is not, or there is
 * none; or -1. */
static int look(const struct invocation *in, struct arena *a,
                const struct settled_question *q, struct err *e)
{
    struct settled x;
    struct buf line;
    if (q == NULL)
        return 0;
    if (settled_load(&x, a->store, q, e) != 0)
        return -1;
    buf_init(&line, VOTING_LINE_BYTES);
    settled_add_standing(&x, q, &line);
    if (in->verbose >= 0)
        fprintf(stderr, "%s\n", line.data);
    buf_free(&line);
    return x.result.verdict != SETTLE_UNDECIDED;
}

/* Another session was faster with this one: says so and goes on. */
static int pass_by(enum plain_end *end, const struct err *e)
{
    session_say_error(e);
    *end = PLAIN_SKIPPED;
    return 0;
}

static int vote_on(struct invocation *in, struct arena *a, int64_t id,
                   size_t *n_ties, enum plain_end *end, struct err *e)
{
    struct battle *b;
    if (battle_reopen(&b, a, id, e) != 0)
        return e->code == ERR_USAGE ? pass_by(end, e) : -1;
    int tied = battle_tie_same(b, e), result = tied < 0 ? -1 : 0;
    *end = PLAIN_VOTED;
    *n_ties += tied == 1;
    if (tied == 0) {
        plain_show(in, b);
        result = plain_vote(in, a, b, stdin, end, e);
    }
    if (result != 0 && battle_state(b) == BATTLE_GONE)
        result = pass_by(end, e);
    battle_close(b);
    return result;
}

static void say_ties(size_t n)
{
    if (n > 0)
        fprintf(stderr, "%zu battle%s had the same text on both sides: "
                "stored as %s without asking\n", n, plural_s(n),
                n == 1 ? "a tie" : "ties");
}

static int vote_on_queue(struct invocation *in, struct arena *a,
                         const struct battle_screen_arg *v, struct err *e)
{
    size_t n_done = 0, n_ties = 0;
    int over = 0;
    while (n_done < v->n_queue && over == 0) {
        enum plain_end end;
        int64_t id = v->queue[n_done];
        if (v->telling != NULL && telling_next(v->telling, &id, e) < 0)
            return -1;
        if (in->verbose >= 0)
            fprintf(stderr, "battle %zu of %zu\n", n_done + 1, v->n_queue);
        if (vote_on(in, a, id, &n_ties, &end, e) != 0)
            return -1;
        if (end == PLAIN_LEFT)
            break;
        n_done++;
        over = look(in, a, v->question, e);
    }
    if (in->verbose >= 0)
        say_ties(n_ties);
    if (in->verbose >= 0 && v->question == NULL)
        fprintf(stderr, "%zu done, %zu to go\n", n_done, v->n_queue - n_done);
    return over < 0 ? -1 : 0;
}

static int play_prompts(struct invocation *in, struct arena *a,
                        const struct battle_screen_arg *v, struct err *e)
{
    enum plain_end end = PLAIN_VOTED;
    int over = 0;
    for (size_t i = 0; i < v->n_prompts && over == 0 && end != PLAIN_LEFT;
         i++) {
        struct battle_spec spec = v->fought;
        int64_t id;
        spec.prompt = v->prompts[i];
        spec.category = v->categories[i];
        if (plain_fight(in, a, &spec, stdin, &end, &id, e) != 0)
            return -1;
        fflush(stdout);
        if (end != PLAIN_LEFT)
            over = look(in, a, v->question, e);
    }
    return over < 0 ? -1 : 0;
}

int voting_run(struct invocation *in, struct arena *a,
               const struct battle_screen_arg *v, struct err *e)
{
    if (in->plain || in->json || !isatty(STDIN_FILENO) ||
        !isatty(STDOUT_FILENO))
        return (v->n_queue > 0 ? vote_on_queue : play_prompts)(in, a, v, e);
    return ui_run(in, a, &screen_battle, v, e);
}
