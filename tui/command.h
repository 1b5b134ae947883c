/* command: one verb of the command line is one file and one word in a list.
 *
 * tui/commands/VERB.c defines `const struct command command_VERB`, and
 * COMMAND_LIST names it; the dispatcher, the help, the completion and the man
 * page's synopsis come from the same data.
 *
 * Data goes to stdout, messages and progress to stderr.  `run` returns 0 or
 * -1 with *e set; main prints the one line and turns the code into the exit
 * status.  A command never exits by itself. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/arena.h"
#include "base/err.h"

/* The global options, and what the command line left over. */
struct invocation {
    struct arena_options options; /* --config, --db, --seed, --voter */
    bool json;       /* --json */
    bool plain;      /* --plain */
    bool no_input;   /* --no-input */
    int verbose;     /* -v counts up, -q down */
    int color;       /* --color: -1 auto, 0 never, 1 always */
    int argc;        /* argv[0] is the verb */
    char **argv;
};

struct command {
    const char *name;
    const char *summary;  /* one line */
    const char *synopsis; /* "[PROMPT|-]" */
    const char *help;     /* options, one a line, two spaces in; or NULL */
    int (*run)(struct invocation *in, struct err *e);
};

/* X(verb), in the order of the help. */
#define COMMAND_LIST(X) \
    X(tui)              \
    X(battle)           \
    X(vote)             \
    X(compare)          \
    X(leaderboard)      \
    X(rate)             \
    X(eval)             \
    X(history)          \
    X(show)             \
    X(undo)             \
    X(record)           \
    X(models)           \
    X(generate)         \
    X(tokenize)         \
    X(perplexity)       \
    X(config)           \
    X(db)               \
    X(demo)             \
    X(doctor)           \
    X(help)             \
    X(version)

#define COMMAND_DECLARE(verb) extern const struct command command_##verb;
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/* By name, or NULL; the i-th, NULL beyond the end. */
const struct command *command_find(const char *name);
const struct command *command_at(int i);

#endif
