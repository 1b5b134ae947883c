#include "tui/command.h"

#include <string.h>

#include "base/nearest.h"

/* The values of the global options. */
struct globals {
    const char *config, *db;
    int64_t seed;
    bool json, plain, no_input, help, version;
    int verbose, quiet, color;
};

const struct option_spec command_globals[] = {
    OPTION(0, "config", TEXT, globals, config, "FILE",
           "which config, instead of arena.json"),
    OPTION(0, "db", TEXT, globals, db, "FILE",
           "which database, instead of arena.db"),
    OPTION(0, "json", FLAG, globals, json, NULL,
           "print JSON, for other programs"),
    OPTION(0, "plain", FLAG, globals, plain, NULL,
           "line by line, no full screen"),
    OPTION(0, "color", CHOICE, globals, color, "auto|always|never",
           "colour; auto: on a terminal, unless NO_COLOR is set"),
    OPTION(0, "no-input", FLAG, globals, no_input, NULL,
           "never ask; fail if a question would be needed"),
    OPTION(0, "seed", WHOLE, globals, seed, "N",
           "draw pairs, sides and answers repeatably", .min = 0,
           .max = INT64_MAX),
    OPTION('q', "quiet", COUNT, globals, quiet, NULL, "say less"),
    OPTION('v', "verbose", COUNT, globals, verbose, NULL, "say more"),
    OPTION('h', "help", FLAG, globals, help, NULL, "what the verb does"),
    OPTION(0, "version", FLAG, globals, version, NULL, "the version"),
    OPTION_END,
};

static const struct command *const command_table[] = {
#define COMMAND_ROW(verb) &command_##verb,
    COMMAND_LIST(COMMAND_ROW)
#undef COMMAND_ROW
    NULL,
};

const struct command *command_at(int i)
{
    int n = (int)(sizeof(command_table) / sizeof(command_table[0]));
    return i >= 0 && i < n ? command_table[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (int i = 0; command_table[i] != NULL; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

int command_refuse_json(const struct invocation *in, const char *what,
                        struct err *e)
{
    if (!in->json)
        return 0;
    return err_set(e, ERR_USAGE, "%s prints no JSON; leave --json "
                   "out", what);
}

int command_parse(struct invocation *in, void *settings, int min, int max,
                  struct err *e)
{
    const struct command *c = in->command;
    /* argv has no globals any more; they are for "did you mean" only. */
    if (options_parse(c->options, settings, command_globals, false, &in->argc,
                      in->argv, e) != 0)
        return err_wrap(e, "%s", c->name);
    if (c->no_json && command_refuse_json(in, c->name, e) != 0)
        return -1;
    int n = in->argc - 1;
    const char *space = c->synopsis[0] != '\0' ? " " : "";
    if (n < min)
        return err_set(e, ERR_USAGE, "%s: something is missing; usage: "
                       "arena %s%s%s", c->name, c->name, space, c->synopsis);
    if (max >= 0 && n > max)
        return err_set(e, ERR_USAGE, "%s: \"%s\" is too much; usage: arena "
                       "%s%s%s", c->name, in->argv[max + 1], c->name, space,
                       c->synopsis);
    return 0;
}

static void describe_one(const struct command *c, struct buf *out)
{
    buf_addf(out, "usage: arena %s%s%s%s\n", c->name,
             c->options ? " [OPTIONS]" : "", c->synopsis[0] ? " " : "",
             c->synopsis);
    buf_addf(out, "%s\n", c->summary);
    if (c->help != NULL)
        buf_addf(out, "\n%s", c->help);
    if (c->options != NULL) {
        buf_add_str(out, "\noptions\n");
        options_help(c->options, out);
    }
}

static void describe_all(struct buf *out)
{
    buf_add_str(out, "usage: arena [OPTIONS] [VERB ...]\n"
                     "Blind battles between language models, rated by you.\n"
                     "Without a verb: the full screen.\n"
                     "\nverbs (arena help VERB tells more)\n");
    for (int i = 0; command_table[i] != NULL; i++)
        buf_addf(out, "  %-12s %s\n", command_table[i]->name,
                 command_table[i]->summary);
}

void command_describe(const struct command *c, struct buf *out)
{
    if (c != NULL)
        describe_one(c, out);
    else
        describe_all(out);
    buf_addf(out, "\noptions of %s\n", c ? "every verb" : "all verbs");
    options_help(command_globals, out);
}

int command_unknown(const char *verb, struct err *e)
{
    struct nearest n;
    nearest_init(&n, verb);
    for (int i = 0; command_table[i] != NULL; i++)
        nearest_offer(&n, command_table[i]->name);
    if (n.best != NULL)
        return err_set(e, ERR_USAGE, "unknown verb \"%s\"; did you mean %s?",
                       verb, n.best);
    return err_set(e, ERR_USAGE, "unknown verb \"%s\"; arena help lists them",
                   verb);
}

/* Moves the verb to argv[0]. */
static int find_verb(struct invocation *in, struct err *e)
{
    int at = options_first_operand(command_globals, in->argc, in->argv);
    if (at >= in->argc)
        return 0;
    char *verb = in->argv[at];
    in->command = command_find(verb);
    if (in->command == NULL)
        return command_unknown(verb, e);
    in->argc--;
    memmove(in->argv + at, in->argv + at + 1,
            (size_t)(in->argc - at + 1) * sizeof(*in->argv));
    in->argv[0] = verb;
    return 0;
}

int command_line(struct invocation *in, int argc, char **argv, bool *help,
                 bool *version, struct err *e)
{
    struct globals g = {.seed = -1};
    *in = (struct invocation){.argc = argc, .argv = argv};
    if (argc < 1)
        return err_set(e, ERR_USAGE, "started without a name");
    if (find_verb(in, e) != 0)
        return -1;
    const struct option_spec *own = in->command ? in->command->options : NULL;
    bool lenient = in->command != NULL; /* the verb checks the rest */
    if (options_parse(command_globals, &g, own, lenient, &in->argc, in->argv,
                      e) != 0)
        return -1;
    in->options.config_path = g.config;
    in->options.db_path = g.db;
    in->options.seeded = g.seed >= 0;
    in->options.seed = g.seed >= 0 ? (uint64_t)g.seed : 0;
    in->json = g.json;
    in->plain = g.plain;
    in->no_input = g.no_input;
    in->verbose = g.verbose - g.quiet;
    in->color = g.color == 0 ? -1 : g.color == 1;
    *help = g.help;
    *version = g.version;
    return 0;
}
