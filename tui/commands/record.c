/* `arena record`: a vote that was given elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "arena/store/verdict.h"
#include "arena/store/voter.h"
#include "base/json.h"
#include "tui/clean.h"
#include "tui/database.h"
#include "tui/options.h"

struct record_settings {
    const char *id, *voter, *category, *comment;
};

static const struct option_spec record_options[] = {
    OPTION(0, "id", TEXT, record_settings, id, "KEY",
           "the vote's own key; a repeated key counts once"),
    OPTION(0, "voter", TEXT, record_settings, voter, "NAME",
           "who voted: a person, or judge:NAME (default: you)"),
    OPTION(0, "category", TEXT, record_settings, category, "C",
           "what the prompt was about"),
    OPTION(0, "comment", TEXT, record_settings, comment, "TEXT",
           "kept with the vote"),
    OPTION_END,
};

static void add_json(const struct store_vote_result *r, char **names,
                     const char *voter, const char *verdict, struct buf *out)
{
    buf_add_char(out, '{');
    json_put_bool(out, "recorded", true);
    json_put_bool(out, "duplicate", r->duplicate);
    json_put_whole(out, "battle", r->battle_id);
    json_put_whole(out, "vote", r->vote_id);
    json_put_text(out, "voter", voter);
    json_put_text(out, "verdict", verdict);
    buf_add_str(out, ",\"models\":[");
    for (int side = 0; side < 2; side++) {
        json_comma(out);
        buf_add_char(out, '{');
        json_put_text(out, "name", names[side]);
        json_put_number(out, "before", r->before[side]);
        json_put_number(out, "after", r->after[side]);
        buf_add_char(out, '}');
    }
    buf_add_str(out, "]}\n");
}

static void add_text(const struct store_vote_result *r, char **names,
                     struct buf *out)
{
    if (r->duplicate) {
        buf_addf(out, "recorded before as battle %lld; counted once\n",
                 (long long)r->battle_id);
        return;
    }
    buf_addf(out, "recorded battle %lld: ", (long long)r->battle_id);
    for (int side = 0; side < 2; side++) {
        buf_add_str(out, side ? ", " : "");
        clean_text(names[side], strlen(names[side]), true, out);
        buf_addf(out, " %.1f -> %.1f", r->before[side], r->after[side]);
    }
    buf_add_char(out, '\n');
}

static int record(struct invocation *in, const struct record_settings *set,
                  enum rating_outcome verdict, const char *voter,
                  struct err *e)
{
    struct store *s;
    struct store_vote_result r;
    struct store_vote v = {
        .verdict = verdict,
        .voter = voter,
        .external_id = set->id,
        .dwell_ms = -1,
        .comment = set->comment,
    };
    if (database_open(&s, in, DATABASE_WRITE, e) != 0)
        return -1;
    int result = store_record(s, in->argv[1], in->argv[2], set->category, &v,
                              &r, e);
    store_close(s);
    if (result != 0)
        return -1;
    /* Only now: what is said to be recorded is on the disk. */
    struct buf out;
    buf_init(&out, 1 << 16);
    if (in->json)
        add_json(&r, in->argv + 1, voter, verdict_name(verdict), &out);
    else if (in->verbose >= 0)
        add_text(&r, in->argv + 1, &out);
    return database_print(&out, e);
}

static int run_record(struct invocation *in, struct err *e)
{
    struct record_settings set = {0};
    enum rating_outcome verdict;
    if (command_parse(in, &set, 3, 3, e) != 0)
        return -1;
    if (!verdict_parse(in->argv[3], &verdict))
        return err_set(e, ERR_USAGE,
                       "record: \"%s\" is not a verdict; use a, b, tie or bad",
                       in->argv[3]);
    char *voter = voter_of(set.voter);
    int result = record(in, &set, verdict, voter, e);
    free(voter);
    return result;
}

const struct command command_record = {
    .name = "record",
    .summary = "store a vote that was given elsewhere",
    .synopsis = "A B a|b|tie|bad",
    .options = record_options,
    .help = "A and B are names of models; unknown ones are added.  "
            "\"recorded\" is\nprinted once the vote is on the disk.\n",
    .run = run_record,
};
