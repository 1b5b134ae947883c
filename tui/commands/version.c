#include <stdio.h>

#include "base/version.h"
#include "tui/command.h"

static int run_version(struct invocation *in, struct err *e)
{
    if (command_parse(in, NULL, 0, 0, e) != 0)
        return -1;
    if (in->json)
        puts("{\"version\":\"" ARENA_VERSION "\"}");
    else
        puts("arena " ARENA_VERSION);
    return 0;
}

const struct command command_version = {
    .name = "version",
    .summary = "which version this is",
    .synopsis = "",
    .no_folders = true,
    .run = run_version,
};
