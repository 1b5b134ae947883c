/* `arena db`: care for the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/database.h"

/* --- path ---------------------------------------------------------------- */

static int db_path(struct invocation *in, struct err *e)
{
    char *path = arena_db_path(&in->options);
    struct buf out;
    buf_init(&out, 1 << 16);
    if (in->json) {
        buf_add_str(&out, "{\"path\":");
        json_add_string(&out, path, strlen(path));
        buf_add_str(&out, "}\n");
    } else {
        clean_text(path, strlen(path), true, &out);
        buf_add_char(&out, '\n');
    }
    free(path);
    return database_print(&out, e);
}

/* --- check --------------------------------------------------------------- */

struct problems {
    struct buf *out;
    bool json;
    size_t n;
};

static void add_problem(void *arg, const char *line)
{
    struct problems *p = arg;
    if (p->json) {
        json_comma(p->out);
        json_add_string(p->out, line, strlen(line));
    } else {
        clean_text(line, strlen(line), true, p->out);
        buf_add_char(p->out, '\n');
    }
    p->n++;
}

static void end_check_json(struct buf *out, bool ok, uint64_t n_rated)
{
    buf_add_char(out, ']');
    json_put_bool(out, "ok", ok);
    json_put_whole(out, "n_rated", (int64_t)n_rated);
    buf_add_str(out, "}\n");
}

static int check(struct invocation *in, struct store *s, struct err *e)
{
    struct buf out;
    buf_init(&out, 1 << 26);
    struct problems p = {.out = &out, .json = in->json};
    struct store_totals totals = {0};
    size_t n = 0;
    if (in->json)
        buf_add_str(&out, "{\"problems\":[");
    if (store_check(s, add_problem, &p, &n, e) != 0 ||
        (n == 0 && store_totals(s, &totals, e) != 0)) {
        buf_free(&out);
        return -1;
    }
    if (in->json)
        end_check_json(&out, n == 0, totals.n_rated);
    else if (n == 0)
        buf_addf(&out, "ok: intact; replaying the votes (%llu rated) "
                 "gives the stored ratings and counts\n",
                 (unsigned long long)totals.n_rated);
    if (database_print(&out, e) != 0)
        return -1;
    if (n == 0)
        return 0;
    char *path = arena_db_path(&in->options);
    err_set(e, ERR_DB, "%s: %zu problem%s found; \"arena db rebuild\" "
            "repairs ratings and counts; anything else needs a backup",
            path, n, plural_s(n));
    free(path);
    return -1;
}

/* --- backup, rebuild ----------------------------------------------------- */

static int backup(struct invocation *in, struct store *s, struct err *e)
{
    const char *to = in->argv[2];
    if (store_backup(s, to, e) != 0)
        return -1;
    struct buf out;
    buf_init(&out, 1 << 16);
    if (in->json) {
        buf_add_char(&out, '{');
        json_put_text(&out, "backup", to);
        buf_add_str(&out, "}\n");
    } else {
        buf_add_str(&out, "copied to ");
        clean_text(to, strlen(to), true, &out);
        buf_add_char(&out, '\n');
    }
    return database_print(&out, e);
}

static int rebuild(struct invocation *in, struct store *s, struct err *e)
{
    struct store_totals totals;
    if (store_rebuild(s, e) != 0 || store_totals(s, &totals, e) != 0)
        return -1;
    printf(in->json ? "{\"rebuilt\":true,\"n_rated\":%llu}\n"
                    : "rebuilt ratings, history and counts; votes rated: "
                      "%llu\n",
           (unsigned long long)totals.n_rated);
    return 0;
}

/* --- the command --------------------------------------------------------- */

static const struct action {
    const char *name;
    int n_operands; /* with the action itself */
    int (*run)(struct invocation *in, struct store *s, struct err *e);
} actions[] = {
    {"path", 1, NULL},
    {"check", 1, check},
    {"backup", 2, backup},
    {"rebuild", 1, rebuild},
};

static const struct action *find_action(const char *name, struct err *e)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
        nearest_offer(&near, actions[i].name);
    }
    err_set(e, ERR_USAGE, "db: \"%s\" is none of path, check, backup FILE, "
            "rebuild%s%s%s", name, near.best ? "; did you mean \"" : "",
            near.best ? near.best : "", near.best ? "\"?" : "");
    return NULL;
}

static int run_db(struct invocation *in, struct err *e)
{
    struct store *s;
    if (command_parse(in, NULL, 1, 2, e) != 0)
        return -1;
    const struct action *action = find_action(in->argv[1], e);
    if (action == NULL)
        return -1;
    if (in->argc - 1 != action->n_operands)
        return err_set(e, ERR_USAGE, "usage: arena db %s%s", action->name,
                       action->n_operands > 1 ? " FILE" : "");
    if (action->run == NULL)
        return db_path(in, e);
    if (database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = action->run(in, s, e);
    store_close(s);
    return result;
}

const struct command command_db = {
    .name = "db",
    .summary = "find, check, copy or rebuild the database",
    .synopsis = "path|check|backup FILE|rebuild",
    .help = "  path         where it is\n"
            "  check        is it intact, and do replayed votes give the stored "
            "ratings?\n"
            "  backup FILE  a consistent copy, even while others vote\n"
            "  rebuild      recompute ratings, history and counts from the "
            "votes\n",
    .run = run_db,
};
