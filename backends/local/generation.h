/* generation: one answer being made by the in-process engine.
 *
 * Made on the UI's thread, then only touched by the engine thread
 * (engine_thread.h), which prepares it, feeds it to the engine a piece at a
 * time together with the others, and takes a token from it after each pass. */
#ifndef BACKENDS_LOCAL_GENERATION_H
#define BACKENDS_LOCAL_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/engine/engine.h"
#include "backends/engine/sampling/sample.h"
#include "backends/local/lookup.h"
#include "backends/think.h"

/* Prompt tokens of one pass: a long prompt must not hold up the others. */
#define GENERATION_CHUNK 64

struct loaded; /* weights in memory: cache.h */

struct generation {
    struct generation *next; /* the engine thread's */
    struct model model;      /* a copy */
    struct stream *stream;
    struct message *messages; /* copies */
    size_t n_messages;
    int max_tokens;
    uint64_t seed;
    int64_t clock;

    struct loaded *loaded;
    struct engine *engine; /* of loaded */
    struct engine_session *session;
    struct token_list ids; /* prompt and answer; the session holds the first
                              engine_session_length of them */
    struct sampler *sampler;
    struct lookup lookup;
    struct think think;
    struct buf held; /* the start of a character that tokens have cut */
    bool notes_chances; /* of its tokens, by `odds` */
    float *odds;        /* scratch: a number for each of the vocabulary */
    struct answer_end end;
    int64_t start_ms, ready_ms; /* asked for; weights and prompt are ready */
};

/* Copies all it needs; takes the producer's reference of s. */
struct generation *generation_open(const struct model *m,
                                   const struct request *rq, struct stream *s);

/* Ends the stream with g->end and frees.  The session must be taken out
 * before (generation_detach_session), or is closed. */
void generation_close(struct generation *g);

/* Renders and tokenizes the conversation for `engine`.  0, or -1 with
 * ERR_CONFIG or ERR_FORMAT. */
int generation_render(struct generation *g, struct engine *engine,
                      struct err *e);

/* Takes ownership of a session that holds the tokens held[0..n), rewinds it to
 * the prefix that the conversation has in common, and gets ready to be fed.
 * 0, or -1 with ERR_BACKEND if the prompt is too long. */
int generation_begin(struct generation *g, struct engine_session *session,
                     const struct token_list *held, struct err *e);

/* What it reads in the next pass; if that fails, it may be fed again.  alone:
 * the pass is no other's, so it may be made wider by guesses (lookup.h): beside
 * others, each row of a pass is wanted by somebody. */
void generation_feed(struct generation *g, bool alone,
                     struct engine_feed *feed);

/* If the prompts of g and o have a common prefix that g has not read yet, g
 * takes what o has read of it.  True: o is still reading it, so g waits. */
bool generation_follow(struct generation *g, const struct generation *o);

/* After the pass: takes a token (and those guessed), if the prompt was all
 * read.  False: it has ended, and g->end says how (all but total_ms). */
bool generation_step(struct generation *g);

/* Leaves out of this answer's time that others' weights were loaded for ms. */
void generation_delay(struct generation *g, int64_t ms);

void generation_fail(struct generation *g, const struct err *why);

/* Hands out the session and the tokens that it holds. */
struct engine_session *generation_detach_session(struct generation *g,
                                                 struct token_list *held);

#endif
