/* lookup: several tokens of an answer in one pass, without a second model.
 *
 * Answers quote.  If the last few tokens were there before, in the prompt or in
 * the answer, what followed them then is a guess at what follows now.  One pass
 * reads the last token and the guesses, which costs little more than the last
 * token alone, as the weights are read once.  Then each token is sampled from
 * the logits at its place, as it would be without guesses, and the next one
 * from the same pass for as long as a guess was the token that came.  The rest
 * of the pass is thrown away.
 *
 * So the text is the same, bit for bit, as without (kern.h promises the same
 * logits in any pass; nothing is drawn for a guess): penalties, bias, mirostat
 * and forms of the answer see one token after the other.
 *
 * How many are guessed follows from how often guesses were right after matches
 * of that length, and from what wider passes cost here.  Guesses are paid from
 * an allowance: nearly half a pass, a hundredth of a pass for each token, and
 * what they saved.  So an answer that never quotes loses about a hundredth.
 *
 * Source of the idea: Saxena, "Prompt lookup decoding", 2023.  One answer has
 * one, and one thread uses it. */
#ifndef BACKENDS_LOCAL_LOOKUP_H
#define BACKENDS_LOCAL_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/engine.h"

#define LOOKUP_ROWS 8     /* of the widest pass */
#define LOOKUP_LENGTHS 9  /* matches of 2 tokens to 10 and more */

/* Where the tokens were before: for each position the last one before it at
 * which the same two tokens ended. */
struct lookup_index {
    int32_t *heads;    /* last position by hash, or -1 */
    int32_t *previous; /* [n], room for cap */
    size_t n, cap;
};

struct lookup {
    bool off;
    struct lookup_index index;
    float right[LOOKUP_LENGTHS]; /* how often a guess was, by length of match */
    double pass_ns[LOOKUP_ROWS + 1]; /* recent mean, by rows; 0: not known */
    double allowance;                /* in passes of one row */

    /* The pass. */
    int32_t fed[LOOKUP_ROWS]; /* the last token and the guesses */
    size_t n_fed;             /* 0: none is going on */
    size_t n_taken;           /* guesses that were right so far */
    size_t length;            /* of the match */
    int n_past;               /* tokens that the session held before */
    int64_t begin_ns;         /* 0: it is not measured */
    float *logits;     /* [n_fed][n_vocab] if there are guesses */
    size_t cap_logits; /* rows */
};

/* All of it unused; off: nothing is ever guessed. */
void lookup_init(struct lookup *l, bool off);
void lookup_free(struct lookup *l);

/* Makes the feed of a pass over the last of `ids`, of which the session holds
 * all others, and at most `most` guesses.  0 is for a pass that others share,
 * too: what it takes says nothing about this answer, and is not measured. */
void lookup_feed(struct lookup *l, const struct engine *g,
                 struct engine_session *s, const struct token_list *ids,
                 size_t most, struct engine_feed *feed);

/* After the pass: notes what it took, if it is measured. */
void lookup_passed(struct lookup *l);

/* The logits to choose the next token from. */
const float *lookup_logits(const struct lookup *l, const struct engine *g,
                           const struct engine_session *s);

/* Tells which token was chosen and added to the ids.  True: it was guessed, so
 * lookup_logits has the next ones without another pass.  False: the session
 * holds all ids but this one, and the next pass is due. */
bool lookup_take(struct lookup *l, struct engine_session *s, int32_t id);

/* Ends a pass before all of it is used: the session holds no token that was
 * only guessed. */
void lookup_drop(struct lookup *l, struct engine_session *s);

#endif
