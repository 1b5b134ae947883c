/* askable: can a model be asked?
 *
 * The one answer to this question, for the draw, `models list`, `config check`
 * and `doctor`.  It looks at what can be seen from here: settings, files, the
 * head of a weights file, whether a key is set.  It loads nothing, runs no
 * program and contacts nobody, and takes milliseconds; whether a server
 * answers, only `models test` can tell.  One thread. */
#ifndef ARENA_CONFIG_ASKABLE_H
#define ARENA_CONFIG_ASKABLE_H

#include "backends/model.h"
#include "base/buf.h"
#include "base/err.h"

/* 0, or -1 and why not, without the model's name: ERR_CONFIG (a setting),
 * ERR_AUTH (no key), ERR_BACKEND (weights that cannot be used). */
int askable_check(const struct model *m, struct err *e);

/* Appends what a person should know of a model that can be asked
 * (backend_ops.remarks), a sentence a line, without the model's name. */
void askable_remarks(const struct model *m, struct buf *out);

#endif
