/* style: what an answer looks like, from its text or from what a log counted.
 * Pure. */
#ifndef ARENA_VOTELOG_STYLE_H
#define ARENA_VOTELOG_STYLE_H

#include "arena/votelog/votes.h"
#include "base/json.h"

/* A number of an answer; NaN if it is none that can be reckoned with. */
float votelog_number(double v);

/* Names the features that an object of a JSON log has. */
void votelog_object_features(struct votelog *log);

/* The features of both answers in an object: x[n_features][2]. */
void votelog_object_x(const struct votelog *log, const cJSON *o, float *x);

#endif
