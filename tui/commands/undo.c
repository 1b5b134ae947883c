/* `arena undo`: takes a vote back. */
#include <stdio.h>
#include <stdlib.h>

#include "arena/store/voter.h"
#include "tui/commands/looking_back.h"
#include "tui/database.h"
#include "tui/options.h"

struct undo_settings {
    const char *voter;
};

static const struct option_spec undo_options[] = {
    OPTION(0, "voter", TEXT, undo_settings, voter, "NAME",
           "whose last vote (default: yours)"),
    OPTION_END,
};

static int vote_of(struct store *s, int64_t battle_id, const char *voter,
                   int64_t *vote_id, struct err *e)
{
    struct store_entry *entry = looking_back_find(s, battle_id, e);
    if (entry == NULL)
        return -1;
    store_free_entries(entry, 1);
    if (store_find_vote(s, battle_id, voter, vote_id, e) != 0)
        return -1;
    if (*vote_id == 0)
        return err_set(e, ERR_USAGE, "undo: there is no vote on battle %lld",
                       (long long)battle_id);
    return 0;
}

static int undo(struct invocation *in, struct store *s, const char *voter,
                struct err *e)
{
    int64_t battle_id = 0, vote_id = 0;
    if (in->argc > 1 &&
        (looking_back_id(in, &battle_id, e) != 0 ||
         vote_of(s, battle_id, voter, &vote_id, e) != 0))
        return -1;
    if (store_undo(s, vote_id, voter, &battle_id, e) != 0)
        return -1;
    if (in->json)
        printf("{\"undone\":true,\"battle\":%lld}\n", (long long)battle_id);
    else
        printf("undone: the vote on battle %lld; ratings are as if it had never "
               "been cast\n", (long long)battle_id);
    return 0;
}

static int run_undo(struct invocation *in, struct err *e)
{
    struct undo_settings set = {0};
    struct store *s;
    if (command_parse(in, &set, 0, 1, e) != 0 ||
        database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    char *voter = voter_of(set.voter);
    int result = undo(in, s, voter, e);
    free(voter);
    store_close(s);
    return result;
}

const struct command command_undo = {
    .name = "undo",
    .summary = "take back the last vote, or the one on battle ID",
    .synopsis = "[ID]",
    .options = undo_options,
    .help = "If several have voted on battle ID, your vote is withdrawn.\n"
            "The vote stays in the database as withdrawn; ratings become what "
            "they were\nwithout it.  A new vote on the battle is stored, but not "
            "rated: its names\nwere seen.\n",
    .run = run_undo,
};
