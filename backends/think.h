/* think: takes the thinking that models write into their answers out of them.
 *
 * Many open models begin with "<think>…</think>", or with a tag like it;
 * gpt-oss writes Harmony channels, of which only "final" is the answer.  What
 * is thinking goes to the stream's thinking, which stays hidden until the vote
 * and never counts as answer; tags may be split over pieces.  An opening tag
 * counts only at the start of the answer, or right behind another block: an
 * answer that talks about <think> keeps its words.
 *
 * Some templates write the opening tag themselves, so that the answer begins
 * inside a block.  If that is known, say so with THINK_INSIDE; if the model was
 * told to think, with THINK_LIKELY.  Otherwise, at a closing tag that nothing
 * opened, the text before it is called back from the stream's consumer.  One
 * owner, one thread. */
#ifndef BACKENDS_THINK_H
#define BACKENDS_THINK_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/stream.h"
#include "base/buf.h"

enum think_begin {
    THINK_OUTSIDE, /* the answer begins as text, or with a tag */
    THINK_INSIDE,  /* the prompt has opened a block */
    THINK_LIKELY,  /* perhaps so: if no tag comes at all, it was the answer */
};

enum think_state {
    THINK_AT_START, /* blanks, and perhaps the start of an opening tag, held */
    THINK_IN_BLOCK,
    THINK_IN_GUESS, /* THINK_LIKELY: all is held */
    THINK_IN_TEXT,
    THINK_IN_HEAD,    /* of a Harmony message: all is held */
    THINK_IN_MESSAGE, /* its text */
};

struct think {
    enum think_state state;
    const char *closing; /* of the open block */
    bool after_block;    /* blanks after a block are no part of the answer */
    struct buf held;
    size_t n_seen;     /* THINK_IN_GUESS: bytes of it that hold no tag */
    bool may_recall;   /* no tag or thinking was seen that explains another */
    bool is_final;     /* the Harmony message is a part of the answer */
    bool at_end;       /* no more bytes will come */
    char last;         /* byte of text pushed; '\n' before the first */
    bool has_text;     /* something but blanks was pushed as text */
    bool has_thinking; /* … as thinking */
};

/* Whether s[0..n) is a tag that opens or closes a block. */
bool think_is_tag(const char *s, size_t n);

void think_init(struct think *t, enum think_begin begin);
void think_free(struct think *t);

/* Sorts bytes into text and thinking.  False: the stream wants no more. */
bool think_add(struct think *t, struct stream *s, const char *bytes, size_t n);

/* Thinking that came by a field of its own: pushed as it is; content is then
 * the answer, whatever THINK_LIKELY thought. */
bool think_add_thinking(struct think *t, struct stream *s, const char *bytes,
                        size_t n);

/* The answer is over: pushes what was held.  If it ended as whole or by its
 * limit, with thinking but no text, *end becomes the error that says so. */
void think_end(struct think *t, struct stream *s, struct answer_end *end);

#endif
