/* model: what the arena rates, and all a backend must know to answer as it.
 *
 * The struct is filled by arena/config (from arena.json) and read by backends.
 * Whoever filled it frees it with model_free; a backend copies what it needs
 * beyond its own `open`.  Its fields are the rows of backends/settings.h, and
 * some that follow from them.  A setting that was not configured is NaN, -1,
 * false or NULL, and is then not sent, so that the server's own default
 * holds. */
#ifndef BACKENDS_MODEL_H
#define BACKENDS_MODEL_H

#include "backends/settings.h"
#include "base/buf.h"

struct model {
    char *backend; /* which entry of the backend list: "local", … */
    char *file;    /* local: weights, absolute; file_name as they were named */
    bool own_url;  /* base_url is the model's own, not its provider's */
    MODEL_SETTINGS(SETTING_FIELD, SETTING_FLAG_FIELD)
};

/* The rows of MODEL_SETTINGS, over struct model. */
extern const struct setting_table model_settings;

/* A model with nothing configured (weight 1). */
void model_init(struct model *m);
void model_free(struct model *m);
void model_copy(struct model *to, const struct model *from);

/* A time limit of a model in milliseconds; the usual one if it sets none. */
int64_t model_limit_ms(double limit_s, int64_t usual_ms);

/* Appends the part of a model that makes its answers what they are (provider,
 * weights or id, system prompt, sampling; not its name, weight, price, tags or
 * keys) as one line of JSON with keys in a fixed order: equal text, same
 * model.  Files stand in it as the config says them and programs without their
 * folder, so that a moved home is no new model. */
void model_describe(const struct model *m, struct buf *out);

/* Appends how a model answers, as far as it is configured, for people:
 * "temperature 0.5, top_k 40". */
void model_list_settings(const struct model *m, struct buf *out);

#endif
