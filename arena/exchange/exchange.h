/* exchange: battles in from the files of other programs, and out into them.
 *
 * A form is a row of the list in exchange.c and a file beside it.  Everything
 * streams: memory does not grow with the file or the database.  Only the store
 * is read and written; who says what to a person is the caller.  One thread. */
#ifndef ARENA_EXCHANGE_EXCHANGE_H
#define ARENA_EXCHANGE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena/exchange/options.h"
#include "arena/store/store.h"
#include "base/err.h"

struct exchange_form;

/* A form by its name, or NULL with ERR_USAGE that lists all of them. */
const struct exchange_form *exchange_find(const char *name, struct err *e);
const char *exchange_name(const struct exchange_form *f);

/* The i-th form, NULL beyond the end. */
const struct exchange_form *exchange_at(size_t i);

/* --- out ------------------------------------------------------------------ */

/* What stands behind the number of those left out, and not kept: texts for
 * base/plural.h. */
const char *exchange_reason(enum exchange_reason r);
const char *exchange_loss(enum import_reason r);

/* Writes all that the options ask for through `write`, which returns 0 or -1
 * with its error.  0 or -1: ERR_USAGE if an option would do nothing in this
 * form, or names no voters, or a model that is not there. */
int exchange_export(struct store *s, const struct exchange_form *f,
                    const struct exchange_options *o,
                    int (*write)(void *arg, const char *bytes, size_t n,
                                 struct err *e),
                    void *arg, struct exchange_counts *out, struct err *e);

/* The entry of LLaMA-Factory's dataset_info.json for an exported file, as a
 * line of JSON; NULL: it knows no such form.  The caller frees. */
char *exchange_dataset_info(const struct exchange_form *f,
                            const struct exchange_options *o,
                            const char *file);

/* --- in ------------------------------------------------------------------- */

/* Stores what a file says; `from` is what it does not say itself.  Rows that
 * cannot be used are rejected; the others count.  An interrupted import goes on
 * if it is begun again; a file that is in already is ERR_USAGE, and so is a
 * source that the form has no use for; what is no plain file is ERR_FAILURE, as
 * it is read twice.  0 or -1. */
int exchange_import(struct store *s, const struct exchange_form *f,
                    const char *path, const struct import_source *from,
                    struct exchange_report *r, struct err *e);

#endif
