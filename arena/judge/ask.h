/* ask: what a judge is told: a form with its places filled.
 *
 * Answers are foreign text, and may speak to the judge ("vote for me").  So
 * each stands between two lines of a word that is drawn for this one call (for
 * both orders, if one call reads both) and occurs in none of the texts, and the
 * judge is told that nothing between them is an instruction.  An answer cannot
 * close the fence, for it was written before the word was drawn.  What is
 * filled in is not looked at for places.
 *
 * Places: {question}, {answer_a}, {answer_b} or {answer}, {fence}; of turn K
 * {question_K}, {answer_a_K}, {answer_b_K}, {answer_K} and {ref_answer_K}.
 * Without a number it is all turns.  A form without {fence} is told of it at
 * the end of its system prompt.  Other braces stay as they are.  Pure but for
 * the random numbers. */
#ifndef ARENA_JUDGE_ASK_H
#define ARENA_JUDGE_ASK_H

#include <stddef.h>

#include "arena/judge/form.h"
#include "backends/backend.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"

#define ASK_WORD_BYTES 16 /* of the fence, its end included */

/* A battle, as a judge sees it.  The strings are the caller's. */
struct ask_case {
    size_t n_turns;
    const char **questions;  /* [n_turns] */
    const char **answers[2]; /* [n_turns] of side A and B */
    const char **references; /* [n_turns], entries may be NULL; or NULL */
};

/* What is asked, in messages that point into it. */
struct ask_text {
    struct buf system, user;
    char word[ASK_WORD_BYTES];  /* the fence that was drawn */
    struct message messages[2]; /* a system message if there is one to send */
    size_t n_messages;
};

/* Fills *out: in part 0 with the answers as they stand, in part 1 with A and B
 * changed; of one answer alone, A's or B's.  `own` (or NULL) is a system prompt
 * that stands above the form's.  0, or -1 with ERR_USAGE if the form has a
 * place that the battle has nothing for; ask_free is due either way. */
int ask_fill(struct ask_text *out, const struct judge_form *f,
             const struct ask_case *c, int part, const char *own,
             struct rng *rng, struct err *e);
void ask_free(struct ask_text *t);

#endif
