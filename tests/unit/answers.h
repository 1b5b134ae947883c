/* answers: what tests of backends share: a wake pipe, and waiting for an
 * answer as the arena does, without ever sleeping. */
#ifndef TESTS_UNIT_ANSWERS_H
#define TESTS_UNIT_ANSWERS_H

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/backend.h"

struct answer {
    struct buf text, thinking, chances;
    struct answer_end end;
};

static int answer_wake[2];

static inline int answer_open_wake(void)
{
    if (pipe(answer_wake) != 0)
        return -1;
    fcntl(answer_wake[0], F_SETFL, O_NONBLOCK);
    return fcntl(answer_wake[1], F_SETFL, O_NONBLOCK);
}

static inline void answer_close_wake(void)
{
    close(answer_wake[0]);
    close(answer_wake[1]);
}

static inline void answer_init(struct answer *a)
{
    buf_init(&a->text, STREAM_MAX_BYTES);
    buf_init(&a->thinking, STREAM_MAX_BYTES);
    buf_init(&a->chances, 4 * STREAM_MAX_BYTES);
    answer_end_init(&a->end);
}

static inline void answer_free(struct answer *a)
{
    buf_free(&a->text);
    buf_free(&a->thinking);
    buf_free(&a->chances);
}

/* Takes what comes until the stream ends (true), or at least n bytes of text
 * are there (false). */
static inline bool answer_take(struct answer *a, struct stream *s, size_t n)
{
    for (;;) {
        struct pollfd p = {.fd = answer_wake[0], .events = POLLIN};
        char bytes[64];
        while (read(answer_wake[0], bytes, sizeof(bytes)) > 0)
            ;
        if (stream_poll(s, &a->text, &a->thinking, &a->end))
            return true;
        if (a->text.len >= n)
            return false;
        poll(&p, 1, -1);
    }
}

/* Takes all of it and drops the consumer's reference. */
static inline void answer_finish(struct answer *a, struct stream *s)
{
    answer_take(a, s, (size_t)-1);
    stream_chances(s, a->text.data, a->text.len, &a->chances);
    stream_release(s);
}

#endif
