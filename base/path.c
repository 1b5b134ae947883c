#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define PATH_MAX_BYTES 8192

#ifndef ARENA_DATADIR /* the Makefile says where `make install` puts data */
#define ARENA_DATADIR "/usr/local/share/arena"
#endif

char *path_join(const char *folder, const char *name)
{
    if (name[0] == '/')
        return mem_strdup(name);
    struct buf b;
    buf_init(&b, PATH_MAX_BYTES);
    buf_add_str(&b, folder);
    if (name[0] != '\0') {
        if (b.len == 0 || b.data[b.len - 1] != '/')
            buf_add_char(&b, '/');
        buf_add_str(&b, name);
    }
    return buf_detach(&b);
}

static const struct {
    const char *variable, *below_home;
} places[] = {
    [PATH_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
    [PATH_DATA] = {"XDG_DATA_HOME", ".local/share"},
    [PATH_STATE] = {"XDG_STATE_HOME", ".local/state"},
    [PATH_CACHE] = {"XDG_CACHE_HOME", ".cache"},
};

/* The user's folder as the system has it noted, or NULL. */
static char *noted_home(void)
{
    struct passwd entry, *found = NULL;
    size_t n = 64 << 10;
    char *room = mem_calloc(n, 1);
    char *home = NULL;
    if (getpwuid_r(getuid(), &entry, room, n, &found) == 0 && found != NULL &&
        found->pw_dir != NULL && found->pw_dir[0] == '/')
        home = mem_strdup(found->pw_dir);
    free(room);
    return home;
}

/* NULL if there is none. */
static char *home_folder(void)
{
    const char *home = getenv("HOME");
    return home && home[0] == '/' ? mem_strdup(home) : noted_home();
}

/* The path in a variable, or NULL.  A relative path is ignored (XDG Base
 * Directory specification). */
static const char *chosen_base(enum path_kind kind)
{
    const char *base = getenv(places[kind].variable);
    return base && base[0] == '/' ? base : NULL;
}

int path_check_home(struct err *e)
{
    char *home = home_folder();
    bool found = home != NULL ||
                 (chosen_base(PATH_CONFIG) != NULL &&
                  chosen_base(PATH_DATA) != NULL &&
                  chosen_base(PATH_STATE) != NULL);
    free(home);
    if (found)
        return 0;
    return err_set(e, ERR_CONFIG, "HOME is not set, and the system knows no "
                   "home folder of this user; set HOME to a folder that arena "
                   "may keep its files in");
}

char *path_of(enum path_kind kind, const char *name)
{
    const char *base = chosen_base(kind);
    char *made = NULL;
    if (base == NULL) {
        char *home = home_folder();
        /* A folder that everybody may write to cannot hold a config that we
         * trust.  Nothing can be in /dev/null. */
        made = path_join(home ? home : "/dev/null", places[kind].below_home);
        free(home);
        base = made;
    }
    char *folder = path_join(base, "arena");
    char *whole = path_join(folder, name);
    free(folder);
    free(made);
    return whole;
}

/* folder/name if our data is in it, else NULL. */
static char *data_in(const char *folder, const char *name)
{
    char *data = path_join(folder, name);
    char *proof = path_join(data, "arena.schema.json");
    bool found = path_exists(proof);
    free(proof);
    if (found)
        return data;
    free(data);
    return NULL;
}

/* ROOT/data for a program at ROOT/build/VARIANT/arena (a test lies one folder
 * deeper), PREFIX/share/arena for one at PREFIX/bin/arena; NULL if neither
 * is so. */
static char *path_near_data(void)
{
    char program[PATH_MAX_BYTES];
    ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (n <= 0)
        return NULL;
    program[n] = '\0';
    char *data = NULL;
    for (int up = 0; up < 4 && data == NULL; up++) {
        char *slash = strrchr(program, '/');
        if (slash == NULL)
            return NULL;
        *slash = '\0';
        data = data_in(program, "data");
        if (data == NULL)
            data = data_in(program, "share/arena");
    }
    return data;
}

char *path_data_file(const char *name)
{
    const char *chosen = getenv("ARENA_DATA");
    if (chosen != NULL && chosen[0] != '\0')
        return path_join(chosen, name);
    char *near = path_near_data();
    char *whole = path_join(near ? near : ARENA_DATADIR, name);
    free(near);
    return whole;
}

char *path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return slash == path ? mem_strdup("/")
                         : mem_strndup(path, (size_t)(slash - path));
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

int path_make_folder(const char *path, struct err *e)
{
    char *copy = mem_strdup(path);
    int result = 0;
    for (char *p = copy + 1; result == 0; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            result = err_set(e, ERR_FAILURE, "%s: cannot make the folder: %s",
                             copy, strerror(errno));
        *p = kept;
        if (kept == '\0')
            break;
    }
    free(copy);
    return result;
}

int path_read_file(struct buf *b, const char *path, enum err_code code,
                   struct err *e)
{
    struct stat st;
    /* Opening a pipe without a writer would block. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *why = NULL;
    if (fd < 0 || fstat(fd, &st) != 0)
        why = strerror(errno);
    else if (S_ISDIR(st.st_mode))
        why = strerror(EISDIR);
    else if (!S_ISREG(st.st_mode))
        why = "it is not a plain file";
    else if (buf_read_fd(b, fd) != 0)
        why = errno == EFBIG ? "it is too large" : strerror(errno);
    if (fd >= 0)
        close(fd);
    return why ? err_set(e, code, "%s: cannot read: %s", path, why) : 0;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

static int sync_folder(const char *path)
{
    char *folder = path_folder(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return -1;
    int result = fsync(fd);
    close(fd);
    return result;
}

int path_write_file(const char *path, const void *bytes, size_t n, mode_t mode,
                    struct err *e)
{
    struct buf temporary;
    buf_init(&temporary, PATH_MAX_BYTES);
    buf_addf(&temporary, "%s.XXXXXX", path);
    int result = -1;
    int fd = mkstemp(temporary.data);
    if (fd < 0) {
        err_set(e, ERR_FAILURE, "%s: cannot write: %s", path, strerror(errno));
        goto out;
    }
    bool written = write_all(fd, bytes, n) == 0 && fchmod(fd, mode) == 0 &&
                   fsync(fd) == 0;
    if (close(fd) == 0 && written && rename(temporary.data, path) == 0 &&
        sync_folder(path) == 0) {
        result = 0;
    } else {
        err_set(e, ERR_FAILURE, "%s: cannot write: %s", path, strerror(errno));
        unlink(temporary.data);
    }
out:
    buf_free(&temporary);
    return result;
}
