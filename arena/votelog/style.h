/* style: what an answer looks like, from its text or from what a log counted.
 *
 * Five numbers: Chatbot Arena's four, and code blocks.  One that is not known
 * is NaN.  Pure. */
#ifndef ARENA_VOTELOG_STYLE_H
#define ARENA_VOTELOG_STYLE_H

#include "arena/votelog/votes.h"
#include "base/json.h"

#define STYLE_N_FEATURES 5

/* Names under which logs have the answers, before _a and _b or _1 and _2; NULL
 * ends them. */
extern const char *const votelog_answer_names[];

/* A number of an answer; NaN if it is none that can be reckoned with. */
float votelog_number(double v);

/* Adds the names of the five to the log's features. */
void votelog_style_features(struct votelog *log);

/* The five of the answer s[0..n): a text, or a conversation or list of texts as
 * JSON.  Number k goes to x[2 * k]; an empty s has none. */
void votelog_style_text(const char *s, size_t n, float *x);

/* The five of both answers in an object: x[5][2]. */
void votelog_object_x(const cJSON *o, float *x);

#endif
