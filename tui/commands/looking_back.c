#include "tui/commands/looking_back.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/verdict.h"
#include "base/json.h"

int looking_back_id(const struct invocation *in, int64_t *id, struct err *e)
{
    char *end;
    errno = 0;
    long long n = strtoll(in->argv[1], &end, 10);
    if (errno != 0 || end == in->argv[1] || *end != '\0' || n < 1)
        return err_set(e, ERR_USAGE, "%s: \"%s\" is not a battle's number; "
                       "\"arena history\" lists them", in->command->name,
                       in->argv[1]);
    *id = n;
    return 0;
}

struct store_entry *looking_back_find(struct store *s, int64_t battle_id,
                                      struct err *e)
{
    struct store_query q = {.battle_id = battle_id};
    struct store_entry *rows;
    size_t n;
    if (store_list_entries(s, &q, &rows, &n, e) != 0)
        return NULL;
    if (n == 1)
        return rows;
    store_free_entries(rows, n);
    err_set(e, ERR_USAGE, "there is no battle %lld; \"arena history\" lists "
            "them", (long long)battle_id);
    return NULL;
}

static const char *state_name(const struct store_entry *entry)
{
    static const char *const names[] = {
        [STORE_OPEN] = "open",       [STORE_READY] = "unvoted",
        [STORE_VOTED] = "voted",     [STORE_SKIPPED] = "skipped",
        [STORE_VOID] = "void",
    };
    return entry->undone ? "undone" : names[entry->state];
}

const char *looking_back_outcome(const struct store_entry *entry)
{
    return entry->vote_id != 0 ? verdict_name(entry->verdict)
                               : state_name(entry);
}

void looking_back_json(const struct store_entry *entry, struct buf *out)
{
    bool voted = entry->vote_id != 0;
    json_put_whole(out, "battle", entry->battle_id);
    json_put_text(out, "state", state_name(entry));
    json_put_whole(out, "created_ms", entry->created_ms);
    if (entry->run_id != 0)
        json_put_whole(out, "run", entry->run_id);
    json_put_text(out, "category", entry->category);
    json_put_text(out, "prompt", entry->prompt);
    json_put_text(out, "model_a", entry->model[0]);
    json_put_text(out, "model_b", entry->model[1]);
    json_put_bool(out, "named", entry->compare);
    json_put_text(out, "verdict", voted ? verdict_name(entry->verdict) : NULL);
    json_put_text(out, "voter", voted ? entry->voter : NULL);
    if (entry->external_id != NULL)
        json_put_text(out, "id", entry->external_id);
    if (!voted)
        return;
    json_put_whole(out, "vote", entry->vote_id);
    json_put_bool(out, "corrected", entry->seen);
    json_put_bool(out, "leaked", entry->leak);
}
