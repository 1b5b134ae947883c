/* part: one file on its way into the weights folder.
 *
 * What pull (which names the file once it is right) and the ways to fetch it,
 * pull_https and pull_pypi, have in common: where its parts are, and who is
 * told how far it has come.  pull makes it and owns what is in it.  One
 * thread. */
#ifndef ARENA_WEIGHTS_PART_H
#define ARENA_WEIGHTS_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/weights/list.h"
#include "base/err.h"

/* What must be shown, and agreed to, before weights with terms are fetched. */
struct pull_terms {
    const struct weights_entry *weights;
    const char *notice; /* the package's own words, "" if it has none */
    const char *saved;  /* path of the whole text */
};

struct pull_watch {
    void *arg;
    /* How far `what` ("smollm2-135m") has come: done of total bytes (total -1:
     * not known), several times a second.  False stops the pull. */
    bool (*progress)(void *arg, const char *what, int64_t done, int64_t total);
    /* Whether the terms are accepted. */
    bool (*accept)(void *arg, const struct pull_terms *terms);
};

struct part {
    const char *what;    /* how progress names it */
    char *path;          /* where the file will be */
    char *part;          /* path.part */
    char *folder;        /* path.pull: downloads, held by a lock */
    int lock;            /* descriptor of the folder */
    int64_t size;        /* of the whole, -1: not known yet */
    const struct pull_watch *watch;
};

/* Tells how far it has come.  0, or -1 with ERR_INTERRUPTED. */
int part_report(const struct part *p, int64_t done, int64_t total,
                struct err *e);

#endif
