/* lora: the adapters of a model: its "lora" in the config.
 *
 * A list of objects like { "file": "a.gguf", "scale": 0.5 }, in the order in
 * which what they add is summed up.  The same weights with another adapter, or
 * at another scale, are another model.  What is in the files is up to the
 * engine (engine_adapter_open).  Part of struct model, and owned as its other
 * parts are. */
#ifndef BACKENDS_LORA_H
#define BACKENDS_LORA_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define LORA_MOST 16      /* adapters of a model */
#define LORA_SCALE_MOST 1000

struct lora {
    char *file; /* as it was named */
    char *path; /* where it is; NULL: file is it */
    double scale;
};

struct lora_list {
    struct lora *v; /* [n] */
    size_t n;
};

/* Reads a list.  0, or -1 with ERR_CONFIG and *out empty: the message begins
 * with what is wrong, without a place. */
int lora_read(const cJSON *list, struct lora_list *out, struct err *e);

struct lora_list lora_copy(const struct lora_list *from);
void lora_free(struct lora_list *l);

/* Where the file is. */
const char *lora_path(const struct lora *l);

/* Appends the list that lora_read reads, with its keys in order. */
void lora_add_json(const struct lora_list *l, struct buf *out);

#endif
