/* sse: server-sent events, or a JSON a line, out of bytes that come in any
 * pieces.
 *
 * The framing of the WHATWG HTML standard, 9.2.6, with these differences.
 * There is no reconnecting, so "id" and "retry" are ignored.  Servers forget
 * things: what stands unterminated at the end of the stream is dispatched too,
 * and a "data:" line behind a whole JSON object begins a new event, with or
 * without a blank line between.  A field "error" is an event of that name.
 * Lines end in LF, CR LF or CR; a byte order mark and comments are skipped.
 * What comes out does not depend on where the bytes were cut.  One owner, one
 * thread. */
#ifndef BACKENDS_REMOTE_SSE_H
#define BACKENDS_REMOTE_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define SSE_MAX_BYTES (1u << 20) /* of a line, and of an event's data */

/* An event: its name ("" if it has none) and its data lines joined by LF.
 * Both are NUL-terminated and gone after the call.  Returns false to end. */
typedef bool sse_event(void *arg, const char *name, const char *data, size_t n);

struct sse {
    sse_event *on_event;
    void *arg;
    struct buf line; /* unfinished */
    struct buf data; /* of the event under way */
    struct buf name;
    bool has_data;   /* an event with one empty data line has data "" */
    int depth;       /* of the objects that are open in the data */
    bool in_string, after_backslash; /* in the data, as JSON */
    bool after_cr;   /* a LF that follows belongs to the CR */
    bool lines;      /* each line is an event's data, without a field name */
    bool begun;      /* the first line, which may carry a mark, is past */
    bool ended;      /* on_event asked for the end: all else is ignored */
};

/* With `lines` each line that is not blank is an event (NDJSON). */
void sse_init(struct sse *s, bool lines, sse_event *on_event, void *arg);
void sse_free(struct sse *s);

/* Takes bytes and calls on_event for each event they complete.  0, or -1 with
 * ERR_BACKEND for a line or event that is too long. */
int sse_add(struct sse *s, const char *bytes, size_t n, struct err *e);

/* The stream is over: dispatches what is left. */
int sse_end(struct sse *s, struct err *e);

#endif
