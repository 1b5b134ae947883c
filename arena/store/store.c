/* Opening and closing. */
#include "arena/store/private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "arena/store/schema.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

static struct store *open_as(const char *path, enum db_mode mode,
                             const struct elo_params *elo, bool *locked_out,
                             struct err *e)
{
    struct store *s = mem_calloc(1, sizeof(*s));
    s->elo = *elo;
    if (db_open(&s->db, path, mode, e) == 0 && schema_prepare(s, e) == 0 &&
        db_trust(s->db, e) == 0)
        return s;
    *locked_out = db_failed_to_write(s->db);
    store_close(s);
    return NULL;
}

/* Nobody's log waits beside the file, and we could make none. */
static bool is_frozen(const char *path)
{
    struct buf log;
    buf_init(&log, 1 << 16);
    buf_addf(&log, "%s-wal", path);
    char *folder = path_folder(path);
    bool frozen = !path_exists(log.data) &&
                  faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0;
    free(folder);
    buf_free(&log);
    return frozen;
}

int store_open(struct store **out, const char *path,
               const struct elo_params *elo, struct err *e)
{
    bool locked_out = false;
    *out = NULL;
    if (path[0] == '\0')
        return err_set(e, ERR_USAGE,
                       "the database has no name; give --db a "
                       "file, or leave it out");
    if (schema_check_file(path, e) != 0)
        return -1;
    *out = open_as(path, DB_WRITE, elo, &locked_out, e);
    /* Even reading a file with a write-ahead log makes files beside it; if
     * these cannot be made, it is read as it lies there. */
    if (*out == NULL && locked_out && path_exists(path) && is_frozen(path))
        *out = open_as(path, DB_FROZEN, elo, &locked_out, e);
    return *out ? 0 : -1;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    store_release_run(s);
    db_close(s->db);
    free(s);
}

void store_hurry(struct store *s, bool hurry)
{
    db_hurry(s->db, hurry);
}

struct elo_params store_elo(const struct store *s)
{
    return s->elo;
}

const char *store_engine(void)
{
    return db_version();
}
