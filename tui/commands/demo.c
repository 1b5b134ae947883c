/* `arena demo`: the whole program on answers that were written for it.
 *
 * Only the models are not real (replay backend), and the database is in a
 * temporary folder that is removed at the end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/run/prompts.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/tree.h"
#include "tui/print/plain.h"
#include "tui/screens/battle.h"
#include "tui/session.h"
#include "tui/widgets/ui.h"

/* The first turns of all prompts. */
static char **list_prompts(const struct prompts *p)
{
    char **list = mem_calloc(p->n, sizeof(*list));
    for (size_t i = 0; i < p->n; i++)
        list[i] = p->list[i].turns[0];
    return list;
}

static int demo_on_screen(struct invocation *in, struct arena *a,
                          char *const *prompts, size_t n, struct err *e)
{
    struct battle_screen_arg arg = {.suggestions = prompts,
                                    .n_suggestions = n};
    return ui_run(in, a, &screen_battle, &arg, e);
}

/* Battle after battle, until there are no more prompts or votes on stdin. */
static int demo_in_lines(struct invocation *in, struct arena *a,
                         char *const *prompts, size_t n, struct err *e)
{
    enum plain_end end = PLAIN_VOTED;
    int result = 0;
    for (size_t i = 0; i < n && result == 0 && end != PLAIN_LEFT; i++) {
        struct battle_spec spec = {.prompt = prompts[i], .model = {-1, -1}};
        int64_t id;
        result = plain_fight(in, a, &spec, stdin, &end, &id, e);
    }
    return result;
}

/* --- the scratch folder -------------------------------------------------- */

/* The database and SQLite's files (https://sqlite.org/tempfiles.html). */
static const char *const demo_files[] = {
    "arena.db", "arena.db-journal", "arena.db-wal", "arena.db-shm",
};
#define DEMO_N_FILES (sizeof(demo_files) / sizeof(demo_files[0]))

/* Static, because a signal handler needs it. */
static struct {
    char *folder;
    char *file[DEMO_N_FILES];
} demo_scratch;

/* Calls only functions that POSIX allows in a handler. */
static void remove_and_end(int sig)
{
    for (size_t i = 0; i < DEMO_N_FILES; i++)
        unlink(demo_scratch.file[i]);
    rmdir(demo_scratch.folder);
    signal(sig, SIG_DFL);
    raise(sig);
}

/* What the person's shell told us to ignore stays ignored.  The screen has
 * handlers of its own, which end the demo in order. */
static void set_signals(void (*handler)(int))
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction old, new = {.sa_handler = handler};
    sigemptyset(&new.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &new, NULL);
}

/* An empty folder for the database, which a signal takes away, too. */
static int make_scratch(struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    char *folder = path_join(tmp && *tmp ? tmp : "/tmp", "arena-demo-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        err_set(e, ERR_FAILURE, "%s: cannot make a folder: %s", folder,
                strerror(errno));
        free(folder);
        return -1;
    }
    demo_scratch.folder = folder;
    for (size_t i = 0; i < DEMO_N_FILES; i++)
        demo_scratch.file[i] = path_join(folder, demo_files[i]);
    set_signals(remove_and_end);
    return 0;
}

static int remove_scratch(struct err *e)
{
    int result = tree_remove(demo_scratch.folder, e);
    set_signals(SIG_DFL);
    for (size_t i = 0; i < DEMO_N_FILES; i++)
        free(demo_scratch.file[i]);
    free(demo_scratch.folder);
    return result;
}

/* --- the verb ------------------------------------------------------------ */

static int play(struct invocation *in, bool plain, const char *db,
                struct err *e)
{
    struct prompts prompts;
    struct arena a;
    char *config = path_data_file("demo/arena.json");
    char *file = path_data_file("demo/prompts.txt");
    in->options.config_path = config;
    in->options.db_path = db;
    int result = prompts_read(&prompts, file, PROMPTS_TEXT, e);
    if (result == 0) {
        char **list = list_prompts(&prompts);
        result = session_open(&a, in, e);
        if (result == 0) {
            result = plain ? demo_in_lines(in, &a, list, prompts.n, e)
                           : demo_on_screen(in, &a, list, prompts.n, e);
            arena_close(&a);
        }
        free(list);
        prompts_free(&prompts);
    }
    free(file);
    free(config);
    return result;
}

static int run_demo(struct invocation *in, struct err *e)
{
    if (command_parse(in, NULL, 0, 0, e) != 0)
        return -1;
    if (in->options.config_path != NULL || in->options.db_path != NULL)
        return err_set(e, ERR_USAGE, "the demo has a config and a database of "
                       "its own; leave --config and --db out");
    bool plain = in->plain || in->json || !isatty(STDIN_FILENO) ||
                 !isatty(STDOUT_FILENO);
    if (!plain && tty_check(e) != 0)
        return -1;
    if (make_scratch(e) != 0)
        return -1;
    int result = play(in, plain, demo_scratch.file[0], e);
    if (remove_scratch(result == 0 ? e : NULL) != 0)
        result = -1;
    return result;
}

const struct command command_demo = {
    .name = "demo",
    .summary = "try everything on scripted answers, with nothing kept",
    .synopsis = "",
    .help =
        "No model and no server is needed: three made-up models answer eight\n"
        "prompts from a script.  Without a terminal the battles come one after\n"
        "another, and the votes (a, b, t, x, s) are lines of stdin.  The\n"
        "database is in a temporary folder and is gone afterwards.\n",
    .run = run_demo,
};
