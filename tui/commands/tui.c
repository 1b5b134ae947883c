/* `arena tui`, also `arena` alone: the full screen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tui/commands/voting.h"
#include "tui/played.h"
#include "tui/print/plain.h"
#include "tui/screens/battle.h"
#include "tui/session.h"
#include "tui/widgets/ui.h"

struct tui_settings {
    const char *voter;
    bool shuffle;
    int64_t limit;
};

static const struct option_spec tui_options[] = {
    OPTION(0, "voter", TEXT, tui_settings, voter, "NAME",
           "who votes, instead of the user"),
    OPTION(0, "shuffle", FLAG, tui_settings, shuffle, NULL,
           "the prompts in a drawn order (by --seed, else a new one)"),
    OPTION(0, "limit", WHOLE, tui_settings, limit, "N",
           "only the first N prompts", .min = 1, .max = PROMPTS_MAX),
    OPTION_END,
};

static int undo(struct arena *a, struct err *e)
{
    int64_t id;
    if (store_undo(a->store, 0, a->voter, &id, e) != 0)
        return -1;
    printf("Withdrew the vote on battle %" PRId64 ".\n", id);
    return 0;
}

/* Battle after battle on lines that are never drawn over, until an empty line
 * comes for a prompt, or no more of them. */
static int play_in_lines(struct invocation *in, struct arena *a, struct err *e)
{
    bool person = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    enum plain_end end = PLAIN_VOTED;
    struct buf line;
    buf_init(&line, SESSION_MAX_PROMPT);
    int result = 0;
    while (end != PLAIN_LEFT) {
        struct battle_spec spec = {.category = "", .model = {-1, -1}};
        int64_t id;
        if (person)
            fputs("prompt (an empty line leaves, u undoes): ", stderr);
        if (!session_read_line(stdin, &line) ||
            strspn(line.data, " \t\r") == line.len)
            break;
        spec.prompt = line.data;
        if (line.overflow)
            result = err_set(e, ERR_USAGE, "the prompt is longer than %zu "
                             "bytes", line.max);
        else if (strcmp(line.data, "u") == 0)
            result = undo(a, e);
        else
            result = plain_fight(in, a, &spec, stdin, &end, &id, e);
        fflush(stdout);
        if (result != 0 && !person)
            break;
        if (result != 0)
            session_say_error(e);
        result = 0;
    }
    buf_free(&line);
    return result;
}

static int play_file(struct invocation *in, const struct tui_settings *s,
                     struct arena *a, struct err *e)
{
    struct played p;
    uint64_t seed = in->options.seeded ? in->options.seed : rng_next(&a->rng);
    if (played_read(&p, in->argv[1], s->shuffle, (size_t)s->limit, seed, e) !=
        0)
        return -1;
    const struct battle_screen_arg arg = {.prompts = p.prompts,
                                          .categories = p.categories,
                                          .n_prompts = p.file.n,
                                          .fought = {.model = {-1, -1}}};
    int result = voting_run(in, a, &arg, e);
    played_free(&p);
    return result;
}

static int run_tui(struct invocation *in, struct err *e)
{
    struct tui_settings s = {.voter = NULL};
    struct arena a;
    if (command_parse(in, &s, 0, 1, e) != 0)
        return -1;
    if (in->argc == 1 && (s.shuffle || s.limit > 0))
        return err_set(e, ERR_USAGE, "tui: --shuffle and --limit are for a "
                       "file of prompts");
    in->options.voter = s.voter;
    /* Check the terminal before anything is created or asked. */
    if (session_check(in, e) != 0 || (!in->plain && tty_check(e) != 0) ||
        session_open(&a, in, e) != 0)
        return -1;
    int result = in->argc > 1 ? play_file(in, &s, &a, e)
                 : in->plain  ? play_in_lines(in, &a, e)
                              : ui_run(in, &a, &screen_battle, NULL, e);
    arena_close(&a);
    return result;
}

const struct command command_tui = {
    .name = "tui",
    .summary = "the full-screen arena (what arena alone starts)",
    .synopsis = "[PROMPTS]",
    .options = tui_options,
    .no_json = true,
    .help =
        "With PROMPTS, a file or the name of a set, a battle on each of them; "
        "the next is\nanswered while you read, if no model costs anything "
        "(\"prefetch\" in the config).\n"
        "With --plain, battles line by line, without drawing over anything: a "
        "prompt a\nline, then the answers, then a line with the vote.  For "
        "screen readers and\nterminals that cannot place their cursor.\n",
    .run = run_tui,
};
