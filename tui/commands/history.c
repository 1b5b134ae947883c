/* `arena history`: battles, newest first. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/commands/looking_back.h"
#include "tui/database.h"
#include "tui/options.h"
#include "tui/print/table.h"
#include "tui/terminal/tty.h"

#define PROMPT_COLUMNS 40
#define WIDE_COLUMNS 110 /* a terminal has room for all */
#define VOTER_COLUMNS 90 /* for voters, if there are several */

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

/* What of the table is left out on a terminal that is too narrow for all of it:
 * columns that say nothing. */
struct shown {
    bool category, voter, flags;
};

static struct shown choose_columns(const struct store_entry *rows, size_t n,
                                   int width)
{
    struct shown s = {true, true, true};
    if (width == 0 || width >= WIDE_COLUMNS)
        return s;
    s = (struct shown){false, false, false};
    for (size_t i = 0; i < n; i++) {
        s.category = s.category || rows[i].category[0] != '\0';
        s.voter = s.voter || (width >= VOTER_COLUMNS &&
                              strcmp(rows[i].voter, rows[0].voter) != 0);
        s.flags = s.flags || flags(&rows[i])[0] != '\0';
    }
    return s;
}

static void add_row(struct table *t, const struct store_entry *row,
                    struct shown shown)
{
    char date[CLOCK_TEXT_BYTES];
    clock_format(row->created_ms, date);
    table_addf(t, "%lld", (long long)row->battle_id);
    table_addf(t, "%.10s", date);
    if (shown.category)
        table_add(t, row->category);
    table_add(t, looking_back_outcome(row));
    table_add(t, row->model[0] ? row->model[0] : "(blind)");
    table_add(t, row->model[1] ? row->model[1] : "(blind)");
    if (shown.voter)
        table_add(t, row->voter);
    if (shown.flags)
        table_add(t, flags(row));
    table_add(t, row->prompt);
}

static void add_table(const struct store_entry *rows, size_t n,
                      struct buf *out)
{
    struct table_column columns[9];
    int width = tty_columns(STDOUT_FILENO);
    struct shown shown = choose_columns(rows, n, width);
    size_t n_columns = 0;
    columns[n_columns++] = (struct table_column){"Battle", true, 0};
    columns[n_columns++] = (struct table_column){"Date", false, 0};
    if (shown.category)
        columns[n_columns++] = (struct table_column){"Category", false, 12};
    columns[n_columns++] = (struct table_column){"Vote", false, 0};
    columns[n_columns++] = (struct table_column){"A", false, TABLE_NAME};
    columns[n_columns++] = (struct table_column){"B", false, TABLE_NAME};
    if (shown.voter)
        columns[n_columns++] = (struct table_column){"Voter", false, 16};
    if (shown.flags)
        columns[n_columns++] = (struct table_column){"Flags", false, 0};
    columns[n_columns++] =
        (struct table_column){"Prompt", false, PROMPT_COLUMNS};
    struct table t;
    table_init(&t, columns, n_columns);
    t.width = width;
    for (size_t i = 0; i < n; i++)
        add_row(&t, &rows[i], shown);
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
