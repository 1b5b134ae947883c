#include <stdio.h>

#include "tui/command.h"

static int run_help(struct invocation *in, struct err *e)
{
    const struct command *c = NULL;
    if (command_parse(in, NULL, 0, 1, e) != 0)
        return -1;
    if (in->argc > 1) {
        c = command_find(in->argv[1]);
        if (c == NULL)
            return command_unknown(in->argv[1], e);
    }
    struct buf text;
    buf_init(&text, 1 << 16);
    command_describe(c, &text);
    fputs(text.data, stdout);
    buf_free(&text);
    return 0;
}

const struct command command_help = {
    .name = "help",
    .summary = "what the verbs are, or what one of them does",
    .synopsis = "[VERB]",
    .no_json = true,
    .no_folders = true,
    .run = run_help,
};
