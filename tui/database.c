#include "tui/database.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/path.h"

int database_config(const struct invocation *in, struct config *c,
                    struct err *e)
{
    bool foreign;
    char *path = config_find(in->options.config_path, &foreign);
    if (path == NULL)
        return 0;
    int result = config_load(c, path, foreign, e) == 0 ? 1 : -1;
    free(path);
    return result;
}

int database_elo(const struct invocation *in, struct elo_params *elo,
                 struct err *e)
{
    struct config c;
    *elo = elo_defaults();
    int found = database_config(in, &c, e);
    if (found == 1) {
        *elo = c.elo;
        config_free(&c);
    }
    return found < 0 ? -1 : 0;
}

/* Only the default folder is created: another path may be a typing error. */
static int make_folder(const struct invocation *in, const char *path,
                       struct err *e)
{
    if (in->options.db_path != NULL)
        return 0;
    char *folder = path_folder(path);
    int result = path_make_folder(folder, e);
    if (result != 0 && e != NULL)
        e->code = ERR_DB;
    free(folder);
    return result;
}

int database_open(struct store **out, const struct invocation *in,
                  enum database_use use, struct err *e)
{
    struct elo_params elo = elo_defaults();
    if (use == DATABASE_WRITE && database_elo(in, &elo, e) != 0)
        return -1;
    char *path = arena_db_path(&in->options);
    int result;
    if (use == DATABASE_READ && !path_exists(path))
        result = err_set(e, ERR_DB, "%s: there is no database yet; a battle or "
                         "\"arena record\" makes it", path);
    else
        result = use == DATABASE_WRITE ? make_folder(in, path, e) : 0;
    if (result == 0)
        result = store_open(out, path, &elo, e);
    free(path);
    return result;
}

int database_print(struct buf *out, struct err *e)
{
    int result = 0;
    if (out->overflow)
        result = err_set(e, ERR_FAILURE, "too much to print at once");
    else
        fwrite(out->data, 1, out->len, stdout);
    buf_free(out);
    return result;
}
