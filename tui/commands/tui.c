/* `arena tui`, also `arena` alone: the full screen. */
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

static int run_tui(struct invocation *in, struct err *e)
{
    struct tui_settings s = {.voter = NULL};
    struct arena a;
    if (command_parse(in, &s, 0, 0, e) != 0)
        return -1;
    in->options.voter = s.voter;
    if (in->plain)
        return err_set(e, ERR_USAGE, "the full screen is not plain; arena "
                       "battle --plain is");
    /* Check the terminal before anything is created or asked. */
    if (session_check(in, e) != 0 || tty_check(e) != 0 ||
        session_open(&a, in, e) != 0)
        return -1;
    int result = ui_run(in, &a, &screen_battle, NULL, e);
    arena_close(&a);
    return result;
}

const struct command command_tui = {
    .name = "tui",
    .summary = "the full-screen arena (what arena alone starts)",
    .synopsis = "",
    .options = tui_options,
    .no_json = true,
    .run = run_tui,
};
