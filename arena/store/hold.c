/* Who makes a run's answers: one process at a time, by a lock on a file beside
 * the database.  The kernel drops it with the process, however that ends. */
#include "arena/store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* Whether the open file still has that name: a process that lets go of the lock
 * removes the file. */
static bool is_current(int fd, const char *path)
{
    struct stat open_one, named;
    return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

int store_hold_run(struct store *s, int64_t run_id, struct err *e)
{
    struct buf path;
    char *real =
        realpath(db_path(s->db), NULL); /* one lock, also through a link */
    store_release_run(s);
    buf_init(&path, 1 << 16);
    buf_addf(&path, "%s.run-%lld", real ? real : db_path(s->db),
             (long long)run_id);
    free(real);
    int fd;
    bool held;
    for (;;) {
        fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (!held || is_current(fd, path.data))
            break;
        close(fd);
    }
    if (held) {
        s->held_fd = fd;
        s->held_path = buf_detach(&path);
        return 0;
    }
    if (fd < 0 || errno != EWOULDBLOCK)
        err_set(e, ERR_DB, "%s: cannot make the lock of the run: %s", path.data,
                strerror(errno));
    else
        err_set(e, ERR_USAGE,
                "another arena is making this run's answers; "
                "wait for it, or end it: \"arena eval\" then goes on with what "
                "is there");
    if (fd >= 0)
        close(fd);
    buf_free(&path);
    return -1;
}

void store_release_run(struct store *s)
{
    if (s->held_path == NULL)
        return;
    unlink(s->held_path); /* while it is locked, so nobody else's */
    close(s->held_fd);
    free(s->held_path);
    s->held_path = NULL;
}
