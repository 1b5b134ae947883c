/* `arena battle`: one blind battle, line by line. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tui/print/plain.h"
#include "tui/session.h"

struct battle_settings {
    const char *category, *voter;
};

static const struct option_spec battle_options[] = {
    OPTION('c', "category", TEXT, battle_settings, category, "NAME",
           "what kind of prompt it is"),
    OPTION(0, "voter", TEXT, battle_settings, voter, "NAME",
           "who votes, instead of the user"),
    OPTION_END,
};

/* The file of the vote: stdin, or the terminal if the prompt was on stdin. */
static int open_votes(const char *prompt, FILE **votes, struct err *e)
{
    *votes = stdin;
    if (prompt == NULL || strcmp(prompt, "-") != 0)
        return 0;
    *votes = fopen("/dev/tty", "r");
    if (*votes == NULL)
        return err_set(e, ERR_USAGE, "stdin is the prompt, and there is no "
                       "terminal to vote on: %s", strerror(errno));
    return 0;
}

static int fight(struct invocation *in, struct arena *a,
                 const struct battle_spec *spec, FILE *votes, struct err *e)
{
    enum plain_end end = PLAIN_VOTED;
    int64_t id = 0;
    int result = plain_fight(in, a, spec, votes, &end, &id, e);
    if (result == 0 && end == PLAIN_LEFT)
        result = err_set(e, ERR_FAILURE, "no vote came; battle %" PRId64
                         " is kept without one", id);
    return result;
}

static int run_battle(struct invocation *in, struct err *e)
{
    struct battle_settings s = {.category = ""};
    if (command_parse(in, &s, 0, 1, e) != 0)
        return -1;
    const char *operand = in->argc > 1 ? in->argv[1] : NULL;
    struct arena a;
    struct buf prompt;
    FILE *votes;
    in->options.voter = s.voter;
    if (open_votes(operand, &votes, e) != 0 || session_open(&a, in, e) != 0)
        return -1;
    buf_init(&prompt, SESSION_MAX_PROMPT);
    int result = session_read_prompt(operand, &prompt, e);
    struct battle_spec spec = {
        .prompt = prompt.data,
        .category = s.category,
        .model = {-1, -1},
    };
    if (result == 0)
        result = fight(in, &a, &spec, votes, e);
    buf_free(&prompt);
    arena_close(&a);
    if (votes != stdin)
        fclose(votes);
    return result;
}

const struct command command_battle = {
    .name = "battle",
    .summary = "one blind battle on a plain terminal",
    .synopsis = "[PROMPT|-]",
    .options = battle_options,
    .help =
        "Both answers are printed when both are done; then a line with a, b, t "
        "(tie),\nx (both bad) or s (skip) is the vote.  Behind it may stand "
        "why, as in\n\"b #clear, too short; it stops half way\".\n"
        "Without PROMPT the first line of stdin is the prompt; with - all of "
        "stdin is,\nand the vote comes from the terminal.\n",
    .run = run_battle,
};
