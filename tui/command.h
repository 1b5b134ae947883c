/* command: one verb of the command line is one file and one word in a list.
 *
 * tui/commands/VERB.c defines `const struct command command_VERB`, and
 * COMMAND_LIST names it.  Dispatch, help, completion and the synopsis in the
 * man page use the same data.
 *
 *     static int run_greet(struct invocation *in, struct err *e)
 *     {
 *         struct greet_settings s = {.n_times = 1};
 *         if (command_parse(in, &s, 1, 1, e) != 0)
 *             return -1;
 *         … in->argv[1] is the one operand …
 *     }
 *
 * Data goes to stdout through stdio; main checks at the end that all of it was
 * written.  Messages and progress go to stderr.  Foreign text passes through
 * tui/clean.h first.  `run` returns 0, or -1 with *e set; main prints the error
 * as one line and turns its code into the exit status.  A command never calls
 * exit.  One thread. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "tui/options.h"

struct command;

/* The global options and the rest of the command line. */
struct invocation {
    const struct command *command;
    struct arena_options options; /* --config, --db, --seed */
    bool json;       /* --json */
    bool plain;      /* --plain */
    bool no_input;   /* --no-input */
    int verbose;     /* -v counts up, -q down */
    int color;       /* --color: -1 auto, 0 never, 1 always */
    int exit_status; /* set by a run that returns 0: what its verdict is to
                        the shell; 0 if there is none */
    int argc;        /* argv[0] is the verb */
    char **argv;
};

struct command {
    const char *name;
    const char *summary;  /* one line */
    const char *synopsis; /* operands only: "[PROMPT|-]", or "" */
    const struct option_spec *options; /* its own; NULL: none */
    const char *help;     /* more text, whole lines; or NULL */
    bool no_json;         /* it has no data, so --json is refused */
    bool no_folders;      /* works without a home folder */
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
    X(settle)           \
    X(eval)             \
    X(judge)            \
    X(loop)             \
    X(answers)          \
    X(history)          \
    X(show)             \
    X(undo)             \
    X(voters)           \
    X(record)           \
    X(export)           \
    X(import)           \
    X(models)           \
    X(generate)         \
    X(tokenize)         \
    X(perplexity)       \
    X(diff)             \
    X(bench)            \
    X(config)           \
    X(db)               \
    X(demo)             \
    X(doctor)           \
    X(completion)       \
    X(help)             \
    X(version)

#define COMMAND_DECLARE(verb) extern const struct command command_##verb;
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/* "unknown verb …; did you mean …?": -1 with ERR_USAGE. */
int command_unknown(const char *verb, struct err *e);

/* By name, or NULL; the i-th, NULL beyond the end. */
const struct command *command_find(const char *name);
const struct command *command_at(int i);

/* -1 with ERR_USAGE if --json was given.  For an action `what` without JSON
 * of a verb whose other actions have it. */
int command_refuse_json(const struct invocation *in, const char *what,
                        struct err *e);

/* Fills `settings` from the command's own options and checks that between min
 * and max operands (argv[1] on) remain; max -1: any number.  0, or -1 with
 * ERR_USAGE. */
int command_parse(struct invocation *in, void *settings, int min, int max,
                  struct err *e);

/* Appends the help on one verb, or with NULL the list of all of them. */
void command_describe(const struct command *c, struct buf *out);

/* Reads the global options; leaves the verb in argv[0] and the rest behind it.
 * in->command is NULL if there is no verb.  *help and *version are set if
 * --help or --version was given.  0, or -1 with ERR_USAGE. */
int command_line(struct invocation *in, int argc, char **argv, bool *help,
                 bool *version, struct err *e);

/* The global options, for help and completion. */
extern const struct option_spec command_globals[];

#endif
