/* `arena tui`, also `arena` alone: the full screen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tui/print/plain.h"
#include "tui/session.h"
#include "tui/widgets/ui.h"

struct tui_settings {
    const char *voter;
};

static const struct option_spec tui_options[] = {
    OPTION(0, "voter", TEXT, tui_settings, voter, "NAME",
           "who votes, instead of the user"),
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

static int run_tui(struct invocation *in, struct err *e)
{
    struct tui_settings s = {.voter = NULL};
    struct arena a;
    if (command_parse(in, &s, 0, 0, e) != 0)
        return -1;
    in->options.voter = s.voter;
    /* Check the terminal before anything is created or asked. */
    if (session_check(in, e) != 0 || (!in->plain && tty_check(e) != 0) ||
        session_open(&a, in, e) != 0)
        return -1;
    int result = in->plain ? play_in_lines(in, &a, e)
                           : ui_run(in, &a, &screen_battle, NULL, e);
    arena_close(&a);
    return result;
}

const struct command command_tui = {
    .name = "tui",
    .summary = "the full-screen arena (what arena alone starts)",
    .synopsis = "",
    .options = tui_options,
    .no_json = true,
    .help = "With --plain, battles line by line, without drawing over anything: "
            "a prompt a\nline, then the answers, then a line with the vote.  "
            "For screen readers and\nterminals that cannot place their "
            "cursor.\n",
    .run = run_tui,
};
