/* bias: how much more or less likely single tokens are made.
 *
 * A model's "logit_bias" names tokens by their number ("1820") or by their
 * text (" the"), and says what is added to the logit of each: from -100, which
 * forbids it, to 100.  Which tokens a text names is up to the weights:
 * sampling.c.  Part of struct model, and owned as its other parts are. */
#ifndef BACKENDS_BIAS_H
#define BACKENDS_BIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* As OpenAI's API has it: a bias this low forbids a token. */
#define BIAS_MOST 100

/* More entries than this are refused. */
#define BIAS_MAX_ENTRIES 1024

struct bias {
    char *token; /* digits: its number; else its text */
    double add;
};

struct bias_list {
    struct bias *v; /* [n], in the order of their tokens as bytes */
    size_t n;
};

/* Reads an object like {" the": -100, "1820": 2.5}.  0, or -1 with ERR_CONFIG
 * and *out empty: the message begins with what is wrong, without a place. */
int bias_read(const cJSON *object, struct bias_list *out, struct err *e);

struct bias_list bias_copy(const struct bias_list *from);
void bias_free(struct bias_list *l);

/* Appends the object that bias_read reads, with its keys in order. */
void bias_add_json(const struct bias_list *l, struct buf *out);

/* Whether an entry names its token by number, and which. */
bool bias_is_id(const struct bias *b, int32_t *id);

#endif
