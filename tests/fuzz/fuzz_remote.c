/* What a server sends, to the reader of every protocol: any bytes, and where
 * they are cut changes nothing.  The first byte chooses the protocol, the
 * second whether a list was asked for, and how the bytes are cut. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/backend.h"
#include "backends/remote/remote_private.h"

#define FUZZ_OUT_BYTES (16u << 20)

struct outcome {
    struct buf text, thinking;
    struct answer_end end;
    bool has_fault, has_more;
};

static const struct dialect *dialect_at(uint8_t choice)
{
    const struct dialect *all[64];
    size_t n = 0;
    for (size_t i = 0; backend_at(i) != NULL && n < 64; i++)
        if (backend_at(i)->dialect != NULL)
            all[n++] = backend_at(i)->dialect;
    return all[choice % n];
}

/* A try, as remote.c has it, but without a connection. */
static void play(const struct dialect *d, bool listing, const char *bytes,
                 size_t n, size_t step, struct outcome *out)
{
    struct backend b = {.dialect = d};
    struct remote r = {.backend = &b, .listing = listing, .max_tokens = 64};
    struct http_answer a = {.status = 200, .retry_after_ms = -1,
                            .failure = HTTP_FINE};
    model_init(&b.model);
    b.model.base_url = (char *)"http://127.0.0.1:1/v1";
    b.model.id = (char *)"m";
    b.model.think = 1;
    r.stream = stream_open(-1);
    answer_end_init(&r.end);
    buf_init(&r.body, REMOTE_MAX_WHOLE_BYTES);
    think_init(&r.think, THINK_OUTSIDE);
    remote_receive_begin(&r);
    enum http_go go = HTTP_WAIT;
    for (size_t at = 0; at < n && go < HTTP_DONE; at += step)
        go = remote_receive(&r, &a, bytes + at, n - at < step ? n - at : step);
    remote_receive_end(&r, &a);
    out->has_fault = r.has_fault;
    out->has_more = r.has_more;
    FUZZ_CHECK(r.has_fault || r.end.finish != FINISH_NONE);
    if (!listing)
        think_end(&r.think, r.stream, &r.end);
    remote_note_refusals(&r);
    stream_end(r.stream, &r.end);
    buf_init(&out->text, FUZZ_OUT_BYTES);
    buf_init(&out->thinking, FUZZ_OUT_BYTES);
    FUZZ_CHECK(stream_poll(r.stream, &out->text, &out->thinking, &out->end));
    stream_release(r.stream);
    stream_release(r.stream);
    free(r.page);
    sse_free(&r.sse);
    buf_free(&r.body);
    think_free(&r.think);
}

static void check_end(const struct outcome *o)
{
    const struct answer_end *end = &o->end;
    FUZZ_CHECK(o->has_fault || (end->finish == FINISH_ERROR) ==
                                   (end->error.code != ERR_NONE));
    FUZZ_CHECK(strpbrk(end->error.text, "\r\n\x1B") == NULL);
    FUZZ_CHECK(strlen(end->note) < sizeof(end->note));
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, parts;
    if (size < 3)
        return 0;
    const struct dialect *d = dialect_at(data[0]);
    const char *bytes = (const char *)data + 2;
    bool listing = data[1] & 1;
    play(d, listing, bytes, size - 2, size - 2, &whole);
    play(d, listing, bytes, size - 2, 1 + (data[1] >> 1) % 7, &parts);
    check_end(&whole);
    check_end(&parts);
    FUZZ_CHECK(same(&whole.text, &parts.text));
    FUZZ_CHECK(same(&whole.thinking, &parts.thinking));
    FUZZ_CHECK(whole.end.finish == parts.end.finish);
    FUZZ_CHECK(whole.has_fault == parts.has_fault);
    FUZZ_CHECK(whole.has_more == parts.has_more);
    struct outcome *both[] = {&whole, &parts};
    for (size_t i = 0; i < 2; i++) {
        buf_free(&both[i]->text);
        buf_free(&both[i]->thinking);
    }
    return 0;
}
