#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_MAX_DEPTH 16

/* Opens a folder below another; NULL if it is none or is gone by now. */
static DIR *open_folder(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL && fd >= 0)
        close(fd);
    return folder;
}

static const char *next_name(DIR *folder)
{
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return entry->d_name;
    return NULL;
}

static int64_t count(int at, const char *name, int depth)
{
    DIR *folder = depth < TREE_MAX_DEPTH ? open_folder(at, name) : NULL;
    if (folder == NULL)
        return 0;
    int64_t sum = 0;
    const char *entry;
    while ((entry = next_name(folder)) != NULL) {
        struct stat st;
        if (fstatat(dirfd(folder), entry, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            sum += count(dirfd(folder), entry, depth + 1);
        else
            sum += st.st_size;
    }
    closedir(folder);
    return sum;
}

int64_t tree_bytes(const char *path)
{
    return count(AT_FDCWD, path, 0);
}

/* False with errno set if something stays. */
static bool empty(int at, const char *name, int depth)
{
    DIR *folder = depth < TREE_MAX_DEPTH ? open_folder(at, name) : NULL;
    if (folder == NULL)
        return errno == ENOENT;
    bool good = true;
    const char *entry;
    while (good && (entry = next_name(folder)) != NULL) {
        if (unlinkat(dirfd(folder), entry, 0) == 0 || errno == ENOENT)
            continue;
        good = (errno == EISDIR || errno == EPERM) &&
               empty(dirfd(folder), entry, depth + 1) &&
               unlinkat(dirfd(folder), entry, AT_REMOVEDIR) == 0;
    }
    int kept = errno;
    closedir(folder);
    errno = kept;
    return good;
}

int tree_remove(const char *path, struct err *e)
{
    errno = ELOOP; /* what a tree that is too deep is reported as */
    if (empty(AT_FDCWD, path, 0) && (rmdir(path) == 0 || errno == ENOENT))
        return 0;
    return err_set(e, ERR_FAILURE, "%s: cannot remove: %s", path,
                   strerror(errno));
}
