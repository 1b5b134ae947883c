/* `arena vote`: blind votes on the stored battles of a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/telling.h"
#include "base/mem.h"
#include "base/names.h"
#include "tui/commands/voting.h"
#include "tui/session.h"

#define VOTE_MANY 100000 /* battles of a run that wait; the rest next time */

struct vote_settings {
    const char *voter, *category;
    bool shuffle;
    int order; /* enum order */
};

enum order { ORDER_STORED, ORDER_TELLING };

static const struct option_spec vote_options[] = {
    OPTION(0, "voter", TEXT, vote_settings, voter, "NAME",
           "who votes, instead of the user"),
    OPTION(0, "category", TEXT, vote_settings, category, "NAME",
           "only prompts of this category"),
    OPTION(0, "shuffle", FLAG, vote_settings, shuffle, NULL,
           "prompts in random order; battles of one stay far apart"),
    OPTION(0, "order", CHOICE, vote_settings, order, "stored|telling",
           "telling: those first that tell most about who leads; see below"),
    OPTION_END,
};

static int vote_on_rows(struct invocation *in, struct arena *a,
                        const struct vote_settings *s, int64_t run_id,
                        const struct store_entry *rows, size_t n,
                        struct err *e)
{
    struct telling *telling = NULL;
    int64_t *ids = mem_calloc(n, sizeof(*ids));
    int result = 0;
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].battle_id;
    if (s->order == ORDER_TELLING)
        result = telling_open(&telling, a, run_id, ids, n, e);
    if (result == 0)
        result = voting_run(in, a,
                            &(struct battle_screen_arg){.queue = ids,
                                                        .n_queue = n,
                                                        .telling = telling},
                            e);
    telling_close(telling);
    free(ids);
    return result;
}

/* --- which battles ------------------------------------------------------- */

/* Leaves out what is of another category. */
static size_t keep_category(struct store_entry *rows, size_t n,
                            const char *category)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct store_entry row = rows[i];
        if (strcmp(row.category, category) == 0) {
            rows[i] = rows[kept];
            rows[kept++] = row;
        }
    }
    return kept;
}

struct place {
    size_t level;  /* how many battles of its prompt come before */
    uint64_t key;  /* at random */
    struct store_entry row;
};

static int by_place(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

/* Another order, in which all prompts still come once before any comes again:
 * after a vote a person knows the owners of two texts to its prompt. */
static void shuffle(struct store_entry *rows, size_t n, struct rng *rng)
{
    struct names prompts;
    struct place *places = mem_calloc(n + 1, sizeof(*places));
    size_t *n_seen = mem_calloc(n + 1, sizeof(*n_seen));
    names_init(&prompts, VOTE_MANY);
    for (size_t i = 0; i < n; i++) {
        uint32_t prompt =
            names_add(&prompts, rows[i].prompt, strlen(rows[i].prompt));
        places[i] = (struct place){.level = n_seen[prompt]++,
                                   .key = rng_next(rng),
                                   .row = rows[i]};
    }
    qsort(places, n, sizeof(*places), by_place);
    for (size_t i = 0; i < n; i++)
        rows[i] = places[i].row;
    names_free(&prompts);
    free(n_seen);
    free(places);
}

static int list_battles(struct arena *a, const struct vote_settings *s,
                        int64_t run_id, struct store_entry **rows, size_t *n,
                        size_t *n_all, struct err *e)
{
    struct store_query q = {
        .unvoted = true, .limit = VOTE_MANY, .run_id = run_id};
    if (store_list_entries(a->store, &q, rows, n_all, e) != 0)
        return -1;
    *n = s->category ? keep_category(*rows, *n_all, s->category) : *n_all;
    if (s->shuffle)
        shuffle(*rows, *n, &a->rng);
    return 0;
}

static int run_vote(struct invocation *in, struct err *e)
{
    struct vote_settings s = {.voter = NULL};
    if (command_parse(in, &s, 1, 1, e) != 0)
        return -1;
    if (s.shuffle && s.order == ORDER_TELLING)
        return err_set(e, ERR_USAGE, "--shuffle and --order telling are two "
                       "orders: leave one out");
    struct arena a;
    struct store_entry *rows = NULL;
    int64_t run_id = 0;
    size_t n = 0, n_all = 0;
    in->options.voter = s.voter;
    in->options.config_optional = true;
    if (session_open(&a, in, e) != 0)
        return -1;
    int result = store_find_run(a.store, in->argv[1], &run_id, e);
    if (result == 0)
        result = list_battles(&a, &s, run_id, &rows, &n, &n_all, e);
    if (result == 0 && n == 0)
        fprintf(stderr, "No battle of this run%s waits for a vote.\n",
                n_all > 0 ? " in this category" : "");
    else if (result == 0)
        result = vote_on_rows(in, &a, &s, run_id, rows, n, e);
    store_free_entries(rows, n_all);
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
            "for another\ntime.  A battle with the same text on both sides is "
            "stored as a tie\nwithout asking.\n\n"
            "--order telling draws each battle by the votes so far: half of "
            "the time\nbetween models that may be the best, else of any pair. "
            " For the lead of\nthe best over the next it needs about 40% of "
            "the votes of another order,\nfor the scores of all models about "
            "140%.  The interval of that lead then\nholds in about 92% of all "
            "cases, not in 95%.\n",
    .run = run_vote,
};
