/* `arena history`: battles, newest first. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/commands/looking_back.h"
#include "tui/database.h"
#include "tui/options.h"
#include "tui/print/table.h"
#include "tui/terminal/tty.h"

#define PROMPT_COLUMNS 40

struct history_settings {
    const char *run, *search;
    int64_t limit, offset;
    bool unvoted;
};

static const struct option_spec history_options[] = {
    OPTION('n', "limit", WHOLE, history_settings, limit, "N",
           "at most N (default 50)", .min = 1, .max = 1000000),
    OPTION(0, "offset", WHOLE, history_settings, offset, "N",
           "skip the first N", .min = 0, .max = INT64_MAX),
    OPTION(0, "run", TEXT, history_settings, run, "RUN",
           "only battles of this run"),
    OPTION(0, "search", TEXT, history_settings, search, "WORDS",
           "only those with all these words in prompt or answer"),
    OPTION(0, "unvoted", FLAG, history_settings, unvoted, NULL,
           "only those that wait for a vote, oldest first"),
    OPTION_END,
};

static const char *flags(const struct store_entry *entry)
{
    if (entry->compare)
        return "compare";
    if (entry->seen)
        return "seen";
    return entry->leak ? "leak" : "";
}

static void add_table(const struct store_entry *rows, size_t n,
                      struct buf *out)
{
    static const struct table_column columns[] = {
        {"Battle", true, 0},          {"Date", false, 0},
        {"Category", false, 12},      {"Vote", false, 0},
        {"A", false, TABLE_NAME},     {"B", false, TABLE_NAME},
        {"Voter", false, 16},         {"Flags", false, 0},
        {"Prompt", false, PROMPT_COLUMNS},
    };
    struct table t;
    table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    t.width = tty_columns(STDOUT_FILENO);
    for (size_t i = 0; i < n; i++) {
        char date[CLOCK_TEXT_BYTES];
        clock_format(rows[i].created_ms, date);
        table_addf(&t, "%lld", (long long)rows[i].battle_id);
        table_addf(&t, "%.10s", date);
        table_add(&t, rows[i].category);
        table_add(&t, looking_back_outcome(&rows[i]));
        table_add(&t, rows[i].model[0] ? rows[i].model[0] : "(blind)");
        table_add(&t, rows[i].model[1] ? rows[i].model[1] : "(blind)");
        table_add(&t, rows[i].voter);
        table_add(&t, flags(&rows[i]));
        table_add(&t, rows[i].prompt);
    }
    table_print(&t, TABLE_TEXT, out);
    table_free(&t);
}

static void add_json(const struct store_entry *rows, size_t n, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_add_str(out, i > 0 ? ",\n{" : "{");
        looking_back_json(&rows[i], out);
        buf_add_char(out, '}');
    }
    buf_add_str(out, "]\n");
}

static int history(struct invocation *in, struct store *s,
                   const struct history_settings *set, struct err *e)
{
    struct store_query q = {
        .search = set->search,
        .unvoted = set->unvoted,
        .limit = (size_t)set->limit,
        .offset = (size_t)set->offset,
    };
    struct store_entry *rows;
    size_t n;
    if ((set->run && store_find_run(s, set->run, &q.run_id, e) != 0) ||
        store_list_entries(s, &q, &rows, &n, e) != 0)
        return -1;
    struct buf out;
    buf_init(&out, 1 << 30);
    if (in->json)
        add_json(rows, n, &out);
    else if (n > 0)
        add_table(rows, n, &out);
    else
        fputs("no battles\n", stderr);
    store_free_entries(rows, n);
    return database_print(&out, e);
}

static int run_history(struct invocation *in, struct err *e)
{
    struct history_settings set = {.limit = 50};
    struct store *s;
    if (command_parse(in, &set, 0, 0, e) != 0 ||
        database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = history(in, s, &set, e);
    store_close(s);
    return result;
}

const struct command command_history = {
    .name = "history",
    .summary = "list battles, newest first",
    .synopsis = "",
    .options = history_options,
    .help = "Names stay hidden (\"blind\") until a person has voted, and only "
            "prompts are\nsearched until then.\n",
    .run = run_history,
};
