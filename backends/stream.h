/* stream: one answer on its way from the thread that makes it to the thread
 * that shows it.
 *
 * Two references hold a stream: the producer's (a backend's thread) and the
 * consumer's (the battle).  Each drops its own when it is done, in any order,
 * so closing a battle never waits for a thread.  The producer pushes text and
 * thinking as they come, then ends the stream once; the consumer polls and may
 * cancel, and neither ever waits.  The wake descriptor that the stream was made
 * with gets a byte for the first news after each poll, so drain it before you
 * poll.
 * All calls are safe from any thread. */
#ifndef BACKENDS_STREAM_H
#define BACKENDS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define ANSWER_MAX_WORDS 4
#define STREAM_MAX_BYTES (8u << 20) /* of one answer, thinking included */

enum finish {
    FINISH_NONE,    /* still running */
    FINISH_STOP,    /* the model ended its answer */
    FINISH_LENGTH,  /* cut by the token limit */
    FINISH_FILTER,  /* the server withheld it, or the model refused */
    FINISH_CANCEL,  /* the consumer cancelled */
    FINISH_ERROR,   /* see answer_end.error; the text is not whole */
};

/* "stop", "length", … as stored and as shown at the reveal. */
const char *finish_name(enum finish f);

/* The other way round; false if there is no such name. */
bool finish_parse(const char *name, enum finish *out);

/* How an answer ended.  -1 and NaN: not known. */
struct answer_end {
    enum finish finish;
    struct err error;           /* code ERR_NONE unless FINISH_ERROR */
    int64_t n_in, n_out, n_think; /* tokens read, written, of those thinking */
    int64_t n_cached;           /* of those read, known to the server before */
    double cost;                /* in the currency of the model's price */
    int64_t load_ms;            /* loading weights or waiting in a queue */
    int64_t first_ms;           /* start to first token, loading left out */
    int64_t total_ms;           /* start to end, loading left out */
    char request_id[80];        /* the server's, "" if it gives none */
    double p_word[ANSWER_MAX_WORDS]; /* of the request's words, summing to 1;
                                        NaN: not told, or none was said */
    char note[160];             /* in what the request differed from the
                                   settings, for the reveal: "without seed,
                                   which the server refuses"; "": in nothing */
};

void answer_end_init(struct answer_end *end);

/* Tokens a second after the first one; NaN if it cannot be told. */
double answer_end_speed(const struct answer_end *end);

/* What it cost: as the server says, else by the prices of a million tokens
 * read, of those that it knew before (NaN: as the others), and written; NaN if
 * that is not known. */
double answer_end_cost(const struct answer_end *end, double price_in,
                       double price_cached, double price_out);

struct stream;

/* A stream with both references.  wake_fd (-1: none) is written one byte for
 * news; it must be non-blocking and stay open until the stream has ended. */
struct stream *stream_open(int wake_fd);

/* Drops one reference. */
void stream_release(struct stream *s);

/* --- the producer ------------------------------------------------------ */

/* Appends bytes as received.  Returns false once the consumer has cancelled or
 * the answer is larger than STREAM_MAX_BYTES: then end the stream soon. */
bool stream_push_text(struct stream *s, const char *bytes, size_t n);
bool stream_push_thinking(struct stream *s, const char *bytes, size_t n);

/* All text so far was thinking, as it turns out: an answer that began inside
 * of a block and has now closed it. */
void stream_recall_text(struct stream *s);

/* Notes a token of the answer, thinking included, with the probability that it
 * had (backends/chances.h); before its bytes are pushed. */
void stream_add_chance(struct stream *s, const char *bytes, size_t n, double p);

/* Ends the stream; what comes after is ignored.  Whatever *end says, a stream
 * that was cancelled ends as FINISH_CANCEL, and one that grew too large as
 * FINISH_ERROR with a text that says so. */
void stream_end(struct stream *s, const struct answer_end *end);

bool stream_cancelled(struct stream *s);

/* Has `call` called when the consumer cancels (at once, if it has), on the
 * consumer's thread and with the stream locked: it may only wake the producer.
 * Not called any more after stream_end. */
void stream_on_cancel(struct stream *s, void (*call)(void *arg), void *arg);

/* --- the consumer ------------------------------------------------------ */

/* Moves what has come since the last poll to the ends of *text and *thinking
 * (either may be NULL: dropped).  If the text of earlier polls was recalled,
 * *text is first moved to the end of *thinking as a whole: so hand in the same
 * buffers every time.  Returns true once the stream has ended and everything
 * was handed over; *end is then filled. */
bool stream_poll(struct stream *s, struct buf *text, struct buf *thinking,
                 struct answer_end *end);

/* Appends the probabilities of the tokens of text[0..n), all the text that was
 * polled; nothing if they are not known. */
void stream_chances(struct stream *s, const char *text, size_t n,
                    struct buf *out);

/* How often the text of earlier polls was recalled, up to the last poll. */
unsigned stream_n_recalls(struct stream *s);

/* Asks the producer to stop.  Returns at once; FINISH_CANCEL will follow. */
void stream_cancel(struct stream *s);

#endif
