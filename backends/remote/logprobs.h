/* logprobs: how probable each of a few words was, by what a server tells of
 * the tokens that it wrote.
 *
 * In the form of OpenAI's chat completions (platform.openai.com/docs, "logprobs"
 * of a choice), which vLLM, llama.cpp's server and others have too: each token
 * with its logarithm, and the likeliest others in its place.  At the token that
 * ends a mark ("[[" and a word, wherever the tokens are parted) the others are
 * put in its place, and those that end a mark as well count for their word.  A
 * word that is not among them was less likely than all that are, and has 0.
 * The last mark of an answer counts.  One thread. */
#ifndef BACKENDS_REMOTE_LOGPROBS_H
#define BACKENDS_REMOTE_LOGPROBS_H

#include "backends/backend.h"
#include "base/buf.h"
#include "base/json.h"

struct logprobs {
    const struct request_words *words;
    struct buf before; /* the end of the text so far */
};

/* words may be NULL: then nothing is found. */
void logprobs_init(struct logprobs *l, const struct request_words *words);
void logprobs_free(struct logprobs *l);

/* Forgets the text: another try begins. */
void logprobs_clear(struct logprobs *l);

/* Reads "content" of "logprobs": the tokens of a piece of the answer, or of all
 * of it.  Fills p[words->n] with what sums to 1 if a mark ended there; else p
 * is left as it is. */
void logprobs_read(struct logprobs *l, const cJSON *tokens, double *p);

/* Notes each token of such a list in the stream, with its probability. */
void logprobs_push(const cJSON *tokens, struct stream *s);

#endif
