/* crash_vfs: a layer under SQLite that fails, ends the process or loses power
 * at a chosen operation of a file.
 *
 * Operations are counted: each write, sync, cut and removal.  At the chosen one
 * the call fails (crash_fail) or the process ends there (crash_end).  Beside
 * the real folder it keeps another, `durable`, that holds what a disk is bound
 * to hold after a power loss: the bytes of a file as of its last sync, and a
 * removal once its folder was synced.  (Nothing is really synced: the machine
 * goes on, and hundreds of runs would wait for a disk.)  When the process
 * ends, it also makes a third, `torn`: the durable one with a random part of
 * the writes since then done, as a disk that reorders would have left it. */
#ifndef TESTS_UNIT_CRASH_VFS_H
#define TESTS_UNIT_CRASH_VFS_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/rng.h"

enum crash_kind { CRASH_NEVER, CRASH_FAIL_ONCE, CRASH_FAIL_ON, CRASH_END };

struct crash_write { /* since the last sync of its file */
    char *name;
    sqlite3_int64 offset;
    char *bytes;
    int n;
};

static struct crash {
    enum crash_kind kind;
    long at, n_done; /* the operation to fail at, from 1 */
    char *durable, *torn; /* folders; NULL: not kept */
    uint64_t seed;
    struct crash_write *writes;
    size_t n_writes;
    sqlite3_vfs *real;
} crash;

struct crash_file {
    sqlite3_file base;
    sqlite3_file *real;
    char *name; /* without the folder; NULL: a temporary */
};

static inline void crash_copy(const char *from, const char *to)
{
    struct buf b;
    buf_init(&b, 1 << 28);
    if (buf_read_file(&b, from) == 0) {
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || write(fd, b.data, b.len) != (ssize_t)b.len)
            _exit(1);
        close(fd);
    }
    buf_free(&b);
}

/* Writes some of what was not synced into the torn folder. */
static inline void crash_tear(void)
{
    struct rng r;
    rng_init(&r, crash.seed);
    for (size_t i = 0; i < crash.n_writes; i++) {
        const struct crash_write *w = &crash.writes[i];
        if (rng_below(&r, 2) == 0)
            continue;
        char *path = path_join(crash.torn, w->name);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0 && pwrite(fd, w->bytes, (size_t)w->n, w->offset) != w->n)
            _exit(1);
        close(fd);
        free(path);
    }
}

/* What happens before an operation: 0, or it is to fail. */
static inline int crash_count(int code)
{
    crash.n_done++;
    if (crash.kind == CRASH_NEVER || crash.n_done < crash.at)
        return SQLITE_OK;
    if (crash.kind == CRASH_END) {
        if (crash.torn != NULL)
            crash_tear();
        _exit(137);
    }
    if (crash.kind == CRASH_FAIL_ONCE && crash.n_done > crash.at)
        return SQLITE_OK;
    return code;
}

/* --- a file's calls ------------------------------------------------------ */

#define CRASH_REAL(f) (((struct crash_file *)(f))->real)
#define CRASH_PASS(name, params, ...)                              \
    static inline int crash_##name params                          \
    {                                                              \
        return CRASH_REAL(f)->pMethods->name(__VA_ARGS__);         \
    }

static inline int crash_xClose(sqlite3_file *f)
{
    struct crash_file *file = (struct crash_file *)f;
    int rc = file->real->pMethods->xClose(file->real);
    free(file->name);
    return rc;
}

static inline int crash_xWrite(sqlite3_file *f, const void *bytes, int n,
                               sqlite3_int64 at)
{
    struct crash_file *file = (struct crash_file *)f;
    int rc = crash_count(SQLITE_FULL);
    if (rc != SQLITE_OK)
        return rc;
    if (crash.torn != NULL && file->name != NULL) {
        crash.writes = mem_realloc(crash.writes, crash.n_writes + 1,
                                   sizeof(*crash.writes));
        struct crash_write *w = &crash.writes[crash.n_writes++];
        *w = (struct crash_write){mem_strdup(file->name), at,
                                  mem_calloc((size_t)n, 1), n};
        memcpy(w->bytes, bytes, (size_t)n);
    }
    return file->real->pMethods->xWrite(file->real, bytes, n, at);
}

static inline int crash_xTruncate(sqlite3_file *f, sqlite3_int64 size)
{
    int rc = crash_count(SQLITE_IOERR_TRUNCATE);
    return rc ? rc : CRASH_REAL(f)->pMethods->xTruncate(CRASH_REAL(f), size);
}

static inline void crash_forget(const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < crash.n_writes; i++) {
        if (strcmp(crash.writes[i].name, name) == 0) {
            free(crash.writes[i].name);
            free(crash.writes[i].bytes);
        } else {
            crash.writes[kept++] = crash.writes[i];
        }
    }
    crash.n_writes = kept;
}

static inline void crash_keep(const char *folder, const char *name)
{
    char *live = path_join(crash.durable, "../live");
    char *from = path_join(live, name), *to = path_join(folder, name);
    crash_copy(from, to);
    free(live);
    free(from);
    free(to);
}

static inline int crash_xSync(sqlite3_file *f, int flags)
{
    struct crash_file *file = (struct crash_file *)f;
    int rc = crash_count(SQLITE_IOERR_FSYNC);
    (void)flags;
    if (rc == SQLITE_OK && crash.durable != NULL && file->name != NULL) {
        crash_keep(crash.durable, file->name);
        if (crash.torn != NULL)
            crash_keep(crash.torn, file->name);
        crash_forget(file->name);
    }
    return rc;
}

CRASH_PASS(xRead, (sqlite3_file *f, void *p, int n, sqlite3_int64 at),
           CRASH_REAL(f), p, n, at)
CRASH_PASS(xFileSize, (sqlite3_file *f, sqlite3_int64 *n), CRASH_REAL(f), n)
CRASH_PASS(xLock, (sqlite3_file *f, int l), CRASH_REAL(f), l)
CRASH_PASS(xUnlock, (sqlite3_file *f, int l), CRASH_REAL(f), l)
CRASH_PASS(xCheckReservedLock, (sqlite3_file *f, int *r), CRASH_REAL(f), r)
CRASH_PASS(xFileControl, (sqlite3_file *f, int op, void *p), CRASH_REAL(f), op,
           p)
CRASH_PASS(xSectorSize, (sqlite3_file *f), CRASH_REAL(f))
CRASH_PASS(xShmMap, (sqlite3_file *f, int page, int size, int extend,
                     void volatile **p), CRASH_REAL(f), page, size, extend, p)
CRASH_PASS(xShmLock, (sqlite3_file *f, int at, int n, int flags),
           CRASH_REAL(f), at, n, flags)
CRASH_PASS(xShmUnmap, (sqlite3_file *f, int drop), CRASH_REAL(f), drop)

static inline void crash_xShmBarrier(sqlite3_file *f)
{
    CRASH_REAL(f)->pMethods->xShmBarrier(CRASH_REAL(f));
}

/* No promise of what a disk does by itself: no atomic and no ordered writes. */
static inline int crash_xDeviceCharacteristics(sqlite3_file *f)
{
    (void)f;
    return 0;
}

/* --- the layer ----------------------------------------------------------- */

static inline int crash_xOpen(sqlite3_vfs *vfs, const char *name,
                              sqlite3_file *f, int flags, int *out)
{
    static const sqlite3_io_methods methods = {
        2, crash_xClose, crash_xRead, crash_xWrite, crash_xTruncate,
        crash_xSync, crash_xFileSize, crash_xLock, crash_xUnlock,
        crash_xCheckReservedLock, crash_xFileControl, crash_xSectorSize,
        crash_xDeviceCharacteristics, crash_xShmMap, crash_xShmLock,
        crash_xShmBarrier, crash_xShmUnmap, NULL, NULL,
    };
    struct crash_file *file = (struct crash_file *)f;
    (void)vfs;
    *file = (struct crash_file){.real = (sqlite3_file *)(file + 1)};
    int rc = crash.real->xOpen(crash.real, name, file->real, flags, out);
    if (rc != SQLITE_OK)
        return rc;
    file->name = name ? mem_strdup(path_name(name)) : NULL;
    file->base.pMethods = &methods;
    return SQLITE_OK;
}

static inline int crash_xDelete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    int rc = crash_count(SQLITE_IOERR_DELETE);
    if (rc != SQLITE_OK)
        return rc;
    rc = crash.real->xDelete(crash.real, name, 0);
    for (int i = 0; i < 2 && sync; i++) {
        const char *folder = i ? crash.torn : crash.durable;
        if (folder == NULL)
            continue;
        char *path = path_join(folder, path_name(name));
        unlink(path);
        free(path);
    }
    if (sync)
        crash_forget(path_name(name));
    return rc;
}

/* Makes this layer the default one of the process. */
static inline void crash_install(void)
{
    static sqlite3_vfs vfs;
    if (crash.real != NULL)
        return;
    crash.real = sqlite3_vfs_find(NULL);
    vfs = *crash.real;
    vfs.zName = "crash";
    vfs.szOsFile += (int)sizeof(struct crash_file);
    vfs.xOpen = crash_xOpen;
    vfs.xDelete = crash_xDelete;
    vfs.pNext = NULL;
    sqlite3_vfs_register(&vfs, 1);
}

/* From now on: counting starts anew. */
static inline void crash_set(enum crash_kind kind, long at)
{
    crash.kind = kind;
    crash.at = at;
    crash.n_done = 0;
}

#endif
