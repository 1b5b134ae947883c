/* `arena vote`: blind votes on the stored battles of a run. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "tui/print/plain.h"
#include "tui/screens/battle.h"
#include "tui/session.h"
#include "tui/widgets/ui.h"

#define VOTE_MANY 100000 /* battles of a run that wait; the rest next time */

struct vote_settings {
    const char *voter;
};

static const struct option_spec vote_options[] = {
    OPTION(0, "voter", TEXT, vote_settings, voter, "NAME",
           "who votes, instead of the user"),
    OPTION_END,
};

/* Another session was faster with this one: says so and goes on. */
static int pass_by(enum plain_end *end, const struct err *e)
{
    session_say_error(e);
    *end = PLAIN_SKIPPED;
    return 0;
}

static int vote_on(struct invocation *in, struct arena *a, int64_t id,
                   enum plain_end *end, struct err *e)
{
    struct battle *b;
    if (battle_reopen(&b, a, id, e) != 0)
        return e->code == ERR_USAGE ? pass_by(end, e) : -1;
    plain_show(in, b);
    int result = plain_vote(in, b, stdin, end, e);
    if (result != 0 && battle_state(b) == BATTLE_GONE)
        result = pass_by(end, e);
    battle_close(b);
    return result;
}

static int vote_on_all(struct invocation *in, struct arena *a,
                       const struct store_entry *rows, size_t n, struct err *e)
{
    size_t n_done = 0;
    for (size_t i = 0; i < n; i++) {
        enum plain_end end;
        if (in->verbose >= 0)
            fprintf(stderr, "battle %zu of %zu\n", i + 1, n);
        if (vote_on(in, a, rows[i].battle_id, &end, e) != 0)
            return -1;
        if (end == PLAIN_LEFT)
            break;
        n_done++;
    }
    if (in->verbose >= 0)
        fprintf(stderr, "%zu done, %zu wait for a vote\n", n_done, n - n_done);
    return 0;
}

static int vote_on_screen(struct invocation *in, struct arena *a,
                          const struct store_entry *rows, size_t n,
                          struct err *e)
{
    int64_t *ids = mem_calloc(n, sizeof(*ids));
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].battle_id;
    struct battle_screen_arg arg = {.queue = ids, .n_queue = n};
    int result = ui_run(in, a, &screen_battle, &arg, e);
    free(ids);
    return result;
}

static int run_vote(struct invocation *in, struct err *e)
{
    struct vote_settings s = {.voter = NULL};
    if (command_parse(in, &s, 1, 1, e) != 0)
        return -1;
    struct arena a;
    struct store_query q = {.unvoted = true, .limit = VOTE_MANY};
    struct store_entry *rows = NULL;
    size_t n = 0;
    in->options.voter = s.voter;
    in->options.config_optional = true;
    if (session_open(&a, in, e) != 0)
        return -1;
    int result = store_find_run(a.store, in->argv[1], &q.run_id, e);
    if (result == 0)
        result = store_list_entries(a.store, &q, &rows, &n, e);
    bool plain = in->plain || in->json || !isatty(STDIN_FILENO) ||
                 !isatty(STDOUT_FILENO);
    if (result == 0 && n == 0)
        fputs("No battle of this run waits for a vote.\n", stderr);
    else if (result == 0)
        result = plain ? vote_on_all(in, &a, rows, n, e)
                       : vote_on_screen(in, &a, rows, n, e);
    store_free_entries(rows, n);
    arena_close(&a);
    return result;
}

const struct command command_vote = {
    .name = "vote",
    .summary = "vote blind over the stored battles of a run",
    .synopsis = "RUN",
    .options = vote_options,
    .help = "RUN is the name or number of a run (arena eval).  Votes are a, b, t, "
            "x\nand s, as in arena battle; the end of stdin leaves the rest "
            "for another\ntime.\n",
    .run = run_vote,
};
