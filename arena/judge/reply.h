/* reply: what a judge said, read: from its text, or from two parts together.
 *
 * In a text the verdict is the mark [[A]], [[B]] or [[C]] (a tie), or a number
 * as [[7]], on the last line that has one.  A judge may quote an answer that
 * holds a mark, so what it says last counts; two different marks on that line
 * are no verdict, and neither is one in the middle of a text that was cut off.
 * Pure. */
#ifndef ARENA_JUDGE_REPLY_H
#define ARENA_JUDGE_REPLY_H

#include <stdbool.h>

#include "arena/judge/form.h"
#include "backends/backend.h"
#include "rating/votes/counts.h"

/* A verdict from the first answer that the judge was shown; or a score. */
struct reply {
    double value; /* share of the first answer: 1, 1/2, 0; or 1 to 10 */
    double tie;   /* 1: a tie */
};

/* False if the text holds no verdict that can be read.  `whole`: the judge
 * ended it by itself. */
bool reply_read(enum form_kind kind, const char *text, bool whole,
                struct reply *out);

/* What a server holds a judge's answer to: {"reason": …, "verdict": "[[A]]"},
 * as JSON Schema (static; of what is in it, servers know all); and its reader,
 * false if the text is none. */
const char *reply_schema(enum form_kind kind);
bool reply_read_json(enum form_kind kind, const char *text, struct reply *out);

/* The verdicts of a pair, in the order of p; false if p is not known. */
extern const struct request_words reply_verdicts;
bool reply_weigh(const double p[ANSWER_MAX_WORDS], struct reply *out);

/* The vote that follows from both parts, as stored (value and tie from side A
 * in both): the verdict on which both orders agree, else a tie; of `soft` ones,
 * which are probabilities, the likeliest on the average; of scores, the higher
 * one.  *share is how probable it is that A is better, a tie as half. */
void reply_combine(enum form_kind kind, bool soft, const double value[2],
                   const double tie[2], enum rating_outcome *verdict,
                   double *share);

#endif
