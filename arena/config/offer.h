/* offer: what a first run finds on this machine, and the config it offers.
 *
 * Found are: weights files in the data folder, servers on loopback (see
 * arena/config/probe.h), and whose keys are set, of the vendors that are known
 * (nothing is sent there).
 *
 *     struct offer o;
 *     offer_find(&o);
 *     offer_describe(&o, &text);     … clean it, show it, ask …
 *     if (o.n_models >= 2 && yes)
 *         offer_write(&o, path, e);
 *     offer_free(&o);
 *
 * One thread. */
#ifndef ARENA_CONFIG_OFFER_H
#define ARENA_CONFIG_OFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct offer {
    char **models;    /* each a JSON object, as in "models" of a config */
    size_t n_models;  /* 0: nothing was found; else at least 2 */
    bool has_server;  /* one of them is not local */
    struct buf found; /* a line for each thing that was found */
};

void offer_find(struct offer *o);
void offer_free(struct offer *o);

/* Appends what a person reads before the question: what was found and how many
 * models that makes; with nothing found, how to add weights or a server.
 * Foreign names stand in it: clean it. */
void offer_describe(const struct offer *o, struct buf *out);

/* Appends the config. */
void offer_config(const struct offer *o, struct buf *out);

/* Writes the config; never over a file that is there.  0, or -1 with ERR_CONFIG
 * (nothing to offer, says what to do; or the file exists). */
int offer_write(const struct offer *o, const char *path, struct err *e);

#endif
